-- Add what campaigns gave to wallets and took from them.
INSERT INTO {wallet_campaigns} AS c (participant, campaign, earned, spent)
SELECT participant, campaign, earned, spent FROM moved_campaigns
ON CONFLICT (participant, campaign) DO UPDATE SET
    earned = c.earned + excluded.earned,
    spent = c.spent + excluded.spent
