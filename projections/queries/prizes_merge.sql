-- Add the prizes that were won, and bring the others as far as the events say; what they say nothing of stays.
WITH won AS (
    INSERT INTO {prizes} (
        book, prize, participant, pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at,
        address_ref, region, due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at,
        cancelled_at, replaced_by, ref, reason, position
    )
    SELECT
        book, prize, participant, pool, outcome, kind, amount, unit, status, number, cause, voucher, won_at,
        address_ref, region, due, addressed_at, issued_at, delivered_at, returned_at, lapsed_at, redeemed_at,
        cancelled_at, replaced_by, ref, reason, position
    FROM changed_prizes
    WHERE participant IS NOT NULL
)
UPDATE {prizes} AS p
SET
    status = coalesce(c.status, p.status),
    voucher = coalesce(c.voucher, p.voucher),
    address_ref = coalesce(c.address_ref, p.address_ref),
    region = coalesce(c.region, p.region),
    due = coalesce(c.due, p.due),
    addressed_at = coalesce(c.addressed_at, p.addressed_at),
    issued_at = coalesce(c.issued_at, p.issued_at),
    delivered_at = coalesce(c.delivered_at, p.delivered_at),
    returned_at = coalesce(c.returned_at, p.returned_at),
    lapsed_at = coalesce(c.lapsed_at, p.lapsed_at),
    redeemed_at = coalesce(c.redeemed_at, p.redeemed_at),
    cancelled_at = coalesce(c.cancelled_at, p.cancelled_at),
    replaced_by = coalesce(c.replaced_by, p.replaced_by),
    ref = coalesce(c.ref, p.ref),
    reason = coalesce(c.reason, p.reason)
FROM changed_prizes AS c
WHERE c.participant IS NULL AND p.book = c.book AND p.prize = c.prize
