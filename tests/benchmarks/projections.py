"""How fast the views follow the log: all four together, each alone, and the library's stock runner for comparison.

The log is written by COPY straight into ``stored_events``: what a thousand participants did, decided by the real rules,
copied under other names, day after day, as an evening of a campaign would leave it.
"""

import random
from collections.abc import Iterable, Iterator
from functools import cached_property
from time import perf_counter
from typing import Any

import psycopg
from eventsourcing.persistence import InfrastructureFactory, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment
from psycopg.sql import SQL, Composed, Identifier

from ledger.application import LedgerApplication, application_env
from ledger.codec import RecordedEvent, encode
from ledger.store import COPY_EVENTS, EventRow
from projections import PROJECTIONS
from projections.balances import owner
from projections.projection import query
from projections.runner import Runner
from tests.given import Entry, Story

TEMPLATE = 1_000
STOCK_EVENTS = 5_000


def measure(url: str, schema: str, *, events: int = 1_000_000, members: int = 100_000) -> dict[str, float]:
    """Events per second on a migrated, empty ledger: catching up from nothing to the head.

    all: the four views together; all, last tenth: of that, the last tenth of the log, when the tables are full.
    The others: one view alone. library, balances: the stock runner, one event a call, on some events
    that follow the enrolments.
    """
    with psycopg.connect(url, options=f"-csearch_path={schema}") as connection:
        seed(connection, events, members)
    figures = {"library, balances": _stock(url, schema, members, STOCK_EVENTS)}
    figures["all"], figures["all, last tenth"] = _catch_up(url, schema, PROJECTIONS)
    _check(url, schema)
    for name in PROJECTIONS:
        figures[name], _ = _catch_up(url, schema, [name])
    return figures


def seed(connection: psycopg.Connection[Any], events: int, members: int) -> None:
    """Write a log of so many events: enrolments first, then days of sign-ins, provisional and counted syncs."""
    with connection.cursor() as cursor:
        with cursor.copy(COPY_EVENTS) as copy:
            copy.set_types(["text", "int8", "text", "bytea", "int8"])
            for position, row in zip(range(1, events + 1), _rows(members), strict=False):
                copy.write_row((*row[:4], position))
        cursor.execute("UPDATE log_head SET position = (SELECT max(notification_id) FROM stored_events)")


def _rows(members: int) -> Iterator[EventRow]:
    """Each day of the template once for every copy of it, under other names."""
    story = Story()
    yield _row(story.log[0])
    for day in _days(story):
        rows = [_row(entry) for entry in day]
        for copy in range(members // TEMPLATE):
            for row in rows:
                old = row.originator_id[:8]
                new = f"p-{copy:03}{old[5:]}"
                state = row.state.replace(old.encode(), new.encode())
                yield EventRow(
                    row.originator_id.replace(old, new), row.originator_version, row.topic, state, 0
                )


def _row(entry: Entry) -> EventRow:
    return EventRow(entry.stream, entry.version, entry.event.TOPIC, encode(entry.event), 0)


def _days(story: Story) -> Iterator[list[Entry]]:
    people = [f"p-{number:06}" for number in range(TEMPLATE)]
    drawn = random.Random(20190701)
    begin = len(story.log)
    for who in people:
        story.enrol(who, at="06-30 09:00")
    yield story.log[begin:]
    for day in (f"{month:02}-{day:02}" for month in (7, 8, 9) for day in range(1, 31)):
        begin = len(story.log)
        for who in people:
            if drawn.random() < 0.2:
                story.signs_in(f"{day} 08:00", who=who)
            if drawn.random() < 0.15:
                story.syncs(drawn.randint(100, 9_000), f"{day} 12:30", who=who)
            story.syncs(drawn.randint(3_000, 16_000), f"{day} 20:30", who=who)
            if drawn.random() < 0.1:
                story.syncs(drawn.randint(3_000, 16_000), f"{day} 22:30", who=who)
        yield story.log[begin:]


def _catch_up(url: str, schema: str, names: Iterable[str]) -> tuple[float, float]:
    """Events per second over the whole log, and over its last tenth."""
    chosen = {name: PROJECTIONS[name] for name in names}
    with psycopg.connect(url, options=f"-csearch_path={schema}") as connection:
        tables = [table for projection in chosen.values() for table in projection.TABLES]
        connection.execute(f"TRUNCATE {', '.join(tables)}")
        connection.execute("DELETE FROM projection_tracking WHERE application_name = ANY(%s)", [list(chosen)])
    passed: list[tuple[int, float]] = []
    with Runner(url, schema, chosen) as runner:
        runner.status()
        began = perf_counter()
        runner.catch_up(lambda position, _: passed.append((position, perf_counter())))
    head, ended = passed[-1]
    position, at = next(mark for mark in passed if mark[0] >= head * 0.9)
    return head / (ended - began), (head - position) / (ended - at) if ended > at else 0.0


def _check(url: str, schema: str) -> None:
    """What was measured is right: every book sums to zero, and nothing is parked."""
    with psycopg.connect(url, options=f"-csearch_path={schema}") as connection:
        assert connection.execute("SELECT sum(balance) FROM balances").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM parked_events").fetchone() == (0,)


class StockView(PostgresTrackingRecorder):
    """Balances as one would write them with the library: a statement for each leg, and the tracking, per event."""

    @cached_property
    def _merge(self) -> Composed:
        values = query("balances_merge").replace(
            "SELECT account, asset, book, participant, balance, earned, position FROM moved_accounts",
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        )
        return SQL(values).format(balances=Identifier(self.datastore.schema, "balances"))

    def move(self, event: RecordedEvent, tracking: Tracking) -> None:
        """One event in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            for leg in event.event.postings:
                book, participant = owner(leg.account)
                moved = (
                    leg.account,
                    leg.asset,
                    book,
                    participant,
                    leg.amount,
                    leg.amount,
                    tracking.notification_id,
                )
                cursor.execute(self._merge, moved)
            self._insert_tracking(cursor, tracking)


class StockBalances(Projection[StockView]):
    """The library's projection: it is handed one event at a time."""

    name = "stock_balances"

    def process_event(self, domain_event: RecordedEvent, tracking: Tracking) -> None:
        """Move the balances and track."""
        self.view.move(domain_event, tracking)


def _stock(url: str, schema: str, after: int, events: int) -> float:
    """Events per second of the library's runner, from a position on."""
    env = application_env(url, schema)
    factory = InfrastructureFactory[StockView].construct(Environment(StockBalances.name, env))
    factory.tracking_recorder(StockView).insert_tracking(Tracking(LedgerApplication.name, after))
    factory.close()
    began = perf_counter()
    with ProjectionRunner(
        application_class=LedgerApplication,
        projection_class=StockBalances,
        view_class=StockView,
        env=env,
    ) as runner:
        runner.wait(after + events, timeout=120)
        return events / (perf_counter() - began)
