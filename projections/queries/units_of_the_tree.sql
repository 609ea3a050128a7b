nodes AS NOT MATERIALIZED ( -- all unions of the ledger's tree, as they stood at a moment
    SELECT
        id,
        name,
        CASE WHEN confirmed_at >= {as_of} THEN first_kind ELSE kind END AS kind,
        parent,
        CASE WHEN merged_at < {as_of} THEN merged_into END AS gone
    FROM branches
)
