-- Applications for help in a programme, all or those of one status, oldest first.
SELECT participant, number, ref, asked, granted, status, actor, reason, applied_at, decided_at, position
FROM help_applications
WHERE campaign = %(campaign)s AND (%(status)s::text IS NULL OR status = %(status)s) AND position > %(after)s
ORDER BY position
LIMIT %(limit)s
