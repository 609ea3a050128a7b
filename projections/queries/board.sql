-- The published standing of a board; its prepared rows, which are many bytes, only when they are wanted.
SELECT
    edition, as_of, slot, position, entrants, frozen, root, last_day, keys, days, visible,
    CASE WHEN %(prepared)s THEN rows ELSE '' END
FROM boards
WHERE book = %(book)s AND board = %(board)s
