"""A view made again from the log, beside the live one, and put in its place.

The live view goes on following the log meanwhile. A rebuild may be killed at any moment: what it has built stays, with
a tracking of its own, and the next call goes on from there.
"""

from collections.abc import Callable
from contextlib import ExitStack, closing

import msgspec

from projections import PROJECTIONS
from projections.delivery import MOVE_TRACKING, begin_tracking, deliver, lock_tracking, tracking
from projections.log import BATCH, LogReader
from projections.projection import Projection
from projections.session import Connection, connect
from projections.swap import Comparison, compare, create_beside, drop_beside, swap

LOCK = "SELECT pg_try_advisory_lock(hashtextextended('jifen rebuild ' || %s || ' ' || %s, 0))"

Progress = Callable[[int, int], None]
"""Called with the position that was reached and that of the live view."""


class RebuildRunning(Exception):
    """Somebody else is rebuilding this view right now."""


class Report(msgspec.Struct, frozen=True):
    """What a rebuild found. position: where live and rebuilt tables were compared.

    parked_live, parked_rebuilt: events that the old view had not taken, and that the new one has not.
    """

    name: str
    position: int
    tables: tuple[Comparison, ...]
    parked_live: int
    parked_rebuilt: int

    @property
    def same(self) -> bool:
        """Whether the rebuilt view holds what the live one held."""
        return all(table.same for table in self.tables) and self.parked_live == self.parked_rebuilt

    def __str__(self) -> str:
        tables = "; ".join(map(str, self.tables))
        parked = (
            f"; parked: {self.parked_live:,} before, {self.parked_rebuilt:,} now"
            if self.parked_live or self.parked_rebuilt
            else ""
        )
        return f"rebuilt up to position {self.position:,}; {tables}{parked}"


def rebuild(
    url: str,
    schema: str,
    name: str,
    progress: Progress | None = None,
    *,
    start_over: bool = False,
    batch: int = BATCH,
) -> Report:
    """Build a view anew from the first event on, compare it with the live one, and swap.

    Durable when it returns: the view is the rebuilt one, at the live one's position, parked events included. Runners
    may work all the while; they wait only for the last few events and the renaming.
    start_over: throw away what an interrupted rebuild has built (after a change of the view's code).
    Raises RebuildRunning; KeyError for a name that is no view; psycopg.Error when the database fails.
    """
    projection = PROJECTIONS[name](rebuilding=True)
    with ExitStack() as stack:
        work, hold, log = (
            stack.enter_context(closing(connect(url, schema, f"rebuild {name}"))) for _ in range(3)
        )
        reader = stack.enter_context(closing(LogReader(log, batch)))
        if work.execute(LOCK, (schema, name)).fetchone() != (True,):
            raise RebuildRunning(f"the view {name} is being rebuilt by another process")
        return _Rebuild(projection, work, hold, reader, progress or _silent).run(start_over=start_over)


def _silent(_position: int, _live: int) -> None:
    """Nobody wants to know."""


class _Rebuild:
    """work: builds and compares. hold: holds off runners, and swaps."""

    def __init__(
        self,
        projection: Projection,
        work: Connection,
        hold: Connection,
        reader: LogReader,
        progress: Progress,
    ) -> None:
        self._projection = projection
        self._work = work
        self._hold = hold
        self._reader = reader
        self._progress = progress

    def run(self, *, start_over: bool) -> Report:
        begin_tracking(self._hold, [self._projection.NAME])
        self._begin(start_over=start_over)
        self._follow()
        report = self._compare()
        self._follow()
        self._swap()
        return report

    def _begin(self, *, start_over: bool) -> None:
        """Make the tables beside the live ones, unless an interrupted rebuild has left them."""
        projection, name = self._projection, self._projection.name
        with self._work.transaction(), self._work.cursor() as cursor:
            projection.prepare(cursor)
            if not start_over and tracking(self._work, [name]):
                return
            drop_beside(cursor, projection.TABLES)
            create_beside(cursor, projection.TABLES)
            cursor.execute("DELETE FROM projection_tracking WHERE application_name = %s", (name,))
            cursor.execute("DELETE FROM parked_events WHERE projection = %s", (name,))
            begin_tracking(self._work, [name])

    def _follow(self) -> int:
        """Deliver the log up to where the live view stands. Returns the position."""
        projection = self._projection
        while True:
            standing = tracking(self._work, [projection.name, projection.NAME])
            position, live = standing[projection.name], standing[projection.NAME]
            self._progress(position, live)
            batch = self._reader.batch(position, [projection], live)
            if batch.last == position:
                if position >= live:
                    return position
                continue  # it was read ahead, before the live view had come so far
            for fault in deliver(self._work, [projection], batch).halted.values():
                raise fault

    def _compare(self) -> Report:
        """Compare at one position. Runners wait only until both are there; the comparing itself sees a snapshot."""
        projection = self._projection
        with self._work.cursor() as cursor:
            with self._hold.transaction():
                lock_tracking(self._hold.cursor(), [projection.NAME])
                position = self._follow()
                self._work.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                parked = [_parked(self._work, name) for name in (projection.NAME, projection.name)]
            tables = tuple(compare(cursor, table) for table in projection.TABLES)
            self._work.execute("COMMIT")
        return Report(projection.NAME, position, tables, *parked)

    def _swap(self) -> None:
        """Bring the rebuilt tables to the live position and give them the live names, in one transaction."""
        names = {"live": self._projection.NAME, "rebuilt": self._projection.name}
        with self._hold.transaction(), self._hold.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO on")
            lock_tracking(cursor, [self._projection.NAME])
            position = self._follow()
            swap(cursor, self._projection.TABLES)
            cursor.execute(MOVE_TRACKING, (position, [self._projection.NAME]))
            cursor.execute("DELETE FROM projection_tracking WHERE application_name = %(rebuilt)s", names)
            cursor.execute("DELETE FROM parked_events WHERE projection = %(live)s", names)
            cursor.execute(
                "UPDATE parked_events SET projection = %(live)s WHERE projection = %(rebuilt)s", names
            )


def _parked(connection: Connection, name: str) -> int:
    row = connection.execute("SELECT count(*) FROM parked_events WHERE projection = %s", (name,)).fetchone()
    assert row is not None
    return int(row[0])
