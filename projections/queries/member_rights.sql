-- The entitlements of a person; what it has from a client id that was joined to it is told by that one's row. Newest first.
SELECT
    e.entitlement,
    coalesce(nullif(e.campaign, ''), o.campaign, ''),
    e.starts,
    e.ends,
    coalesce(nullif(e.clause, ''), o.clause, ''),
    coalesce(o.granted_at, e.granted_at),
    e.ended_at,
    e.position
FROM entitlements AS e
LEFT JOIN LATERAL (
    SELECT campaign, clause, granted_at
    FROM entitlements
    WHERE e.campaign = '' AND participant = ANY(%(aliases)s::text[]) AND campaign <> ''
        AND entitlement = e.entitlement AND starts = e.starts AND ends = e.ends
    LIMIT 1
) AS o ON true
WHERE e.participant = %(participant)s
ORDER BY e.position DESC, e.entitlement
