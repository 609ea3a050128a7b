"""Migrations against a real server."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

import migrations
from ledger.postgres import throwaway
from migrations import MigrationError, migrate, pending, schema
from tests.conftest import SCHEMA, Database


def test_a_migrated_ledger_has_nothing_pending(database: Database) -> None:
    assert pending(database.url, database.schema) == []
    assert migrate(database.url, database.schema) == []


def test_an_empty_database_gets_all_of_them_in_order(empty_database: str) -> None:
    assert pending(empty_database, SCHEMA) == migrations.known()
    assert migrate(empty_database, SCHEMA) == migrations.known()
    assert pending(empty_database, SCHEMA) == []


def test_pending_writes_nothing(empty_database: str) -> None:
    pending(empty_database, SCHEMA)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT to_regnamespace('jifen')").fetchone() == (None,)


def test_everything_lies_inside_the_schema(empty_database: str) -> None:
    migrate(empty_database, "xian")
    migrate(empty_database, "taiyuan")
    with psycopg.connect(empty_database) as connection:
        places = connection.execute(
            "SELECT DISTINCT nspname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1"
        ).fetchall()
    assert places == [("taiyuan",), ("xian",)]


def test_processes_that_start_at_once_take_turns(empty_database: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: migrate(empty_database, SCHEMA), range(8)))
    assert sorted(answers) == [[]] * 7 + [migrations.known()]


def test_a_connection_string_works_like_a_url(database: Database) -> None:
    parameters = psycopg.conninfo.conninfo_to_dict(database.url)
    assert pending(psycopg.conninfo.make_conninfo("", **parameters), database.schema) == []


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        connection.execute("INSERT INTO jifen._yoyo_migration VALUES ('hash', '9999_from_the_future', now())")
    with pytest.raises(MigrationError, match=r"9999_from_the_future.*Install the version that made it"):
        migrate(database.url, database.schema)
    with pytest.raises(MigrationError, match="9999_from_the_future"):
        pending(database.url, database.schema)


@pytest.mark.parametrize("name", ["", "Jifen", "a-b", "1st", 'x"; DROP TABLE y; --', "pg_catalog", "a" * 64])
def test_what_is_no_name_for_a_schema_is_refused(name: str) -> None:
    with pytest.raises(MigrationError, match="no name for a schema"):
        migrate("postgresql:///nowhere", name)


def test_the_log_can_be_read_with_psql(database: Database) -> None:
    event = '{"name": "积分"}'
    with psycopg.connect(database.url) as connection:
        connection.execute("SET search_path TO jifen")
        insert = "INSERT INTO stored_events VALUES ('member:1', 0, 'enrolled.v1', %s, 1)"
        connection.execute(insert, [event.encode()])
        row = connection.execute("SELECT * FROM log").fetchone()
    assert row == (1, "member:1", 0, "enrolled.v1", {"name": "积分"})


def test_schema_sql_equals_all_migrations() -> None:
    with throwaway() as server:
        if server.major != schema.WRITTEN_BY:
            pytest.skip(f"schema.sql is written by PostgreSQL {schema.WRITTEN_BY}")
        assert schema.FILE.read_text(encoding="utf-8") == schema.dump(server), "run: make schema"


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id int);")
    (tmp_path / "0002_broken.sql").write_text("CREATE TABLE second (id int);\nCREATE TABLE first (id int);")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrate(empty_database, SCHEMA)
    assert pending(empty_database, SCHEMA) == ["0002_broken"]
    (tmp_path / "0002_broken.sql").write_text("CREATE TABLE second (id int);")
    assert migrate(empty_database, SCHEMA) == ["0002_broken"]


def test_a_migration_may_ask_for_no_transaction(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_table.sql").write_text("CREATE TABLE many (id int);")
    (tmp_path / "0002_index.sql").write_text(
        "-- transactional: false\nCREATE INDEX CONCURRENTLY many_id ON many (id);"
    )
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    assert migrate(empty_database, SCHEMA) == ["0001_table", "0002_index"]


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("one_row", "INSERT INTO log_head (one, position) VALUES (false, 1)"),
        ("one_head", "INSERT INTO log_head (position) VALUES (1)"),
        ("head_not_negative", "UPDATE log_head SET position = -1"),
        (
            "request_is_a_digest",
            "INSERT INTO requests VALUES ('\\x00', decode(repeat('00', 16), 'hex'), 1, 1)",
        ),
        ("role_is_known", "INSERT INTO api_keys VALUES ('k', '\\x00', 'king', 'n')"),
        ("positions_begin_at_one", "INSERT INTO stored_events VALUES ('m', 0, 't', '\\x00', 0)"),
    ],
)
def test_the_claims_of_the_tables_hold(database: Database, claim: str, statement: str) -> None:
    with psycopg.connect(database.url) as connection:
        connection.execute("SET search_path TO jifen")
        with pytest.raises(psycopg.errors.IntegrityError) as caught:
            connection.execute(statement)
    assert caught.value.diag.constraint_name == claim
