-- Where a client id was, the participant was to whom it was joined.
WITH given AS (
    DELETE FROM {attendance} AS a
    USING joined_doings AS j
    WHERE a.book = j.book AND a.participant = j.other
    RETURNING a.book, a.occasion, j.participant, a.day, a.actor, a.position
)
INSERT INTO {attendance} (book, occasion, participant, day, actor, position)
SELECT book, occasion, participant, day, actor, position
FROM given
ON CONFLICT (book, occasion, participant) DO NOTHING
