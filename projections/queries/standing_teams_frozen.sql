-- All teams that there were when the board was frozen, with the figures of the days up to its last.
SELECT
    t.team AS entrant,
    t.name,
    coalesce(a.days, 0)::integer AS days_attained,
    m.steps,
    m.members
FROM teams AS t
JOIN (
    SELECT
        m.team,
        count(*)::integer AS members,
        coalesce(sum(w.steps), 0)::bigint AS steps
    FROM team_members AS m
    -- OFFSET 0 makes this one look-up in the index for each member, however large the table is.
    LEFT JOIN LATERAL (
        SELECT sum(counted) AS steps
        FROM days
        WHERE book = {book} AND participant = m.participant AND day BETWEEN m.joined_on AND {last_day}
        OFFSET 0
    ) AS w ON true
    WHERE m.book = {book}
        AND m.joined_at < {as_of}
        AND m.recorded_at < {recorded_before}
        AND (m.left_at IS NULL OR m.left_at >= {as_of} OR m.left_recorded_at >= {recorded_before})
    GROUP BY m.team
) AS m ON m.team = t.team
LEFT JOIN (
    SELECT team, count(*) AS days FROM team_days WHERE book = {book} AND day <= {last_day} GROUP BY team
) AS a ON a.team = t.team
WHERE t.book = {book}
    AND t.created_at < {as_of}
    AND t.recorded_at < {recorded_before}
