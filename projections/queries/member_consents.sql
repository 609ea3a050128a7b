-- What a person has agreed to, under all of its client ids, the newest first.
SELECT document, version, agreed_at, campaign, position
FROM consents
WHERE participant = ANY(%(participants)s)
ORDER BY position DESC, document
