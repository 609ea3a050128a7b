"""Real logs for the projections: what a Story decided, written where the writer would write it, and views read back."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from ledger.codec import encode
from ledger.enrolment import Enrolment
from projections import PROJECTIONS
from projections.log import BATCH
from projections.runner import Runner
from tests.conftest import Database
from tests.given import Entry, Story

Connection = psycopg.Connection[tuple[Any, ...]]
Row = tuple[str, int, str, bytes]
Rows = dict[str, list[tuple[Any, ...]]]

TABLES = [table for projection in PROJECTIONS.values() for table in projection.TABLES]


def connect(database: Database) -> Connection:
    """An autocommit connection to the schema."""
    connection = psycopg.connect(database.url, autocommit=True, options=f"-csearch_path={database.schema}")
    connection.execute("SET timezone TO 'UTC'")
    return connection


def stored(entries: Iterable[Entry]) -> list[Row]:
    """Stream, version, topic and bytes of each entry of a story."""
    return [(entry.stream, entry.version, entry.event.TOPIC, encode(entry.event)) for entry in entries]


def append(database: Database, rows: Sequence[Row]) -> int:
    """Write rows to the log as one group commit, and tell the listeners. Returns the new head."""
    with connect(database) as connection, connection.transaction():
        head = one(connection, "SELECT position FROM log_head FOR UPDATE")
        placed = [(*row, head + number) for number, row in enumerate(rows, start=1)]
        connection.cursor().executemany("INSERT INTO stored_events VALUES (%s, %s, %s, %s, %s)", placed)
        connection.execute("UPDATE log_head SET position = %s", (head + len(rows),))
        connection.execute("NOTIFY stored_events")
    return int(head + len(rows))


def one(connection: Connection, statement: str, *parameters: object) -> Any:
    """The only value of a query."""
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None
    return row[0]


def runner(database: Database, *, batch: int = BATCH) -> Runner:
    """A runner of all projections."""
    return Runner(database.url, database.schema, batch=batch)


def catch_up(database: Database, *, batch: int = BATCH) -> None:
    """Deliver the whole log."""
    with runner(database, batch=batch) as running:
        running.catch_up()


def views(database: Database, tables: Iterable[str] = TABLES) -> Rows:
    """All rows of the views, sorted by their keys."""
    with connect(database) as connection:
        return {table: sorted(connection.execute(f"TABLE {table}").fetchall(), key=repr) for table in tables}


def forget(database: Database, *, log: bool = False) -> None:
    """Empty all views and begin them again; with ``log``, empty the log too."""
    with connect(database) as connection:
        connection.execute(f"TRUNCATE {', '.join(TABLES)}, parked_events, projection_tracking")
        if log:
            connection.execute("TRUNCATE stored_events")
            connection.execute("UPDATE log_head SET position = 0")


def campaign(participants: int = 6, days: int = 4) -> Story:
    """A story of some participants: trial, sign-ins, provisional and counted syncs, a lower one, a reflection."""
    story = Story()
    everybody = [f"p-{number}" for number in range(1, participants + 1)]
    for who in everybody:
        story.enrol(who, at="06-20 09:00")
        story.signs_in("06-21 09:00", who=who).syncs(7000, "06-21 20:30", who=who)
    for day in range(1, days + 1):
        for number, who in enumerate(everybody):
            story.signs_in(f"07-{day:02} 08:00", who=who)
            story.syncs(3000 + number, f"07-{day:02} 12:00", who=who)
            story.syncs(9000 + 100 * number, f"07-{day:02} 21:00", who=who)
        story.syncs(4000, f"07-{day:02} 22:00", who=everybody[0])
    return story


def expected_progress(state: Enrolment) -> tuple[int, int, int]:
    """Total steps, days attained and sign-in days, as the ledger itself knows them."""
    return state.play.total, state.play.attained, state.play.sign_ins
