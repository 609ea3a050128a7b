-- The unions that are part of one today because they were merged into it, or into one that was.
SELECT id, name, merged_at FROM branches
WHERE path = (SELECT path FROM branches WHERE id = %(id)s) AND merged_into IS NOT NULL
ORDER BY merged_at, id
LIMIT %(limit)s
