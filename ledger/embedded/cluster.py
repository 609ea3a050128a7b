"""One embedded PostgreSQL data folder: made, started, recognised and stopped.

The base folder holds everything of one server: `data`, `run` (the socket), `server.log`, `password`, `lock`
and `lease`. The caller holds the lock; nothing here takes it.
"""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec
import psycopg

from ledger.embedded.binaries import Binaries, EmbeddedError
from ledger.embedded.system_user import SystemUser

OWNER = DATABASE = "jifen"
PATIENCE = 300.0  # seconds; recovery after a crash replays up to max_wal_size of log
LOG_KEPT = 10_000_000  # bytes of server.log before it is set aside
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # bytes; a socket address holds 103 to 107, depending on the system
SHORT_SOCKETS = Path("/tmp")  # noqa: S108 - a 0700 folder of our own is made in it and its owner is checked
SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Cluster(msgspec.Struct, frozen=True):
    """A base folder with the programs and the account that serve it."""

    base: Path
    binaries: Binaries
    account: SystemUser

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What the server writes about itself."""
        return self.base / "server.log"

    def url(self, database: str = DATABASE) -> str:
        """A libpq URL over the socket, password included."""
        password = (self.base / "password").read_text()
        return f"postgresql://{OWNER}:{password}@/{database}?host={quote(str(self.sockets()), safe='')}"

    def up(self, settings: Mapping[str, str]) -> None:
        """Return when the server answers: at once if it runs, else after starting it and any crash recovery.

        Raises EmbeddedError, with the end of the server's log, when it does not come up within PATIENCE.
        """
        if not self.data.is_dir():
            self._create(durable=settings.get("fsync") != "off")
        deadline = time.monotonic() + PATIENCE
        trouble = ""
        while not self._answers():
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL in {self.data} did not answer within {PATIENCE:.0f} seconds. If {self.log} shows "
                    f"that it is still recovering, start Jifen again later. {trouble}"
                )
            if self.postmaster() is None:
                trouble = self._launch(settings)
            time.sleep(0.02)

    def halt(self) -> None:
        """Stop the server cleanly, if it runs; open connections are closed. Raises EmbeddedError if it stays."""
        if self.postmaster() is None:
            return
        answer = self._pg_ctl("-m", "fast", "stop")
        if answer.returncode and self.postmaster() is not None:
            raise EmbeddedError(
                f"PostgreSQL in {self.data} does not stop: {answer.stdout.strip()} See {self.log}."
            )

    def postmaster(self) -> int | None:
        """The process that serves this data folder, whether or not it answers yet.

        A process number in postmaster.pid that belongs to anything but a postgres of this folder is stale, left
        by a crash or a restart of the machine: it is nobody we know and must never be signalled.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = _command_line(pid)
        except (OSError, ValueError):
            return None
        return pid if "postgres" in command and f"-D {self.data}" in command else None

    def sockets(self) -> Path:
        """The folder of the server's socket. It follows from the base folder alone: every process finds it."""
        own = self.base / "run"
        if len(os.fsencode(own / SOCKET_NAME)) < SOCKET_PATH_LIMIT and _takes_sockets(own):
            return own
        short = SHORT_SOCKETS / f"jifen-{hashlib.sha256(os.fsencode(self.base)).hexdigest()[:16]}"
        try:
            short.mkdir(mode=0o700)
        except FileExistsError:
            found = short.lstat()
            if found.st_uid not in (self.account.uid, os.geteuid()) or found.st_mode & 0o170077 != 0o040000:
                raise EmbeddedError(
                    f"{short} is not a private folder of ours. Remove it and start again."
                ) from None
        else:
            self.account.give(short)
        return short

    def write(self, path: Path, text: str) -> None:
        """Replace a file of the server's as a whole, readable by its account only, safe on disk on return."""
        scratch = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
        self.account.give(scratch)
        scratch.replace(path)

    def _create(self, *, durable: bool) -> None:
        """Make the data folder, all or nothing, with a random password for its only account."""
        run = self.base / "run"
        run.mkdir(mode=0o700, exist_ok=True)
        self.account.give(run)
        password = self.base / "password"
        if not password.exists():
            self.write(password, secrets.token_urlsafe(32))
        half = self.base / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        locale = ["--locale=C.UTF-8"]
        if self.binaries.major >= 17:  # the same rules, but independent of what the system has installed
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        arguments = ["-D", str(half), "-U", OWNER, "-E", "UTF8", *locale, "--data-checksums"]
        arguments += ["-A", "scram-sha-256", f"--pwfile={password}", *([] if durable else ["--no-sync"])]
        answer = self.account.run([self.binaries.program("initdb"), *arguments])
        if answer.returncode:
            raise EmbeddedError(f"initdb could not make {half}: {answer.stdout.strip()}")
        main = half / "postgresql.conf"
        self.write(main, main.read_text(encoding="utf-8") + "\ninclude 'jifen.conf'\n")
        half.rename(self.data)

    def _launch(self, settings: Mapping[str, str]) -> str:
        """Start the server and wait until it is ready. Returns what to tell if it must be tried again."""
        # Left by a killed server. Its number may be somebody else's by now, or a zombie's that nobody reaps (in a
        # container): PostgreSQL would take either for a live server. Our lock says that nobody else starts one.
        sockets = self.sockets()
        for left in (self.data / "postmaster.pid", sockets / f"{SOCKET_NAME}.lock"):
            left.unlink(missing_ok=True)
        ours = SETTINGS | {"unix_socket_directories": str(sockets), "wal_compression": "on"} | dict(settings)
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in ours.items()]
        self.write(self.data / "jifen.conf", "# Written by Jifen at every start.\n" + "".join(lines))
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        answer = self._pg_ctl("-s", "-l", str(self.log), "-o", self._compression(settings), "start")
        if answer.returncode == 0:
            return ""
        said = _tail(self.log)
        if "pre-existing shared memory block" in said:
            return "Processes of a killed server still hold its memory."  # they leave by themselves
        raise EmbeddedError(f"PostgreSQL in {self.data} does not start: {answer.stdout.strip()}\n{said}")

    def _compression(self, settings: Mapping[str, str]) -> str:
        """The option for the better compression of the log, where the server was built with it."""
        wanted = "wal_compression=lz4"
        probe = [
            self.binaries.program("postgres"),
            "-C",
            "wal_compression",
            "-D",
            str(self.data),
            "-c",
            wanted,
        ]
        return f"-c {wanted}" if "wal_compression" not in settings and self.account.succeeds(probe) else ""

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [
            self.binaries.program("pg_ctl"),
            "-D",
            str(self.data),
            "-w",
            "-t",
            f"{PATIENCE:.0f}",
            *arguments,
        ]
        return self.account.run(command)

    def _answers(self) -> bool:
        """Whether a real connection succeeds. The first one ever also makes our database."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=10, autocommit=True) as connection:
                known = connection.execute(
                    "SELECT FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if known is None:
                    connection.execute(f'CREATE DATABASE "{DATABASE}"')
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedError(
                    f"The server in {self.data} does not take the password in {self.base / 'password'}. Put the "
                    f"right one back, or move {self.base} away to begin with an empty ledger."
                ) from error
            return False
        return True


def _takes_sockets(folder: Path) -> bool:
    """Whether the file system can hold a socket; some shared folders of virtual machines cannot."""
    probe = folder / f".{secrets.token_hex(4)}"
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.bind(str(probe))
        except OSError:
            return False
    probe.unlink()
    return True


def _command_line(pid: int) -> str:
    """The words a process was started with, joined by blanks; empty when there is none."""
    if Path("/proc/self/cmdline").exists():
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    return subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


def _tail(log: Path, lines: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
