-- Every union of a campaign that has somebody taking part, with the figures of all who do for it or for one below it.
-- A union that was merged counts for what it is part of. Everybody is read once; the tree is walked for each union.
WITH RECURSIVE {nodes},
own AS MATERIALIZED ({own}),
up AS (
    SELECT o.branch, n.id AS at, coalesce(n.gone, n.parent) AS next, n.gone IS NULL AS stands
    FROM own AS o JOIN nodes AS n ON n.id = o.branch
    UNION
    SELECT up.branch, n.id, coalesce(n.gone, n.parent), n.gone IS NULL
    FROM up JOIN nodes AS n ON n.id = up.next
    WHERE up.at IS DISTINCT FROM {top}
)
SELECT
    n.id AS entrant,
    n.name,
    n.kind,
    sum(o.members)::bigint AS members,
    sum(o.active)::bigint AS active,
    sum(o.walked)::bigint AS walked,
    sum(o.attained)::bigint AS days_attained,
    sum(o.steps)::bigint AS total_steps
FROM up
JOIN own AS o ON o.branch = up.branch
JOIN nodes AS n ON n.id = up.at
WHERE up.stands
GROUP BY n.id, n.name, n.kind
