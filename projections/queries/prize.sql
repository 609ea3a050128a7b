-- One prize by what it is called.
SELECT
    prize,
    (SELECT coalesce(max(l.became), p.participant) FROM participant_links AS l WHERE l.participant = p.participant),
    pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at, address_ref, region,
    due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at, replaced_by, ref, reason, position,
    cancelled_at, price, expires_at
FROM prizes AS p
LEFT JOIN (SELECT book, prize, price, expires_at FROM redemptions) AS r USING (book, prize)
WHERE book = %(book)s AND prize = %(prize)s
