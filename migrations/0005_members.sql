-- The view of persons: their membership and what became of it, entitlements, consents, messages that wait.
--
-- To the operator: runs in a moment. The views follow from the log by themselves. No personal data is in them: a person
-- is named by the id that the client gave.

CREATE TABLE members (
    participant text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    branch text COLLATE "C" NOT NULL,
    status text NOT NULL,
    position bigint NOT NULL,
    applied_at timestamptz,
    reviewed_at timestamptz,
    ended_at timestamptz,
    employment text NOT NULL,
    trade text,
    unit text,
    department text,
    transfer text COLLATE "C" NOT NULL,
    transfer_at timestamptz,
    restricted text NOT NULL,
    sealed boolean NOT NULL,
    restricted_until date,
    suspended boolean NOT NULL,
    hardship boolean NOT NULL,
    activated_at timestamptz,
    activated_in text COLLATE "C",
    activated_branch text COLLATE "C",
    identities integer NOT NULL,
    became text COLLATE "C" NOT NULL,
    erased_at timestamptz,
    CONSTRAINT one_row_a_member PRIMARY KEY (participant),
    CONSTRAINT a_known_standing CHECK (status IN ('none', 'applied', 'reviewed', 'ended')),
    CONSTRAINT identities_not_negative CHECK (identities >= 0)
) WITH (fillfactor = 70);

CREATE INDEX members_in_order ON members (position);
CREATE INDEX members_by_status ON members (status, position);
CREATE INDEX members_of_a_branch ON members (branch, status, position);
CREATE INDEX members_to_transfer ON members (position) WHERE transfer <> '';

COMMENT ON TABLE members IS 'Persons of whom more is known than what they do in campaigns: members, activated, suspended ones.';
COMMENT ON COLUMN members.participant IS 'The client''s id of the person.';
COMMENT ON COLUMN members.campaign IS 'The programme that took the application; empty for none.';
COMMENT ON COLUMN members.branch IS 'Id of the union, as the events name it: it may have been merged since; without a membership that of the roster. Empty for none.';
COMMENT ON COLUMN members.status IS 'Of the membership: applied (in, and to be reviewed), reviewed, ended; none for no application.';
COMMENT ON COLUMN members.position IS 'The newest event of the membership; without one, the activation. 0 for neither.';
COMMENT ON COLUMN members.transfer IS 'Id of the union that a transfer is asked to; empty for none.';
COMMENT ON COLUMN members.restricted IS 'Kind of the restriction after abuse; empty for none.';
COMMENT ON COLUMN members.sealed IS 'The case of the restriction is sealed: its reason stands in the vault.';
COMMENT ON COLUMN members.activated_in IS 'The programme in which the person activated.';
COMMENT ON COLUMN members.activated_branch IS 'The union that the roster names.';
COMMENT ON COLUMN members.identities IS 'By how many keyed hashes the person is known.';
COMMENT ON COLUMN members.became IS 'The participant that this client id is of since they were joined; empty for its own.';

CREATE TABLE member_history (
    participant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    what text NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    branch text COLLATE "C" NOT NULL,
    from_branch text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    sealed boolean NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT each_step_once PRIMARY KEY (participant, position)
);

COMMENT ON TABLE member_history IS 'What became of persons and their membership: who, when, why.';
COMMENT ON COLUMN member_history.about IS 'What it is about: kind of a restriction, id of an entitlement, the other client id.';
COMMENT ON COLUMN member_history.actor IS 'Who did it; empty for the person.';

CREATE TABLE entitlements (
    participant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    entitlement text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    clause text NOT NULL,
    granted_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT one_row_an_entitlement PRIMARY KEY (participant, position, entitlement)
);

CREATE INDEX entitlements_to_end ON entitlements (ends, participant) WHERE ended_at IS NULL;

COMMENT ON TABLE entitlements IS 'Rights with a start and an end, such as a year of accident cover.';
COMMENT ON COLUMN entitlements.campaign IS 'The programme that gave it; empty for one that came from a client id that was joined.';
COMMENT ON COLUMN entitlements.ends IS 'The last day, in the time zone of the programme.';
COMMENT ON COLUMN entitlements.ended_at IS 'When it was written down that it has run out, or that a longer one took its place.';

CREATE TABLE consents (
    participant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    document text NOT NULL,
    version text NOT NULL,
    agreed_at timestamptz NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    CONSTRAINT each_document_once PRIMARY KEY (participant, position, document)
);

COMMENT ON TABLE consents IS 'Which documents a person has agreed to, in which version, and when.';

CREATE TABLE messages (
    position bigint NOT NULL,
    participant text COLLATE "C" NOT NULL,
    template text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    queued_at timestamptz NOT NULL,
    CONSTRAINT one_row_a_message PRIMARY KEY (position)
);

COMMENT ON TABLE messages IS 'What is to be told to persons, for the channel that delivers: it remembers the position it has got to.';
