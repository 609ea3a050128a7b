"""Databases for tests: one server per run, one migrated template, a clone of it for every test that asks."""

import base64
import itertools
import os
from collections.abc import Iterator
from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from ledger import postgres
from migrations import migrate

SCHEMA = "jifen"
settings.register_profile("jifen", deadline=None)
settings.load_profile("jifen")  # a busy machine is no fault of what is tested
os.environ["JIFEN_MASTER_KEY"] = base64.b64encode(bytes(range(32))).decode()
"""So that no process of a test makes a key of its own in the working directory."""


class Database(msgspec.Struct, frozen=True):
    """An empty, migrated ledger of a test's own."""

    url: str
    schema: str = SCHEMA


class Server(msgspec.Struct, frozen=True):
    """A PostgreSQL whose databases tests may make and drop."""

    url: str

    def execute(self, statement: LiteralString, name: str, other: str = "") -> None:
        """Run a statement with the names of one or two databases in it."""
        query = sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(other))
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(query)

    def address(self, database: str) -> str:
        """The URL of a database of this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A throwaway PostgreSQL, or the one that JIFEN_TEST_DATABASE_URL names; its user must be allowed to
    create databases."""
    if url := os.environ.get("JIFEN_TEST_DATABASE_URL"):
        yield Server(url)
    else:
        with postgres.throwaway() as embedded:
            yield Server(embedded.url)


@pytest.fixture(scope="session")
def template(server: Server) -> Iterator[str]:
    """The name of a migrated database that nobody is connected to."""
    name = f"jifen_template_{os.getpid()}"
    server.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    server.execute("CREATE DATABASE {}", name)
    migrate(server.address(name), SCHEMA)
    yield name
    server.execute("DROP DATABASE {} WITH (FORCE)", name)


_numbers = itertools.count(1)


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Database]:
    """An empty, migrated ledger; it is dropped afterwards, whoever is still connected."""
    name = f"jifen_test_{os.getpid()}_{next(_numbers)}"
    server.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
    yield Database(server.address(name))
    server.execute("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def empty_database(server: Server) -> Iterator[str]:
    """The URL of a database without anything of ours in it."""
    name = f"jifen_empty_{os.getpid()}_{next(_numbers)}"
    server.execute("CREATE DATABASE {}", name)
    yield server.address(name)
    server.execute("DROP DATABASE {} WITH (FORCE)", name)
