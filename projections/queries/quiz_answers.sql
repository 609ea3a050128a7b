-- What a participant has answered in a quiz.
SELECT asked, question, tries, last_at, right_at
FROM quiz_answers
WHERE book = %(book)s AND participant = %(participant)s AND quiz = %(quiz)s
ORDER BY asked
