-- The views: balances, statement, progress with its days and checkpoints, badges; and the events that a view could
-- not take.
--
-- To the operator: runs in a moment. All tables but parked_events follow from the log: `jifen projections rebuild`
-- makes them again. The worker has to run for them to follow the log; until then they lag and readers wait.

CREATE TABLE parked_events (
    projection text NOT NULL,
    originator_id text COLLATE "C" NOT NULL,
    notification_id bigint NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT each_event_parked_once PRIMARY KEY (projection, originator_id, notification_id),
    CONSTRAINT attempts_not_negative CHECK (attempts >= 0)
);

COMMENT ON TABLE parked_events IS 'Events that a projection has not taken: one that failed, and what came after it in its stream.';
COMMENT ON COLUMN parked_events.attempts IS 'How often it was tried; 0 for one that only waits behind another.';

CREATE TABLE balances (
    account text COLLATE "C" NOT NULL,
    asset text COLLATE "C" NOT NULL,
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C",
    balance bigint NOT NULL,
    earned bigint NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT one_balance_of_an_account PRIMARY KEY (account, asset),
    CONSTRAINT spent_not_negative CHECK (participant IS NULL OR balance <= earned)
) WITH (fillfactor = 70);

CREATE INDEX balances_of_a_participant ON balances (participant) WHERE participant IS NOT NULL;

COMMENT ON TABLE balances IS 'What each account holds. All balances of a book and asset add up to zero.';
COMMENT ON COLUMN balances.participant IS 'Whose account it is; null for the other side, such as the issuing account.';
COMMENT ON COLUMN balances.earned IS 'What the rules gave, less what they and corrections took back; earned - balance was spent.';
COMMENT ON COLUMN balances.position IS 'The newest event that moved it.';

CREATE TABLE statement (
    participant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    leg smallint NOT NULL,
    account text COLLATE "C" NOT NULL,
    asset text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    clause text NOT NULL,
    topic text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    CONSTRAINT each_leg_once PRIMARY KEY (participant, position, leg)
);

COMMENT ON TABLE statement IS 'Every posting on an account of a participant, with the event and the request that caused it.';
COMMENT ON COLUMN statement.leg IS 'Which of the postings of its event, from 0.';

CREATE TABLE enrolments (
    campaign text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    branch text COLLATE "C" NOT NULL,
    unit text,
    department text,
    enrolled_at timestamptz NOT NULL,
    CONSTRAINT enrolled_once PRIMARY KEY (campaign, participant)
);

COMMENT ON TABLE enrolments IS 'Who takes part, and for whom. The trial and the campaign share it.';

CREATE TABLE progress (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    total_steps bigint NOT NULL,
    days_attained integer NOT NULL,
    sign_in_days integer NOT NULL,
    last_sync_at timestamptz,
    CONSTRAINT one_progress_in_a_book PRIMARY KEY (book, participant)
) WITH (fillfactor = 70);

COMMENT ON TABLE progress IS 'What a participant has reached in a book: the campaign, or its trial.';
COMMENT ON COLUMN progress.total_steps IS 'Counted steps.';
COMMENT ON COLUMN progress.last_sync_at IS 'When the newest counted sync happened.';

CREATE TABLE days (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    day date NOT NULL,
    counted integer,
    provisional integer,
    attained boolean NOT NULL,
    signed_in boolean NOT NULL,
    last_sync_at timestamptz,
    provisional_at timestamptz,
    CONSTRAINT one_row_a_day PRIMARY KEY (book, participant, day),
    CONSTRAINT attained_only_by_counted_steps CHECK (counted IS NOT NULL OR NOT attained)
) WITH (fillfactor = 90);

COMMENT ON TABLE days IS 'What stands for each day of a participant.';
COMMENT ON COLUMN days.counted IS 'Steps that count; null while no sync of the window is here.';
COMMENT ON COLUMN days.provisional IS 'The newest count from before the window, as the phone gave it: cap it before showing it.';
COMMENT ON COLUMN days.last_sync_at IS 'When the sync that stands happened.';

CREATE TABLE checkpoints (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    number smallint NOT NULL,
    lit_at timestamptz,
    passed_at timestamptz,
    reflected_at timestamptz,
    CONSTRAINT one_row_a_campaign_checkpoint PRIMARY KEY (book, participant, number)
) WITH (fillfactor = 90);

COMMENT ON TABLE checkpoints IS 'Campaign checkpoints (关卡) that a participant has lit, passed, written about.';
COMMENT ON COLUMN checkpoints.lit_at IS 'Null again when a lower last sync dimmed it; a pass stands.';

CREATE TABLE badges (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    badge text COLLATE "C" NOT NULL,
    awarded_at timestamptz NOT NULL,
    position bigint NOT NULL,
    clause text NOT NULL,
    CONSTRAINT each_badge_once PRIMARY KEY (book, participant, badge)
);

COMMENT ON TABLE badges IS 'Badges that participants have earned.';
