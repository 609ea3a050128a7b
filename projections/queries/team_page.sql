-- All that a team's page shows, as one JSON text: one round trip, one snapshot. A member's steps are those since the
-- first day that counts for the team.
SELECT json_build_object(
    'position', (
        SELECT coalesce(min(coalesce(k.notification_id, 0)), 0)
        FROM unnest(%(names)s::text[]) AS n (name)
        LEFT JOIN projection_tracking AS k ON k.application_name = n.name
    ),
    'team', t.team, 'name', t.name, 'captain', t.captain, 'goal', t.goal, 'created_at', t.created_at,
    'filled_at', t.filled_at, 'days_attained', t.days_attained,
    'members', (
        SELECT coalesce(json_agg(json_build_object(
            'participant', m.participant, 'captain', m.captain, 'joined_on', m.joined_on, 'joined_at', m.joined_at,
            'steps', (
                SELECT coalesce(sum(d.counted), 0)
                FROM days AS d
                WHERE d.book = m.book AND d.participant = m.participant AND d.day >= m.joined_on
            )
        ) ORDER BY m.position), '[]')
        FROM team_members AS m
        WHERE m.book = t.book AND m.team = t.team AND m.left_at IS NULL
    )
)::text
FROM teams AS t
WHERE t.book = %(book)s AND t.team = %(team)s
