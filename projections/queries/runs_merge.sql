-- Put the newest metres of each day over what stood there.
INSERT INTO {runs} AS r (book, participant, day, metres, runs)
SELECT book, participant, day, metres, runs FROM changed_runs
ON CONFLICT (book, participant, day) DO UPDATE SET
    metres = excluded.metres,
    runs = r.runs + excluded.runs
