-- What is to be told to persons, in the order in which it was queued.
SELECT position, participant, template, zh, en, queued_at
FROM messages
WHERE position > %(after)s
ORDER BY position
LIMIT %(limit)s
