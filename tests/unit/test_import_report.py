"""`jifen import steps --dry-run`: what is said of a file before anything is sent, and the events it would become."""

import csv
import datetime as dt
from importlib.resources import as_file, files
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from click.testing import CliRunner, Result

from api.cli.importing import Sender, importing
from api.cli.steps_csv import Row

DIRTY = Path(__file__).parents[1] / "data" / "steps_dirty.csv"
FITBIT = ("--map", "person=Id,day=ActivityDate,steps=TotalSteps")
SENDER = Sender("sx-2019", "//import/sx-2019", "csv", dt.time(21), ZoneInfo("Asia/Shanghai"))
ROW = Row(line=2, person="p-1", day=dt.date(2019, 7, 1), steps=8312, occurrence=1, follows=None)


def run(*arguments: str) -> Result:
    return CliRunner(env={"JIFEN_KEY": ""}).invoke(importing, ["steps", "--campaign", "sx-2019", *arguments])


def test_an_event_says_what_the_row_says() -> None:
    assert msgspec.to_builtins(SENDER.event(ROW)) == {
        "specversion": "1.0",
        "id": SENDER.event(ROW).id,
        "source": "//import/sx-2019",
        "type": "jifen.steps_synced",
        "subject": "p-1",
        "time": "2019-07-01T21:00:00.000+08:00",
        "campaign": "sx-2019",
        "data": {"day": "2019-07-01", "steps": 8312, "provider": "csv"},
    }


@pytest.mark.rule("GX-01")
def test_an_id_follows_from_what_is_said_and_not_from_where_it_stands() -> None:
    moved = msgspec.structs.replace(ROW, line=99)
    assert SENDER.event(moved).id == SENDER.event(ROW).id
    others = [
        msgspec.structs.replace(ROW, person="p-2"),
        msgspec.structs.replace(ROW, day=dt.date(2019, 7, 2)),
        msgspec.structs.replace(ROW, steps=8313),
        msgspec.structs.replace(ROW, occurrence=2),
    ]
    assert len({SENDER.event(row).id for row in (ROW, *others)}) == 5


def test_a_later_count_is_dated_after_the_one_before() -> None:
    times = [SENDER.event(msgspec.structs.replace(ROW, occurrence=number)).time for number in (1, 2, 3)]
    assert times == sorted(set(times))


def test_a_dry_run_names_every_line_that_would_not_be_taken(tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    result = run(str(DIRTY), *FITBIT, "--dry-run", "--first-day", "2019-07-01", "--report", str(report))
    assert result.exit_code == 1
    assert "line 17: impossible_date: There is no 2016-02-30 in the calendar" in result.stdout
    assert "Dates are read month-first" in result.stderr
    with report.open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert [int(row["line"]) for row in rows] == sorted(int(row["line"]) for row in rows)
    assert {row["by"] for row in rows} == {"reader", "notice"}
    assert [row["text"] for row in rows if row["by"] == "notice"] == [
        "1624580081 2019-07-19 8163",
        "8053475328 2019-07-19 18060",
    ]


def test_a_clean_file_is_taken_whole() -> None:
    with as_file(files("api") / "samples" / "fitabase_2016" / "daily_steps.csv") as sample:
        result = run(str(sample), *FITBIT, "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "988" in result.stdout


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        ("person,day,steps\na,4/5/2016,5\n", ["--dry-run"], "--date-format"),
        ("person,day\n", ["--dry-run"], "no column steps"),
        ("person,day,steps\n", [], "needs a key"),
        ("person,day,steps\n", ["--dry-run", "--map", "person"], "person="),
        ("person,day,steps\n", ["--dry-run", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
        ("person,day,steps\n", ["--dry-run", "--first-day", "2019-07-01", "--shift-days", "1"], "either"),
        ("person,day,steps\n", ["--key", "k", "--url", "http://host:port"], "not the address"),
        ("person,day,steps\n", ["--key", "k", "--url", "localhost:8000"], "not the address"),
    ],
)
def test_what_cannot_run_says_why_and_exits_with_2(
    content: str, arguments: list[str], says: str, tmp_path: Path
) -> None:
    file = tmp_path / "steps.csv"
    file.write_text(content, "utf-8")
    result = run(str(file), *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
