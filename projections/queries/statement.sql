-- A page of a participant's postings under any of its client ids, newest first. The cursor is the position and leg of
-- the last row of the page before.
SELECT
    position, leg, account, asset, amount, balance_after, clause, topic, occurred_at, recorded_at, source, id
FROM (
    SELECT %(participant)s AS client_id
    UNION ALL SELECT participant FROM participant_links WHERE became = %(participant)s
) AS ids
CROSS JOIN LATERAL (
    SELECT * FROM statement
    WHERE participant = ids.client_id
        AND (position, leg) < (%(position)s, %(leg)s)
        AND (%(account)s::text IS NULL OR account = %(account)s)
    ORDER BY position DESC, leg DESC
    LIMIT %(limit)s
) AS s
ORDER BY position DESC, leg DESC
LIMIT %(limit)s
