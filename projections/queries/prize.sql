-- One prize by what it is called.
SELECT
    prize, participant, pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at, address_ref, region,
    due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at, replaced_by, ref, reason, position
FROM prizes
WHERE book = %(book)s AND prize = %(prize)s
