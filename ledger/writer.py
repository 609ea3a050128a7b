"""The writer: requests in, outcomes out, many to a commit.

``submit`` puts requests in a queue; one thread takes whatever is waiting, and for the whole group: locks the ledger,
finds repeats, loads states, decides each request in order, appends, commits, and then answers everybody. While one
group commits the next one gathers; nothing waits on purpose. Several processes may do this on one database: the lock
arbitrates, and a process whose cache is not of the newest position drops it.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import structlog
from eventsourcing.persistence import InterfaceError, OperationalError

from ledger.command import Request
from ledger.grouping import GroupCommit
from ledger.outcomes import Outcome
from ledger.states import StateCache
from ledger.store import LedgerRecorder
from ledger.vault import Vault

log = structlog.get_logger("ledger.writer")

MAX_GROUP = 2_000
"""Nothing more is added to a group of this size; a batch of one call is never cut."""
MAX_WAITING = 50_000
GIVE_UP_AFTER = 20.0


class Overloaded(Exception):
    """More requests are waiting than can be answered soon; nothing of this call was taken."""


class Stopped(Exception):
    """The writer is not running."""


class _Parcel(NamedTuple):
    requests: Sequence[Request]
    answer: Callable[[list[Outcome]], None]


def _answer(parcel: _Parcel, outcomes: list[Outcome]) -> None:
    try:
        parcel.answer(outcomes)
    except Exception:
        # The caller is gone, its event loop closed. What was committed stays; a repeat finds it.
        log.exception("answer_undeliverable", requests=len(parcel.requests))


class Writer:
    """Group commit over one ledger. Safe to call from any thread and from any event loop.

    When ``submit`` returns, every accepted or refused outcome is durable. A caller that got no answer may send the
    same request again: it is answered from the log.
    """

    def __init__(self, recorder: LedgerRecorder, vault: Vault) -> None:
        self.recorder = recorder
        self.vault = vault
        self.states = StateCache(recorder)
        self.groups = 0
        self.commands = 0
        self.last_group = 0
        self._queue: queue.SimpleQueue[_Parcel | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)

    def start(self) -> None:
        """Begin to take requests."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what is waiting, then end. Later submissions raise Stopped."""
        with self._lock:
            if self._stopping:
                return
            self._stopping = True
            self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether requests are being answered."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many requests are waiting for their answer."""
        return self._waiting

    def submit_with(self, requests: Sequence[Request], answer: Callable[[list[Outcome]], None]) -> None:
        """Queue requests; ``answer`` is called once with their outcomes, in order, from the writer's thread.

        Raises Overloaded, Stopped; then nothing was taken.
        """
        with self._lock:
            if self._stopping:
                raise Stopped("the writer is stopping")
            if self._waiting and self._waiting + len(requests) > MAX_WAITING:
                raise Overloaded(f"{self._waiting} requests are waiting already")
            self._waiting += len(requests)
            self._queue.put(_Parcel(requests, answer))

    async def submit(self, requests: Sequence[Request]) -> list[Outcome]:
        """Outcomes of these requests, in order. Raises Overloaded, Stopped."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Outcome]] = loop.create_future()

        def resolve(outcomes: list[Outcome]) -> None:
            if not future.done():
                future.set_result(outcomes)

        def answer(outcomes: list[Outcome]) -> None:
            loop.call_soon_threadsafe(resolve, outcomes)

        self.submit_with(requests, answer)
        return await future

    def submit_now(self, requests: Sequence[Request]) -> list[Outcome]:
        """Like submit, for a caller without an event loop; blocks. Raises Overloaded, Stopped."""
        answered: queue.SimpleQueue[list[Outcome]] = queue.SimpleQueue()
        self.submit_with(requests, answered.put)
        return answered.get()

    def _run(self) -> None:
        try:
            last = False
            while not last:
                parcels, last = self._gather()
                if parcels:
                    self._commit(parcels)
        finally:
            # Nobody may wait for a thread that is gone, whatever ended it.
            with self._lock:
                self._stopping = True
            self._turn_away()

    def _turn_away(self) -> None:
        """Answer what still waits."""
        with suppress(queue.Empty):
            while True:
                parcel = self._queue.get_nowait()
                if parcel is not None:
                    _answer(
                        parcel,
                        [Outcome.unavailable("the service is stopping; send it again")]
                        * len(parcel.requests),
                    )

    def _gather(self) -> tuple[list[_Parcel], bool]:
        """Wait for one parcel, then take what else is there. The flag says that none will follow."""
        parcel = self._queue.get()
        parcels, size = [], 0
        while parcel is not None:
            parcels.append(parcel)
            size += len(parcel.requests)
            if size >= MAX_GROUP:
                return parcels, False
            try:
                parcel = self._queue.get_nowait()
            except queue.Empty:
                return parcels, False
        return parcels, True

    def _commit(self, parcels: list[_Parcel]) -> None:
        requests = [request for parcel in parcels for request in parcel.requests]
        try:
            outcomes = self._commit_requests(requests)
        except Exception:
            # A mistake of ours, or of the database: one group must not take its neighbours with it.
            self.states.drop()
            if len(parcels) > 1:
                log.warning("group_split", parcels=len(parcels))
                for parcel in parcels:
                    self._commit([parcel])
                return
            log.exception("group_failed", requests=len(requests))
            outcomes = [Outcome.fault() for _ in requests]
        with self._lock:
            self._waiting -= len(requests)
        self.groups += 1
        self.commands += len(requests)
        self.last_group = len(requests)
        start = 0
        for parcel in parcels:
            end = start + len(parcel.requests)
            _answer(parcel, outcomes[start:end])
            start = end

    def _commit_requests(self, requests: list[Request]) -> list[Outcome]:
        """Commit a group, asking again while the database is away. Repeating is safe: requests are found by id."""
        give_up = time.monotonic() + GIVE_UP_AFTER
        pause = 0.05
        outcomes: list[Outcome] = []
        while True:
            try:
                rest = requests[len(outcomes) :]
                outcomes += GroupCommit(rest, self.recorder, self.states, self.vault).run()
                if len(outcomes) == len(requests):
                    return outcomes
            except (OperationalError, InterfaceError):
                self.states.drop()
                if time.monotonic() + pause > give_up or self._stopping:
                    log.exception("database_away", requests=len(requests))
                    away = Outcome.unavailable("the database is away; send it again")
                    return [*outcomes, *[away] * (len(requests) - len(outcomes))]
                log.warning("database_away_retrying", requests=len(requests), pause=pause)
                time.sleep(pause)
                pause = min(pause * 2, 2.0)
