-- One draw, or ticket, of a pool by its number.
SELECT number, participant, outcome, amount, occurred_at, position
FROM draws
WHERE book = %(book)s AND pool = %(pool)s AND number = %(number)s
