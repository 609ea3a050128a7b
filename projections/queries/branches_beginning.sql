-- The unions whose name begins with a text, by name.
SELECT id, name, kind, above, pending, merged_into IS NOT NULL, stands, position, folded, path,
    EXISTS (SELECT FROM branches AS c WHERE c.above = b.id AND c.merged_into IS NULL)
FROM branches AS b
WHERE merged_into IS NULL
    AND folded >= %(text)s AND folded < %(text_until)s
    AND (folded, id) > (%(folded)s, %(id)s)
    AND path >= %(under)s AND path < %(until)s
ORDER BY folded, id
LIMIT %(limit)s
