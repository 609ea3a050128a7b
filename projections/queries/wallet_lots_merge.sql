-- Add what moved to what each lot held before.
INSERT INTO {wallet_lots} AS l (participant, begins, expires, points, position)
SELECT participant, begins, coalesce(expires, 'infinity'), points, position FROM changed_lots
ON CONFLICT (participant, expires, begins) DO UPDATE SET
    points = l.points + excluded.points,
    position = excluded.position
