-- Add what came into each fund and went out of it. The sums are made first, for a claim of the table is on them.
INSERT INTO {funds} (book, fund, donated, deposited, paid, donations)
SELECT
    book,
    fund,
    m.donated + coalesce(f.donated, 0),
    m.deposited + coalesce(f.deposited, 0),
    m.paid + coalesce(f.paid, 0),
    m.donations + coalesce(f.donations, 0)
FROM moved_funds AS m
LEFT JOIN {funds} AS f USING (book, fund)
ON CONFLICT (book, fund) DO UPDATE SET
    donated = excluded.donated,
    deposited = excluded.deposited,
    paid = excluded.paid,
    donations = excluded.donations
