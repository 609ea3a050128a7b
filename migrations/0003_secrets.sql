-- What must not be in the log, encrypted beside it: seeds of pools until they are revealed, codes of vouchers.
--
-- To the operator: runs in a moment. Copy the master key (JIFEN_MASTER_KEY, or master.key in JIFEN_HOME): without it
-- this table cannot be read.

CREATE TABLE secrets (
    stream text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    sealed bytea NOT NULL,
    fingerprint text COLLATE "C",
    CONSTRAINT one_secret_of_a_number PRIMARY KEY (stream, kind, number),
    CONSTRAINT each_fingerprint_once UNIQUE (fingerprint)
);

COMMENT ON TABLE secrets IS 'Secrets beside the log, encrypted by the master key: seeds of pools, codes of vouchers.';
COMMENT ON COLUMN secrets.stream IS 'The pool that it belongs to; empty for the mark by which a wrong master key is found out.';
COMMENT ON COLUMN secrets.kind IS 'seed, or voucher and the prize that it is of.';
COMMENT ON COLUMN secrets.number IS 'Of the code in its prize, as the events name it, from 1; 0 for what there is one of.';
COMMENT ON COLUMN secrets.fingerprint IS 'A keyed hash of a code, so that none is imported twice.';
