"""`jifen import steps` against a running service: what it takes, repeats and reports."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result

from api.cli.client import CloudEvent, Service
from api.cli.importing import importing


class Running(Protocol):
    """A running service of the test's own: a fresh ledger, JIFEN_CLOCK=events, sx-2019 published."""

    url: str
    key: str


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    """Three days of two people; the second day of p-1 was counted twice."""
    lines = (
        "Id,ActivityDate,TotalSteps",
        "1,2019-07-03,12000",
        "1,2019-07-01,8312",
        "2,2019-07-01,2100",
        "1,2019-07-02,9000",
        "1,2019-07-02,6500",
        "2,2019-07-02,-5",
        "3,2019-07-02,7000",
    )
    file = tmp_path / "steps.csv"
    file.write_text("\n".join(lines), "utf-8")
    return file


def enrol(service: Running, people: Iterable[str]) -> None:
    events = [
        CloudEvent(
            id=f"enrol-{person}",
            source="//test",
            type="jifen.enrolled",
            subject=person,
            time="2019-07-01T06:00:00+08:00",
            campaign="sx-2019",
            data={"branch": "西安市总工会"},
        )
        for person in people
    ]
    with Service(service.url, service.key) as client:
        assert {result.status for result in client.post_events(events)} == {"accepted"}


def run(service: Running, file: Path, *more: str) -> Result:
    arguments = [
        "--map",
        "person=Id,day=ActivityDate,steps=TotalSteps",
        "--campaign",
        "sx-2019",
        "--prefix",
        "p-",
    ]
    environment = {"JIFEN_URL": service.url, "JIFEN_KEY": service.key}
    return CliRunner(env=environment).invoke(importing, ["steps", str(file), *arguments, *more])


def remarks(report: Path) -> list[tuple[int, str, str]]:
    with report.open(encoding="utf-8-sig") as lines:
        return [(int(row["line"]), row["by"], row["code"]) for row in csv.DictReader(lines)]


@pytest.mark.rule("SX-05", "SX-06", "GX-01")
def test_an_import_is_counted_once_and_a_second_run_repeats_it(
    service: Running, csv_file: Path, tmp_path: Path
) -> None:
    enrol(service, ["p-1", "p-2"])
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    results = [run(service, csv_file, "--report", str(report), "--batch", "2") for report in (first, second)]
    assert [result.exit_code for result in results] == [1, 1], results[0].output
    assert (
        remarks(first)
        == remarks(second)
        == [
            (6, "notice", "later_count"),
            (7, "reader", "negative_steps"),
            (8, "service", "not_enrolled"),
        ]
    )
    assert re.search(r"已收 / taken +│ +│ +│ +5 │", results[0].stdout)
    assert re.search(r"重复 / taken before +│ +│ +│ +5 │", results[1].stdout)
    with Service(service.url, service.key) as client:
        position = client.get("/v1/events", after=0, limit=1)["head"]
        standing = client.get("/v1/campaigns/sx-2019/participants/p-1", at_least=position)
    assert standing["total_steps"] == 8312 + 6500 + 10_000
    assert standing["days_attained"] == 3


def test_a_clean_file_exits_with_0_however_often_it_is_sent(service: Running, tmp_path: Path) -> None:
    enrol(service, ["p-1"])
    file = tmp_path / "clean.csv"
    file.write_text("Id,ActivityDate,TotalSteps\n1,4/12/2016,8163\n1,4/13/2016,7007\n", "utf-8")
    results = [run(service, file, "--first-day", "2019-07-01") for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 0], results[0].output


def test_the_same_count_at_another_time_is_reported_as_a_conflict(service: Running, tmp_path: Path) -> None:
    enrol(service, ["p-1"])
    file = tmp_path / "one.csv"
    file.write_text("Id,ActivityDate,TotalSteps\n1,2019-07-01,8163\n", "utf-8")
    assert run(service, file).exit_code == 0
    again = run(service, file, "--at", "22:00")
    assert again.exit_code == 1
    assert "line 2: event_id_reused" in again.stdout


def test_a_wrong_key_stops_the_import_and_says_so(service: Running, csv_file: Path) -> None:
    result = run(service, csv_file, "--key", "nobody")
    assert result.exit_code == 2
    assert "401" in result.stderr
