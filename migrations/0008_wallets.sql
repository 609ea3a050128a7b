-- The views of wallets and of shops: lots of points, what each campaign gave and took, and what was redeemed.
--
-- To the operator: runs in a moment. The views follow from the log by themselves.

CREATE TABLE wallets (
    participant text COLLATE "C" NOT NULL,
    balance bigint NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT one_wallet_a_member PRIMARY KEY (participant)
) WITH (fillfactor = 70);

COMMENT ON TABLE wallets IS 'The wallet of each member: points that outlive the campaigns that gave them (ZG-08).';
COMMENT ON COLUMN wallets.balance IS 'All lots less the debt: below zero when points were taken back that were spent.';
COMMENT ON COLUMN wallets.position IS 'The newest event that moved it.';

CREATE TABLE wallet_lots (
    participant text COLLATE "C" NOT NULL,
    begins timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    points bigint NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT each_lot_once PRIMARY KEY (participant, expires, begins)
) WITH (fillfactor = 70);

CREATE INDEX lots_to_expire ON wallet_lots (expires, participant) WHERE expires < 'infinity';

COMMENT ON TABLE wallet_lots IS 'Points of wallets that begin and expire together. A lot without points has no row.';
COMMENT ON COLUMN wallet_lots.expires IS 'infinity for points that do not expire.';
COMMENT ON COLUMN wallet_lots.position IS 'The newest event that moved it.';

CREATE TABLE wallet_campaigns (
    participant text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    earned bigint NOT NULL,
    spent bigint NOT NULL,
    CONSTRAINT one_row_a_campaign_of_a_wallet PRIMARY KEY (participant, campaign)
) WITH (fillfactor = 70);

COMMENT ON TABLE wallet_campaigns IS 'What a campaign gave to a wallet, and what was paid from the wallet in it.';
COMMENT ON COLUMN wallet_campaigns.earned IS 'What its rules gave, less what they and corrections took back.';

CREATE TABLE redemptions (
    book text COLLATE "C" NOT NULL,
    prize text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    pool text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    price bigint NOT NULL,
    redeemed_at timestamptz NOT NULL,
    expires_at timestamptz,
    waiting boolean NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT each_redemption_once PRIMARY KEY (book, prize)
) WITH (fillfactor = 70);

CREATE INDEX redemptions_of_a_participant ON redemptions (book, participant, position);
CREATE INDEX redemptions_to_lapse ON redemptions (book, expires_at) WHERE waiting AND expires_at IS NOT NULL;

COMMENT ON TABLE redemptions IS 'Items that were redeemed for points in a shop; how far each has come stands in prizes.';
COMMENT ON COLUMN redemptions.number IS 'Of the redemption in its shop; one of several items has as many rows.';
COMMENT ON COLUMN redemptions.price IS 'Points for this one.';
COMMENT ON COLUMN redemptions.expires_at IS 'Until when it can be claimed or used; null for ever.';
COMMENT ON COLUMN redemptions.waiting IS 'It waits for its owner: for the address, or for the use of the code.';
COMMENT ON COLUMN redemptions.position IS 'The event that redeemed it.';

ALTER TABLE prizes ADD COLUMN cancelled_at timestamptz;
ALTER TABLE prizes DROP CONSTRAINT a_known_status;
ALTER TABLE prizes ADD CONSTRAINT a_known_status CHECK (
    status IN ('won', 'issued', 'delivered', 'returned', 'lapsed', 'replaced', 'redeemed', 'cancelled')
);

COMMENT ON COLUMN prizes.cancelled_at IS 'When a redeemed item was given back before it was issued.';
COMMENT ON TABLE balances IS 'What each account holds. All balances of an asset add up to zero, and so do those of a book whose points lie in no wallet.';
