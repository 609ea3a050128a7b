-- Add what was redeemed, and note what waits for its owner, or does not any more.
WITH redeemed AS (
    INSERT INTO {redemptions} (
        book, prize, participant, pool, item, number, price, redeemed_at, expires_at, waiting, position
    )
    SELECT
        book, prize, participant, pool, item, number, price, redeemed_at, expires_at, coalesce(waiting, false), position
    FROM changed_redemptions
    WHERE participant IS NOT NULL
)
UPDATE {redemptions} AS r
SET waiting = c.waiting
FROM changed_redemptions AS c
WHERE c.participant IS NULL AND r.book = c.book AND r.prize = c.prize
