"""The commands beside the service, run as programs on a real database: what they print, and their exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Database
from tests.store.playing import Playing, sync

ROOT = Path(__file__).parents[2]


def jifen(database: Database | None, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a database."""
    where = {"JIFEN_DATABASE_URL": database.url} if database else {}
    return subprocess.run(
        [sys.executable, "-m", "api.cli.main", *arguments],
        cwd=ROOT,
        env={**os.environ, **where, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def played(database: Database) -> Database:
    """A ledger in which three people have walked."""
    with Playing(database) as playing:
        playing.enrol("p-1", "p-2", "p-3")
        playing.sign_in("p-1", "p-2")
        playing.submit(sync("p-1", 8312), sync("p-2", 12_000), sync("p-3", 900))
    return database


def test_a_key_is_shown_once_listed_and_revoked(database: Database) -> None:
    made = jifen(database, "keys", "create", "--role", "client", "mini program")
    token = made.stdout.strip()
    key_id = token.split("_")[1]
    assert token.startswith("jf_")
    assert token not in jifen(database, "keys", "list").stdout
    assert key_id in jifen(database, "keys", "list").stdout
    assert jifen(database, "keys", "revoke", key_id).returncode == 0
    assert jifen(database, "keys", "revoke", "nobody").returncode == 1
    assert jifen(database, "keys", "create", "--role", "king", "me").returncode == 2


@pytest.mark.rule("GX-06")
def test_the_book_of_a_sound_ledger_balances(played: Database) -> None:
    answer = jifen(played, "audit", "balance")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "sums to zero" in answer.stdout


TAMPERING = [
    pytest.param(
        "UPDATE aggregate_snapshots SET state = replace(encode(state, 'escape'), '8312', '9999')::bytea"
        " WHERE originator_id = 'p-1@sx-2019'",
        "not the fold",
        id="a state",
    ),
    pytest.param(
        "UPDATE stored_events SET state = replace(encode(state, 'escape'), '\"amount\":4', '\"amount\":9')::bytea"
        " WHERE originator_id = 'p-1@sx-2019' AND topic = 'steps-synced.v1'",
        "do not sum to zero",
        id="an amount",
    ),
    pytest.param(
        "DELETE FROM stored_events WHERE notification_id = 3", "events reach to position", id="a position"
    ),
    pytest.param(
        "DELETE FROM stored_events WHERE originator_id = 'p-1@sx-2019' AND originator_version = 2",
        "version 3 follows 1",
        id="a version",
    ),
    pytest.param(
        "DELETE FROM aggregate_snapshots WHERE originator_id = 'p-2@sx-2019'",
        "no state is kept",
        id="a missing state",
    ),
    pytest.param(
        "UPDATE stored_events SET topic = 'wished-for.v1' WHERE notification_id = 4",
        "unknown event type",
        id="an unknown type",
    ),
]


@pytest.mark.parametrize(("tamper", "told"), TAMPERING)
def test_a_ledger_that_was_tampered_with_does_not_balance(tamper: str, told: str, played: Database) -> None:
    with psycopg.connect(played.url, options=f"-csearch_path={played.schema}") as connection:
        changed = connection.execute(tamper)
        assert changed.rowcount == 1
    answer = jifen(played, "audit", "balance", COLUMNS="200")
    assert answer.returncode == 1
    assert told in answer.stdout


def test_projections_tell_their_status_and_are_rebuilt(played: Database) -> None:
    rebuilt = jifen(played, "projections", "rebuild", "balances")
    assert rebuilt.returncode in (0, 1), rebuilt.stderr  # no worker ran: the live view was empty
    status = jifen(played, "projections", "status")
    assert status.returncode == 0
    assert "balances" in status.stdout
    assert jifen(played, "projections", "parked").returncode == 0
    assert jifen(played, "projections", "retry-parked").returncode == 0
    assert jifen(played, "projections", "rebuild", "nothing").returncode == 1


def test_migrate_says_what_is_pending(empty_database: str) -> None:
    database = Database(empty_database)
    assert jifen(database, "migrate", "--check").returncode == 1
    assert "applied" in jifen(database, "migrate").stdout
    assert jifen(database, "migrate", "--check").returncode == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [("JIFEN_CLOCK", "events"), ("JIFEN_PORT", "eighty"), ("JIFEN_SCHEMA", "no schema; drop")],
)
def test_a_setting_that_cannot_be_used_is_named_before_anything_starts(variable: str, value: str) -> None:
    answer = jifen(None, "serve", **{variable: value})
    assert answer.returncode == 2
    assert variable in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "command", ["serve", "api", "worker", "migrate", "keys create", "campaign publish", "import steps", "demo",
                "projections rebuild", "audit balance", "draws seal", "draws run", "draws status", "draws verify",
                "draws report",
                "prizes list", "prizes import", "prizes issue", "prizes deliver", "prizes return", "prizes lapse",
                "prizes replace", "prizes redeem", "boards show", "boards freeze", "boards verify",
                "funds list", "funds show", "funds deposit", "funds propose", "funds review", "funds publish",
                "funds pay", "funds help-list",
                "funds help-decide", "import attendance"],
)  # fmt: skip
def test_every_command_has_help_with_an_example(command: str) -> None:
    answer = jifen(None, *command.split(), "--help")
    assert answer.returncode == 0
    assert f"jifen {command}" in answer.stdout
    assert "Examples:" in answer.stdout
