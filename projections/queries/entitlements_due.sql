-- Entitlements whose last day is before a day, and of which that is not written down yet. A client id that was joined to
-- another participant has none of its own any more.
SELECT e.participant, e.entitlement, e.campaign, e.ends
FROM entitlements AS e
LEFT JOIN members AS m USING (participant)
WHERE e.ended_at IS NULL AND e.ends < %(day)s AND coalesce(m.became, '') = ''
ORDER BY e.ends, e.participant
LIMIT %(limit)s
