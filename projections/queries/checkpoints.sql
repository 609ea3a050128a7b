-- The campaign checkpoints that a participant has touched, in the order of the route.
SELECT number, lit_at, passed_at, reflected_at
FROM checkpoints
WHERE book = %(book)s AND participant = %(participant)s
ORDER BY number
