-- Everybody who takes part, with the figures of now.
SELECT
    e.participant AS entrant,
    coalesce(p.days_attained, 0) AS days_attained,
    coalesce(p.sign_in_days, 0) AS sign_in_days,
    coalesce(p.total_steps, 0) AS total_steps,
    date_trunc('milliseconds', p.last_sync_at) AS last_sync
FROM enrolments AS e
LEFT JOIN progress AS p ON p.book = {book} AND p.participant = e.participant
WHERE e.campaign = {campaign}
