-- All that a participant's page shows of a campaign, as one JSON text: one round trip, one snapshot.
SELECT json_build_object(
    'position', (
        SELECT coalesce(min(coalesce(t.notification_id, 0)), 0)
        FROM unnest(%(names)s::text[]) AS n (name)
        LEFT JOIN projection_tracking AS t ON t.application_name = n.name
    ),
    'points', (
        SELECT json_build_object('balance', balance, 'earned', earned, 'spent', earned - balance)
        FROM balances
        WHERE account = %(account)s AND asset = %(asset)s
    ),
    'wallet', (
        SELECT json_build_object(
            'balance', (SELECT coalesce(sum(balance), 0) FROM wallets WHERE participant = %(participant)s),
            'earned', coalesce(sum(earned), 0), 'spent', coalesce(sum(spent), 0)
        )
        FROM wallet_campaigns
        WHERE campaign = %(campaign)s AND participant = ANY(ARRAY(
            SELECT %(participant)s UNION ALL SELECT participant FROM participant_links WHERE became = %(participant)s
        ))
    ),
    'progress', (
        SELECT json_build_object(
            'branch', e.branch, 'unit', e.unit, 'department', e.department, 'enrolled_at', e.enrolled_at,
            'total_steps', coalesce(p.total_steps, 0), 'days_attained', coalesce(p.days_attained, 0),
            'sign_in_days', coalesce(p.sign_in_days, 0), 'last_sync_at', p.last_sync_at
        )
        FROM enrolments AS e
        LEFT JOIN progress AS p ON p.book = %(book)s AND p.participant = e.participant
        WHERE e.campaign = %(campaign)s AND e.participant = %(participant)s
    ),
    'checkpoints', (
        SELECT coalesce(json_agg(json_build_object(
            'number', number, 'lit_at', lit_at, 'passed_at', passed_at, 'reflected_at', reflected_at
        ) ORDER BY number), '[]')
        FROM checkpoints
        WHERE book = %(book)s AND participant = %(participant)s
    ),
    'badges', (
        SELECT coalesce(json_agg(json_build_object(
            'badge', badge, 'awarded_at', awarded_at, 'position', position, 'clause', clause
        ) ORDER BY position), '[]')
        FROM badges
        WHERE book = %(book)s AND participant = %(participant)s
    ),
    'team', (
        SELECT json_build_object('team', t.team, 'name', t.name, 'captain', t.captain, 'joined_on', m.joined_on)
        FROM team_members AS m
        JOIN teams AS t USING (book, team)
        WHERE m.book = %(book)s AND m.participant = %(participant)s AND m.left_at IS NULL
        ORDER BY m.position DESC
        LIMIT 1
    ),
    'chances', (
        SELECT coalesce(json_agg(to_json(c) ORDER BY c.position DESC), '[]')
        FROM chances AS c
        WHERE book = %(book)s AND participant = %(participant)s
    ),
    'prizes', (
        SELECT coalesce(json_agg(to_json(p) ORDER BY p.position DESC, p.prize), '[]')
        FROM (
            SELECT * FROM prizes
            LEFT JOIN (SELECT book, prize, price, expires_at FROM redemptions) AS r USING (book, prize)
            WHERE book = %(book)s AND participant = ANY(ARRAY(
                SELECT %(participant)s UNION ALL SELECT participant FROM participant_links WHERE became = %(participant)s
            ))
            ORDER BY position DESC, prize
            LIMIT 50
        ) AS p
    ),
    'prizes_count', (
        SELECT count(*) FROM prizes
        WHERE book = %(book)s AND participant = ANY(ARRAY(
            SELECT %(participant)s UNION ALL SELECT participant FROM participant_links WHERE became = %(participant)s
        ))
    )
)::text
