-- Add what moved to what each wallet held before.
INSERT INTO {wallets} AS w (participant, balance, position)
SELECT participant, moved, position FROM changed_wallets
ON CONFLICT (participant) DO UPDATE SET
    balance = w.balance + excluded.balance,
    position = excluded.position
