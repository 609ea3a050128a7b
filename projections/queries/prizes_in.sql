-- A page of a pool's prizes that stand at one point of their life, or at any, oldest first. The cursor is the position
-- and name of the last row of the page before.
SELECT
    prize,
    (SELECT coalesce(max(l.became), p.participant) FROM participant_links AS l WHERE l.participant = p.participant),
    pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at, address_ref, region,
    due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at, replaced_by, ref, reason, position,
    cancelled_at, price, expires_at
FROM prizes AS p
LEFT JOIN (SELECT book, prize, price, expires_at FROM redemptions) AS r USING (book, prize)
WHERE book = %(book)s AND pool = %(pool)s AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (position, prize) > (%(position)s, %(prize)s)
ORDER BY position, prize
LIMIT %(limit)s
