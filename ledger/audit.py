"""``jifen audit balance``: prove that the book sums to zero and that what we keep is what the events say.

Reads the whole log once, stream by stream, in one consistent view of the database, and trusts nothing but the stored
events: every event balances, every running balance follows from the one before, versions and positions have no gap,
the newest states are the fold of their events, nothing is held that is not there, and no more prizes are gone than
there were.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from ledger.audit_funds import FundAudit
from ledger.audit_pools import PoolAudit
from ledger.codec import UnknownTopic, decode
from ledger.fold import evolve, initial
from ledger.member_events import MemberBecame
from ledger.posting import InvariantBroken, check_balanced
from ledger.states import decode_state
from ledger.streams import participant_of

MAX_FAULTS = 1_000
EVENTS = """
    SELECT originator_id, originator_version, topic, state, notification_id
    FROM stored_events ORDER BY originator_id, originator_version
"""
OVERDRAWN = ("points:", "issued:", "pool:", "sponsor:", "deposits:")
"""Accounts that can be below zero: where value comes from, and points that were spent and then reversed."""
BETWEEN = ("joining:", "granted:")
"""Accounts that are empty again at once: over them goes what a client id had that turned out to be another
participant, and a grant from its fund to a member."""
JOINED = "SELECT originator_id, state FROM stored_events WHERE topic = %s ORDER BY notification_id"
STATES = "SELECT originator_id, state FROM aggregate_snapshots ORDER BY originator_id"


class AuditFault(msgspec.Struct, frozen=True):
    """Something that does not hold. position: of the event, 0 when it concerns a whole stream or the log."""

    position: int
    stream: str
    detail: str


class Report(msgspec.Struct):
    """What was read, and what did not hold. totals: sum over all accounts by asset; balances: by account and asset."""

    head: int = 0
    events: int = 0
    streams: int = 0
    postings: int = 0
    totals: Counter[str] = msgspec.field(default_factory=Counter)
    balances: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    faults: list[AuditFault] = msgspec.field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything holds."""
        return not self.faults and not any(self.totals.values())

    def fault(self, position: int, stream: str, detail: str) -> None:
        """Note what does not hold; a thousand are enough."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(AuditFault(position, stream, detail))


def _quiet(_done: int, _of: int) -> None:
    """No progress is shown."""


def audit(url: str, schema: str, progress: Callable[[int, int], None] = _quiet) -> Report:
    """Read the whole log and report. progress is called now and then with events read and events in all."""
    report = Report()
    with psycopg.connect(url, application_name="jifen audit") as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        pools, funds = PoolAudit(joined(connection)), FundAudit()
        report.head, count, newest = connection.execute(
            "SELECT (SELECT position FROM log_head), count(*), coalesce(max(notification_id), 0) FROM stored_events"
        ).fetchall()[0]
        if not report.head == count == newest:
            report.fault(
                0, "", f"the head is at {report.head}, but {count} events reach to position {newest}"
            )
        with (
            connection.cursor("states", binary=True) as states,
            connection.cursor("events", binary=True) as events,
        ):
            states.itersize = events.itersize = 5_000
            kept = iter(states.execute(STATES))
            following = next(kept, None)
            for stream, rows in groupby(events.execute(EVENTS), key=lambda row: row[0]):
                while following is not None and following[0] < stream:
                    report.fault(0, following[0], "a state is kept for a stream without events")
                    following = next(kept, None)
                state = None
                if following is not None and following[0] == stream:
                    state, following = following[1], next(kept, None)
                _audit_stream(report, pools, funds, stream, rows, state)
                if report.streams % 500 == 0:
                    progress(report.events, count)
        progress(report.events, count)
    for (account, asset), balance in report.balances.items():
        report.totals[asset] += balance
        if balance < 0 and not account.startswith(OVERDRAWN):
            report.fault(0, "", f"{account} stands at {balance} {asset}")
        elif balance and account.startswith(BETWEEN):
            report.fault(0, "", f"{account} holds {balance} {asset} that were given and not taken")
    for stream, detail in (*pools.faults(report.balances), *funds.faults()):
        report.fault(0, stream, detail)
    for asset, total in report.totals.items():
        if total:
            report.fault(0, "", f"the book does not sum to zero: {total} {asset} too much")
    return report


def joined(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Client id → the participant that it is of by now. Reads the log, in the caller's transaction. Source: EC-12."""
    became = {}
    for stream, state in connection.execute(JOINED, (MemberBecame.TOPIC,), binary=True):
        event = decode(MemberBecame.TOPIC, state)
        assert isinstance(event, MemberBecame)
        became[participant_of(stream)] = event.member
    return became


def _audit_stream(
    report: Report, pools: PoolAudit, funds: FundAudit, stream: str, rows: Iterator[tuple[Any, ...]],
    kept: bytes | None,
) -> None:  # fmt: skip
    report.streams += 1
    folded = initial(stream)
    running: dict[tuple[str, str], int] = {}
    for _, version, topic, stored, position in rows:
        report.events += 1
        if version != folded.version + 1:
            report.fault(position, stream, f"version {version} follows {folded.version}")
        try:
            event = decode(topic, stored)
            check_balanced(event.postings)
        except (UnknownTopic, msgspec.MsgspecError, InvariantBroken) as fault:
            report.fault(position, stream, str(fault))
            folded = msgspec.structs.replace(folded, version=version)
            continue
        for leg in event.postings:
            report.postings += 1
            report.balances[leg.account, leg.asset] += leg.amount
            if leg.balance_after is not None:
                owned = leg.account, leg.asset
                balance = running[owned] = running.get(owned, 0) + leg.amount
                if balance != leg.balance_after:
                    detail = (
                        f"{leg.account} stands at {balance} {leg.asset}, the event says {leg.balance_after}"
                    )
                    report.fault(position, stream, detail)
        if wrong := pools.number_fault(folded, event):
            report.fault(position, stream, wrong)
        pools.see(stream, event)
        funds.see(stream, event)
        folded = msgspec.structs.replace(evolve(folded, event), version=version)
    pools.keep(stream, folded)
    if kept is None:
        report.fault(0, stream, "no state is kept for this stream")
    elif decode_state(stream, kept) != folded:
        report.fault(0, stream, "the kept state is not the fold of the stream's events")
