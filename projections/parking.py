"""Parked events: what a projection could not take, and what came after it in the same stream.

The rule, live and in a rebuild: an event that makes a projection fail parks its stream for that projection. Later
events of the stream are parked behind it, in order; all other streams go on. A retry delivers them in order again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
import psycopg
from psycopg import Cursor

from projections.log import Unreadable, decoded, describe
from projections.projection import Fact, Projection, Rows

BLOCKED = """
    SELECT originator_id, min(notification_id) FROM parked_events
    WHERE projection = %s AND originator_id = ANY(%s) GROUP BY originator_id
"""
PARK = """
    INSERT INTO parked_events (projection, originator_id, notification_id, error, attempts, parked_at)
    VALUES (%s, %s, %s, %s, %s, coalesce(%s, now()))
"""


class Earlier(msgspec.Struct, frozen=True):
    """How often a parked event was tried before, and since when it has been parked."""

    attempts: int = 0
    parked_at: datetime | None = None


NEVER = Earlier()
NONE: Mapping[int, Earlier] = MappingProxyType({})


def blames_events(fault: Exception) -> bool:
    """Whether a fault came of what the events say. Otherwise the database is away, or its tables are not ours."""
    return not isinstance(fault, psycopg.Error) or isinstance(
        fault, psycopg.DataError | psycopg.IntegrityError
    )


class Isolation:
    """Delivers what can be delivered of some events to one projection, and parks the rest. One transaction long.

    The caller holds the lock of the projection's tracking. any_parked: whether anything is parked for it already.
    earlier: position → what is known of an event from when it was parked before.
    """

    def __init__(
        self,
        cursor: Cursor[Any],
        projection: Projection,
        *,
        any_parked: bool = True,
        earlier: Mapping[int, Earlier] = NONE,
    ) -> None:
        self._cursor = cursor
        self._projection = projection
        self._any_parked = any_parked
        self._earlier = earlier
        self._blocked: dict[str, int] = {}
        self._parked: list[tuple[object, ...]] = []

    def run(self, facts: Sequence[Fact], unreadable: Sequence[Unreadable], folded: Rows | None = None) -> int:
        """Deliver and park. Returns how many were delivered. Raises psycopg.Error that no event is to blame for.

        folded: the rows of all the facts, if they have been folded already.
        """
        if self._any_parked:
            streams = {fact.stream for fact in facts} | {event.stream for event in unreadable}
            found = self._cursor.execute(BLOCKED, (self._projection.name, list(streams)))
            self._blocked = dict(found.fetchall())
        for event in unreadable:
            self._park(event.stream, event.position, event.error)
            if self._blocked.get(event.stream, event.position) >= event.position:
                self._blocked[event.stream] = event.position
        self._deliver(facts, folded)
        if self._parked or self._blocked:
            self._park_behind(facts)
        return len(facts) + len(unreadable) - len(self._parked)

    def _held(self, fact: Fact) -> bool:
        return self._blocked.get(fact.stream, fact.position) < fact.position

    def _deliver(self, facts: Sequence[Fact], folded: Rows | None = None) -> None:
        """All of them, or each half, down to the single events that fail."""
        ready = [fact for fact in facts if not self._held(fact)] if self._blocked else facts
        if not ready:
            return
        try:
            rows = folded if folded and len(ready) == len(facts) else self._projection.fold(ready)
            if any(rows):
                with self._cursor.connection.transaction():
                    self._projection.write(self._cursor, rows)
        except Exception as fault:
            if not blames_events(fault):
                raise
            if len(ready) == 1:
                self._blocked[ready[0].stream] = ready[0].position
                self._park(ready[0].stream, ready[0].position, describe(fault))
                return
        else:
            return
        middle = len(ready) // 2
        self._deliver(ready[:middle])
        self._deliver(ready[middle:])

    def _park_behind(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if self._held(fact):
                behind = self._blocked[fact.stream]
                self._park(fact.stream, fact.position, f"waits behind position {behind}", tried=False)
        if self._parked:
            self._cursor.executemany(PARK, self._parked)

    def _park(self, stream: str, position: int, error: str, *, tried: bool = True) -> None:
        earlier = self._earlier.get(position, NEVER)
        self._parked.append(
            (self._projection.name, stream, position, error, earlier.attempts + tried, earlier.parked_at)
        )


class ParkedEvent(msgspec.Struct, frozen=True):
    """A parked event, for the list of them. attempts: 0 for one that only waits behind another."""

    projection: str
    originator_id: str
    position: int
    error: str
    attempts: int
    parked_at: datetime


LISTED = """
    SELECT projection, originator_id, notification_id, error, attempts, parked_at FROM parked_events
    WHERE projection = ANY(%s) ORDER BY projection, notification_id LIMIT %s
"""
UNPARK = """
    WITH next AS (
        SELECT projection, originator_id, notification_id FROM parked_events
        WHERE projection = %s AND notification_id > %s ORDER BY notification_id LIMIT %s
    )
    DELETE FROM parked_events AS p USING next AS n, stored_events AS e
    WHERE (p.projection, p.originator_id, p.notification_id) = (n.projection, n.originator_id, n.notification_id)
        AND e.notification_id = n.notification_id
    RETURNING e.notification_id, e.originator_id, e.topic, e.state, p.attempts, p.parked_at
"""


def retry(cursor: Cursor[Any], projection: Projection, after: int, limit: int) -> tuple[int, int]:
    """Deliver the next parked events again, in order, in the caller's transaction, which holds the tracking.

    Returns how many were delivered, and the position of the last one tried; 0 when there was none.
    """
    rows = sorted(cursor.execute(UNPARK, (projection.name, after, limit), binary=True).fetchall())
    if not rows:
        return 0, 0
    facts, unreadable = decoded(row[:4] for row in rows)
    earlier = {row[0]: Earlier(row[4], row[5]) for row in rows}
    return Isolation(cursor, projection, earlier=earlier).run(facts, unreadable), rows[-1][0]
