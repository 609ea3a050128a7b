-- A page of members who ask to be moved, the first who asked first; from or to a union or those below it, or all.
SELECT
    participant, campaign, branch, status, m.position, applied_at, reviewed_at, ended_at, employment, trade, unit,
    department, transfer, transfer_at, restricted, sealed, restricted_until, suspended, hardship, activated_at,
    activated_in, activated_branch, identities, became, erased_at
FROM members AS m
WHERE transfer <> '' AND became = '' AND position > %(after)s
    AND (%(under)s::text IS NULL OR EXISTS (
        SELECT FROM branches
        WHERE id IN (m.branch, m.transfer) AND path >= %(under)s AND path < %(under)s || '~'
    ))
ORDER BY position
LIMIT %(limit)s
