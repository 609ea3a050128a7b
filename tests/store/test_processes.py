"""Several real processes on one database, and processes that are killed."""

import subprocess
import sys
from pathlib import Path

import psycopg

from ledger.audit import audit
from tests.conftest import Database
from tests.store.playing import Playing

ROOT = Path(__file__).parents[2]


def hammer(database: Database, name: str, groups: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.hammer", database.url, database.schema, name, str(groups)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def positions(database: Database) -> dict[str, list[int]]:
    """Where the events of each request stand, by its id."""
    found: dict[str, list[int]] = {}
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        for id, position in connection.execute("SELECT event ->> 'id', position FROM log ORDER BY position"):
            found.setdefault(id, []).append(position)
    return found


def assert_answers_stand(database: Database, answers: list[str]) -> None:
    """Every answer names the place where its one event stands; no position is missing and the book is right."""
    found = positions(database)
    assert answers
    for answer in answers:
        id, status, position = answer.split()
        assert status == "accepted"
        assert found[id] == [int(position)]
    report = audit(database.url, database.schema)
    assert report.sound, report.faults


def test_two_processes_never_lose_double_or_reorder_an_event(database: Database) -> None:
    with Playing(database):
        pass
    processes = [hammer(database, name, groups=60) for name in ("a", "b")]
    answers = [line for process in processes for line in process.communicate(timeout=120)[0].splitlines()]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(answers) == 2 * 60 * 20
    assert_answers_stand(database, answers)


def test_a_killed_writer_has_lost_nothing_that_it_answered(database: Database) -> None:
    with Playing(database):
        pass
    answers = []
    for name in ("a", "b", "c"):
        with hammer(database, name, groups=0) as process:
            assert process.stdout is not None
            answers += [process.stdout.readline() for _ in range(400)]
            process.kill()
            answers += [
                line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")
            ]
    survivor = hammer(database, "d", groups=3)
    answers += survivor.communicate(timeout=60)[0].splitlines()
    assert_answers_stand(database, [answer.rstrip() for answer in answers])
