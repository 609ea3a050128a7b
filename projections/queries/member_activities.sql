-- The campaigns that a person has enrolled in, with the points of each, the newest enrolment first.
SELECT e.campaign, e.branch, e.enrolled_at, coalesce(b.balance, 0)
FROM enrolments AS e
LEFT JOIN balances AS b ON b.account = 'points:' || e.campaign || ':' || e.participant AND b.asset = 'points'
WHERE e.campaign = ANY(%(campaigns)s) AND e.participant = %(participant)s
ORDER BY e.enrolled_at DESC, e.campaign
