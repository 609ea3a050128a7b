-- Put what the events say of a day over what stood there; what they say nothing of stays.
INSERT INTO {days} AS d (
    book, participant, day, counted, attained, last_sync_at, provisional, provisional_at, signed_in,
    sign_in_recorded_at
)
SELECT book, participant, day, counted, attained, last_sync_at, provisional, provisional_at, signed_in,
    sign_in_recorded_at
FROM changed_days
ON CONFLICT (book, participant, day) DO UPDATE SET
    counted = coalesce(excluded.counted, d.counted),
    attained = CASE WHEN excluded.counted IS NULL THEN d.attained ELSE excluded.attained END,
    last_sync_at = coalesce(excluded.last_sync_at, d.last_sync_at),
    provisional = CASE
        WHEN excluded.provisional_at >= coalesce(d.provisional_at, '-infinity') THEN excluded.provisional
        ELSE d.provisional
    END,
    provisional_at = greatest(d.provisional_at, excluded.provisional_at),
    signed_in = d.signed_in OR excluded.signed_in,
    sign_in_recorded_at = coalesce(d.sign_in_recorded_at, excluded.sign_in_recorded_at)
