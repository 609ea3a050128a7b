-- Give a captain's place to the one whom it passed to.
WITH passed AS (
    SELECT c.book, c.team, coalesce(r.now, c.passed_to) AS captain
    FROM changed_teams AS c
    LEFT JOIN replaced_members AS r ON r.book = c.book AND r.team = c.team AND r.was = c.passed_to
    WHERE c.passed_to IS NOT NULL
), of_teams AS (
    UPDATE {teams} AS t
    SET captain = p.captain
    FROM passed AS p
    WHERE t.book = p.book AND t.team = p.team
)
UPDATE {team_members} AS m
SET captain = (m.participant = p.captain)
FROM passed AS p
WHERE m.book = p.book AND m.team = p.team
