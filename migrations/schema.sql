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
    branch text COLLATE pg_catalog."C",
    CONSTRAINT not_revoked_before_it_was_made CHECK ((revoked_at >= created_at)),
    CONSTRAINT only_operators_have_a_branch CHECK (((branch IS NULL) OR (role = 'operator'::text))),
    CONSTRAINT role_is_known CHECK ((role = ANY (ARRAY['client'::text, 'operator'::text, 'auditor'::text, 'finance'::text, 'administrator'::text])))
);

COMMENT ON TABLE api_keys IS 'Who may call the API. Of a key only its digest is kept.';

COMMENT ON COLUMN api_keys.branch IS 'The union that its holder sees and manages, with all below it; null for all of the ledger.';

CREATE TABLE attendance (
    book text NOT NULL COLLATE pg_catalog."C",
    occasion text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    actor text NOT NULL,
    "position" bigint NOT NULL
);

COMMENT ON TABLE attendance IS 'Who attended which occasion on site (EC-14).';

COMMENT ON COLUMN attendance.actor IS 'Who recorded it: a person, or the source of a client app.';

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

COMMENT ON TABLE balances IS 'What each account holds. All balances of an asset add up to zero, and so do those of a book whose points lie in no wallet.';

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

CREATE TABLE branches (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    folded text NOT NULL COLLATE pg_catalog."C",
    grams text[] NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    first_kind text NOT NULL COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C",
    pending boolean NOT NULL,
    confirmed_at timestamp with time zone,
    merged_into text COLLATE pg_catalog."C",
    merged_at timestamp with time zone,
    "position" bigint NOT NULL,
    next text GENERATED ALWAYS AS (COALESCE(merged_into, parent)) STORED COLLATE pg_catalog."C",
    path text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    stands text GENERATED ALWAYS AS ("substring"(path, '([^/]+)/$'::text)) STORED COLLATE pg_catalog."C",
    above text GENERATED ALWAYS AS ("substring"(path, '([^/]+)/[^/]+/$'::text)) STORED COLLATE pg_catalog."C",
    CONSTRAINT merged_at_some_time CHECK (((merged_into IS NULL) = (merged_at IS NULL)))
)
WITH (fillfactor='80');

COMMENT ON TABLE branches IS 'The union tree: every union that was ever in it, those that were merged included.';

COMMENT ON COLUMN branches.folded IS 'The name as it is searched: Unicode form NFKC, in lower case.';

COMMENT ON COLUMN branches.grams IS 'Every two characters of it that follow each other, for the search inside names.';

COMMENT ON COLUMN branches.first_kind IS 'The kind that it was registered with, before it was confirmed as another.';

COMMENT ON COLUMN branches.parent IS 'The union above it when it was registered; that may have been merged since.';

COMMENT ON COLUMN branches.merged_into IS 'What it was itself merged into; that may have been merged since.';

COMMENT ON COLUMN branches."position" IS 'The event that registered it.';

COMMENT ON COLUMN branches.path IS 'The unions from the top of the tree to what it is part of today, each followed by a slash.';

COMMENT ON COLUMN branches.stands IS 'The union that stands for it today: itself, unless it was merged.';

COMMENT ON COLUMN branches.above IS 'The union above that today.';

CREATE TABLE certificates (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    badge text NOT NULL COLLATE pg_catalog."C",
    number text NOT NULL COLLATE pg_catalog."C",
    clause text NOT NULL,
    awarded_at timestamp with time zone NOT NULL,
    "position" bigint NOT NULL
);

COMMENT ON TABLE certificates IS 'Electronic honour certificates (电子荣誉证书), as data (EC-04).';

COMMENT ON COLUMN certificates.badge IS 'The badge that it certifies.';

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

CREATE TABLE consents (
    participant text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    document text NOT NULL,
    version text NOT NULL,
    agreed_at timestamp with time zone NOT NULL,
    campaign text NOT NULL COLLATE pg_catalog."C"
);

COMMENT ON TABLE consents IS 'Which documents a person has agreed to, in which version, and when.';

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

CREATE TABLE entitlements (
    participant text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    entitlement text NOT NULL COLLATE pg_catalog."C",
    campaign text NOT NULL COLLATE pg_catalog."C",
    starts date NOT NULL,
    ends date NOT NULL,
    clause text NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE entitlements IS 'Rights with a start and an end, such as a year of accident cover.';

COMMENT ON COLUMN entitlements.campaign IS 'The programme that gave it; empty for one that came from a client id that was joined.';

COMMENT ON COLUMN entitlements.ends IS 'The last day, in the time zone of the programme.';

COMMENT ON COLUMN entitlements.ended_at IS 'When it was written down that it has run out, or that a longer one took its place.';

CREATE TABLE fund_entries (
    book text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    balance bigint NOT NULL,
    participant text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL,
    ref text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    CONSTRAINT a_fund_is_never_below_zero CHECK ((balance >= 0)),
    CONSTRAINT a_known_kind_of_entry CHECK ((kind = ANY (ARRAY['donation'::text, 'deposit'::text, 'project'::text, 'grant'::text])))
);

COMMENT ON TABLE fund_entries IS 'Everything that moved money into or out of a fund, each with its event.';

COMMENT ON COLUMN fund_entries.amount IS 'Fen; below zero for what was paid out.';

COMMENT ON COLUMN fund_entries.balance IS 'What the fund held afterwards.';

COMMENT ON COLUMN fund_entries.participant IS 'For whose steps it was donated, or whom a grant helps; empty for all else.';

COMMENT ON COLUMN fund_entries.ref IS 'Of the bank''s statement.';

CREATE TABLE funds (
    book text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    donated bigint NOT NULL,
    deposited bigint NOT NULL,
    paid bigint NOT NULL,
    donations bigint NOT NULL,
    CONSTRAINT a_fund_never_pays_more_than_it_took_in CHECK ((paid <= (donated + deposited)))
)
WITH (fillfactor='70');

COMMENT ON TABLE funds IS 'Money that is collected and paid out, in fen. A fund without a row has never had any.';

COMMENT ON COLUMN funds.fund IS 'Id in the rulebook; of a fund for each union followed by a point and the union''s id.';

COMMENT ON COLUMN funds.donated IS 'What sponsors gave for steps.';

COMMENT ON COLUMN funds.deposited IS 'What else came in.';

COMMENT ON COLUMN funds.donations IS 'How often a sponsor gave something.';

CREATE TABLE help_applications (
    campaign text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    ref text NOT NULL,
    asked bigint,
    granted bigint,
    status text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    "position" bigint NOT NULL,
    CONSTRAINT a_known_status_of_help CHECK ((status = ANY (ARRAY['applied'::text, 'approved'::text, 'refused'::text])))
);

COMMENT ON TABLE help_applications IS 'Applications for help (帮扶) of members in hardship (ZG-10).';

COMMENT ON COLUMN help_applications.ref IS 'Where it is set out.';

COMMENT ON COLUMN help_applications.asked IS 'Fen that were asked for; null leaves it to the union.';

COMMENT ON COLUMN help_applications."position" IS 'The event of the application.';

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

CREATE TABLE member_history (
    participant text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    what text NOT NULL,
    campaign text NOT NULL COLLATE pg_catalog."C",
    branch text NOT NULL COLLATE pg_catalog."C",
    from_branch text NOT NULL COLLATE pg_catalog."C",
    about text NOT NULL COLLATE pg_catalog."C",
    sealed boolean NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE member_history IS 'What became of persons and their membership: who, when, why.';

COMMENT ON COLUMN member_history.about IS 'What it is about: kind of a restriction, id of an entitlement, the other client id.';

COMMENT ON COLUMN member_history.actor IS 'Who did it; empty for the person.';

CREATE TABLE members (
    participant text NOT NULL COLLATE pg_catalog."C",
    campaign text NOT NULL COLLATE pg_catalog."C",
    branch text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL,
    "position" bigint NOT NULL,
    applied_at timestamp with time zone,
    reviewed_at timestamp with time zone,
    ended_at timestamp with time zone,
    employment text NOT NULL,
    trade text,
    unit text,
    department text,
    transfer text NOT NULL COLLATE pg_catalog."C",
    transfer_at timestamp with time zone,
    restricted text NOT NULL,
    sealed boolean NOT NULL,
    restricted_until date,
    suspended boolean NOT NULL,
    hardship boolean NOT NULL,
    activated_at timestamp with time zone,
    activated_in text COLLATE pg_catalog."C",
    activated_branch text COLLATE pg_catalog."C",
    identities integer NOT NULL,
    became text NOT NULL COLLATE pg_catalog."C",
    erased_at timestamp with time zone,
    CONSTRAINT a_known_standing CHECK ((status = ANY (ARRAY['none'::text, 'applied'::text, 'reviewed'::text, 'ended'::text]))),
    CONSTRAINT identities_not_negative CHECK ((identities >= 0))
)
WITH (fillfactor='70');

COMMENT ON TABLE members IS 'Persons of whom more is known than what they do in campaigns: members, activated, suspended ones.';

COMMENT ON COLUMN members.participant IS 'The client''s id of the person.';

COMMENT ON COLUMN members.campaign IS 'The programme that took the application; empty for none.';

COMMENT ON COLUMN members.branch IS 'Id of the union, as the events name it: it may have been merged since; without a membership that of the roster. Empty for none.';

COMMENT ON COLUMN members.status IS 'Of the membership: applied (in, and to be reviewed), reviewed, ended; none for no application.';

COMMENT ON COLUMN members."position" IS 'The newest event of the membership; without one, the activation. 0 for neither.';

COMMENT ON COLUMN members.transfer IS 'Id of the union that a transfer is asked to; empty for none.';

COMMENT ON COLUMN members.restricted IS 'Kind of the restriction after abuse; empty for none.';

COMMENT ON COLUMN members.sealed IS 'The case of the restriction is sealed: its reason stands in the vault.';

COMMENT ON COLUMN members.activated_in IS 'The programme in which the person activated.';

COMMENT ON COLUMN members.activated_branch IS 'The union that the roster names.';

COMMENT ON COLUMN members.identities IS 'By how many keyed hashes the person is known.';

COMMENT ON COLUMN members.became IS 'The participant that this client id is of since they were joined; empty for its own.';

CREATE TABLE messages (
    "position" bigint NOT NULL,
    participant text NOT NULL COLLATE pg_catalog."C",
    template text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    queued_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE messages IS 'What is to be told to persons, for the channel that delivers: it remembers the position it has got to.';

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

CREATE TABLE participant_links (
    participant text NOT NULL COLLATE pg_catalog."C",
    became text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);

COMMENT ON TABLE participant_links IS 'Client ids that were joined to another participant: they are the same person.';

COMMENT ON COLUMN participant_links.became IS 'Who it is now. It is never a client id that was joined to somebody itself.';

COMMENT ON COLUMN participant_links."position" IS 'The event that said so.';

CREATE TABLE personal (
    person text NOT NULL COLLATE pg_catalog."C",
    wrapped_key bytea NOT NULL,
    fields bytea NOT NULL,
    reference text COLLATE pg_catalog."C",
    kept_at timestamp with time zone NOT NULL,
    CONSTRAINT a_wrapped_key_is_of_256_bits CHECK ((octet_length(wrapped_key) = 60))
)
WITH (fillfactor='90');

COMMENT ON TABLE personal IS 'Personal fields of people, encrypted; never in the log.';

COMMENT ON COLUMN personal.person IS 'Whose: member/{participant}, or identity/{keyed hash} for somebody of a roster.';

COMMENT ON COLUMN personal.wrapped_key IS 'The person''s own key (AES-256-GCM), encrypted by the master key: nonce, key, tag.';

COMMENT ON COLUMN personal.fields IS 'A JSON object of the fields, encrypted by the person''s key: nonce, text, tag.';

COMMENT ON COLUMN personal.reference IS 'What the newest roster that says so calls the person; who activates is found by it.';

COMMENT ON COLUMN personal.kept_at IS 'When the newest of them was written.';

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
    cancelled_at timestamp with time zone,
    CONSTRAINT a_known_status CHECK ((status = ANY (ARRAY['won'::text, 'issued'::text, 'delivered'::text, 'returned'::text, 'lapsed'::text, 'replaced'::text, 'redeemed'::text, 'cancelled'::text])))
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

COMMENT ON COLUMN prizes.cancelled_at IS 'When a redeemed item was given back before it was issued.';

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

CREATE TABLE projects (
    book text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    amount bigint NOT NULL,
    paid bigint NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    put_forward_at timestamp with time zone NOT NULL,
    reviewed_at timestamp with time zone,
    published_at timestamp with time zone,
    "position" bigint NOT NULL,
    CONSTRAINT a_known_status_of_a_project CHECK ((status = ANY (ARRAY['put_forward'::text, 'approved'::text, 'turned_down'::text, 'published'::text]))),
    CONSTRAINT a_project_gets_no_more_than_it_asked_for CHECK ((paid <= amount))
);

COMMENT ON TABLE projects IS 'Volunteer projects that unions put forward for a fund (EC-13).';

COMMENT ON COLUMN projects.amount IS 'Fen that were asked for.';

COMMENT ON COLUMN projects."position" IS 'The event that put it forward.';

CREATE TABLE quiz_answers (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    quiz text NOT NULL COLLATE pg_catalog."C",
    asked text NOT NULL COLLATE pg_catalog."C",
    question text NOT NULL COLLATE pg_catalog."C",
    tries integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    right_at timestamp with time zone
)
WITH (fillfactor='70');

COMMENT ON TABLE quiz_answers IS 'What participants have answered in quizzes (百题问答, 每日一题).';

COMMENT ON COLUMN quiz_answers.asked IS 'The question; of a quiz with a question a day, the day.';

COMMENT ON COLUMN quiz_answers.right_at IS 'When it was answered right; null while it was not.';

CREATE TABLE redemptions (
    book text NOT NULL COLLATE pg_catalog."C",
    prize text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    pool text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    price bigint NOT NULL,
    redeemed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    waiting boolean NOT NULL,
    "position" bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE redemptions IS 'Items that were redeemed for points in a shop; how far each has come stands in prizes.';

COMMENT ON COLUMN redemptions.number IS 'Of the redemption in its shop; one of several items has as many rows.';

COMMENT ON COLUMN redemptions.price IS 'Points for this one.';

COMMENT ON COLUMN redemptions.expires_at IS 'Until when it can be claimed or used; null for ever.';

COMMENT ON COLUMN redemptions.waiting IS 'It waits for its owner: for the address, or for the use of the code.';

COMMENT ON COLUMN redemptions."position" IS 'The event that redeemed it.';

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

CREATE TABLE runs (
    book text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    metres integer NOT NULL,
    runs integer NOT NULL
)
WITH (fillfactor='90');

COMMENT ON TABLE runs IS 'The days on which participants ran, and how far.';

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

CREATE TABLE wallet_campaigns (
    participant text NOT NULL COLLATE pg_catalog."C",
    campaign text NOT NULL COLLATE pg_catalog."C",
    earned bigint NOT NULL,
    spent bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE wallet_campaigns IS 'What a campaign gave to a wallet, and what was paid from the wallet in it.';

COMMENT ON COLUMN wallet_campaigns.earned IS 'What its rules gave, less what they and corrections took back.';

CREATE TABLE wallet_lots (
    participant text NOT NULL COLLATE pg_catalog."C",
    begins timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    points bigint NOT NULL,
    "position" bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE wallet_lots IS 'Points of wallets that begin and expire together. A lot without points has no row.';

COMMENT ON COLUMN wallet_lots.expires IS 'infinity for points that do not expire.';

COMMENT ON COLUMN wallet_lots."position" IS 'The newest event that moved it.';

CREATE TABLE wallets (
    participant text NOT NULL COLLATE pg_catalog."C",
    balance bigint NOT NULL,
    "position" bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE wallets IS 'The wallet of each member: points that outlive the campaigns that gave them (ZG-08).';

COMMENT ON COLUMN wallets.balance IS 'All lots less the debt: below zero when points were taken back that were spent.';

COMMENT ON COLUMN wallets."position" IS 'The newest event that moved it.';

ALTER TABLE ONLY attendance
    ADD CONSTRAINT attended_once PRIMARY KEY (book, occasion, participant);

ALTER TABLE ONLY badges
    ADD CONSTRAINT each_badge_once PRIMARY KEY (book, participant, badge);

ALTER TABLE ONLY certificates
    ADD CONSTRAINT each_certificate_has_a_number_of_its_own UNIQUE (number);

ALTER TABLE ONLY certificates
    ADD CONSTRAINT each_certificate_once PRIMARY KEY (book, participant, badge);

ALTER TABLE ONLY chances
    ADD CONSTRAINT each_chance_once PRIMARY KEY (book, participant, pool, chance);

ALTER TABLE ONLY consents
    ADD CONSTRAINT each_document_once PRIMARY KEY (participant, "position", document);

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

ALTER TABLE ONLY wallet_lots
    ADD CONSTRAINT each_lot_once PRIMARY KEY (participant, expires, begins);

ALTER TABLE ONLY redemptions
    ADD CONSTRAINT each_redemption_once PRIMARY KEY (book, prize);

ALTER TABLE ONLY requests
    ADD CONSTRAINT each_request_once PRIMARY KEY (request);

ALTER TABLE ONLY member_history
    ADD CONSTRAINT each_step_once PRIMARY KEY (participant, "position");

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

ALTER TABLE ONLY participant_links
    ADD CONSTRAINT one_link_a_client_id PRIMARY KEY (participant);

ALTER TABLE ONLY progress
    ADD CONSTRAINT one_progress_in_a_book PRIMARY KEY (book, participant);

ALTER TABLE ONLY checkpoints
    ADD CONSTRAINT one_row_a_campaign_checkpoint PRIMARY KEY (book, participant, number);

ALTER TABLE ONLY wallet_campaigns
    ADD CONSTRAINT one_row_a_campaign_of_a_wallet PRIMARY KEY (participant, campaign);

ALTER TABLE ONLY days
    ADD CONSTRAINT one_row_a_day PRIMARY KEY (book, participant, day);

ALTER TABLE ONLY runs
    ADD CONSTRAINT one_row_a_day_of_runs PRIMARY KEY (book, participant, day);

ALTER TABLE ONLY funds
    ADD CONSTRAINT one_row_a_fund PRIMARY KEY (book, fund);

ALTER TABLE ONLY members
    ADD CONSTRAINT one_row_a_member PRIMARY KEY (participant);

ALTER TABLE ONLY team_members
    ADD CONSTRAINT one_row_a_membership PRIMARY KEY (book, team, "position");

ALTER TABLE ONLY messages
    ADD CONSTRAINT one_row_a_message PRIMARY KEY ("position");

ALTER TABLE ONLY personal
    ADD CONSTRAINT one_row_a_person PRIMARY KEY (person);

ALTER TABLE ONLY prizes
    ADD CONSTRAINT one_row_a_prize PRIMARY KEY (book, prize);

ALTER TABLE ONLY projects
    ADD CONSTRAINT one_row_a_project PRIMARY KEY (book, fund, project);

ALTER TABLE ONLY quiz_answers
    ADD CONSTRAINT one_row_a_question_asked PRIMARY KEY (book, participant, quiz, asked);

ALTER TABLE ONLY teams
    ADD CONSTRAINT one_row_a_team PRIMARY KEY (book, team);

ALTER TABLE ONLY branches
    ADD CONSTRAINT one_row_a_union PRIMARY KEY (id);

ALTER TABLE ONLY help_applications
    ADD CONSTRAINT one_row_an_application_for_help PRIMARY KEY (campaign, participant, number);

ALTER TABLE ONLY entitlements
    ADD CONSTRAINT one_row_an_entitlement PRIMARY KEY (participant, "position", entitlement);

ALTER TABLE ONLY fund_entries
    ADD CONSTRAINT one_row_an_entry PRIMARY KEY (book, fund, "position");

ALTER TABLE ONLY secrets
    ADD CONSTRAINT one_secret_of_a_number PRIMARY KEY (stream, kind, number);

ALTER TABLE ONLY aggregate_snapshots
    ADD CONSTRAINT one_snapshot_of_an_aggregate PRIMARY KEY (originator_id);

ALTER TABLE ONLY boards
    ADD CONSTRAINT one_standing_a_board PRIMARY KEY (book, board);

ALTER TABLE ONLY projection_tracking
    ADD CONSTRAINT one_tracking_of_a_projection PRIMARY KEY (application_name);

ALTER TABLE ONLY wallets
    ADD CONSTRAINT one_wallet_a_member PRIMARY KEY (participant);

CREATE INDEX attendance_of_a_participant ON attendance USING btree (book, participant);

CREATE INDEX balances_of_a_participant ON balances USING btree (participant) WHERE (participant IS NOT NULL);

CREATE INDEX branches_below ON branches USING btree (above, folded, id) WHERE (merged_into IS NULL);

CREATE INDEX branches_by_name ON branches USING btree (folded, id) WHERE (merged_into IS NULL);

CREATE INDEX branches_by_pieces ON branches USING gin (grams);

CREATE INDEX branches_in_order ON branches USING btree (path);

CREATE INDEX branches_pending ON branches USING btree (path, id) WHERE (pending AND (merged_into IS NULL));

CREATE INDEX branches_that_follow ON branches USING btree (next);

CREATE INDEX chances_to_expire ON chances USING btree (book, pool, expires_at) WHERE ((state = 'open'::text) AND (expires_at IS NOT NULL));

CREATE INDEX client_ids_of_a_participant ON participant_links USING btree (became);

CREATE INDEX enrolments_of_a_union ON enrolments USING btree (campaign, branch, participant);

CREATE INDEX entitlements_to_end ON entitlements USING btree (ends, participant) WHERE (ended_at IS NULL);

CREATE INDEX help_that_waits ON help_applications USING btree (campaign, status, "position");

CREATE INDEX lots_to_expire ON wallet_lots USING btree (expires, participant) WHERE (expires < 'infinity'::timestamp with time zone);

CREATE INDEX members_by_status ON members USING btree (status, "position");

CREATE INDEX members_in_order ON members USING btree ("position");

CREATE INDEX members_of_a_branch ON members USING btree (branch, status, "position");

CREATE INDEX members_to_transfer ON members USING btree ("position") WHERE (transfer <> ''::text);

CREATE INDEX personal_reference_idx ON personal USING btree (reference) WHERE (reference IS NOT NULL);

CREATE INDEX prizes_of_a_participant ON prizes USING btree (book, participant, "position");

CREATE INDEX prizes_of_a_pool ON prizes USING btree (book, pool, status, "position");

CREATE INDEX redemptions_of_a_participant ON redemptions USING btree (book, participant, "position");

CREATE INDEX redemptions_to_lapse ON redemptions USING btree (book, expires_at) WHERE (waiting AND (expires_at IS NOT NULL));

CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events USING btree (notification_id);

CREATE INDEX team_of_a_participant ON team_members USING btree (book, participant) WHERE (left_at IS NULL);
