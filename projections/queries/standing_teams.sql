-- All teams with the figures of now. What a member walked before joining is taken from the total: that is few days, or
-- none, while all the days of everybody would be far too many to add up each time.
SELECT
    t.team AS entrant,
    t.name,
    t.days_attained,
    m.steps,
    m.members
FROM teams AS t
JOIN (
    SELECT
        m.team,
        count(*)::integer AS members,
        sum(coalesce(p.total_steps, 0) - coalesce(b.steps, 0))::bigint AS steps
    FROM team_members AS m
    LEFT JOIN progress AS p ON p.book = {book} AND p.participant = m.participant
    -- OFFSET 0 makes this one look-up in the index for each member, however large the table is.
    LEFT JOIN LATERAL (
        SELECT sum(counted) AS steps
        FROM days
        WHERE book = {book} AND participant = m.participant AND day < m.joined_on
        OFFSET 0
    ) AS b ON true
    WHERE m.book = {book} AND m.left_at IS NULL
    GROUP BY m.team
) AS m ON m.team = t.team
WHERE t.book = {book}
