-- Wallets with lots that have expired, the longest ago first: until when, and the newest event that moved such a lot.
SELECT participant, max(expires), max(position)
FROM wallet_lots
WHERE expires <= %(now)s
GROUP BY participant
ORDER BY min(expires), participant
LIMIT %(limit)s
