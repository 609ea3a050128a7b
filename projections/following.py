"""How a runner hears of new events, and how one of several takes the lead."""

from projections.session import Connection

LISTEN = "LISTEN stored_events"
LEAD = "SELECT pg_try_advisory_lock(hashtextextended('jifen projections ' || %s, 0))"


class Watch:
    """A connection that listens to the writer and may hold the lead of a ledger's projections.

    The lead spares several workers doing the same twice; that nothing is counted twice rests on the tracking rows, not
    on it. It goes with the connection: when a leader dies, another takes over. For one thread.
    """

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self._leads = False
        connection.execute(LISTEN)

    def close(self) -> None:
        """Give up the lead and the connection."""
        self._connection.close()

    def take_lead(self) -> bool:
        """Whether this runner leads, now if not before. Raises psycopg.OperationalError when the database is away."""
        if not self._leads:
            row = self._connection.execute(LEAD, (self._schema,)).fetchone()
            self._leads = row == (True,)
        return self._leads

    def wait(self, seconds: float) -> None:
        """Until something was committed to the log, at most so long. A notice may also be of another ledger."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            return
