-- A union as it stands today, merged or not, and the unions above it, the top first.
SELECT id, name, kind, above, pending, merged_into IS NOT NULL, stands, position, folded, path,
    EXISTS (SELECT FROM branches AS c WHERE c.above = b.id AND c.merged_into IS NULL)
FROM branches AS b
WHERE id = %(id)s OR id = ANY (
    SELECT unnest(string_to_array(rtrim(path, '/'), '/')) FROM branches WHERE id = %(id)s
)
ORDER BY length(path), id
