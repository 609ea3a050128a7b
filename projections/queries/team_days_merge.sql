-- Keep the days that were attained, forget those that were lost, and count them in the team's row. Every part of the
-- statement sees team_days as it was before.
WITH attained AS (
    INSERT INTO {team_days} (book, team, day, steps)
    SELECT book, team, day, steps FROM changed_team_days WHERE steps IS NOT NULL
    ON CONFLICT (book, team, day) DO UPDATE SET steps = excluded.steps
), lost AS (
    DELETE FROM {team_days} AS d
    USING changed_team_days AS c
    WHERE c.steps IS NULL AND d.book = c.book AND d.team = c.team AND d.day = c.day
), more AS (
    SELECT c.book, c.team, sum((c.steps IS NOT NULL)::integer - (d.steps IS NOT NULL)::integer) AS days
    FROM changed_team_days AS c
    -- OFFSET 0 makes this one look-up in the index for each day, however large the table is.
    LEFT JOIN LATERAL (
        SELECT steps FROM {team_days} WHERE book = c.book AND team = c.team AND day = c.day OFFSET 0
    ) AS d ON true
    GROUP BY c.book, c.team
)
UPDATE {teams} AS t
SET days_attained = t.days_attained + more.days
FROM more
WHERE more.days <> 0 AND t.book = more.book AND t.team = more.team
