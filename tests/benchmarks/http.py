"""POST /v1/events: in batches, one by one, against raw COPY, and with a million events already there."""

import psycopg
from psycopg.rows import tuple_row

from tests.benchmarks import copying, service
from tests.benchmarks.projecting import rate_of_catching_up
from tests.benchmarks.report import Report
from tests.benchmarks.service import BATCH, SINGLE, Running, post_all
from tests.benchmarks.workload import batches, encode, enrolments, evening

PEOPLE = 10_000
SINGLES = 30_000
MANY_PEOPLE = 100_000
MANY_EVENTS = 1_000_000


def batched(report: Report) -> None:
    """Batches of 500 over 4 connections, one by one over 64, and the same rows by raw COPY."""
    with service.database() as url:
        with service.running(url) as running:
            rate = _batched(report, running, "http batches of 500, 4 connections")
            _singles(report, running)
        raw = copying.rate_of_copying_the_log(url)
        report.add(
            "raw binary COPY of the same rows", raw, "rows/s", "already encoded, one commit, all indexes"
        )
        report.add("share of it through HTTP batches", 100 * rate / raw, "%", "raw binary COPY", rate / raw)
        by_commits = copying.rate_of_copying_by_commits(url)
        report.add(
            "psycopg's COPY of the same rows", by_commits, "rows/s", "1,000 rows a commit, all indexes"
        )
        share = rate / by_commits
        report.add("share of that through HTTP batches", 100 * share, "%", "psycopg's COPY", share)


def _batched(report: Report, running: Running, name: str, days: range = range(4), prefix: str = "p") -> float:
    report.say(
        "span: request bytes ready → all answers read; client, API and database share the cores; durable"
    )
    post_all(running, batches(list(enrolments(PEOPLE, prefix))), BATCH, 4)
    rates = []
    for day in days:
        load = post_all(running, batches(list(evening(PEOPLE, day, prefix))), BATCH, 4)
        assert load.accepted == PEOPLE, f"{load.accepted} of {PEOPLE} syncs were accepted"
        rates.append(PEOPLE / load.wall)
    rate = sorted(rates)[len(rates) // 2]
    report.add(name, rate, "events/s", f"median of {len(rates)} runs of {PEOPLE:,}")
    return rate


def _singles(report: Report, running: Running) -> None:
    events = [event for turn in range(1, 4) for event in evening(PEOPLE, 3, turn=turn)]
    bodies = [encode(event) for event in events]
    post_all(running, bodies[:2000], SINGLE, 64)
    load = post_all(running, bodies[2000:], SINGLE, 64)
    assert load.accepted == len(bodies) - 2000, "every single sync is accepted"
    report.add("http one by one, 64 connections", load.accepted / load.wall, "events/s")
    report.add("http one by one, p50", 1000 * load.percentile(0.50), "ms")
    report.add("http one by one, p99", 1000 * load.percentile(0.99), "ms")


def grown(report: Report) -> None:
    """The same batches on an empty ledger, and with a million events of 100,000 members in the log."""
    with service.database() as url, service.running(url) as running:
        empty = _batched(report, running, "http batches, empty ledger", range(5), "first")
        views_empty = rate_of_catching_up(url)
        report.say(f"filling the log with {MANY_EVENTS:,} events of {MANY_PEOPLE:,} people through the API")
        post_all(running, batches(list(enrolments(MANY_PEOPLE))), BATCH, 4)
        day = 5
        while _head(url) < MANY_EVENTS:
            post_all(running, batches(list(evening(MANY_PEOPLE, day))), BATCH, 4)
            day += 1
        rate = _batched(report, running, "http batches, a million events", range(day, day + 5), "late")
        report.add("with a million events against empty", rate, "events/s", "the empty ledger", rate / empty)
        report.say("the projections catch up with all that, then with five evenings more")
        report.add("projections catching up with a million events", rate_of_catching_up(url), "events/s")
        for later in range(day + 5, day + 10):
            post_all(running, batches(list(evening(PEOPLE, later, "late"))), BATCH, 4)
        views = rate_of_catching_up(url)
        report.add(
            "projections, a million events on", views, "events/s", "the empty ledger", views / views_empty
        )
        report.add("resident memory of the API process after that", running.resident_mb(), "MB")


def _head(url: str) -> int:
    with psycopg.connect(url, row_factory=tuple_row, options="-csearch_path=jifen") as connection:
        return int(connection.execute("SELECT position FROM log_head").fetchall()[0][0])
