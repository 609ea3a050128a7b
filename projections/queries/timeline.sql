-- A page of a participant's events over all campaigns and of the person's own, newest first, straight from the log.
-- The streams of a client id are neighbours in the primary key: each is found by one look-up, and read backwards for
-- at most a page. Nothing is sorted but those few rows.
WITH RECURSIVE me (id) AS (
    SELECT coalesce(
        (SELECT became FROM participant_links WHERE participant = %(participant)s), %(participant)s::text
    )
),
ids (id) AS (
    SELECT id FROM me
    UNION ALL
    SELECT l.participant FROM participant_links AS l JOIN me ON l.became = me.id
),
streams (originator_id, after_last) AS (
    SELECT (
        SELECT min(originator_id) FROM stored_events
        WHERE originator_id >= id || '@' AND originator_id < id || 'A'  -- the letter that follows the @
    ), id || 'A'
    FROM ids
    UNION ALL
    SELECT (
        SELECT min(e.originator_id) FROM stored_events AS e
        WHERE e.originator_id > s.originator_id AND e.originator_id < s.after_last
    ), s.after_last
    FROM streams AS s
    WHERE s.originator_id IS NOT NULL
)
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state
FROM (SELECT originator_id FROM streams UNION ALL SELECT 'member/' || id FROM ids) AS s
CROSS JOIN LATERAL (
    SELECT notification_id, originator_id, originator_version, topic, state
    FROM stored_events
    WHERE originator_id = s.originator_id AND notification_id < %(before)s
    ORDER BY originator_version DESC
    LIMIT %(limit)s
) AS e
ORDER BY e.notification_id DESC
LIMIT %(limit)s
