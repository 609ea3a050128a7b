"""The scheduler of a running service: after days of downtime, with two workers, and when one of them is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs

from api.scheduler import Scheduler
from ledger.campaign import publish_request
from ledger.clock import Clock
from tests.api.conftest import ROOT, Service, running
from tests.api.fair import DAYS, FAIR, Fair
from tests.conftest import Database
from tests.store.playing import Playing

PEOPLE = ("p-1", "p-2", "p-3")


def play(fair: Fair) -> None:
    """Three people sign in on each day, one draws from the packets, and all have walked."""
    fair.enrol(*PEOPLE)
    fair.attend(*PEOPLE)
    fair.said("draw_requested", "p-1", "2023-11-04T09:00:00", pool="packet")
    for number, who in enumerate(PEOPLE):
        day = DAYS[-1]
        fair.said("steps_synced", who, f"{day}T20:00:00", day=day, steps=9000 - number, provider="werun")


def acts(fair: Fair) -> dict[str, int]:
    """How often each of the scheduler's events is in the log of the fair."""
    found: dict[str, int] = {}
    for topic in ALL:
        found[topic] = len([e for e in fair.events(topic) if e["data"]["source"] == "//jifen/scheduler"])
    return found


ALL = {
    "day-closed.v1": 3,
    "pool-closed.v1": 4,  # all but the places
    "seed-revealed.v1": 2,  # of the instant ones
    "board-frozen.v1": 1,
    "chance-granted.v1": 2,  # of the first two of the board
    "chance-expired.v1": 9,  # nobody used a sign-in's
    "places-awarded.v1": 1,
    "activity-refused.v1": 0,
}


@pytest.mark.rule("SX-05", "SX-18", "SX-23", "SX-24", "JS-08", "JS-10")
def test_time_alone_closes_days_and_pools_freezes_the_board_and_expires_chances(service: Service) -> None:
    fair = Fair(service)
    play(fair)
    fair.until(lambda: acts(fair)["day-closed.v1"] == 2)
    fair.until(lambda: acts(fair)["pool-closed.v1"] == 1)  # the packets, at noon
    fair.pass_to("2023-11-05T00:09:59")
    assert fair.read("rankings/walkers").json()["frozen"] is False
    fair.pass_to("2023-11-05T00:10:00")
    fair.until(lambda: acts(fair)["places-awarded.v1"])
    assert acts(fair)["chance-granted.v1"] == 2
    fair.pass_to("2023-11-20T00:00:00")
    fair.until(lambda: acts(fair) == ALL)
    ranking = fair.get("rankings/walkers")
    (frozen,) = fair.events("board-frozen.v1")
    assert (ranking["frozen"], ranking["root"]) == (True, frozen["data"]["root"])
    assert [row["entrant"] for row in ranking["rows"]] == list(PEOPLE)


@pytest.mark.rule("SX-24")
def test_places_are_awarded_once_by_whoever_is_first(service: Service) -> None:
    fair = Fair(service)
    play(fair)
    fair.pass_to("2023-11-05T00:10:00")
    fair.until(lambda: acts(fair)["places-awarded.v1"])
    answer = fair.write("draws/medals/places")
    assert (answer.status_code, answer.json()["code"]) == (422, "chance_used")
    (awarded,) = fair.events("places-awarded.v1")
    assert awarded["data"]["winners"] == [[1, "p-1", "gold"], [2, "p-2", "silver"]]


DAMAGE = """
    UPDATE stored_events
    SET state = convert_to(replace(convert_from(state, 'UTF8'), 'format = 1', 'format = '), 'UTF8')
    WHERE originator_id = 'campaign/broken' AND topic = 'campaign-published.v1'
"""
CLOSED = """
    SELECT originator_id, count(*) FROM stored_events
    WHERE topic = 'day-closed.v1' AND originator_id <> 'campaign/sx-2019' GROUP BY 1
"""


@pytest.mark.rule("SX-05")
def test_a_campaign_whose_rules_cannot_be_read_stops_no_other(database: Database) -> None:
    """In this process, so that nobody has read the rules before they are damaged."""
    broken = FAIR.replace('id = "fair"', 'id = "broken"')
    options = f"-csearch_path={database.schema}"
    with Playing(database) as playing, psycopg.connect(database.url, options=options) as connection:
        playing.submit(*(publish_request(text, actor="test") for text in (broken, FAIR)))
        assert connection.execute(DAMAGE).rowcount == 1
        connection.commit()
        playing.ledger.set_clock(Clock(datetime(2023, 11, 6, tzinfo=UTC)))
        scheduler = Scheduler(playing.ledger)
        with closing(scheduler), capture_logs() as logged:
            while scheduler.run_once():
                pass
        assert dict(connection.execute(CLOSED).fetchall()) == {"campaign/fair": 3}
    (failed, *_) = [line for line in logged if line["event"] == "scheduler_failed"]
    assert failed["campaign"] == "broken"


@contextmanager
def worker(database: Database) -> Iterator["subprocess.Popen[bytes]"]:
    """One more worker on a database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli.main", "worker"],
        cwd=ROOT,
        env={**os.environ, "JIFEN_DATABASE_URL": database.url},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def leader(database: Database) -> int:
    """Process id of the server's session that leads, 0 for none."""
    with psycopg.connect(database.url) as connection:
        row = connection.execute(
            "SELECT l.pid FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'jifen scheduler'"
            " AND a.datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


def workers_of(service: Service) -> list[int]:
    """Process ids of the service's own worker."""
    parent = service.process.pid
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.rule("GX-01", "GX-02")
def test_downtime_two_workers_and_a_kill_change_nothing(database: Database, tmp_path: Path) -> None:
    """Three workers on one ledger. The clock jumps, and in that moment the one that leads is killed."""
    with running(database, tmp_path) as service:
        fair = Fair(service)
        led_by = fair.until(lambda: leader(database))
        with worker(database), worker(database):
            play(fair)
            (killed,) = workers_of(service)
            fair.pass_to("2023-11-05T00:10:00")
            os.kill(killed, signal.SIGKILL)
            fair.until(lambda: acts(fair)["places-awarded.v1"] and acts(fair)["chance-granted.v1"])
            fair.pass_to("2023-11-20T00:00:00")
            fair.until(lambda: acts(fair) == ALL)
            assert fair.until(lambda: leader(database)) != led_by
        fair.pass_to("2023-11-21T00:00:00")
        fair.until(lambda: leader(database))
        assert acts(fair) == ALL
    with running(database, tmp_path, service.key) as service:
        again = Fair(service)
        again.until(lambda: leader(database))
        again.enrol("p-9", at="2023-11-04T23:00:00")
        assert acts(again) == ALL
