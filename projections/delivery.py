"""A batch, the rows that it leads to, and the tracking: one transaction for all projections that take it.

What is durable when ``deliver`` returns: nothing that the log could not give again (the commit is asynchronous), but
rows and tracking together or neither. Any number of processes may deliver at once: the tracking row of a projection
is locked first, and events at or below it are left out, so a batch that comes twice changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import psycopg
from psycopg import Cursor

from projections.log import Batch
from projections.parking import Isolation, blames_events, retry
from projections.projection import Projection
from projections.session import Connection

CHANNEL = "projection_tracking"

BEGIN_TRACKING = """
    INSERT INTO projection_tracking (application_name, notification_id)
    SELECT name, 0 FROM unnest(%s::text[]) AS name ON CONFLICT DO NOTHING
"""
TRACKING = """
    SELECT application_name, notification_id FROM projection_tracking
    WHERE application_name = ANY(%s) ORDER BY application_name
"""
LOCK_TRACKING = TRACKING + " FOR UPDATE"
MOVE_TRACKING = "UPDATE projection_tracking SET notification_id = %s WHERE application_name = ANY(%s)"
WITH_PARKED = """
    SELECT name FROM unnest(%s::text[]) AS name WHERE EXISTS (SELECT FROM parked_events WHERE projection = name)
"""


class Delivered(msgspec.Struct, frozen=True):
    """What became of a batch: which projections have it now, and which could not go on, and why."""

    moved: tuple[str, ...]
    halted: dict[str, psycopg.Error]


def begin_tracking(connection: Connection, names: Iterable[str]) -> None:
    """Make sure that each projection has its tracking, at 0 if it is new."""
    connection.execute(BEGIN_TRACKING, (list(names),))


def tracking(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Where each of these projections stands; one that has not begun is left out."""
    return dict(connection.execute(TRACKING, (list(names),)).fetchall())


def lock_tracking(cursor: Cursor[Any], names: Sequence[str]) -> dict[str, int]:
    """Hold off everybody else from these projections until the transaction ends; where each of them stands."""
    return dict(cursor.execute(LOCK_TRACKING, (list(names),)).fetchall())


def deliver(connection: Connection, projections: Sequence[Projection], batch: Batch) -> Delivered:
    """Deliver a batch to the projections that stand inside it or at its beginning.

    An event that a projection cannot take is parked with its stream. A projection that the database refuses for
    another reason, such as a missing table, halts where it is; the others go on.
    Raises psycopg.OperationalError when the database is away: then nothing, or everything, was committed.
    """
    moved: list[str] = []
    halted: dict[str, psycopg.Error] = {}
    with connection.transaction(), connection.cursor() as cursor:
        standing = lock_tracking(cursor, [projection.name for projection in projections])
        parked = {name for (name,) in cursor.execute(WITH_PARKED, (list(standing),)).fetchall()}
        for projection in projections:
            position = standing.get(projection.name, batch.last)
            if not batch.after <= position < batch.last:
                continue
            try:
                _deliver(cursor, projection, batch.since(position), any_parked=projection.name in parked)
            except psycopg.OperationalError:
                raise
            except psycopg.Error as fault:
                halted[projection.name] = fault
            else:
                moved.append(projection.name)
        if moved:
            cursor.execute(MOVE_TRACKING, (batch.last, moved))
            cursor.execute(f"NOTIFY {CHANNEL}")
    return Delivered(tuple(moved), halted)


def _deliver(cursor: Cursor[Any], projection: Projection, batch: Batch, *, any_parked: bool) -> None:
    """To one projection: as a whole, which nearly always goes well, or else with care."""
    rows = batch.folded.get(projection.name)
    if rows is not None and not any_parked and not batch.unreadable:
        if not any(rows):
            return
        try:
            with cursor.connection.transaction():
                projection.write(cursor, rows)
        except psycopg.Error as fault:
            if not blames_events(fault):
                raise
        else:
            return
    with cursor.connection.transaction():
        Isolation(cursor, projection, any_parked=any_parked).run(batch.facts, batch.unreadable, rows)


def retry_parked(connection: Connection, projection: Projection, limit: int) -> int:
    """Deliver a projection's parked events again. Returns how many it took; the others stay parked.

    Raises psycopg.Error that no event is to blame for; what was taken before that is kept.
    """
    taken, after = 0, 0
    while True:
        with connection.transaction(), connection.cursor() as cursor:
            lock_tracking(cursor, [projection.name])
            delivered, after = retry(cursor, projection, after, limit)
        taken += delivered
        if not after:
            return taken
