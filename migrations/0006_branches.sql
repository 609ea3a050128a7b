-- The union tree with its search, runs by day, figures of unions; and keys whose holder sees one branch of the tree only.
--
-- To the operator: runs in a moment, but for an index on enrolments, which takes a second for each million of them.
-- The views follow from the log by themselves. Keys that there are see what they saw before.

CREATE TABLE branches (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    folded text COLLATE "C" NOT NULL,
    grams text[] COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    first_kind text COLLATE "C" NOT NULL,
    parent text COLLATE "C",
    pending boolean NOT NULL,
    confirmed_at timestamptz,
    merged_into text COLLATE "C",
    merged_at timestamptz,
    position bigint NOT NULL,
    next text COLLATE "C" GENERATED ALWAYS AS (coalesce(merged_into, parent)) STORED,
    path text COLLATE "C" NOT NULL DEFAULT '',
    stands text COLLATE "C" GENERATED ALWAYS AS (substring(path FROM '([^/]+)/$')) STORED,
    above text COLLATE "C" GENERATED ALWAYS AS (substring(path FROM '([^/]+)/[^/]+/$')) STORED,
    CONSTRAINT one_row_a_union PRIMARY KEY (id),
    CONSTRAINT merged_at_some_time CHECK ((merged_into IS NULL) = (merged_at IS NULL))
) WITH (fillfactor = 80);

CREATE INDEX branches_that_follow ON branches (next);
CREATE INDEX branches_in_order ON branches (path);
CREATE INDEX branches_below ON branches (above, folded, id) WHERE merged_into IS NULL;
CREATE INDEX branches_by_name ON branches (folded, id) WHERE merged_into IS NULL;
CREATE INDEX branches_by_pieces ON branches USING gin (grams);
CREATE INDEX branches_pending ON branches (path, id) WHERE pending AND merged_into IS NULL;

COMMENT ON TABLE branches IS 'The union tree: every union that was ever in it, those that were merged included.';
COMMENT ON COLUMN branches.folded IS 'The name as it is searched: Unicode form NFKC, in lower case.';
COMMENT ON COLUMN branches.grams IS 'Every two characters of it that follow each other, for the search inside names.';
COMMENT ON COLUMN branches.first_kind IS 'The kind that it was registered with, before it was confirmed as another.';
COMMENT ON COLUMN branches.parent IS 'The union above it when it was registered; that may have been merged since.';
COMMENT ON COLUMN branches.merged_into IS 'What it was itself merged into; that may have been merged since.';
COMMENT ON COLUMN branches.path IS 'The unions from the top of the tree to what it is part of today, each followed by a slash.';
COMMENT ON COLUMN branches.stands IS 'The union that stands for it today: itself, unless it was merged.';
COMMENT ON COLUMN branches.above IS 'The union above that today.';
COMMENT ON COLUMN branches.position IS 'The event that registered it.';

CREATE INDEX enrolments_of_a_union ON enrolments (campaign, branch, participant);

CREATE TABLE runs (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    day date NOT NULL,
    metres integer NOT NULL,
    runs integer NOT NULL,
    CONSTRAINT one_row_a_day_of_runs PRIMARY KEY (book, participant, day)
) WITH (fillfactor = 90);

COMMENT ON TABLE runs IS 'The days on which participants ran, and how far.';

ALTER TABLE api_keys
    ADD COLUMN branch text COLLATE "C",
    ADD CONSTRAINT only_operators_have_a_branch CHECK (branch IS NULL OR role = 'operator');

COMMENT ON COLUMN api_keys.branch IS 'The union that its holder sees and manages, with all below it; null for all of the ledger.';
