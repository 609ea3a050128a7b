-- A page of what became of a person and of the client ids that were joined to it, newest first.
SELECT
    participant, position, what, campaign, branch, from_branch, about, sealed, actor, reason, occurred_at, recorded_at
FROM member_history
WHERE participant = ANY(%(participants)s) AND position < %(before)s
ORDER BY position DESC
LIMIT %(limit)s
