-- The vouchers of a person over all campaigns and client ids, the newest first.
SELECT participant, book, prize, pool, outcome, amount, unit, status, won_at, issued_at, redeemed_at
FROM prizes
WHERE book = ANY(%(campaigns)s) AND participant = ANY(%(participants)s) AND kind = 'voucher'
ORDER BY position DESC, prize
LIMIT %(limit)s
