"""All five programmes published, everybody enrolled in two of them, against one programme alone, over HTTP."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from tests.benchmarks import service
from tests.benchmarks.report import Report
from tests.benchmarks.service import BATCH, Running, post_all
from tests.benchmarks.workload import batches, enrolments, evening

PEOPLE = 10_000
RULEBOOKS = service.RULEBOOK.parent
OTHERS = ("ec-2018", "js-2023", "zg", "sj")
FIRST_OF_EC = date(2018, 12, 3)


def all_published(report: Report) -> None:
    """Batches of 500 over 4 connections: sx-2019 alone, then with four more programmes and everybody in two of them."""
    report.say(
        "span: request bytes ready → all answers read; client, API and database share the cores; durable"
    )
    with service.database() as url, service.running(url) as running:
        alone = _sx(running)
    report.add("syncs, one programme", alone, "events/s", f"median of 5 evenings of {PEOPLE:,}")
    with service.database() as url, service.running(url) as running:
        with service.client(running.port, running.key) as asking:
            for campaign in OTHERS:
                service.publish(asking, (RULEBOOKS / f"{campaign}.toml").read_bytes())
        _post(running, list(_ec_enrolments()))
        eco = _median([_rate(running, list(_ec_evening(day))) for day in range(5)])
        among = _sx(running)
    report.add(
        "syncs of sx-2019 among five, people in two", among, "events/s", "one programme", among / alone
    )
    report.add("syncs of ec-2018 among five", eco, "events/s", "one programme", eco / alone)


def _sx(running: Running) -> float:
    _post(running, list(enrolments(PEOPLE)))
    return _median([_rate(running, list(evening(PEOPLE, day))) for day in range(5)])


def _post(running: Running, events: Sequence[dict[str, Any]]) -> float:
    load = post_all(running, batches(list(events)), BATCH, 4)
    assert load.accepted == len(events), f"{load.accepted} of {len(events)} events were accepted"
    return load.wall


def _rate(running: Running, events: Sequence[dict[str, Any]]) -> float:
    return len(events) / _post(running, events)


def _median(rates: list[float]) -> float:
    return sorted(rates)[len(rates) // 2]


def _ec_enrolments() -> Iterator[dict[str, Any]]:
    for event in enrolments(PEOPLE):
        yield _in_ec(event, FIRST_OF_EC, {"branch": "nanjing-federation"})


def _ec_evening(day: int) -> Iterator[dict[str, Any]]:
    on = FIRST_OF_EC + timedelta(days=day)
    for event in evening(PEOPLE, day):
        yield _in_ec(event, on, {**event["data"], "day": on.isoformat()})


def _in_ec(event: dict[str, Any], on: date, data: dict[str, Any]) -> dict[str, Any]:
    time = f"{on}{event['time'][10:]}"
    return {**event, "id": f"ec-{event['id']}", "campaign": "ec-2018", "time": time, "data": data}
