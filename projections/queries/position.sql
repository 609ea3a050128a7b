-- The position that all of these projections have reached.
SELECT coalesce(min(coalesce(t.notification_id, 0)), 0)
FROM unnest(%(names)s::text[]) AS n (name)
LEFT JOIN projection_tracking AS t ON t.application_name = n.name
