-- The unions right below one, or at the top of the tree, by name.
SELECT id, name, kind, above, pending, merged_into IS NOT NULL, stands, position, folded, path,
    EXISTS (SELECT FROM branches AS c WHERE c.above = b.id AND c.merged_into IS NULL)
FROM branches AS b
WHERE merged_into IS NULL
    AND above IS NOT DISTINCT FROM %(above)s
    AND (folded, id) > (%(folded)s, %(id)s)
ORDER BY folded, id
LIMIT %(limit)s
