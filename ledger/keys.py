"""API keys: who may call. Of a key only its digest is kept; the key itself is shown once, when it is made.

A key reads ``jf_<id>_<secret>``: the id names it in lists and in logs, the secret is 32 random bytes. A plain
SHA-256 is enough for those: nobody can try 2**256 of them. Everything here is durable when it returns.
"""

import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import class_row

Role = Literal["client", "operator", "auditor", "finance", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

BOOTSTRAP = "bootstrap"
"""The id and the name of the key that JIFEN_BOOTSTRAP_KEY makes."""

_FORM = re.compile(r"jf_([0-9a-z]{1,32})_.+")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")


class KeyFault(Exception):
    """A key cannot be made or found. The message says why."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the ledger knows it. name: whose it is; it stands in events as the actor of what its holder does."""

    id: str
    role: Role
    name: str
    digest: bytes
    created_at: datetime
    revoked_at: datetime | None = None

    def opens(self, token: str) -> bool:
        """Whether a bearer token is this key, not revoked. Takes the same time however much of it is right."""
        return hmac.compare_digest(self.digest, digest_of(token)) and self.revoked_at is None


def digest_of(token: str) -> bytes:
    """What is kept of a key."""
    return sha256(token.encode()).digest()


def id_of(token: str) -> str:
    """The id of the only key that a token can be."""
    form = _FORM.fullmatch(token)
    return form[1] if form else BOOTSTRAP


def create(url: str, schema: str, role: Role, name: str) -> tuple[Key, str]:
    """Make a key and return it with its text, which is shown now or never. Raises KeyFault for a bad name."""
    if not _NAME.fullmatch(name):
        raise KeyFault(
            "The name of a key is 1 to 100 characters without line breaks, such as 'mini program'."
        )
    id_ = secrets.token_hex(6)
    token = f"jf_{id_}_{secrets.token_urlsafe(32)}"
    with _connected(url, schema) as connection, connection.cursor(row_factory=class_row(Key)) as cursor:
        cursor.execute(
            "INSERT INTO api_keys (id, digest, role, name) VALUES (%s, %s, %s, %s) RETURNING *",
            [id_, digest_of(token), role, name],
        )
        return cursor.fetchall()[0], token


def all_keys(url: str, schema: str) -> list[Key]:
    """All keys, oldest first, the revoked ones included."""
    with _connected(url, schema) as connection, connection.cursor(row_factory=class_row(Key)) as cursor:
        return cursor.execute("SELECT * FROM api_keys ORDER BY created_at, id").fetchall()


def revoke(url: str, schema: str, key_id: str) -> Key:
    """Revoke a key; a running service takes it for two more seconds at most. Again changes nothing.

    Raises KeyFault when there is no such key.
    """
    with _connected(url, schema) as connection, connection.cursor(row_factory=class_row(Key)) as cursor:
        cursor.execute(
            "UPDATE api_keys SET revoked_at = coalesce(revoked_at, greatest(now(), created_at))"
            " WHERE id = %s RETURNING *",
            [key_id],
        )
        rows = cursor.fetchall()
    if not rows:
        raise KeyFault(f"There is no key {key_id!r}; `jifen keys list` shows them all.")
    return rows[0]


def bootstrap(url: str, schema: str, token: str) -> bool:
    """On a ledger that never had a key, make the token an administrator's. Returns whether the token opens anything.

    Any number of processes may call at once: one makes the key. A ledger with keys is left as it is, also when the
    bootstrap key was revoked.
    """
    with _connected(url, schema) as connection, connection.transaction():
        connection.execute("LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE")
        connection.execute(
            "INSERT INTO api_keys (id, digest, role, name) SELECT %s, %s, 'administrator', %s"
            " WHERE NOT EXISTS (SELECT FROM api_keys)",
            [id_of(token), digest_of(token), BOOTSTRAP],
        )
        with connection.cursor(row_factory=class_row(Key)) as cursor:
            cursor.execute("SELECT * FROM api_keys WHERE id = %s", [id_of(token)])
            return any(key.opens(token) for key in cursor)


def _connected(url: str, schema: str) -> psycopg.Connection:
    """A connection for one call; left as a context manager it commits and closes."""
    connection = psycopg.connect(url, application_name="jifen keys")
    connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
    return connection
