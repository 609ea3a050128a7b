-- A page of a participant's prizes, newest first. The cursor is the position and name of the last row of the page before.
SELECT
    prize, participant, pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at, address_ref, region,
    due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at, replaced_by, ref, reason, position
FROM prizes
WHERE book = %(book)s AND participant = %(participant)s
    AND (position < %(position)s OR (position = %(position)s AND prize > %(prize)s))
ORDER BY position DESC, prize
LIMIT %(limit)s
