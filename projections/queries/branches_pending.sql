-- The unions that wait to be confirmed or merged, in the order of the tree.
SELECT id, name, kind, above, pending, merged_into IS NOT NULL, stands, position, folded, path,
    EXISTS (SELECT FROM branches AS c WHERE c.above = b.id AND c.merged_into IS NULL)
FROM branches AS b
WHERE pending AND merged_into IS NULL
    AND path > %(path)s AND path >= %(under)s AND path < %(until)s
ORDER BY path
LIMIT %(limit)s
