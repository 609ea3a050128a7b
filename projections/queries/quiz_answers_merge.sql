-- Add answers to what was answered before; the first right one stays.
INSERT INTO {quiz_answers} AS q (book, participant, quiz, asked, question, tries, last_at, right_at)
SELECT book, participant, quiz, asked, question, tries, last_at, right_at
FROM changed_quiz_answers
ON CONFLICT (book, participant, quiz, asked) DO UPDATE SET
    question = excluded.question,
    tries = q.tries + excluded.tries,
    last_at = excluded.last_at,
    right_at = coalesce(q.right_at, excluded.right_at)
