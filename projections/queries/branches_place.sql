-- Find the places of the unions that changed, and of all that stand below them or were merged into them, anew: from each
-- up to the top, through what it was merged into. Runs after branches_merge.
-- OFFSET 0 makes each step one look-up in the index, however large the tree is.
WITH RECURSIVE moved AS (
    SELECT b.id
    FROM changed_branches AS c
    CROSS JOIN LATERAL (SELECT id FROM {branches} WHERE id = c.id OFFSET 0) AS b
    UNION
    SELECT b.id FROM moved AS m CROSS JOIN LATERAL (SELECT id FROM {branches} WHERE next = m.id OFFSET 0) AS b
),
up AS (
    SELECT b.id, b.next, CASE WHEN b.merged_into IS NULL THEN b.id || '/' ELSE '' END AS path, 1 AS step
    FROM moved AS m
    CROSS JOIN LATERAL (SELECT id, next, merged_into FROM {branches} WHERE id = m.id OFFSET 0) AS b
    UNION ALL
    SELECT up.id, b.next, CASE WHEN b.merged_into IS NULL THEN b.id || '/' ELSE '' END || up.path, up.step + 1
    FROM up
    CROSS JOIN LATERAL (SELECT id, next, merged_into FROM {branches} WHERE id = up.next OFFSET 0) AS b
    WHERE up.step < 1000
)
UPDATE {branches} AS b
SET path = f.path
FROM (SELECT DISTINCT ON (id) id, path FROM up ORDER BY id, step DESC) AS f
WHERE b.id = f.id AND b.path <> f.path
