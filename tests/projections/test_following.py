"""A runner that follows: it wakes by a notice, one leads, another takes over, and a lost connection is no end."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from projections import PROJECTIONS
from projections import runner as runners
from projections.reads import Connection
from projections.waiting import ViewBehind, wait_for
from tests.conftest import Database
from tests.projections.logs import append, campaign, connect, forget, runner, stored, views

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0

WORKER = """
import sys, threading
from projections.runner import Runner
Runner(*sys.argv[1:], batch=5).run_forever(threading.Event())
"""

LEADERS = """
    SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database
    WHERE locktype = 'advisory' AND datname = current_database()
"""


def reached(
    database: Database, position: int, timeout: float = PATIENCE, names: Iterable[str] | None = None
) -> int:
    """Wait, as a reader of the API does, until all views, or these, are at a position."""

    async def waiting() -> int:
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, options=f"-csearch_path={database.schema}"
        ) as connection:
            return await wait_for(connection, position, timeout, names)

    return asyncio.run(waiting())


@contextmanager
def follower(database: Database) -> Iterator[threading.Thread]:
    """A runner that follows in a thread of its own until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=runner(database).run_forever, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        append(database, [])  # a notice, so that it need not wait for its next look
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_commit_wakes_the_follower_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "POLL", 600.0)  # from here on only a notice can wake it in time
    rows = stored(campaign().log)
    with follower(database):
        for begin in range(0, len(rows), 20):
            head = append(database, rows[begin : begin + 20])
            assert reached(database, head) >= head


def test_what_was_not_announced_is_found_anyway(database: Database) -> None:
    rows = stored(campaign().log)
    with follower(database):
        reached(database, append(database, rows[:1]))
        with connect(database) as connection, connection.transaction():
            connection.cursor().executemany(
                "INSERT INTO stored_events VALUES (%s, %s, %s, %s, %s)", [(*rows[1], 2), (*rows[2], 3)]
            )
            connection.execute("UPDATE log_head SET position = 3")
        assert reached(database, 3) == 3


def test_each_batch_is_announced(database: Database) -> None:
    with connect(database) as connection:
        connection.execute("LISTEN projection_tracking")
        append(database, stored(campaign().log))
        with runner(database, batch=40) as running:
            running.catch_up()
        heard = [notice.channel for notice in connection.notifies(timeout=PATIENCE, stop_after=1)]
    assert set(heard) == {"projection_tracking"}


def test_when_the_leader_is_killed_another_takes_over(database: Database) -> None:
    rows = stored(campaign(participants=40).log)
    command = [sys.executable, "-c", WORKER, database.url, database.schema]
    with subprocess.Popen(command, cwd=ROOT) as leader:
        try:
            reached(database, append(database, rows[:30]))
            with follower(database), connect(database) as connection:
                assert connection.execute(LEADERS).fetchone() == (1,)
                head = append(database, rows[30:])
                reached(database, 40)  # it is in the middle of the rest, five events at a time
                leader.kill()
                leader.wait(PATIENCE)
                assert reached(database, head) == head
                assert connection.execute(LEADERS).fetchone() == (1,)
        finally:
            leader.kill()
    followed = views(database)
    forget(database)
    with runner(database) as running:
        running.catch_up()
    assert views(database) == followed


def test_a_follower_comes_back_after_its_connections_are_cut(database: Database) -> None:
    rows = stored(campaign().log)
    with follower(database) as thread, connect(database) as connection:
        reached(database, append(database, rows[:30]))
        for application in ("jifen projections", "jifen projections log", "jifen projections watch"):
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = %s AND datname = current_database()",
                [application],
            )
        head = append(database, rows[30:])
        assert reached(database, head) == head
        assert thread.is_alive()


def test_a_new_leader_tries_parked_events_again(database: Database) -> None:
    rows = stored(campaign().log)
    broken = (*rows[10][:3], b"{}")
    append(database, [*rows[:10], broken, *rows[11:]])
    with runner(database) as running:
        running.catch_up()
        assert running.parked()
        with connect(database) as connection:
            connection.execute(
                "UPDATE stored_events SET state = %s WHERE notification_id = 11", [rows[10][3]]
            )
        with follower(database):
            reached(database, append(database, [("campaign/other", 1, *rows[0][2:])]))
        assert running.parked() == []


def test_a_view_that_cannot_be_written_does_not_keep_a_leader_from_the_others(database: Database) -> None:
    rows = stored(campaign().log)
    append(database, [*rows[:10], (*rows[10][:3], b"{}"), *rows[11:20]])
    with runner(database) as running, connect(database) as connection:
        running.catch_up()
        assert running.parked()
        connection.execute("ALTER TABLE days RENAME TO gone")
        with follower(database):
            head = append(database, rows[20:])
            others = [name for name in PROJECTIONS if name != "progress"]
            assert reached(database, head, names=others) == head
        lag = {status.name: status.lag for status in running.status()}
        assert lag == dict.fromkeys(others, 0) | {"progress": head - 20}


def test_a_reader_is_told_when_the_view_is_behind(database: Database) -> None:
    append(database, stored(campaign().log[:9]))
    with runner(database, batch=4) as running:
        running.run_once()
        assert reached(database, 4) == 4
        with pytest.raises(ViewBehind) as caught:
            reached(database, 9, timeout=0.05)
        assert (caught.value.wanted, caught.value.reached) == (9, 4)
        running.catch_up()
    assert reached(database, 9, timeout=0) == 9


def test_waiting_readers_hold_no_connection_of_the_pool(database: Database) -> None:
    head = append(database, stored(campaign().log))

    async def many() -> list[int]:
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            database.url,
            min_size=1,
            max_size=2,
            open=False,
            kwargs={"autocommit": True, "options": f"-csearch_path={database.schema}"},
        )
        async with pool:
            waiting = [asyncio.create_task(wait_for(pool, head, PATIENCE)) for _ in range(50)]
            others = asyncio.create_task(wait_for(pool, 0, 0))
            assert await others < head
            with runner(database) as running:
                await asyncio.to_thread(running.catch_up)
            return await asyncio.gather(*waiting)

    assert asyncio.run(many()) == [head] * 50
