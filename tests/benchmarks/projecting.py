"""The projections catching up with a log that was written through the API, against the library's stock runner."""

from time import perf_counter
from typing import Any

import psycopg
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner

from ledger.application import LedgerApplication, application_env
from ledger.codec import RecordedEvent
from projections import PROJECTIONS
from projections.runner import Runner
from tests.benchmarks import service
from tests.benchmarks.report import Report
from tests.benchmarks.service import BATCH, post_all
from tests.benchmarks.workload import batches, enrolments, evening

PEOPLE = 10_000
DAYS = 6
STOCK_EVENTS = 3_000


def catching_up(report: Report) -> None:
    """All projections from the first event to the head, in one process; nobody else at work."""
    with service.database() as url:
        with service.running(url) as running:
            post_all(running, batches(list(enrolments(PEOPLE))), BATCH, 4)
            for day in range(DAYS):
                post_all(running, batches(list(evening(PEOPLE, day))), BATCH, 4)
        report.say(
            f"span: an empty view → the head, {PEOPLE * (DAYS + 1):,} events; read, decoded, written, committed"
        )
        rate = rate_of_catching_up(url)
        stock = _stock_rate(url)
    report.add("library: stock runner, one balance kept, one by one", stock, "events/s")
    report.add("projections catching up, all of them", rate, "events/s", "the library", rate / stock)


def rate_of_catching_up(url: str) -> float:
    """Events a second that all projections take in, until they are at the head."""
    with Runner(url, "jifen") as runner:
        began = perf_counter()
        events = runner.catch_up()
        rate = events / (perf_counter() - began)
        assert all(status.lag == 0 and status.parked == 0 for status in runner.status())
        assert len(runner.status()) == len(PROJECTIONS)
    return rate


class BalanceView(PostgresTrackingRecorder):
    """One balance an account, by the library's own means."""

    def add(self, accounts: dict[str, int], tracking: Tracking) -> None:
        """Add to balances, and track, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            for account, amount in accounts.items():
                cursor.execute(
                    "INSERT INTO stock_balances AS b VALUES (%s, %s)"
                    " ON CONFLICT (account) DO UPDATE SET balance = b.balance + EXCLUDED.balance",
                    (account, amount),
                )
            self._insert_tracking(cursor, tracking)


class Balances(Projection[BalanceView]):
    """The library's way: one event, one transaction."""

    name = "stock_balances"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Add the postings of an event."""
        assert isinstance(domain_event, RecordedEvent)
        moved: dict[str, int] = {}
        for leg in domain_event.event.postings:
            moved[leg.account] = moved.get(leg.account, 0) + leg.amount
        self.view.add(moved, tracking)


def _stock_rate(url: str) -> float:
    with psycopg.connect(url, options="-csearch_path=jifen") as connection:
        connection.execute("CREATE TABLE stock_balances (account text PRIMARY KEY, balance bigint NOT NULL)")
    env = application_env(url, "jifen")
    with ProjectionRunner(
        application_class=LedgerApplication, projection_class=Balances, view_class=BalanceView, env=env
    ) as runner:
        began = perf_counter()
        runner.wait(STOCK_EVENTS, timeout=120)
        return STOCK_EVENTS / (perf_counter() - began)
