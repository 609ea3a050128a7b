-- Which client ids are other participants' by now.
--
-- To the operator: runs in a moment. The view follows from the log by itself.

CREATE TABLE participant_links (
    participant text COLLATE "C" NOT NULL,
    became text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT one_link_a_client_id PRIMARY KEY (participant)
);

CREATE INDEX client_ids_of_a_participant ON participant_links (became);

COMMENT ON TABLE participant_links IS 'Client ids that were joined to another participant: they are the same person.';
COMMENT ON COLUMN participant_links.became IS 'Who it is now. It is never a client id that was joined to somebody itself.';
COMMENT ON COLUMN participant_links.position IS 'The event that said so.';
