-- Drop the lots that moved and hold nothing any more.
DELETE FROM {wallet_lots} AS l
USING changed_lots AS c
WHERE l.participant = c.participant AND l.begins = c.begins AND l.expires = coalesce(c.expires, 'infinity')
    AND l.points = 0
