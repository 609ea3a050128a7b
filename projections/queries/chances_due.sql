-- Open chances of a pool that nobody can use any more, the oldest first.
SELECT participant, chance, expires_at
FROM chances
WHERE book = %(book)s AND pool = %(pool)s AND state = 'open' AND expires_at <= %(before)s
ORDER BY expires_at, participant
LIMIT %(limit)s
