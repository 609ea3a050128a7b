-- Add what moved to what each account held before. What makes less spent of what is there comes after it.
INSERT INTO {balances} AS b (account, asset, book, participant, balance, earned, position)
SELECT account, asset, book, participant, balance, earned, position FROM moved_accounts
WHERE participant IS NULL OR balance <= earned
ON CONFLICT (account, asset) DO UPDATE SET
    balance = b.balance + excluded.balance,
    earned = b.earned + excluded.earned,
    position = greatest(b.position, excluded.position)
