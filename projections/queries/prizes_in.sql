-- A page of a pool's prizes that stand at one point of their life, or at any, oldest first. The cursor is the position
-- and name of the last row of the page before.
SELECT
    prize, participant, pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at, address_ref, region,
    due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at, replaced_by, ref, reason, position
FROM prizes
WHERE book = %(book)s AND pool = %(pool)s AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (position, prize) > (%(position)s, %(prize)s)
ORDER BY position, prize
LIMIT %(limit)s
