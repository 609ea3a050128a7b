-- A page of a participant's events over all campaigns, newest first, straight from the log.
-- The streams of a participant are neighbours in the primary key: each is found by one look-up, and read backwards for
-- at most a page. Nothing is sorted but those few rows.
WITH RECURSIVE streams (originator_id) AS (
    SELECT min(originator_id) FROM stored_events
    WHERE originator_id >= %(first)s AND originator_id < %(after_last)s
    UNION ALL
    SELECT (
        SELECT min(e.originator_id) FROM stored_events AS e
        WHERE e.originator_id > s.originator_id AND e.originator_id < %(after_last)s
    )
    FROM streams AS s
    WHERE s.originator_id IS NOT NULL
)
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state
FROM streams AS s
CROSS JOIN LATERAL (
    SELECT notification_id, originator_id, originator_version, topic, state
    FROM stored_events
    WHERE originator_id = s.originator_id AND notification_id < %(before)s
    ORDER BY originator_version DESC
    LIMIT %(limit)s
) AS e
ORDER BY e.notification_id DESC
LIMIT %(limit)s
