-- The views of teams, chances, prizes and draws; the boards and where their standings are kept.
--
-- To the operator: runs in a moment. The views follow from the log by themselves. A ledger that has boards and older
-- events needs `jifen projections rebuild progress` once, so that a frozen standing can tell when enrolments and
-- sign-ins were recorded; until then they count as recorded in time.

ALTER TABLE enrolments ADD COLUMN recorded_at timestamptz;
ALTER TABLE days ADD COLUMN sign_in_recorded_at timestamptz;

COMMENT ON COLUMN enrolments.recorded_at IS 'When the enrolment was written to the log; null for one from before this column.';
COMMENT ON COLUMN days.sign_in_recorded_at IS 'When the sign-in was written to the log; null for one from before this column.';

COMMENT ON COLUMN balances.earned IS 'What came in, less what later syncs and corrections took back; earned - balance was spent.';

CREATE TABLE teams (
    book text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    name text NOT NULL,
    captain text COLLATE "C" NOT NULL,
    goal integer,
    created_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    filled_at timestamptz,
    days_attained integer NOT NULL,
    CONSTRAINT one_row_a_team PRIMARY KEY (book, team),
    CONSTRAINT team_days_not_negative CHECK (days_attained >= 0)
) WITH (fillfactor = 70);

COMMENT ON TABLE teams IS 'Teams (团队) of a book: the campaign, or its trial.';
COMMENT ON COLUMN teams.goal IS 'What the captain set for the team, in steps a day; null for none. Nothing is decided by it.';
COMMENT ON COLUMN teams.recorded_at IS 'When the creation was written to the log.';
COMMENT ON COLUMN teams.filled_at IS 'When the last place was taken first.';
COMMENT ON COLUMN teams.days_attained IS 'How many rows team_days has for it.';

CREATE TABLE team_members (
    book text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    participant text COLLATE "C" NOT NULL,
    captain boolean NOT NULL,
    joined_on date NOT NULL,
    joined_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    left_at timestamptz,
    left_recorded_at timestamptz,
    CONSTRAINT one_row_a_membership PRIMARY KEY (book, team, position),
    CONSTRAINT left_and_recorded CHECK ((left_at IS NULL) = (left_recorded_at IS NULL))
);

CREATE INDEX team_of_a_participant ON team_members (book, participant) WHERE left_at IS NULL;

COMMENT ON TABLE team_members IS 'Who is, or was, a member of which team. Those who left have left_at.';
COMMENT ON COLUMN team_members.position IS 'The event of the team''s stream that added the member.';
COMMENT ON COLUMN team_members.joined_on IS 'The first day that counts for the team.';

CREATE TABLE team_days (
    book text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    day date NOT NULL,
    steps integer NOT NULL,
    CONSTRAINT each_team_day_once PRIMARY KEY (book, team, day)
);

COMMENT ON TABLE team_days IS 'The days that teams have attained (团队达标). A day that was lost again has no row.';
COMMENT ON COLUMN team_days.steps IS 'Counted steps of all members who had joined.';

CREATE TABLE chances (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    pool text COLLATE "C" NOT NULL,
    chance text COLLATE "C" NOT NULL,
    state text NOT NULL,
    granted_at timestamptz NOT NULL,
    expires_at timestamptz,
    rank integer,
    number bigint,
    position bigint NOT NULL,
    CONSTRAINT each_chance_once PRIMARY KEY (book, participant, pool, chance),
    CONSTRAINT a_known_state CHECK (state IN ('open', 'used', 'forfeited', 'expired'))
) WITH (fillfactor = 70);

CREATE INDEX chances_to_expire ON chances (book, pool, expires_at) WHERE state = 'open' AND expires_at IS NOT NULL;

COMMENT ON TABLE chances IS 'Rights to draw: of a sign-in, of a place on a board; and badges that were used for a draw.';
COMMENT ON COLUMN chances.chance IS 'The day of the sign-in, the id of the board, or of the badge.';
COMMENT ON COLUMN chances.granted_at IS 'When it came; of a badge, when it was used.';
COMMENT ON COLUMN chances.number IS 'Of the draw or ticket that it was used for.';
COMMENT ON COLUMN chances.position IS 'The event that granted it; of a badge, the one that used it.';

CREATE TABLE prizes (
    book text COLLATE "C" NOT NULL,
    prize text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    pool text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    unit text NOT NULL,
    status text NOT NULL,
    number bigint,
    cause text,
    voucher integer,
    won_at timestamptz NOT NULL,
    address_ref text,
    region text,
    due date,
    addressed_at timestamptz,
    issued_at timestamptz,
    delivered_at timestamptz,
    returned_at timestamptz,
    lapsed_at timestamptz,
    redeemed_at timestamptz,
    replaced_by text COLLATE "C",
    ref text,
    reason text,
    position bigint NOT NULL,
    CONSTRAINT one_row_a_prize PRIMARY KEY (book, prize),
    CONSTRAINT a_known_status CHECK (
        status IN ('won', 'issued', 'delivered', 'returned', 'lapsed', 'replaced', 'redeemed')
    )
) WITH (fillfactor = 70);

CREATE INDEX prizes_of_a_participant ON prizes (book, participant, position);
CREATE INDEX prizes_of_a_pool ON prizes (book, pool, status, position);

COMMENT ON TABLE prizes IS 'Every prize that was won, and how far it has come. A blank has no row here, only in draws.';
COMMENT ON COLUMN prizes.outcome IS 'Id of the prize in the rulebook.';
COMMENT ON COLUMN prizes.amount IS 'What it is worth, in unit.';
COMMENT ON COLUMN prizes.number IS 'Of the instant draw that brought it.';
COMMENT ON COLUMN prizes.cause IS 'The batch draw, the board, or the prize that it replaces; null for an instant draw.';
COMMENT ON COLUMN prizes.voucher IS 'Number of the code that was handed out with it; the code itself is in the vault.';
COMMENT ON COLUMN prizes.address_ref IS 'A handle of the vault.';
COMMENT ON COLUMN prizes.due IS 'The last working day for sending it.';
COMMENT ON COLUMN prizes.ref IS 'What the provider calls it: the newest that is known.';
COMMENT ON COLUMN prizes.reason IS 'Why it came back, lapsed or was replaced: the newest.';
COMMENT ON COLUMN prizes.position IS 'The event that won it.';

CREATE TABLE draws (
    book text COLLATE "C" NOT NULL,
    pool text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    participant text COLLATE "C" NOT NULL,
    outcome text COLLATE "C",
    amount bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT each_draw_once PRIMARY KEY (book, pool, number)
);

COMMENT ON TABLE draws IS 'The instant draws of a pool, and the tickets of its batch draws, as they are numbered in it.';
COMMENT ON COLUMN draws.outcome IS 'Id of the prize in the rulebook; null for a ticket.';
COMMENT ON COLUMN draws.amount IS 'What it took of the budget, in fen.';
COMMENT ON COLUMN draws.position IS 'The event in the pool''s stream.';

CREATE SEQUENCE standing_editions;

COMMENT ON SEQUENCE standing_editions IS 'Numbers the tables standing_1, standing_2 … that hold one standing each.';

CREATE TABLE boards (
    book text COLLATE "C" NOT NULL,
    board text COLLATE "C" NOT NULL,
    edition bigint NOT NULL,
    previous bigint,
    as_of timestamptz NOT NULL,
    slot timestamptz,
    position bigint NOT NULL,
    entrants integer NOT NULL,
    frozen boolean NOT NULL,
    root text,
    last_day date,
    keys text[] NOT NULL,
    days integer NOT NULL,
    visible integer,
    rows bytea NOT NULL,
    refreshed_at timestamptz NOT NULL,
    took interval NOT NULL,
    CONSTRAINT one_standing_a_board PRIMARY KEY (book, board),
    CONSTRAINT frozen_with_root CHECK (frozen = (root IS NOT NULL) AND frozen = (last_day IS NOT NULL)),
    CONSTRAINT keys_not_empty CHECK (cardinality(keys) > 0)
);

COMMENT ON TABLE boards IS 'The published standing of each board. Its rows are in the table standing_<edition>.';
COMMENT ON COLUMN boards.previous IS 'The edition before, kept for readers who have just been told of it.';
COMMENT ON COLUMN boards.as_of IS 'The moment that the standing is of.';
COMMENT ON COLUMN boards.slot IS 'The refresh moment of the rulebook that it was made for; null for a board without.';
COMMENT ON COLUMN boards.position IS 'How far the views were that it was computed from.';
COMMENT ON COLUMN boards.root IS 'Merkle root of all rows of a frozen standing, in hex; see docs/boards.md.';
COMMENT ON COLUMN boards.last_day IS 'The last day in a frozen standing.';
COMMENT ON COLUMN boards.keys IS 'The keys that it is ordered by, in order.';
COMMENT ON COLUMN boards.days IS 'Days of the campaign: what attained days are divided by.';
COMMENT ON COLUMN boards.visible IS 'How many rows everybody may see; null for all.';
COMMENT ON COLUMN boards.rows IS 'The first visible rows, at most 1,000, as the JSON that the API sends.';
COMMENT ON COLUMN boards.took IS 'How long it took to compute.';
