-- Who takes part for each union itself, as it is now.
SELECT
    e.branch,
    count(*) AS members,
    count(*) FILTER (WHERE p.participant IS NOT NULL OR r.participant IS NOT NULL) AS active,
    count(*) FILTER (WHERE p.total_steps > 0 OR r.participant IS NOT NULL) AS walked,
    coalesce(sum(p.days_attained), 0) AS attained,
    coalesce(sum(p.total_steps), 0) AS steps
FROM enrolments AS e
LEFT JOIN progress AS p ON p.book = {book} AND p.participant = e.participant
LEFT JOIN (SELECT DISTINCT participant FROM runs WHERE book = {book}) AS r ON r.participant = e.participant
WHERE e.campaign = {campaign}
GROUP BY e.branch
