-- What the vault keeps of persons, encrypted, beside the log: one row, and one key, for each.
--
-- To the operator: runs in a moment. A row goes when its person is erased, and its key with it. What was deleted stays
-- in the table's free space until it is written over, and in older backups and WAL for as long as you keep those; both
-- hold the key only as encrypted by the master key. docs/vault.md says how to be rid of them sooner.

CREATE TABLE personal (
    person text COLLATE "C" NOT NULL,
    wrapped_key bytea NOT NULL,
    fields bytea NOT NULL,
    reference text COLLATE "C",
    kept_at timestamptz NOT NULL,
    CONSTRAINT one_row_a_person PRIMARY KEY (person),
    CONSTRAINT a_wrapped_key_is_of_256_bits CHECK (octet_length(wrapped_key) = 60)
) WITH (fillfactor = 90);

CREATE INDEX personal_reference_idx ON personal (reference) WHERE reference IS NOT NULL;

COMMENT ON TABLE personal IS 'Personal fields of people, encrypted; never in the log.';
COMMENT ON COLUMN personal.person IS 'Whose: member/{participant}, or identity/{keyed hash} for somebody of a roster.';
COMMENT ON COLUMN personal.wrapped_key IS 'The person''s own key (AES-256-GCM), encrypted by the master key: nonce, key, tag.';
COMMENT ON COLUMN personal.fields IS 'A JSON object of the fields, encrypted by the person''s key: nonce, text, tag.';
COMMENT ON COLUMN personal.reference IS 'What the newest roster that says so calls the person; who activates is found by it.';
COMMENT ON COLUMN personal.kept_at IS 'When the newest of them was written.';
