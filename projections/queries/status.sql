-- Where each projection stands, in the order asked for.
SELECT
    name,
    coalesce(t.notification_id, 0),
    h.position,
    greatest(h.position - coalesce(t.notification_id, 0), 0),
    (SELECT count(*) FROM parked_events WHERE projection = name)
FROM unnest(%(names)s::text[]) WITH ORDINALITY AS n (name, place)
CROSS JOIN log_head AS h
LEFT JOIN projection_tracking AS t ON t.application_name = n.name
ORDER BY n.place
