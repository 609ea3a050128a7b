-- A member's wallet as one JSON text: one snapshot. Lots in the order in which they expire.
SELECT json_build_object(
    'position', (SELECT coalesce(max(notification_id), 0) FROM projection_tracking WHERE application_name = 'wallets'),
    'balance', (SELECT coalesce(sum(balance), 0) FROM wallets WHERE participant = %(participant)s),
    'lots', (
        SELECT coalesce(json_agg(json_build_object(
            'points', points, 'begins', begins, 'expires', nullif(expires, 'infinity'), 'position', position
        ) ORDER BY expires, begins), '[]')
        FROM wallet_lots
        WHERE participant = %(participant)s
    )
)::text
