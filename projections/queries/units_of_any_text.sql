nodes AS MATERIALIZED ( -- what people have written, where a campaign has neither a list nor a tree
    SELECT branch AS id, branch AS name, ''::text AS kind, NULL::text AS parent, NULL::text COLLATE "C" AS gone
    FROM enrolments
    WHERE campaign = {campaign}
    GROUP BY branch
)
