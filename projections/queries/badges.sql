-- The badges of a participant in a book, in the order in which they were earned.
SELECT badge, awarded_at, position, clause
FROM badges
WHERE book = %(book)s AND participant = %(participant)s
ORDER BY position
