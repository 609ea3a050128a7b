-- Forget the rows of client ids whose history is another participant's now; that one's rows come with its own event.
WITH enrolled AS (
    DELETE FROM {enrolments} AS t
    USING given_progress AS g WHERE t.campaign = g.campaign AND t.participant = g.participant
), sums AS (
    DELETE FROM {progress} AS t
    USING given_progress AS g WHERE t.book = g.book AND t.participant = g.participant
), single AS (
    DELETE FROM {days} AS t
    USING given_progress AS g WHERE t.book = g.book AND t.participant = g.participant
)
DELETE FROM {checkpoints} AS t
USING given_progress AS g WHERE t.book = g.book AND t.participant = g.participant
