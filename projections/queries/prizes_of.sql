-- A page of a participant's prizes, newest first. The cursor is the position and name of the last row of the page before.
SELECT
    prize,
    (SELECT coalesce(max(l.became), p.participant) FROM participant_links AS l WHERE l.participant = p.participant),
    pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at, address_ref, region,
    due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at, replaced_by, ref, reason, position,
    cancelled_at, price, expires_at
FROM prizes AS p
LEFT JOIN (SELECT book, prize, price, expires_at FROM redemptions) AS r USING (book, prize)
WHERE book = %(book)s
    AND participant = ANY(ARRAY(
        SELECT %(participant)s UNION ALL SELECT participant FROM participant_links WHERE became = %(participant)s
    ))
    AND (position < %(position)s OR (position = %(position)s AND prize > %(prize)s))
ORDER BY position DESC, prize
LIMIT %(limit)s
