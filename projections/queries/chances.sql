-- The chances of a participant in a book, newest first; of one pool, or of all.
SELECT pool, chance, state, granted_at, expires_at, rank, number
FROM chances
WHERE book = %(book)s AND participant = %(participant)s AND (%(pool)s::text IS NULL OR pool = %(pool)s)
ORDER BY position DESC, pool
