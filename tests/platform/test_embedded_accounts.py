"""Who the embedded PostgreSQL runs as, and what it leaves alone. Only root can try other accounts."""

import os
import pwd
import shutil
import stat
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import postgres
from ledger.embedded import binaries
from ledger.embedded.system_user import SystemUser
from ledger.postgres import EmbeddedError, start
from tests.platform.servers import answers, ask, do, postmaster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]


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


def test_root_runs_the_server_as_somebody_else(home: Path) -> None:
    with start(home) as server:
        assert Path(f"/proc/{postmaster(server.base)}").stat().st_uid != 0
        assert server.base.parent == home


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


def test_a_normal_user_is_told_whose_the_data_is(home: Path) -> None:
    start(home).stop()

    def attempt() -> str:
        try:
            start(home)
        except EmbeddedError as error:
            return str(error)
        return "started"

    assert "belongs to the account" in as_nobody(attempt)
