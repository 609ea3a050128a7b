-- The team that a participant is in.
SELECT t.team, t.name, t.captain, m.joined_on
FROM team_members AS m
JOIN teams AS t USING (book, team)
WHERE m.book = %(book)s AND m.participant = %(participant)s AND m.left_at IS NULL
ORDER BY m.position DESC
LIMIT 1
