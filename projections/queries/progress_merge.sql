-- Move the totals by what the changed days say more, or less, than the syncs that they replace. Runs before days_merge.
INSERT INTO {progress} AS p (book, participant, total_steps, days_attained, sign_in_days, last_sync_at)
SELECT
    c.book,
    c.participant,
    coalesce(sum(c.counted - coalesce(d.counted, 0)), 0),
    coalesce(sum(c.attained::integer - coalesce(d.attained, false)::integer), 0),
    count(*) FILTER (WHERE c.signed_in),
    max(c.last_sync_at)
FROM changed_days AS c
-- OFFSET 0 makes this one look-up in the index for each replaced sync, however large the table is.
LEFT JOIN LATERAL (
    SELECT counted, attained
    FROM {days}
    WHERE c.replaces AND book = c.book AND participant = c.participant AND day = c.day
    OFFSET 0
) AS d ON true
GROUP BY c.book, c.participant
ON CONFLICT (book, participant) DO UPDATE SET
    total_steps = p.total_steps + excluded.total_steps,
    days_attained = p.days_attained + excluded.days_attained,
    sign_in_days = p.sign_in_days + excluded.sign_in_days,
    last_sync_at = greatest(p.last_sync_at, excluded.last_sync_at)
