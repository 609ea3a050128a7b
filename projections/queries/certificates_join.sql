-- The certificates of a client id are the participant's to whom it was joined; of two for one badge its own stays.
WITH given AS (
    DELETE FROM {certificates} AS c
    USING joined_doings AS j
    WHERE c.book = j.book AND c.participant = j.other
    RETURNING c.book, j.participant, c.badge, c.number, c.clause, c.awarded_at, c.position
)
INSERT INTO {certificates} (book, participant, badge, number, clause, awarded_at, position)
SELECT book, participant, badge, number, clause, awarded_at, position
FROM given
ON CONFLICT (book, participant, badge) DO NOTHING
