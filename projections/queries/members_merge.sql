-- Put what the events say of persons over what stood there; what they say nothing of stays.
-- Who has no membership stands under the union of the roster, and at the place of the activation.
-- An application begins the membership anew, and empties what belonged to one before; so does joining a member.
INSERT INTO {members} (
    participant, campaign, branch, status, position, applied_at, reviewed_at, ended_at, employment, trade, unit,
    department, transfer, transfer_at, restricted, sealed, restricted_until, suspended, hardship, activated_at,
    activated_in, activated_branch, identities, became, erased_at
)
SELECT
    participant,
    coalesce(c.campaign, m.campaign, ''),
    coalesce(c.branch, nullif(m.branch, ''), c.activated_branch, ''),
    coalesce(c.status, m.status, 'none'),
    coalesce(c.position, nullif(m.position, 0), c.activated_position, 0),
    coalesce(c.applied_at, m.applied_at),
    CASE WHEN c.applied THEN c.reviewed_at ELSE coalesce(c.reviewed_at, m.reviewed_at) END,
    CASE WHEN c.applied THEN c.ended_at ELSE coalesce(c.ended_at, m.ended_at) END,
    coalesce(c.employment, m.employment, ''),
    CASE WHEN c.applied OR c.corrected THEN c.trade ELSE coalesce(c.trade, m.trade) END,
    CASE WHEN c.applied THEN c.unit ELSE coalesce(c.unit, m.unit) END,
    CASE WHEN c.applied THEN c.department ELSE coalesce(c.department, m.department) END,
    coalesce(c.transfer, m.transfer, ''),
    CASE WHEN coalesce(c.transfer, m.transfer, '') <> '' THEN coalesce(c.transfer_at, m.transfer_at) END,
    coalesce(c.restricted, m.restricted, ''),
    coalesce(c.sealed, m.sealed, false),
    CASE WHEN c.restriction THEN c.restricted_until ELSE m.restricted_until END,
    coalesce(c.suspended, m.suspended, false),
    coalesce(c.hardship, m.hardship, false),
    coalesce(c.activated_at, m.activated_at),
    coalesce(c.activated_in, m.activated_in),
    coalesce(c.activated_branch, m.activated_branch),
    coalesce(c.identities_now, m.identities, 0) + coalesce(c.identities, 0),
    coalesce(c.became, m.became, ''),
    coalesce(m.erased_at, c.erased_at)
FROM changed_members AS c
LEFT JOIN {members} AS m USING (participant)
ON CONFLICT (participant) DO UPDATE SET
    campaign = excluded.campaign,
    branch = excluded.branch,
    status = excluded.status,
    position = excluded.position,
    applied_at = excluded.applied_at,
    reviewed_at = excluded.reviewed_at,
    ended_at = excluded.ended_at,
    employment = excluded.employment,
    trade = excluded.trade,
    unit = excluded.unit,
    department = excluded.department,
    transfer = excluded.transfer,
    transfer_at = excluded.transfer_at,
    restricted = excluded.restricted,
    sealed = excluded.sealed,
    restricted_until = excluded.restricted_until,
    suspended = excluded.suspended,
    hardship = excluded.hardship,
    activated_at = excluded.activated_at,
    activated_in = excluded.activated_in,
    activated_branch = excluded.activated_branch,
    identities = excluded.identities,
    became = excluded.became,
    erased_at = excluded.erased_at
