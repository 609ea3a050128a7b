"""yoyo's PostgreSQL backend, on one connection of ours.

The stock one takes a URL apart (a libpq connection string over a socket does not survive that), applies a
migration on one connection and notes it on another, and keeps its lock as a row that a killed process leaves
behind. Here a migration and its note are one transaction, and the caller holds an advisory lock.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.migrations import Migration

MIGRATION_TABLE = "_yoyo_migration"


class OneConnection(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo ships no types
    """yoyo on an open autocommit connection, inside one schema. The caller holds the lock and closes."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._ours = connection
        self._search_path = sql.SQL("SET search_path TO {}").format(sql.Identifier(schema))
        nowhere = DatabaseURI("postgresql+psycopg", None, None, None, None, connection.info.dbname, {})
        super().__init__(nowhere, MIGRATION_TABLE)

    def connect(self, dburi: DatabaseURI) -> psycopg.Connection:  # noqa: ARG002 - yoyo's signature
        """The connection that we were given."""
        return self._ours

    def init_connection(self, connection: psycopg.Connection) -> None:
        """Make every unqualified name mean our schema. yoyo also calls it after a rollback."""
        connection.execute(self._search_path)

    @contextmanager
    def lock(self, timeout: float = 0) -> Iterator[None]:  # noqa: ARG002 - yoyo's signature
        """Nothing to do: the caller's advisory lock is held."""
        yield

    def apply_one(self, migration: Migration, force: bool = False, mark: bool = True) -> None:
        """Apply a migration and note it, both or neither; `-- transactional: false` in the file asks for neither
        transaction, for statements such as CREATE INDEX CONCURRENTLY."""
        self.ensure_internal_schema_updated()
        migration.load()
        with self.transaction() if migration.use_transactions else nullcontext():
            migration.process_steps(self, "apply", force=force)
            if mark:
                self.mark_one(migration)

    def get_log_data(self, migration: Migration | None = None, operation: str = "apply") -> dict[str, Any]:
        """Who did what, without yoyo's look-ups: an account without a name and a machine without a name
        server are both common in containers."""
        return {
            "id": str(uuid4()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": self._ours.info.user,
            "hostname": socket.gethostname(),
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }
