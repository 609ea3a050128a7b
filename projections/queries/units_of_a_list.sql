listed AS MATERIALIZED ( -- the unions that a rulebook lists; known: the ledger's tree has the same, by the same name
    SELECT l.id COLLATE "C" AS id, l.name, l.kind, l.parent COLLATE "C" AS parent, b.id IS NOT NULL AS known
    FROM unnest({ids}::text[], {names}::text[], {kinds}::text[], {parents}::text[]) AS l (id, name, kind, parent)
    LEFT JOIN branches AS b ON b.id = l.id AND b.name = l.name
),
merged AS ( -- those of them that were merged in the tree, and where that leads
    SELECT l.id, b.merged_into AS at
    FROM listed AS l JOIN branches AS b ON b.id = l.id
    WHERE l.known AND b.merged_at < {as_of}
    UNION
    SELECT m.id, b.merged_into
    FROM merged AS m JOIN branches AS b ON b.id = m.at
    WHERE b.merged_at < {as_of}
),
places AS MATERIALIZED ( -- gone is here who became part of another of the list; for all else the list rules
    SELECT l.*, g.at AS gone
    FROM listed AS l
    LEFT JOIN (
        SELECT m.id, m.at
        FROM merged AS m
        JOIN branches AS b ON b.id = m.at AND NOT coalesce(b.merged_at < {as_of}, false)
        JOIN listed AS l ON l.id = b.id AND l.known
    ) AS g ON g.id = l.id
),
nodes AS NOT MATERIALIZED ( -- and the unions of the tree, for those below the listed ones
    SELECT id, name, kind, parent, gone FROM places
    UNION ALL
    SELECT
        b.id,
        b.name,
        CASE WHEN b.confirmed_at >= {as_of} THEN b.first_kind ELSE b.kind END,
        CASE WHEN p.id IS NULL OR p.known THEN b.parent END,
        CASE WHEN b.merged_at < {as_of} AND (i.id IS NULL OR i.known) THEN b.merged_into END
    FROM branches AS b
    LEFT JOIN places AS p ON p.id = b.parent
    LEFT JOIN places AS i ON i.id = b.merged_into
    WHERE NOT EXISTS (SELECT FROM places AS l WHERE l.id = b.id)
)
