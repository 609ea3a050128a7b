"""A rebuild beside the live view: the same rows, the same table, and nothing lost when it is killed."""

import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from projections import PROJECTIONS
from projections.rebuild import RebuildRunning, rebuild
from tests.conftest import Database
from tests.projections.logs import TABLES, append, campaign, catch_up, connect, one, runner, stored, views

ROOT = Path(__file__).parents[2]

STEP_BY_STEP = """
import sys
from projections.rebuild import rebuild

def progress(position, live):
    print(position, flush=True)
    sys.stdin.readline()

rebuild(*sys.argv[1:], progress, batch=10)
"""

SHAPE = """
    SELECT c.relname, c.relkind::text, coalesce(c.reloptions, '{}'), obj_description(c.oid, 'pg_class'),
        (SELECT array_agg((attname, format_type(atttypid, atttypmod), attnotnull, col_description(c.oid, attnum))::text
            ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
        (SELECT array_agg((conname, pg_get_constraintdef(o.oid))::text ORDER BY conname)
            FROM pg_constraint AS o WHERE conrelid = c.oid),
        CASE WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) END
    FROM pg_class AS c WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'i') ORDER BY 1
"""


@pytest.mark.parametrize("name", PROJECTIONS)
def test_the_rebuilt_view_has_the_same_rows_and_the_same_shape(database: Database, name: str) -> None:
    head = append(database, stored(campaign().log))
    catch_up(database)
    with connect(database) as connection:
        live, shape = views(database), connection.execute(SHAPE, [database.schema]).fetchall()
        report = rebuild(database.url, database.schema, name, batch=30)
        assert report.same
        assert report.position == head
        assert [(t.table, t.live) for t in report.tables] == [
            (table, len(live[table])) for table in PROJECTIONS[name].TABLES
        ]
        assert views(database) == live
        assert connection.execute(SHAPE, [database.schema]).fetchall() == shape
        tracked = "SELECT application_name FROM projection_tracking ORDER BY 1"
        assert [row[0] for row in connection.execute(tracked)] == sorted(PROJECTIONS)


def test_a_rebuild_reports_and_mends_what_was_wrong(database: Database) -> None:
    append(database, stored(campaign().log))
    catch_up(database)
    right = views(database)
    with connect(database) as connection:
        connection.execute("DELETE FROM days WHERE participant = 'p-1'")
        connection.execute("UPDATE days SET counted = 1 WHERE participant = 'p-2' AND counted IS NOT NULL")
    report = rebuild(database.url, database.schema, "progress")
    assert not report.same
    found = {table.table: (table.only_live, table.only_rebuilt) for table in report.tables}
    assert found == {"enrolments": (0, 0), "progress": (0, 0), "days": (5, 10), "checkpoints": (0, 0)}
    assert "days: 30 rows, 5 rows gone, 10 new; checkpoints: 0 rows, as before" in str(report)
    assert views(database) == right


def test_a_killed_rebuild_goes_on_where_it_was(database: Database) -> None:
    append(database, stored(campaign().log))
    catch_up(database)
    live = views(database)
    command = [sys.executable, "-c", STEP_BY_STEP, database.url, database.schema, "progress"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for expected in ("0", "10", "20", "30"):
            assert process.stdout.readline().strip() == expected
            if expected != "30":
                process.stdin.write("on\n")
        process.kill()
    told: list[int] = []
    with connect(database) as connection:
        assert one(connection, "SELECT to_regclass('days__rebuild') IS NOT NULL")
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'jifen rebuild progress' AND datname = current_database()"
        )
    report = rebuild(
        database.url, database.schema, "progress", lambda position, _: told.append(position), batch=10
    )
    assert told[0] == 30
    assert report.same
    assert views(database) == live


def test_starting_over_throws_away_what_was_built(database: Database) -> None:
    append(database, stored(campaign().log))
    catch_up(database)

    class Enough(Exception):
        pass

    def stop_at_40(position: int, _: int) -> None:
        if position == 40:
            raise Enough

    with pytest.raises(Enough):
        rebuild(database.url, database.schema, "balances", stop_at_40, batch=20)
    with connect(database) as connection:
        connection.execute("UPDATE balances__rebuild SET balance = balance + 1, earned = earned + 1")
    told: list[int] = []
    report = rebuild(
        database.url, database.schema, "balances", lambda position, _: told.append(position), start_over=True
    )
    assert told[0] == 0
    assert report.same


def test_runners_go_on_while_a_view_is_rebuilt(database: Database) -> None:
    story = campaign(participants=10, days=6)
    rows = stored(story.log)
    append(database, rows[:100])
    catch_up(database)
    left = iter(range(100, len(rows), 20))

    def more(_position: int, _live: int) -> None:
        """Between two batches of the rebuild, the log grows and the live view follows, as far as it is let."""
        begin = next(left, None)
        if begin is not None:
            append(database, rows[begin : begin + 20])

    stop = threading.Event()
    with runner(database, batch=50) as running:
        following = threading.Thread(target=running.run_forever, args=(stop,))
        following.start()
        for name in PROJECTIONS:
            assert rebuild(database.url, database.schema, name, more, batch=10).same
        assert next(left, None) is None
        stop.set()
        append(database, [])
        following.join()
    catch_up(database)
    live = views(database)
    for name in PROJECTIONS:
        rebuild(database.url, database.schema, name)
    assert views(database) == live


def test_one_rebuild_of_a_view_at_a_time(database: Database) -> None:
    append(database, stored(campaign().log))
    catch_up(database)
    refused: list[str] = []

    def again(_position: int, _live: int) -> None:
        with pytest.raises(RebuildRunning):
            rebuild(database.url, database.schema, "badges")
        refused.append("badges")

    rebuild(database.url, database.schema, "badges", again)
    assert refused
    with pytest.raises(KeyError):
        rebuild(database.url, database.schema, "no-such-view")


def test_a_prepared_statement_reads_the_rebuilt_table(database: Database) -> None:
    append(database, stored(campaign().log))
    catch_up(database)
    with connect(database) as connection, psycopg.ClientCursor(connection):
        asked = "SELECT count(*) FROM badges"
        before = connection.execute(asked, prepare=True).fetchone()
        rebuild(database.url, database.schema, "badges")
        assert connection.execute(asked, prepare=True).fetchone() == before


def test_every_table_belongs_to_one_view() -> None:
    assert len(set(TABLES)) == len(TABLES)
