-- Call members, and captains, by the id of the participant that they turned out to be; their places stay what they are.
WITH captains AS (
    UPDATE {teams} AS t
    SET captain = r.now
    FROM replaced_members AS r
    WHERE t.book = r.book AND t.team = r.team AND t.captain = r.was
)
UPDATE {team_members} AS m
SET participant = r.now
FROM replaced_members AS r
WHERE m.book = r.book AND m.team = r.team AND m.participant = r.was AND m.left_at IS NULL
