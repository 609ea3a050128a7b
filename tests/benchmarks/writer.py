"""The writer in one process, against the eventsourcing library's stock load-and-save of the same rule."""

from datetime import date
from time import perf_counter
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

import migrations
from ledger.application import application_env
from ledger.campaign import publish_request
from ledger.clock import Clock
from ledger.command import Request, request
from ledger.commands import COMMAND_TYPES
from ledger.ledger import Ledger
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load
from ledger.steps import day_points, reached
from tests.benchmarks import service
from tests.benchmarks.report import Report
from tests.benchmarks.workload import enrolments, evening, instant
from tests.store.vaults import VAULT

PEOPLE = 10_000
STOCK_PEOPLE = 500
BATCH = 500

RULES: Rulebook = load(service.RULEBOOK.read_text())


class Walker(Aggregate):
    """The step rule of the same rulebook as a stock aggregate of the library."""

    def __init__(self) -> None:
        self.total = 0
        self.balance = 0
        self.lit = 0
        self.days: dict[str, tuple[int, int]] = {}

    def sync(self, day: str, steps: int) -> None:
        """Decide what a sync counts and earns, as ledger.steps does."""
        assert RULES.steps is not None
        counted = min(steps, RULES.steps.daily_cap)
        earned = sum(day_points(RULES, counted, counted >= RULES.steps.daily_goal).values())
        was, earned_before = self.days.get(day, (0, 0))
        total = self.total - was + counted
        self.synced(
            day, steps, counted, earned, earned - earned_before, total, reached(RULES.thresholds, total)
        )

    @event("Synced")
    def synced(
        self, day: str, steps: int, counted: int, earned: int, moved: int, total: int, lit: int
    ) -> None:
        """What follows from a sync; the raw steps are kept in the event."""
        del steps
        self.days[day] = (counted, earned)
        self.total = total
        self.balance += moved
        self.lit = lit


class Walking(Application[Any]):
    """A stock application of the library."""


def against_the_library(report: Report) -> None:
    """Commands decided and committed in one process, batches of 500, against stock load-and-save; both durable."""
    report.say(
        "span: requests built → outcomes returned, in one process; the library: get, decide, save, one by one"
    )
    stock = _stock_rate()
    ours = _writer_rate()
    report.add("library: load and save, one by one", stock, "commands/s")
    report.add(
        "writer: decided and committed, batches of 500", ours, "commands/s", "the library", ours / stock
    )


def _writer_rate() -> float:
    with service.database() as url:
        migrations.migrate(url, "jifen")
        with Ledger(url, "jifen", VAULT).start() as ledger:
            ledger.set_clock(Clock.following_events())
            ledger.writer.submit_now([publish_request(service.RULEBOOK.read_text(), actor="bench")])
            _submit(ledger, [_request(said) for said in enrolments(PEOPLE)])
            rates = []
            for day in range(5):
                requests = [_request(said) for said in evening(PEOPLE, day)]
                rates.append(PEOPLE / _submit(ledger, requests))
    return sorted(rates)[len(rates) // 2]


def _submit(ledger: Ledger, requests: list[Request]) -> float:
    began = perf_counter()
    for start in range(0, len(requests), BATCH):
        outcomes = ledger.writer.submit_now(requests[start : start + BATCH])
        assert all(outcome.status == "accepted" for outcome in outcomes)
    return perf_counter() - began


def _request(said: dict[str, Any]) -> Request:
    import msgspec

    return request(
        msgspec.convert(said["data"], COMMAND_TYPES[said["type"]]),
        source=said["source"],
        id=said["id"],
        campaign=said["campaign"],
        participant=said["subject"],
        occurred_at=instant(said),
    )


def _stock_rate() -> float:
    with service.database() as url:
        env = application_env(url, "public")
        del env["APPLICATION_RECORDER_TOPIC"], env["MAPPER_TOPIC"], env["ORIGINATOR_ID_TYPE"]
        application = Walking(env)
        ids = []
        for _ in range(STOCK_PEOPLE):
            walker = Walker()
            application.save(walker)
            ids.append(walker.id)
        rates = []
        for day in range(3):
            began = perf_counter()
            for n, walker_id in enumerate(ids):
                walker = application.repository.get(walker_id)
                walker.sync(date(2019, 7, 1 + day).isoformat(), 3000 + n * 13 % 9000)
                application.save(walker)
            rates.append(STOCK_PEOPLE / (perf_counter() - began))
        application.close()
    return sorted(rates)[len(rates) // 2]
