-- Add the teams that were created, and put what the events say of the others over what stood there.
WITH created AS (
    INSERT INTO {teams} (book, team, name, captain, created_at, recorded_at, goal, filled_at, days_attained)
    SELECT book, team, name, captain, created_at, recorded_at, goal, filled_at, 0
    FROM changed_teams
    WHERE captain IS NOT NULL
)
UPDATE {teams} AS t
SET goal = coalesce(c.goal, t.goal), filled_at = coalesce(t.filled_at, c.filled_at)
FROM changed_teams AS c
WHERE c.captain IS NULL AND t.book = c.book AND t.team = c.team
