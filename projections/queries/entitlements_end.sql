-- Mark the entitlements that have run out.
UPDATE {entitlements} AS e
SET ended_at = x.ended_at
FROM ended_entitlements AS x
WHERE e.participant = x.participant AND e.entitlement = x.entitlement AND e.ends = x.ends
    AND e.position < x.position AND e.ended_at IS NULL
