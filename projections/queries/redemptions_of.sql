-- A page of what a participant has redeemed, newest first, with how far each item has come. The cursor is the position
-- and name of the last row of the page before.
SELECT
    r.prize, r.pool, r.item, p.kind, p.amount, p.unit, r.number, r.price, p.status, r.redeemed_at, r.expires_at,
    p.address_ref IS NOT NULL, p.due, p.issued_at, p.delivered_at, p.lapsed_at, p.redeemed_at, p.cancelled_at, r.position
FROM redemptions AS r
JOIN prizes AS p USING (book, prize)
WHERE r.book = %(book)s
    AND r.participant = ANY(ARRAY(
        SELECT %(participant)s UNION ALL SELECT participant FROM participant_links WHERE became = %(participant)s
    ))
    AND (r.position < %(position)s OR (r.position = %(position)s AND r.prize > %(prize)s))
ORDER BY r.position DESC, r.prize
LIMIT %(limit)s
