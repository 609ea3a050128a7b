-- A page of members, the one whose membership changed longest ago first.
SELECT
    participant, campaign, branch, status, position, applied_at, reviewed_at, ended_at, employment, trade, unit,
    department, transfer, transfer_at, restricted, sealed, restricted_until, suspended, hardship, activated_at,
    activated_in, activated_branch, identities, became, erased_at
FROM members
WHERE status = ANY(%(statuses)s::text[]) AND became = '' AND position > %(after)s
ORDER BY position
LIMIT %(limit)s
