"""The log in decoded batches, each event decoded once for all projections, one batch read ahead."""

import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from ledger.codec import decode
from ledger.streams import TRIAL, book_of, campaign_of, participant_of
from projections.projection import Fact, Projection, Rows
from projections.session import Connection

BATCH = 5_000
"""Most events of a batch. A batch takes what is there: one event when all is quiet, this many when there is a lag."""

END = 2**63 - 1
TURN = 0.0005
"""Seconds after which Python's other thread gets its turn. The caller waits for the database dozens of times a batch,
and each time for the reader to let it go on; at Python's own 5 ms that costs a fifth of the speed (measured)."""

READ = """
    SELECT notification_id, originator_id, topic, state FROM stored_events
    WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s
"""


class Unreadable(msgspec.Struct, frozen=True):
    """An event whose bytes are no event that this version knows."""

    position: int
    stream: str
    error: str


class Batch(msgspec.Struct, frozen=True):
    """Events of the log in order, all that stand after ``after`` up to ``last``.

    folded: projection → the rows of all facts, for those that could be folded ahead.
    full: whether there may be more.
    """

    after: int
    last: int
    facts: list[Fact]
    unreadable: list[Unreadable]
    folded: dict[str, Rows] = {}
    full: bool = False

    def since(self, position: int) -> "Batch":
        """The part of the batch after a position. Events at or below it are left out."""
        if position <= self.after:
            return self
        return Batch(
            position,
            max(position, self.last),
            [fact for fact in self.facts if fact.position > position],
            [event for event in self.unreadable if event.position > position],
        )


def decoded(rows: Iterable[tuple[Any, ...]]) -> tuple[list[Fact], list[Unreadable]]:
    """The facts of rows (position, stream, topic, bytes), and those rows that are none."""
    facts, unreadable = [], []
    for position, stream, topic, state in rows:
        try:
            event = decode(topic, state)
        except Exception as fault:  # noqa: BLE001 - whatever the bytes provoke, it is these bytes' fault
            unreadable.append(Unreadable(position, stream, describe(fault)))
            continue
        participant, campaign = participant_of(stream), campaign_of(stream)
        book = book_of(stream) or (campaign + TRIAL if "@" in stream and event.trial else campaign)
        facts.append(Fact(position, stream, event, participant, campaign, book))
    return facts, unreadable


def describe(fault: BaseException) -> str:
    """A fault in one line that the list of parked events can hold, whatever the fault quotes."""
    first, *_ = str(fault).splitlines() or [""]
    said = f"{type(fault).__name__}: {first}"[:1000]
    return said.replace("\0", "?").encode("utf-8", "replace").decode()


class LogReader:
    """Reads batches, and the next one already while the caller writes this one. For one calling thread.

    Takes over the connection: only the reader's own thread uses it, and ``close`` closes it. Shortens the turns of
    all threads of the process.
    """

    def __init__(self, connection: Connection, batch: int = BATCH) -> None:
        sys.setswitchinterval(min(TURN, sys.getswitchinterval()))
        self._connection = connection
        self._limit = batch
        self._thread = ThreadPoolExecutor(1, "projections-log")
        self._ahead: dict[tuple[str, ...], tuple[int, Future[Batch]]] = {}

    def close(self) -> None:
        """Wait for what is being read, and let go of the database."""
        self._thread.shutdown(cancel_futures=True)
        self._connection.close()

    def batch(self, after: int, projections: Sequence[Projection], until: int = END) -> Batch:
        """The next events after a position, folded for these projections. Raises what the database raises."""
        names = tuple(projection.name for projection in projections)
        begins, ahead = self._ahead.pop(names, (-1, None))
        if ahead is None or begins != after:
            ahead = self._thread.submit(self._read, after, projections, until)
        batch = ahead.result()
        if batch.full:
            self._ahead[names] = batch.last, self._thread.submit(self._read, batch.last, projections, until)
        return batch

    def _read(self, after: int, projections: Sequence[Projection], until: int) -> Batch:
        rows = self._connection.execute(READ, (after, until, self._limit), binary=True).fetchall()
        if not rows:
            return Batch(after, after, [], [])
        facts, unreadable = decoded(rows)
        folded = {}
        for projection in projections:
            try:
                folded[projection.name] = projection.fold(facts)
            except Exception:  # noqa: BLE001, S112 - the delivery folds it again, in pieces, to find out whose fault it is
                continue
        return Batch(after, rows[-1][0], facts, unreadable, folded, len(rows) == self._limit)
