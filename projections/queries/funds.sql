-- The funds of a book that ever had money, with what they hold.
SELECT fund, donated, deposited, paid, donations
FROM funds
WHERE book = %(book)s AND (%(fund)s::text IS NULL OR fund = %(fund)s)
ORDER BY fund
