"""The scheduler: what time alone brings about. Days and pools close, chances expire, boards are made and frozen.

It runs in the worker beside the projections, in a thread and on connections of its own, so it never holds them up. Of
several workers one leads. Everything that it asks for has a deterministic id (see scheduling.py): a crash, a second
scheduler or a day of downtime changes nothing but when it is asked.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import cast

import msgspec
import psycopg
import structlog

from api import scheduling
from ledger.boards import places_of
from ledger.campaign import Campaign, Version
from ledger.clock import Clock
from ledger.command import Request
from ledger.ledger import Ledger
from ledger.pool import Pool as PoolState
from ledger.posting import InvariantBroken
from ledger.rulebook import Board, Pool, Rulebook
from ledger.rulebook_file import reread
from ledger.states import decode_state
from ledger.store import LOAD_STATES, TEXT_OF_VERSION
from ledger.streams import CAMPAIGN, pool_stream
from ledger.writer import Overloaded, Stopped
from projections import boards, member_reads, prize_reads, wallet_reads
from projections.delivery import tracking
from projections.session import Connection, connect

log = structlog.get_logger("api.scheduler")

PAUSE = 0.5
"""Seconds between two looks, when there was nothing to do."""
LONGEST_PAUSE = 5.0
LEFT_ALONE = 30.0
"""Seconds for which a campaign that made the scheduler fail is left out."""
FOLLOWED = ("chances", "prizes", "wallets")
"""Views that tell which chances, items and points are over."""
AT_ONCE = 1_000
"""So many requests go to the writer together: others are let in between."""

LEAD = "SELECT pg_try_advisory_lock(hashtextextended('jifen scheduler ' || %s, 0))"
LOOK = "SELECT position, clock_base, clock_set_at FROM log_head"
CAMPAIGNS = """
    SELECT originator_id, state FROM aggregate_snapshots WHERE originator_id BETWEEN %s AND %s ORDER BY originator_id
"""


class Unavailable(Exception):
    """The writer could not reach the database; nothing is known of what was asked."""


class Look(msgspec.Struct, frozen=True):
    """How the ledger stood when we looked."""

    head: int
    now: datetime


class Scheduler:
    """Does what is due on one ledger, whose writer runs. For one thread; close it, or let run_forever do so."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._connection: Connection | None = None
        self._leads = False
        self._asked: Look | None = None
        self._freezing: dict[str, int] = {}
        self._rulebooks: dict[str, Rulebook] = {}
        self._done: set[str] = set()
        self._refused: set[bytes] = set()
        self._failed: dict[str, float] = {}
        self._waiting: dict[str, str] = {}

    def close(self) -> None:
        """Give up the lead and the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._leads, self._asked = None, False, None

    def run_forever(self, stop: threading.Event) -> None:
        """Do what is due until stop is set. When the database is away, it is asked again until it is back."""
        pause = PAUSE
        while not stop.is_set():
            try:
                busy = self.run_once()
            except (psycopg.Error, Overloaded, Unavailable) as fault:
                self.close()
                log.warning("scheduler_interrupted", fault=str(fault).strip(), pause=pause)
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Stopped:
                if not stop.is_set():
                    log.exception("scheduler_without_writer")  # whoever started this process starts another
                    stop.set()
            except Exception:
                # A mistake of ours must not end what all campaigns wait for; it is in the log, and tried again.
                self.close()
                log.exception("scheduler_failed", campaign="")
                stop.wait(LONGEST_PAUSE)
            else:
                pause = PAUSE
                if not busy:
                    stop.wait(PAUSE)
        self.close()

    def run_once(self) -> bool:
        """Look once and do what is due. Whether there was anything, so that there may be more.

        Raises psycopg.Error when the database is away, Overloaded, Stopped when the writer takes nothing.
        """
        connection = self._connected()
        if not self._leads:
            row = connection.execute(LEAD, (self._ledger.schema,)).fetchone()
            self._leads = row == (True,)
            if not self._leads:
                return False
        head, base, set_at = connection.execute(LOOK).fetchall()[0]
        look, busy = Look(head, Clock(base, set_at).now()), False
        playing = self._playing(connection, look.now)
        pools = self._pools(connection, [rules for rules, _ in playing])
        # What is over is told by views, which have to be as far as the clock that it is judged by.
        asked = self._asked = self._asked or look
        reached = tracking(connection, FOLLOWED)
        ready = all(reached.get(view, 0) >= asked.head for view in FOLLOWED)
        for rules, campaign in playing:
            with self._alone(rules.id):
                busy |= self._submit(scheduling.days_to_close(rules, campaign, look.now))
                busy |= self._submit(scheduling.pools_to_close(rules, pools, look.now))
                busy |= ready and self._expire(connection, rules, asked.now)
                busy |= ready and self._lapse(connection, rules, asked.now)
                busy |= self._boards(connection, rules, pools, look)
        busy |= self._entitlements(connection, look)
        busy |= ready and self._expire_points(connection, asked.now)
        if ready:
            self._asked = None
        return busy

    def _playing(self, connection: Connection, now: datetime) -> list[tuple[Rulebook, Campaign]]:
        """The campaigns that have rules in force, without those that are left alone for a while."""
        playing = []
        for stream, state in connection.execute(
            CAMPAIGNS, (CAMPAIGN, CAMPAIGN + "~"), binary=True
        ).fetchall():
            id_ = stream.removeprefix(CAMPAIGN)
            if self._failed.get(id_, 0.0) > time.monotonic():
                continue
            with self._alone(id_):
                campaign = cast(Campaign, decode_state(stream, state))
                if (version := campaign.at(now)) is not None:
                    playing.append((self._rules(connection, stream, version), campaign))
        return playing

    @contextmanager
    def _alone(self, campaign: str) -> Iterator[None]:
        """A mistake of ours over one campaign must not stop what all the others wait for."""
        try:
            yield
        except (psycopg.Error, Overloaded, Stopped, Unavailable):
            raise
        except Exception:
            log.exception("scheduler_failed", campaign=campaign)
            self._failed[campaign] = time.monotonic() + LEFT_ALONE

    def _entitlements(self, connection: Connection, look: Look) -> bool:
        """End what has run out. A view that lags only finds it later."""
        due = member_reads.due_entitlements(
            connection, scheduling.entitlements_over_before(look.now), AT_ONCE
        )
        told = [(each.participant, each.entitlement, each.ends) for each in due]
        return self._submit(scheduling.to_end(told))

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._ledger.url, self._ledger.schema, "scheduler")
        return self._connection

    def _rules(self, connection: Connection, stream: str, version: Version) -> Rulebook:
        """The rules of a version; they never change, so each text is read once."""
        if version.digest not in self._rulebooks:
            ((text,),) = connection.execute(TEXT_OF_VERSION, (stream, version.number - 1)).fetchall()
            self._rulebooks[version.digest] = reread(text)
        return self._rulebooks[version.digest]

    @staticmethod
    def _pools(connection: Connection, playing: Iterable[Rulebook]) -> dict[str, PoolState]:
        streams = [
            pool_stream(rules.book(trial), pool.id)
            for rules in playing
            for trial in scheduling.books(rules)
            for pool in rules.pools
        ]
        rows = connection.execute(LOAD_STATES, (streams,), binary=True) if streams else ()
        return {stream: cast(PoolState, decode_state(stream, state)) for stream, state in rows}

    def _submit(self, asked: Iterable[Request]) -> bool:
        """Have the ledger decide; whether anything new was written. What it refuses is not asked again from here."""
        due = [request for request in asked if request.key not in self._refused]
        busy = False
        for start in range(0, len(due), AT_ONCE):
            part = due[start : start + AT_ONCE]
            for request, outcome in zip(part, self._ledger.writer.submit_now(part), strict=True):
                busy |= outcome.status == "accepted" and not outcome.repeat
                if outcome.status == "unavailable":
                    raise Unavailable(outcome.detail)
                if outcome.status != "accepted":
                    self._refused.add(request.key)
                    log.error("scheduler_refused", act=request.id, code=outcome.code, detail=outcome.detail)
        return busy

    def _expire(self, connection: Connection, rules: Rulebook, now: datetime) -> bool:
        busy = False
        for trial in scheduling.books(rules):
            for pool in rules.pools:
                stream = pool_stream(rules.book(trial), pool.id)
                before = scheduling.chances_over_before(rules, pool, trial, now)
                if before is None or stream in self._done:
                    continue
                due = prize_reads.due_chances(connection, rules.book(trial), pool.id, before, AT_ONCE)
                told = [(each.participant, each.chance, each.expires_at) for each in due]
                busy |= self._submit(scheduling.to_expire(rules, pool, trial, told))
                if not due and scheduling.chances_are_done(rules, pool, trial, now):
                    self._done.add(stream)
        return busy

    def _lapse(self, connection: Connection, rules: Rulebook, now: datetime) -> bool:
        """Redeemed items of a campaign that were not claimed or used in time."""
        busy = False
        for trial in scheduling.books(rules):
            if scheduling.items_can_lapse(rules, trial, now):
                due = wallet_reads.due_redemptions(connection, rules.book(trial), now, AT_ONCE)
                told = [(each.participant, each.prize, each.expires_at) for each in due]
                busy |= self._submit(scheduling.to_lapse(rules, trial, told))
        return busy

    def _expire_points(self, connection: Connection, now: datetime) -> bool:
        """Points of all wallets that were not spent in time."""
        due = wallet_reads.due_wallets(connection, now, AT_ONCE)
        told = [(each.participant, each.expires, each.position) for each in due]
        return self._submit(scheduling.to_expire_points(told))

    def _boards(
        self, connection: Connection, rules: Rulebook, pools: Mapping[str, PoolState], look: Look
    ) -> bool:
        busy = False
        for trial in scheduling.books(rules):
            for board in rules.boards:
                book = rules.book(trial)
                if f"board {book}/{board.id}" not in self._done:
                    busy |= self._board(connection, rules, board, book, pools, look)
        return busy

    def _board(
        self,
        connection: Connection,
        rules: Rulebook,
        board: Board,
        book: str,
        pools: Mapping[str, PoolState],
        look: Look,
    ) -> bool:
        """Make a board anew, freeze it, and bring about what follows from its places."""
        name = f"{book}/{board.id}"
        standing = boards.published(connection, book, board.id)
        try:
            if boards.freeze_due(rules, board, book, standing, look.now):
                head = self._freezing.setdefault(name, look.head)  # of the first time, for the log grows
                frozen = boards.freeze(connection, rules, board, book, head)
                asked = scheduling.to_freeze(rules, board, frozen.position, frozen.root, frozen.entrants)
                return self._submit([asked])
            if standing and standing.frozen and standing.recorded:
                for pool in scheduling.pools_of(rules, board, pools):
                    self._reward(connection, rules, board, pool)
                self._done.add(f"board {name}")
                return True
        except boards.NotReady as reason:
            if self._waiting.get(name) != str(reason):
                self._waiting[name] = str(reason)
                log.info("board_not_ready", board=name, reason=str(reason))
            return False
        except InvariantBroken:
            self._done.add(f"board {name}")
            log.exception("board_differs", board=name)
            return False
        as_of = boards.due(rules, board, book, standing, look.now, boards.position(connection, board))
        return as_of is not None and boards.refresh(connection, rules, board, book, as_of) is not None

    def _reward(self, connection: Connection, rules: Rulebook, board: Board, pool: Pool) -> None:
        """What the places of a frozen board bring: chances to enter a draw, or prizes. What was done is a repeat."""
        first = places_of(pool) if pool.draw == "places" else pool.first or 0
        if first:
            places = boards.places(connection, board, rules.id, first)
            asked: Sequence[Request] = (
                [scheduling.to_award(rules, pool, places)]
                if pool.draw == "places"
                else scheduling.to_grant(rules, pool, places)
            )
            self._submit(asked)
