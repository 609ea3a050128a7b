-- All accounts of a participant, by name.
SELECT account, asset, book, balance, earned, earned - balance, position
FROM balances
WHERE participant = %(participant)s
ORDER BY account, asset
