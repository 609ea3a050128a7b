-- Of two persons who became one, each entitlement counts once: close those of who stays that another one replaces.
UPDATE {entitlements} AS e
SET ended_at = j.joined_at
FROM (SELECT DISTINCT participant, position, joined_at FROM joined_entitlements) AS j
WHERE e.participant = j.participant AND e.position < j.position AND e.ended_at IS NULL
    AND NOT EXISTS (
        SELECT FROM joined_entitlements AS k
        WHERE k.participant = j.participant AND k.position = j.position AND k.entitlement = e.entitlement
            AND k.starts = e.starts AND k.ends = e.ends
    )
