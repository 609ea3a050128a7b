-- How a pool stands, as one JSON text: draws and tickets so far, what came out, and where its prizes are.
SELECT json_build_object(
    'position', (SELECT coalesce(max(notification_id), 0) FROM projection_tracking WHERE application_name = 'prizes'),
    'draws', (SELECT coalesce(max(number), 0) FROM draws WHERE book = %(book)s AND pool = %(pool)s),
    'outcomes', (
        SELECT coalesce(json_agg(o ORDER BY o.outcome), '[]')
        FROM (
            SELECT outcome, count(*) AS count, coalesce(sum(amount), 0) AS amount
            FROM draws
            WHERE book = %(book)s AND pool = %(pool)s AND outcome IS NOT NULL
            GROUP BY outcome
        ) AS o
    ),
    'prizes', (
        SELECT coalesce(json_agg(s ORDER BY s.outcome, s.status), '[]')
        FROM (
            SELECT outcome, status, count(*) AS count, coalesce(sum(amount), 0) AS amount
            FROM prizes
            WHERE book = %(book)s AND pool = %(pool)s
            GROUP BY outcome, status
        ) AS s
    )
)::text
