-- What moved a fund's money, newest first.
SELECT position, kind, amount, balance, participant, project, actor, ref, occurred_at
FROM fund_entries
WHERE book = %(book)s AND fund = %(fund)s AND position < %(before)s
ORDER BY position DESC
LIMIT %(limit)s
