-- What stands for each day of a participant in a book, oldest first.
SELECT day, counted, provisional, attained, signed_in, last_sync_at
FROM days
WHERE book = %(book)s AND participant = %(participant)s
ORDER BY day
