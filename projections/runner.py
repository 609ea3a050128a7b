"""The runner: brings the log to the projections, and keeps doing so."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Self

import msgspec
import psycopg
import structlog

from projections import PROJECTIONS
from projections.delivery import begin_tracking, deliver, retry_parked, tracking
from projections.following import Watch
from projections.log import BATCH, LogReader
from projections.parking import LISTED, ParkedEvent
from projections.projection import Projection, query
from projections.session import Connection, connect

log = structlog.get_logger("projections.runner")

POLL = 0.5
"""Seconds after which the log is looked at although nobody said that there is something new."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0

Progress = Callable[[int, int], None]
"""Called with the position that was reached and the head of the log."""


class Status(msgspec.Struct, frozen=True):
    """Where a projection stands. lag: events that it has not seen yet. parked: events that it could not take."""

    name: str
    position: int
    head: int
    lag: int
    parked: int


class Runner:
    """Delivers the log to projections. Any number of runners may work on one ledger at once, each in one thread.

    It connects when it first needs to, and again after ``close``. Use it as a context manager, or close it.
    batch: most events of one transaction.
    """

    def __init__(
        self,
        url: str,
        schema: str,
        projections: Mapping[str, type[Projection]] = PROJECTIONS,
        *,
        batch: int = BATCH,
    ) -> None:
        self._url = url
        self._schema = schema
        self._batch = batch
        self._projections = {name: projection() for name, projection in projections.items()}
        self._open = ExitStack()
        self._connection: Connection | None = None
        self._reader: LogReader | None = None
        self._halted: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database. Nothing that was delivered is lost."""
        self._open.close()
        self._connection = self._reader = None

    def run_once(self) -> int:
        """Deliver one batch to each group of projections that stand at the same position.

        Returns how many events were delivered, by us or by a runner that was quicker; 0 means that all projections are
        at the head, or halted.
        Raises psycopg.OperationalError when the database is away.
        """
        connection, reader = self._connected()
        groups: dict[int, list[Projection]] = {}
        for name, position in tracking(connection, self._projections).items():
            groups.setdefault(position, []).append(self._projections[name])
        delivered = 0
        for position, group in groups.items():
            batch = reader.batch(position, group)
            if batch.last > batch.after:
                done = deliver(connection, group, batch)
                delivered += 0 if done.halted and not done.moved else batch.last - batch.after
                self._report(done.moved, done.halted)
        return delivered

    def catch_up(self, progress: Progress | None = None) -> int:
        """Deliver until all projections are at the head of the log. Returns how many events were delivered."""
        total = 0
        while delivered := self.run_once():
            total += delivered
            if progress:
                least = min(self.status(), key=lambda status: status.position)
                progress(least.position, least.head)
        return total

    def run_forever(self, stop: threading.Event) -> None:
        """Follow the log until stop is set; it is noticed within a second.

        Of several runners one works and the others stand by. What a deployment may have mended is tried first: parked
        events. When the database is away, it is asked again until it is back.
        """
        pause = FIRST_PAUSE
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._follow(stop)
            except psycopg.Error as fault:
                self.close()
                if time.monotonic() - began > LONGEST_PAUSE:
                    pause = FIRST_PAUSE
                log.warning("projections_interrupted", fault=str(fault).strip(), pause=pause)
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self.close()

    def _follow(self, stop: threading.Event) -> None:
        watch = Watch(connect(self._url, self._schema, "projections watch"), self._schema)
        self._open.callback(watch.close)
        while not watch.take_lead():
            if stop.wait(POLL):
                return
        for name in self._projections:
            self._retry_what_may_be_mended(name)
        while not stop.is_set():
            if not self.run_once():
                watch.wait(POLL)

    def _retry_what_may_be_mended(self, name: str) -> None:
        try:
            if taken := self.retry_parked(name):
                log.info("parked_events_delivered", projection=name, events=taken)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as fault:  # its tables are not as they should be; the others have to go on
            log.error("parked_events_stay", projection=name, fault=str(fault).strip())  # noqa: TRY400

    def retry_parked(self, name: str | None = None) -> int:
        """Deliver parked events again, of one projection or of all. Returns how many were taken.

        Safe beside a running runner. Those that fail again stay parked, with one more attempt.
        """
        connection, _ = self._connected()
        chosen = [self._projections[name]] if name else self._projections.values()
        return sum(retry_parked(connection, projection, self._batch) for projection in chosen)

    def parked(self, limit: int = 1000) -> list[ParkedEvent]:
        """The parked events, by projection and position."""
        connection, _ = self._connected()
        return [ParkedEvent(*row) for row in connection.execute(LISTED, (list(self._projections), limit))]

    def status(self) -> list[Status]:
        """Where each projection stands, in the order of the registry."""
        connection, _ = self._connected()
        rows = connection.execute(query("status"), {"names": list(self._projections)})
        return [Status(*row) for row in rows]

    def _connected(self) -> tuple[Connection, LogReader]:
        if self._connection is None or self._reader is None:
            with ExitStack() as opening:
                connection = connect(self._url, self._schema, "projections")
                opening.callback(connection.close)
                begin_tracking(connection, self._projections)
                with connection.cursor() as cursor:
                    for projection in self._projections.values():
                        projection.prepare(cursor)
                reader = LogReader(connect(self._url, self._schema, "projections log"), self._batch)
                opening.callback(reader.close)
                self._connection, self._reader = connection, reader
                self._open.push(opening.pop_all())
        return self._connection, self._reader

    def _report(self, moved: tuple[str, ...], halted: Mapping[str, psycopg.Error]) -> None:
        """Say once that a projection halts, and again when the reason is another."""
        for name in moved:
            self._halted.pop(name, None)
        for name, fault in halted.items():
            if self._halted.get(name) != str(fault):
                self._halted[name] = str(fault)
                log.error("projection_halted", projection=name, fault=str(fault).strip())
