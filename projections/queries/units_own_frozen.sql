-- Who took part for each union itself before the board was frozen, with the figures of the days up to its last.
SELECT
    e.branch,
    count(*) AS members,
    count(*) FILTER (WHERE d.participant IS NOT NULL OR r.participant IS NOT NULL) AS active,
    count(*) FILTER (WHERE d.total_steps > 0 OR r.participant IS NOT NULL) AS walked,
    coalesce(sum(d.days_attained), 0) AS attained,
    coalesce(sum(d.total_steps), 0) AS steps
FROM enrolments AS e
LEFT JOIN (
    SELECT participant, count(*) FILTER (WHERE attained) AS days_attained, sum(counted) AS total_steps
    FROM days
    WHERE book = {book} AND day <= {last_day}
    GROUP BY participant
) AS d ON d.participant = e.participant
LEFT JOIN (
    SELECT DISTINCT participant FROM runs WHERE book = {book} AND day <= {last_day}
) AS r ON r.participant = e.participant
WHERE e.campaign = {campaign}
    AND e.enrolled_at < {as_of}
    AND coalesce(e.recorded_at, '-infinity') < {recorded_before}
GROUP BY e.branch
