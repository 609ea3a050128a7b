-- Add chances, and note what became of those that were there; what granted them stays.
INSERT INTO {chances} AS c (
    book, participant, pool, chance, state, granted_at, expires_at, rank, number, position
)
SELECT book, participant, pool, chance, state, granted_at, expires_at, rank, number, position
FROM changed_chances
ON CONFLICT (book, participant, pool, chance) DO UPDATE SET
    state = excluded.state,
    expires_at = coalesce(excluded.expires_at, c.expires_at),
    number = coalesce(excluded.number, c.number)
