-- The tickets of a pool that the log holds up to a position, in the order of their numbers.
SELECT number, participant
FROM draws
WHERE book = %(book)s AND pool = %(pool)s AND outcome IS NULL AND position <= %(position)s
ORDER BY number
