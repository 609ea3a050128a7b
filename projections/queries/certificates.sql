-- The certificates of a participant in a book, in the order in which they were awarded.
SELECT badge, number, clause, awarded_at, position
FROM certificates
WHERE book = %(book)s AND participant = %(participant)s
ORDER BY position
