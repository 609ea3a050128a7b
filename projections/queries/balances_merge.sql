-- Add what moved to what each account held before.
INSERT INTO {balances} AS b (account, asset, book, participant, balance, earned, position)
SELECT account, asset, book, participant, balance, earned, position FROM moved_accounts
ON CONFLICT (account, asset) DO UPDATE SET
    balance = b.balance + excluded.balance,
    earned = b.earned + excluded.earned,
    position = greatest(b.position, excluded.position)
