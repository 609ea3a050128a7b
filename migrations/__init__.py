"""The only owner of tables: numbered SQL files, applied forward, each once and in order.

A ledger is one PostgreSQL schema; every object of ours is made inside it, yoyo's notes about what has been
applied included. The files carry a note to the operator on top and name no schema: the search path does.
`schema.sql` is for people to read and is what all of them add up to.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from yoyo.migrations import Migration

from migrations.backend import MIGRATION_TABLE, OneConnection

FOLDER = Path(__file__).parent
OLDEST_SERVER = 140000
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class MigrationError(Exception):
    """The database cannot be brought to this version. The message says why and what to do next."""


def migrate(url: str, schema: str) -> list[str]:
    """Apply what is pending and return the names, oldest first; nothing pending is an empty list.

    Durable when it returns. A migration is applied and noted in one transaction: a crash leaves it whole or
    absent. Any number of processes may call at once: one works, the others wait for it and find nothing to do.
    Raises MigrationError for a server older than 14, for a database that a newer Jifen has migrated, for a
    name that is no schema; psycopg.Error when the database fails.
    """
    with _connected(url, schema) as connection:
        if not _pending(connection, schema):
            return []  # as on a replica, or for somebody who may only read
        _take_turn(connection, schema)
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        todo = _pending(connection, schema)
        backend = OneConnection(connection, schema)
        for migration in todo:
            backend.apply_one(migration)
        return [migration.id for migration in todo]


def pending(url: str, schema: str) -> list[str]:
    """The names that `migrate` would apply. Reads only; raises as `migrate` does."""
    with _connected(url, schema) as connection:
        return [migration.id for migration in _pending(connection, schema)]


def known() -> list[str]:
    """The names of all migrations of this version, oldest first."""
    return [migration.id for migration in _migrations()]


def _migrations() -> list[Migration]:
    files = sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [Migration(file.stem, str(file), str(FOLDER)) for file in files]


@contextmanager
def _connected(url: str, schema: str) -> Iterator[psycopg.Connection]:
    if not IDENTIFIER.fullmatch(schema) or schema.startswith("pg_"):
        raise MigrationError(
            f"{schema!r} is no name for a schema: use a-z, 0-9 and _, beginning with a letter."
        )
    with psycopg.connect(url, autocommit=True, application_name="jifen migrate") as connection:
        if connection.info.server_version < OLDEST_SERVER:
            raise MigrationError(
                f"The server is PostgreSQL {connection.info.server_version // 10000}; Jifen needs 14 or newer. "
                f"Upgrade it, or leave JIFEN_DATABASE_URL empty to use the embedded one."
            )
        yield connection


def _take_turn(connection: psycopg.Connection, schema: str) -> None:
    """Wait until no other process migrates this schema. The lock goes with the connection, also after a kill."""
    connection.execute("SELECT pg_advisory_lock(hashtextextended('jifen migrate ' || %s, 0))", [schema])


def _pending(connection: psycopg.Connection, schema: str) -> list[Migration]:
    table = sql.Identifier(schema, MIGRATION_TABLE)
    there = connection.execute("SELECT to_regclass(%s)", [table.as_string(connection)]).fetchone()
    applied: set[str] = set()
    if there is not None and there[0] is not None:
        rows = connection.execute(sql.SQL("SELECT migration_id FROM {}").format(table))
        applied = {row[0] for row in rows}
    ours = _migrations()
    if strange := applied - {migration.id for migration in ours}:
        raise MigrationError(
            f"The schema {schema} was migrated by another version of Jifen: this one does not know "
            f"{', '.join(sorted(strange))}. Install the version that made it, or a newer one."
        )
    return [migration for migration in ours if migration.id not in applied]
