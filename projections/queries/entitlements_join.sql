-- Give who stays the entitlements of the other client id.
INSERT INTO {entitlements} (
    participant, position, entitlement, campaign, starts, ends, clause, granted_at, ended_at
)
SELECT participant, position, entitlement, '', starts, ends, '', joined_at, CASE WHEN ended THEN joined_at END
FROM joined_entitlements AS j
WHERE NOT EXISTS (
    SELECT FROM {entitlements} AS e
    WHERE e.participant = j.participant AND e.entitlement = j.entitlement AND e.starts = j.starts
        AND e.ends = j.ends
)
ON CONFLICT (participant, position, entitlement) DO NOTHING
