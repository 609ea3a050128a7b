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

COMMENT ON COLUMN balances.earned IS 'What the rules gave, less what they and corrections took back; earned - balance was spent.';

COMMENT ON COLUMN balances."position" IS 'The newest event that moved it.';

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
    CONSTRAINT attained_only_by_counted_steps CHECK (((counted IS NOT NULL) OR (NOT attained)))
)
WITH (fillfactor='90');

COMMENT ON TABLE days IS 'What stands for each day of a participant.';

COMMENT ON COLUMN days.counted IS 'Steps that count; null while no sync of the window is here.';

COMMENT ON COLUMN days.provisional IS 'The newest count from before the window, as the phone gave it: cap it before showing it.';

COMMENT ON COLUMN days.last_sync_at IS 'When the sync that stands happened.';

CREATE TABLE enrolments (
    campaign text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    branch text NOT NULL COLLATE pg_catalog."C",
    unit text,
    department text,
    enrolled_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE enrolments IS 'Who takes part, and for whom. The trial and the campaign share it.';

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

ALTER TABLE ONLY badges
    ADD CONSTRAINT each_badge_once PRIMARY KEY (book, participant, badge);

ALTER TABLE ONLY parked_events
    ADD CONSTRAINT each_event_parked_once PRIMARY KEY (projection, originator_id, notification_id);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT each_key_id_once PRIMARY KEY (id);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT each_key_once UNIQUE (digest);

ALTER TABLE ONLY statement
    ADD CONSTRAINT each_leg_once PRIMARY KEY (participant, "position", leg);

ALTER TABLE ONLY requests
    ADD CONSTRAINT each_request_once PRIMARY KEY (request);

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

ALTER TABLE ONLY aggregate_snapshots
    ADD CONSTRAINT one_snapshot_of_an_aggregate PRIMARY KEY (originator_id);

ALTER TABLE ONLY projection_tracking
    ADD CONSTRAINT one_tracking_of_a_projection PRIMARY KEY (application_name);

CREATE INDEX balances_of_a_participant ON balances USING btree (participant) WHERE (participant IS NOT NULL);

CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events USING btree (notification_id);
