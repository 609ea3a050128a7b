"""Who the embedded PostgreSQL runs as.

PostgreSQL refuses to run as root. A normal user runs it as himself; root runs it as the account postgres when
there is one, else as nobody.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import msgspec


class _As(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class SystemUser(msgspec.Struct, frozen=True):
    """An operating system account; when it is not our own, we are root and can start programs as it."""

    name: str
    uid: int
    gid: int

    @property
    def ours(self) -> bool:
        """Whether it is the account that this process runs as."""
        return self.uid == os.geteuid()

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a program as this account: in the root folder, without input, in a clean environment, in a
        session of its own so that a Ctrl-C meant for us does not reach it. Never raises for its exit code."""
        person: _As = {} if self.ours else {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            command,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            start_new_session=True,
            **person,
        )

    def succeeds(self, command: Sequence[str]) -> bool:
        """Whether a program can be started as this account and ends well."""
        try:
            return self.run(command).returncode == 0
        except OSError:
            return False

    def enters(self, folder: Path) -> bool:
        """Whether the account may pass through a folder. Asked of the system, not computed from modes."""
        return self.ours or self.succeeds(["/bin/sh", "-c", 'test -x "$0"', str(folder)])

    def give(self, path: Path) -> None:
        """Make the account the owner of a file or folder that we have just made."""
        if not self.ours:
            os.chown(path, self.uid, self.gid)


def server_user() -> SystemUser:
    """The account to run a server as, from this process."""
    uid = os.geteuid()
    if uid != 0:
        return SystemUser(str(uid), uid, os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return SystemUser("nobody", 65534, 65534)
