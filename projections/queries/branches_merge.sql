-- Add the unions that were registered, and put what the events say of the others over what stood there.
WITH changed AS (
    SELECT
        c.*,
        ARRAY(SELECT DISTINCT substr(c.folded, n, 2) FROM generate_series(1, length(c.folded) - 1) AS n) AS grams
    FROM changed_branches AS c
),
added AS (
    INSERT INTO {branches} (
        id, name, folded, grams, kind, first_kind, parent, pending, confirmed_at, merged_into, merged_at, position
    )
    SELECT id, name, folded, grams, kind, first_kind, parent, pending, confirmed_at, merged_into, merged_at, position
    FROM changed
    WHERE position IS NOT NULL
)
UPDATE {branches} AS b
SET
    name = coalesce(c.name, b.name),
    folded = coalesce(c.folded, b.folded),
    grams = CASE WHEN c.folded IS NULL THEN b.grams ELSE c.grams END,
    kind = coalesce(c.kind, b.kind),
    pending = coalesce(c.pending, b.pending),
    confirmed_at = coalesce(c.confirmed_at, b.confirmed_at),
    merged_into = coalesce(c.merged_into, b.merged_into),
    merged_at = coalesce(c.merged_at, b.merged_at)
FROM changed AS c
WHERE c.position IS NULL AND b.id = c.id
