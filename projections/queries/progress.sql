-- Enrolment and totals of a participant in a book; the trial and the campaign share the enrolment.
SELECT
    e.branch, e.unit, e.department, e.enrolled_at,
    coalesce(p.total_steps, 0), coalesce(p.days_attained, 0), coalesce(p.sign_in_days, 0), p.last_sync_at
FROM enrolments AS e
LEFT JOIN progress AS p ON p.book = %(book)s AND p.participant = e.participant
WHERE e.campaign = %(campaign)s AND e.participant = %(participant)s
