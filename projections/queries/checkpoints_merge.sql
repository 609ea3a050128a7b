-- Light, dim or pass campaign checkpoints; what the events say nothing of stays. A dimmed one has no lit_at.
INSERT INTO {checkpoints} AS t (book, participant, number, lit_at, passed_at, reflected_at)
SELECT
    n.book,
    n.participant,
    n.number,
    CASE WHEN n.relit THEN n.lit_at ELSE c.lit_at END,
    coalesce(n.passed_at, c.passed_at),
    coalesce(n.reflected_at, c.reflected_at)
FROM changed_checkpoints AS n
-- OFFSET 0 makes this one look-up in the index for each row, however large the table is.
LEFT JOIN LATERAL (
    SELECT lit_at, passed_at, reflected_at
    FROM {checkpoints}
    WHERE book = n.book AND participant = n.participant AND number = n.number
    OFFSET 0
) AS c ON true
ON CONFLICT (book, participant, number) DO UPDATE SET
    lit_at = excluded.lit_at,
    passed_at = excluded.passed_at,
    reflected_at = excluded.reflected_at
