-- Add what makes less spent: a price that came back, or a history that went to another client id. Such an account is
-- there, and a row of this alone would say that less than nothing was spent.
UPDATE {balances} AS b
SET
    balance = b.balance + m.balance,
    earned = b.earned + m.earned,
    position = greatest(b.position, m.position)
FROM moved_accounts AS m
WHERE m.participant IS NOT NULL AND m.balance > m.earned AND b.account = m.account AND b.asset = m.asset
