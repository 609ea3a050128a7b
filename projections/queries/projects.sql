-- The projects of a fund, in the order in which they were put forward.
SELECT
    project, name, amount, paid, status, reason, put_forward_at, reviewed_at, published_at, position
FROM projects
WHERE book = %(book)s AND fund = %(fund)s
ORDER BY position
