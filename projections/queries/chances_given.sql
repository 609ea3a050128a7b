-- Forget the rows of client ids whose history is another participant's now; that one's rows come with its own event.
DELETE FROM {chances} AS t
USING given_chances AS g WHERE t.book = g.book AND t.participant = g.participant
