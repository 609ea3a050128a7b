-- A page of members of a union and of those below it, the one whose membership changed longest ago first.
-- Each union and status is a look-up in the index that reads at most a page: a large union costs no more than a small one.
SELECT
    m.participant, m.campaign, m.branch, m.status, m.position, m.applied_at, m.reviewed_at, m.ended_at, m.employment,
    m.trade, m.unit, m.department, m.transfer, m.transfer_at, m.restricted, m.sealed, m.restricted_until, m.suspended,
    m.hardship, m.activated_at, m.activated_in, m.activated_branch, m.identities, m.became, m.erased_at
FROM branches AS b
CROSS JOIN unnest(%(statuses)s::text[]) AS s (status)
CROSS JOIN LATERAL (
    SELECT * FROM members
    WHERE branch = b.id AND status = s.status AND became = '' AND position > %(after)s
    ORDER BY position
    LIMIT %(limit)s
) AS m
WHERE b.path >= %(under)s AND b.path < %(under)s || '~'
ORDER BY m.position
LIMIT %(limit)s
