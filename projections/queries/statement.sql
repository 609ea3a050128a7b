-- A page of a participant's postings, newest first. The cursor is the position and leg of the last row of the page before.
SELECT
    position, leg, account, asset, amount, balance_after, clause, topic, occurred_at, recorded_at, source, id
FROM statement
WHERE participant = %(participant)s
    AND (position, leg) < (%(position)s, %(leg)s)
    AND (%(account)s::text IS NULL OR account = %(account)s)
ORDER BY position DESC, leg DESC
LIMIT %(limit)s
