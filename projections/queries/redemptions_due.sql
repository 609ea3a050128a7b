-- Redeemed items whose owners have not claimed or used them in time, the longest ago first.
SELECT participant, prize, expires_at
FROM redemptions
WHERE book = %(book)s AND waiting AND expires_at <= %(now)s
ORDER BY expires_at, prize
LIMIT %(limit)s
