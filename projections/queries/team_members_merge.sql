-- Mark the memberships that have ended. A member who came back has a later one, which stays.
UPDATE {team_members} AS m
SET left_at = l.left_at, left_recorded_at = l.left_recorded_at
FROM left_members AS l
WHERE m.book = l.book AND m.team = l.team AND m.participant = l.participant
    AND m.position < l.position AND m.left_at IS NULL
