-- What is published of a board, whether it has rested for twice as long as the newest refresh took, and what the log
-- says of its end.
SELECT
    b.edition, b.as_of, b.slot, b.position, b.entrants, coalesce(b.frozen, false), b.root, b.last_day,
    coalesce(clock_timestamp() - b.refreshed_at >= 2 * b.took, true),
    (
        SELECT state FROM stored_events
        WHERE originator_id = %(stream)s AND topic = %(topic)s
        ORDER BY originator_version LIMIT 1
    )
FROM (SELECT) AS one
LEFT JOIN boards AS b ON b.book = %(book)s AND b.board = %(board)s
