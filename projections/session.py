"""Connections of the runner and of rebuilds: which schema, and the settings that their work rests on."""

from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

Connection = psycopg.Connection[tuple[Any, ...]]

SETTINGS = (
    # Rows and tracking are one transaction: if the server dies, both go back, and the log is read again from there.
    "SET synchronous_commit TO off",
    # Merges look up single rows in the index. A plan made while a table was small would read all of it for ever.
    "SET enable_seqscan TO off",
    "SET jit TO off",
    "SET timezone TO 'UTC'",
)


def connect(url: str, schema: str, purpose: str) -> Connection:
    """An autocommit connection to a ledger's schema. Raises psycopg.OperationalError when the database is away."""
    connection = psycopg.connect(url, autocommit=True, application_name=f"jifen {purpose}")
    try:
        connection.execute(SQL("SET search_path TO {}").format(Identifier(schema)))
        for setting in SETTINGS:
            connection.execute(setting)
    except BaseException:
        connection.close()
        raise
    return connection
