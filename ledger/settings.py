"""What the environment says, read once when the program starts."""

import contextlib
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec

IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")
APPID = re.compile(r"[A-Za-z0-9_-]{1,64}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class SettingsError(Exception):
    """A variable of the environment has a value that cannot be used. The message names it and what is expected."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process runs. Secrets stay out of its printed form."""

    database_url: str | None = None
    """JIFEN_DATABASE_URL: a PostgreSQL to use; None for the embedded one."""
    home: Path = Path(".jifen")
    """JIFEN_HOME: where the embedded data lies."""
    host: str = "127.0.0.1"
    """JIFEN_HOST: the address to listen on."""
    port: int = 8000
    """JIFEN_PORT: the port to listen on; 0 lets the system choose."""
    bootstrap_key: str | None = None
    """JIFEN_BOOTSTRAP_KEY: a bearer key that is an administrator on a fresh ledger."""
    master_key: str | None = None
    """JIFEN_MASTER_KEY: 32 bytes in base64 that secrets are encrypted with; None for the file master.key in home."""
    clock: str = "system"
    """JIFEN_CLOCK: `system`, `events`, or the RFC 3339 instant at which a ticking clock starts."""
    allow_time_travel: bool = False
    """JIFEN_ALLOW_TIME_TRAVEL: whether the clock may be anything but the system's."""
    wechat_appids: frozenset[str] = frozenset()
    """JIFEN_WECHAT_APPIDS: the WeChat apps whose open data are taken, with commas between them; none by default."""
    schema: str = "jifen"
    """JIFEN_SCHEMA: the PostgreSQL schema that is the ledger."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is missing or empty means its default.

        Raises SettingsError for the first value that cannot be used, before anything has been started.
        """
        travel = _one_of(environ, "JIFEN_ALLOW_TIME_TRAVEL", ("0", "1"), "0") == "1"
        clock = _clock(environ)
        if clock != "system" and not travel:
            raise SettingsError(
                f"JIFEN_CLOCK is {clock!r}, which is not the real time. Set JIFEN_ALLOW_TIME_TRAVEL=1 if this is a "
                f"simulation, a replay or a demo; otherwise leave JIFEN_CLOCK out."
            )
        return cls(
            database_url=_database_url(environ),
            home=Path(environ.get("JIFEN_HOME") or ".jifen").expanduser(),
            host=environ.get("JIFEN_HOST") or "127.0.0.1",
            port=_port(environ),
            bootstrap_key=_bootstrap_key(environ),
            master_key=environ.get("JIFEN_MASTER_KEY") or None,
            clock=clock,
            allow_time_travel=travel,
            wechat_appids=_wechat_appids(environ),
            schema=_schema(environ),
        )

    def clock_start(self) -> datetime | None:
        """The instant at which the clock starts, with its offset; None for `system` and `events`."""
        return None if self.clock in ("system", "events") else datetime.fromisoformat(self.clock)

    def __repr__(self) -> str:
        """Every setting, with the keys and the address of the database (it may hold a password) hidden."""
        hidden = {"bootstrap_key", "database_url", "master_key"}
        values = (
            f"{name}={'<hidden>' if name in hidden and value is not None else repr(value)}"
            for name, value in msgspec.structs.asdict(self).items()
        )
        return f"Settings({', '.join(values)})"


def _one_of(environ: Mapping[str, str], name: str, values: tuple[str, ...], default: str) -> str:
    value = environ.get(name) or default
    if value not in values:
        raise SettingsError(f"{name} is {value!r}; expected {' or '.join(values)}.")
    return value


def _database_url(environ: Mapping[str, str]) -> str | None:
    """A libpq URL or a keyword string. The value is not repeated in the message: it may hold a password."""
    url = environ.get("JIFEN_DATABASE_URL") or None
    if url is not None and not url.startswith(("postgresql://", "postgres://")) and "=" not in url:
        raise SettingsError(
            "JIFEN_DATABASE_URL is not the address of a PostgreSQL; expected postgresql://user:password@host/database "
            "or 'host=... dbname=...'."
        )
    return url


def _port(environ: Mapping[str, str]) -> int:
    value = environ.get("JIFEN_PORT") or "8000"
    if not (value.isascii() and value.isdigit() and int(value) <= 65535):
        raise SettingsError(f"JIFEN_PORT is {value!r}; expected a number from 0 to 65535.")
    return int(value)


def _bootstrap_key(environ: Mapping[str, str]) -> str | None:
    """A bearer token as RFC 6750 writes it. The value is not repeated in the message."""
    key = environ.get("JIFEN_BOOTSTRAP_KEY") or None
    if key is not None and not re.fullmatch(r"[A-Za-z0-9._~+/-]{1,512}=*", key):
        raise SettingsError(
            "JIFEN_BOOTSTRAP_KEY cannot be sent as a bearer key; use letters, digits and - . _ ~ + /."
        )
    return key


def _clock(environ: Mapping[str, str]) -> str:
    value = environ.get("JIFEN_CLOCK") or "system"
    if value in ("system", "events"):
        return value
    instant = value.upper()
    if INSTANT.fullmatch(instant):
        with contextlib.suppress(ValueError):
            datetime.fromisoformat(instant)
            return instant
    raise SettingsError(
        f"JIFEN_CLOCK is {value!r}; expected system, events, or an instant with its offset such as "
        f"2019-07-01T08:00:00+08:00."
    )


def _wechat_appids(environ: Mapping[str, str]) -> frozenset[str]:
    value = environ.get("JIFEN_WECHAT_APPIDS") or ""
    appids = frozenset(filter(None, (each.strip() for each in value.split(","))))
    for each in appids:
        if not APPID.fullmatch(each):
            raise SettingsError(
                f"JIFEN_WECHAT_APPIDS names {each!r}; expected ids of WeChat apps such as wx4f4bc4dec97d474b, with"
                " commas between them."
            )
    return appids


def _schema(environ: Mapping[str, str]) -> str:
    value = environ.get("JIFEN_SCHEMA") or "jifen"
    if not IDENTIFIER.fullmatch(value) or value.startswith("pg_") or value == "information_schema":
        raise SettingsError(
            f"JIFEN_SCHEMA is {value!r}; expected the name of a PostgreSQL schema: a-z, 0-9 and _, beginning with a "
            f"letter, at most 63 characters, and not one of PostgreSQL's own."
        )
    return value
