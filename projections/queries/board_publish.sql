-- Put a new standing in the place of the one before, which is kept until the next.
INSERT INTO boards AS b (
    book, board, edition, previous, as_of, slot, position, entrants, frozen, root, last_day, keys, days, visible,
    rows, refreshed_at, took
)
VALUES (
    %(book)s, %(board)s, %(edition)s, NULL, %(as_of)s, %(slot)s, %(position)s, %(entrants)s, %(frozen)s, %(root)s,
    %(last_day)s, %(keys)s, %(days)s, %(visible)s, %(rows)s, clock_timestamp(), clock_timestamp() - now()
)
ON CONFLICT (book, board) DO UPDATE SET
    edition = excluded.edition,
    previous = b.edition,
    as_of = excluded.as_of,
    slot = excluded.slot,
    position = excluded.position,
    entrants = excluded.entrants,
    frozen = excluded.frozen,
    root = excluded.root,
    last_day = excluded.last_day,
    keys = excluded.keys,
    days = excluded.days,
    visible = excluded.visible,
    rows = excluded.rows,
    refreshed_at = excluded.refreshed_at,
    took = excluded.took
