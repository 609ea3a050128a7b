-- Everybody who took part before the board was frozen, with the figures of the days up to its last.
SELECT
    e.participant AS entrant,
    coalesce(d.days_attained, 0)::integer AS days_attained,
    coalesce(d.sign_in_days, 0)::integer AS sign_in_days,
    coalesce(d.total_steps, 0) AS total_steps,
    date_trunc('milliseconds', d.last_sync_at) AS last_sync
FROM enrolments AS e
LEFT JOIN (
    SELECT
        participant,
        count(*) FILTER (WHERE attained) AS days_attained,
        count(*) FILTER (
            WHERE signed_in AND coalesce(sign_in_recorded_at, '-infinity') < {recorded_before}
        ) AS sign_in_days,
        sum(counted) AS total_steps,
        max(last_sync_at) AS last_sync_at
    FROM days
    WHERE book = {book} AND day <= {last_day}
    GROUP BY participant
) AS d ON d.participant = e.participant
WHERE e.campaign = {campaign}
    AND e.enrolled_at < {as_of}
    AND coalesce(e.recorded_at, '-infinity') < {recorded_before}
