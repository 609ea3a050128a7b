-- What all migrations add up to, for people to read; nothing runs it. Written by `make schema`.

CREATE TYPE stored_event_text AS (
	originator_id text,
	originator_version bigint,
	topic text,
	state bytea
);

CREATE TABLE aggregate_snapshots (
    originator_id text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    state bytea NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE aggregate_snapshots IS 'The newest state of each aggregate. A convenience: the log alone says what is true.';

CREATE TABLE api_keys (
    id text NOT NULL,
    digest bytea NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT not_revoked_before_it_was_made CHECK ((revoked_at >= created_at)),
    CONSTRAINT role_is_known CHECK ((role = ANY (ARRAY['client'::text, 'operator'::text, 'auditor'::text, 'finance'::text, 'administrator'::text])))
);

COMMENT ON TABLE api_keys IS 'Who may call the API. Of a key only its digest is kept.';

CREATE TABLE badges (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    badge text NOT NULL COLLATE pg_catalog."C",
    awarded_at timestamp with time zone NOT NULL,
    "position" bigint NOT NULL,
    clause text NOT NULL
);

COMMENT ON TABLE badges IS 'Badges that participants have earned.';

CREATE TABLE balances (
    account text NOT NULL COLLATE pg_catalog."C",
    asset text NOT NULL COLLATE pg_catalog."C",
    book text NOT NULL COLLATE pg_catalog."C",
    participant text COLLATE pg_catalog."C",
    balance bigint NOT NULL,
    earned bigint NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT spent_not_negative CHECK (((participant IS NULL) OR (balance <= earned)))
)
WITH (fillfactor='70');

COMMENT ON TABLE balances IS 'What each account holds. All balances of a book and asset add up to zero.';

COMMENT ON COLUMN balances.participant IS 'Whose account it is; null for the other side, such as the issuing account.';

COMMENT ON COLUMN balances.earned IS 'What came in, less what later syncs and corrections took back; earned - balance was spent.';

COMMENT ON COLUMN balances."position" IS 'The newest event that moved it.';

CREATE TABLE boards (
    book text NOT NULL COLLATE pg_catalog."C",
    board text NOT NULL COLLATE pg_catalog."C",
    edition bigint NOT NULL,
    previous bigint,
    as_of timestamp with time zone NOT NULL,
    slot timestamp with time zone,
    "position" bigint NOT NULL,
    entrants integer NOT NULL,
    frozen boolean NOT NULL,
    root text,
    last_day date,
    keys text[] NOT NULL,
    days integer NOT NULL,
    visible integer,
    rows bytea NOT NULL,
    refreshed_at timestamp with time zone NOT NULL,
    took interval NOT NULL,
    CONSTRAINT frozen_with_root CHECK (((frozen = (root IS NOT NULL)) AND (frozen = (last_day IS NOT NULL)))),
    CONSTRAINT keys_not_empty CHECK ((cardinality(keys) > 0))
);

COMMENT ON TABLE boards IS 'The published standing of each board. Its rows are in the table standing_<edition>.';

COMMENT ON COLUMN boards.previous IS 'The edition before, kept for readers who have just been told of it.';

COMMENT ON COLUMN boards.as_of IS 'The moment that the standing is of.';

COMMENT ON COLUMN boards.slot IS 'The refresh moment of the rulebook that it was made for; null for a board without.';

COMMENT ON COLUMN boards."position" IS 'How far the views were that it was computed from.';

COMMENT ON COLUMN boards.root IS 'Merkle root of all rows of a frozen standing, in hex; see docs/boards.md.';

COMMENT ON COLUMN boards.last_day IS 'The last day in a frozen standing.';

COMMENT ON COLUMN boards.keys IS 'The keys that it is ordered by, in order.';

COMMENT ON COLUMN boards.days IS 'Days of the campaign: what attained days are divided by.';

COMMENT ON COLUMN boards.visible IS 'How many rows everybody may see; null for all.';

COMMENT ON COLUMN boards.rows IS 'The first visible rows, at most 1,000, as the JSON that the API sends.';

COMMENT ON COLUMN boards.took IS 'How long it took to compute.';

CREATE TABLE chances (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    pool text NOT NULL COLLATE pg_catalog."C",
    chance text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    rank integer,
    number bigint,
    "position" bigint NOT NULL,
    CONSTRAINT a_known_state CHECK ((state = ANY (ARRAY['open'::text, 'used'::text, 'forfeited'::text, 'expired'::text])))
)
WITH (fillfactor='70');

COMMENT ON TABLE chances IS 'Rights to draw: of a sign-in, of a place on a board; and badges that were used for a draw.';

COMMENT ON COLUMN chances.chance IS 'The day of the sign-in, the id of the board, or of the badge.';

COMMENT ON COLUMN chances.granted_at IS 'When it came; of a badge, when it was used.';

COMMENT ON COLUMN chances.number IS 'Of the draw or ticket that it was used for.';

COMMENT ON COLUMN chances."position" IS 'The event that granted it; of a badge, the one that used it.';

CREATE TABLE checkpoints (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    number smallint NOT NULL,
    lit_at timestamp with time zone,
    passed_at timestamp with time zone,
    reflected_at timestamp with time zone
)
WITH (fillfactor='90');

COMMENT ON TABLE checkpoints IS 'Campaign checkpoints (关卡) that a participant has lit, passed, written about.';

COMMENT ON COLUMN checkpoints.lit_at IS 'Null again when a lower last sync dimmed it; a pass stands.';

CREATE TABLE days (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    counted integer,
    provisional integer,
    attained boolean NOT NULL,
    signed_in boolean NOT NULL,
    last_sync_at timestamp with time zone,
    provisional_at timestamp with time zone,
    sign_in_recorded_at timestamp with time zone,
    CONSTRAINT attained_only_by_counted_steps CHECK (((counted IS NOT NULL) OR (NOT attained)))
)
WITH (fillfactor='90');

COMMENT ON TABLE days IS 'What stands for each day of a participant.';

COMMENT ON COLUMN days.counted IS 'Steps that count; null while no sync of the window is here.';

COMMENT ON COLUMN days.provisional IS 'The newest count from before the window, as the phone gave it: cap it before showing it.';

COMMENT ON COLUMN days.last_sync_at IS 'When the sync that stands happened.';

COMMENT ON COLUMN days.sign_in_recorded_at IS 'When the sign-in was written to the log; null for one from before this column.';

CREATE TABLE draws (
    book text NOT NULL COLLATE pg_catalog."C",
    pool text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    participant text NOT NULL COLLATE pg_catalog."C",
    outcome text COLLATE pg_catalog."C",
    amount bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    "position" bigint NOT NULL
);

COMMENT ON TABLE draws IS 'The instant draws of a pool, and the tickets of its batch draws, as they are numbered in it.';

COMMENT ON COLUMN draws.outcome IS 'Id of the prize in the rulebook; null for a ticket.';

COMMENT ON COLUMN draws.amount IS 'What it took of the budget, in fen.';

COMMENT ON COLUMN draws."position" IS 'The event in the pool''s stream.';

CREATE TABLE enrolments (
    campaign text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    branch text NOT NULL COLLATE pg_catalog."C",
    unit text,
    department text,
    enrolled_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone
);

COMMENT ON TABLE enrolments IS 'Who takes part, and for whom. The trial and the campaign share it.';

COMMENT ON COLUMN enrolments.recorded_at IS 'When the enrolment was written to the log; null for one from before this column.';

CREATE TABLE stored_events (
    originator_id text NOT NULL COLLATE pg_catalog."C",
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    CONSTRAINT positions_begin_at_one CHECK ((notification_id >= 1)),
    CONSTRAINT versions_begin_at_zero CHECK ((originator_version >= 0))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.05', autovacuum_freeze_min_age='0');

COMMENT ON TABLE stored_events IS 'The log: what happened, in order, never changed.';

COMMENT ON COLUMN stored_events.originator_id IS 'The stream: a member, an enrolment, a team, a pool ...';

COMMENT ON COLUMN stored_events.originator_version IS 'The place in the stream, without gaps.';

COMMENT ON COLUMN stored_events.topic IS 'The type of the event, such as steps-synced.v1.';

COMMENT ON COLUMN stored_events.state IS 'The event: the bytes of a JSON text. Hashes are taken of these bytes.';

COMMENT ON COLUMN stored_events.notification_id IS 'The position in the whole log, from 1, without gaps.';

CREATE VIEW log AS
 SELECT notification_id AS "position",
    originator_id,
    originator_version,
    topic,
    (convert_from(state, 'UTF8'::name))::jsonb AS event
   FROM stored_events;

COMMENT ON VIEW log IS 'The log for people with psql.';

CREATE TABLE log_head (
    one boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    recorded_at timestamp with time zone,
    clock_base timestamp with time zone,
    clock_set_at timestamp with time zone,
    CONSTRAINT head_not_negative CHECK (("position" >= 0)),
    CONSTRAINT one_row CHECK (one)
)
WITH (fillfactor='10');

COMMENT ON TABLE log_head IS 'The position of the newest event. The lock on this row is the right to write to the ledger.';

COMMENT ON COLUMN log_head.recorded_at IS 'The time of the newest event; time never goes back in the log.';

COMMENT ON COLUMN log_head.clock_base IS 'The instant that a simulated clock was set to; null on the system clock.';

COMMENT ON COLUMN log_head.clock_set_at IS 'When, by the system clock, it was set.';

CREATE TABLE parked_events (
    projection text NOT NULL,
    originator_id text NOT NULL COLLATE pg_catalog."C",
    notification_id bigint NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    parked_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT attempts_not_negative CHECK ((attempts >= 0))
);

COMMENT ON TABLE parked_events IS 'Events that a projection has not taken: one that failed, and what came after it in its stream.';

COMMENT ON COLUMN parked_events.attempts IS 'How often it was tried; 0 for one that only waits behind another.';

CREATE TABLE prizes (
    book text NOT NULL COLLATE pg_catalog."C",
    prize text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    pool text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    amount bigint NOT NULL,
    unit text NOT NULL,
    status text NOT NULL,
    number bigint,
    cause text,
    voucher integer,
    won_at timestamp with time zone NOT NULL,
    address_ref text,
    region text,
    due date,
    addressed_at timestamp with time zone,
    issued_at timestamp with time zone,
    delivered_at timestamp with time zone,
    returned_at timestamp with time zone,
    lapsed_at timestamp with time zone,
    redeemed_at timestamp with time zone,
    replaced_by text COLLATE pg_catalog."C",
    ref text,
    reason text,
    "position" bigint NOT NULL,
    CONSTRAINT a_known_status CHECK ((status = ANY (ARRAY['won'::text, 'issued'::text, 'delivered'::text, 'returned'::text, 'lapsed'::text, 'replaced'::text, 'redeemed'::text])))
)
WITH (fillfactor='70');

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

COMMENT ON COLUMN prizes."position" IS 'The event that won it.';

CREATE TABLE progress (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    total_steps bigint NOT NULL,
    days_attained integer NOT NULL,
    sign_in_days integer NOT NULL,
    last_sync_at timestamp with time zone
)
WITH (fillfactor='70');

COMMENT ON TABLE progress IS 'What a participant has reached in a book: the campaign, or its trial.';

COMMENT ON COLUMN progress.total_steps IS 'Counted steps.';

COMMENT ON COLUMN progress.last_sync_at IS 'When the newest counted sync happened.';

CREATE TABLE projection_tracking (
    application_name text NOT NULL,
    notification_id bigint NOT NULL,
    CONSTRAINT tracking_not_negative CHECK ((notification_id >= 0))
);

COMMENT ON TABLE projection_tracking IS 'How far each projection has got in the log.';

CREATE TABLE requests (
    request bytea NOT NULL,
    content bytea NOT NULL,
    "position" bigint NOT NULL,
    events smallint NOT NULL,
    CONSTRAINT a_request_has_events CHECK ((events >= 1)),
    CONSTRAINT content_is_a_digest CHECK ((octet_length(content) = 16)),
    CONSTRAINT request_is_a_digest CHECK ((octet_length(request) = 16))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_freeze_min_age='0');

COMMENT ON TABLE requests IS 'Every request that was answered, so that a repeat gets the first answer again.';

COMMENT ON COLUMN requests.request IS 'A 16-byte digest of the source and the id of the request.';

COMMENT ON COLUMN requests.content IS 'A 16-byte digest of what was asked: the same id with other content is a conflict.';

COMMENT ON COLUMN requests."position" IS 'The position of the first event that answers it.';

COMMENT ON COLUMN requests.events IS 'How many events answer it; they follow each other in the log.';

CREATE TABLE secrets (
    stream text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    sealed bytea NOT NULL,
    fingerprint text COLLATE pg_catalog."C"
);

COMMENT ON TABLE secrets IS 'Secrets beside the log, encrypted by the master key: seeds of pools, codes of vouchers.';

COMMENT ON COLUMN secrets.stream IS 'The pool that it belongs to; empty for the mark by which a wrong master key is found out.';

COMMENT ON COLUMN secrets.kind IS 'seed, or voucher and the prize that it is of.';

COMMENT ON COLUMN secrets.number IS 'Of the code in its prize, as the events name it, from 1; 0 for what there is one of.';

COMMENT ON COLUMN secrets.fingerprint IS 'A keyed hash of a code, so that none is imported twice.';

CREATE SEQUENCE standing_editions
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

COMMENT ON SEQUENCE standing_editions IS 'Numbers the tables standing_1, standing_2 … that hold one standing each.';

CREATE TABLE statement (
    participant text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    leg smallint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    asset text NOT NULL COLLATE pg_catalog."C",
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    clause text NOT NULL,
    topic text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    id text NOT NULL
);

COMMENT ON TABLE statement IS 'Every posting on an account of a participant, with the event and the request that caused it.';

COMMENT ON COLUMN statement.leg IS 'Which of the postings of its event, from 0.';

CREATE TABLE team_days (
    book text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    steps integer NOT NULL
);

COMMENT ON TABLE team_days IS 'The days that teams have attained (团队达标). A day that was lost again has no row.';

COMMENT ON COLUMN team_days.steps IS 'Counted steps of all members who had joined.';

CREATE TABLE team_members (
    book text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    participant text NOT NULL COLLATE pg_catalog."C",
    captain boolean NOT NULL,
    joined_on date NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    left_recorded_at timestamp with time zone,
    CONSTRAINT left_and_recorded CHECK (((left_at IS NULL) = (left_recorded_at IS NULL)))
);

COMMENT ON TABLE team_members IS 'Who is, or was, a member of which team. Those who left have left_at.';

COMMENT ON COLUMN team_members."position" IS 'The event of the team''s stream that added the member.';

COMMENT ON COLUMN team_members.joined_on IS 'The first day that counts for the team.';

CREATE TABLE teams (
    book text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    captain text NOT NULL COLLATE pg_catalog."C",
    goal integer,
    created_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    filled_at timestamp with time zone,
    days_attained integer NOT NULL,
    CONSTRAINT team_days_not_negative CHECK ((days_attained >= 0))
)
WITH (fillfactor='70');

COMMENT ON TABLE teams IS 'Teams (团队) of a book: the campaign, or its trial.';

COMMENT ON COLUMN teams.goal IS 'What the captain set for the team, in steps a day; null for none. Nothing is decided by it.';

COMMENT ON COLUMN teams.recorded_at IS 'When the creation was written to the log.';

COMMENT ON COLUMN teams.filled_at IS 'When the last place was taken first.';

COMMENT ON COLUMN teams.days_attained IS 'How many rows team_days has for it.';

ALTER TABLE ONLY badges
    ADD CONSTRAINT each_badge_once PRIMARY KEY (book, participant, badge);

ALTER TABLE ONLY chances
    ADD CONSTRAINT each_chance_once PRIMARY KEY (book, participant, pool, chance);

ALTER TABLE ONLY draws
    ADD CONSTRAINT each_draw_once PRIMARY KEY (book, pool, number);

ALTER TABLE ONLY parked_events
    ADD CONSTRAINT each_event_parked_once PRIMARY KEY (projection, originator_id, notification_id);

ALTER TABLE ONLY secrets
    ADD CONSTRAINT each_fingerprint_once UNIQUE (fingerprint);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT each_key_id_once PRIMARY KEY (id);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT each_key_once UNIQUE (digest);

ALTER TABLE ONLY statement
    ADD CONSTRAINT each_leg_once PRIMARY KEY (participant, "position", leg);

ALTER TABLE ONLY requests
    ADD CONSTRAINT each_request_once PRIMARY KEY (request);

ALTER TABLE ONLY team_days
    ADD CONSTRAINT each_team_day_once PRIMARY KEY (book, team, day);

ALTER TABLE ONLY stored_events
    ADD CONSTRAINT each_version_of_a_stream_once PRIMARY KEY (originator_id, originator_version);

ALTER TABLE ONLY enrolments
    ADD CONSTRAINT enrolled_once PRIMARY KEY (campaign, participant);

ALTER TABLE ONLY balances
    ADD CONSTRAINT one_balance_of_an_account PRIMARY KEY (account, asset);

ALTER TABLE ONLY log_head
    ADD CONSTRAINT one_head PRIMARY KEY (one);

ALTER TABLE ONLY progress
    ADD CONSTRAINT one_progress_in_a_book PRIMARY KEY (book, participant);

ALTER TABLE ONLY checkpoints
    ADD CONSTRAINT one_row_a_campaign_checkpoint PRIMARY KEY (book, participant, number);

ALTER TABLE ONLY days
    ADD CONSTRAINT one_row_a_day PRIMARY KEY (book, participant, day);

ALTER TABLE ONLY team_members
    ADD CONSTRAINT one_row_a_membership PRIMARY KEY (book, team, "position");

ALTER TABLE ONLY prizes
    ADD CONSTRAINT one_row_a_prize PRIMARY KEY (book, prize);

ALTER TABLE ONLY teams
    ADD CONSTRAINT one_row_a_team PRIMARY KEY (book, team);

ALTER TABLE ONLY secrets
    ADD CONSTRAINT one_secret_of_a_number PRIMARY KEY (stream, kind, number);

ALTER TABLE ONLY aggregate_snapshots
    ADD CONSTRAINT one_snapshot_of_an_aggregate PRIMARY KEY (originator_id);

ALTER TABLE ONLY boards
    ADD CONSTRAINT one_standing_a_board PRIMARY KEY (book, board);

ALTER TABLE ONLY projection_tracking
    ADD CONSTRAINT one_tracking_of_a_projection PRIMARY KEY (application_name);

CREATE INDEX balances_of_a_participant ON balances USING btree (participant) WHERE (participant IS NOT NULL);

CREATE INDEX chances_to_expire ON chances USING btree (book, pool, expires_at) WHERE ((state = 'open'::text) AND (expires_at IS NOT NULL));

CREATE INDEX prizes_of_a_participant ON prizes USING btree (book, participant, "position");

CREATE INDEX prizes_of_a_pool ON prizes USING btree (book, pool, status, "position");

CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events USING btree (notification_id);

CREATE INDEX team_of_a_participant ON team_members USING btree (book, participant) WHERE (left_at IS NULL);
