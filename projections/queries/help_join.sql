-- The applications for help of a client id are the participant's to whom it was joined, numbered on after its own.
UPDATE {help_applications} AS h
SET participant = j.participant, number = h.number + j.after
FROM joined_help AS j
WHERE h.participant = j.other
