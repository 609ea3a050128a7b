-- The unions whose name has a text in it, but does not begin with it, by name. The pieces find them; the text decides.
SELECT id, name, kind, above, pending, merged_into IS NOT NULL, stands, position, folded, path,
    EXISTS (SELECT FROM branches AS c WHERE c.above = b.id AND c.merged_into IS NULL)
FROM branches AS b
WHERE merged_into IS NULL
    AND grams @> %(grams)s::text[]
    AND strpos(folded, %(text)s) > 1
    AND (folded, id) > (%(folded)s, %(id)s)
    AND path >= %(under)s AND path < %(until)s
ORDER BY folded, id
LIMIT %(limit)s
