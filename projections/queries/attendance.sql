-- Who attended an occasion, in the order in which it was recorded.
SELECT participant, day, actor, position
FROM attendance
WHERE book = %(book)s AND occasion = %(occasion)s AND position > %(after)s
ORDER BY position
LIMIT %(limit)s
