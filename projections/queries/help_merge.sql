-- Add applications for help, and note how those that were there were decided.
WITH applied AS (
    INSERT INTO {help_applications} (
        campaign, participant, number, ref, asked, granted, status, actor, reason, applied_at, decided_at, position
    )
    SELECT
        campaign, participant, number, ref, asked, granted, status, actor, reason, applied_at, decided_at, position
    FROM changed_help
    WHERE position IS NOT NULL
)
UPDATE {help_applications} AS h
SET granted = c.granted, status = c.status, actor = c.actor, reason = c.reason, decided_at = c.decided_at
FROM changed_help AS c
WHERE
    c.position IS NULL AND h.campaign = c.campaign AND h.participant = c.participant AND h.number = c.number
