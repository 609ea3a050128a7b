-- What a client id has answered is the participant's to whom it was joined; what both answered right, was once.
WITH given AS (
    DELETE FROM {quiz_answers} AS q
    USING joined_doings AS j
    WHERE q.book = j.book AND q.participant = j.other
    RETURNING q.book, j.participant, q.quiz, q.asked, q.question, q.tries, q.last_at, q.right_at
)
INSERT INTO {quiz_answers} AS q (book, participant, quiz, asked, question, tries, last_at, right_at)
SELECT book, participant, quiz, asked, question, tries, last_at, right_at
FROM given
ON CONFLICT (book, participant, quiz, asked) DO UPDATE SET
    tries = q.tries + excluded.tries,
    last_at = greatest(q.last_at, excluded.last_at),
    right_at = least(q.right_at, excluded.right_at)
