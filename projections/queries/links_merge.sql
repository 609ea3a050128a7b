-- Note whose each client id is now.
INSERT INTO {participant_links} AS l (participant, became, position)
SELECT participant, became, position FROM changed_links
ON CONFLICT (participant) DO UPDATE SET became = excluded.became, position = excluded.position
