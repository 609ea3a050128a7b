-- The days that a team has attained, oldest first.
SELECT day, steps
FROM team_days
WHERE book = %(book)s AND team = %(team)s
ORDER BY day
