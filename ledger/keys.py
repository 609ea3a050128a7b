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

from ledger.branch import Branch
from ledger.streams import branch_stream

Role = Literal["client", "operator", "auditor", "finance", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

BOOTSTRAP = "bootstrap"
"""The id and the name of the key that JIFEN_BOOTSTRAP_KEY makes."""

_FORM = re.compile(r"jf_([0-9a-z]{1,32})_.+")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")


class KeyFault(Exception):
    """A key cannot be made or found. The message says why."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the ledger knows it. name: whose it is; it stands in events as the actor of what its holder does.

    branch: id of the union that its holder sees and manages, with all below it; None for all of the ledger (ZG-09).
    """

    id: str
    role: Role
    name: str
    digest: bytes
    created_at: datetime
    revoked_at: datetime | None = None
    branch: str | None = None

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


def create(url: str, schema: str, role: Role, name: str, branch: str | None = None) -> tuple[Key, str]:
    """Make a key and return it with its text, which is shown now or never.

    branch: id of a union of the tree, for an operator who is to see that and what is below it only.
    Raises KeyFault for a bad name, and for a branch that is not there or not for this role.
    """
    if not _NAME.fullmatch(name):
        raise KeyFault(
            "The name of a key is 1 to 100 characters without line breaks, such as 'mini program'."
        )
    id_ = secrets.token_hex(6)
    token = f"jf_{id_}_{secrets.token_urlsafe(32)}"
    with _connected(url, schema) as connection, connection.cursor(row_factory=class_row(Key)) as cursor:
        if branch is not None:
            _require_branch(connection, role, branch)
        cursor.execute(
            "INSERT INTO api_keys (id, digest, role, name, branch) VALUES (%s, %s, %s, %s, %s) RETURNING *",
            [id_, digest_of(token), role, name, branch],
        )
        return cursor.fetchall()[0], token


def _require_branch(connection: psycopg.Connection, role: Role, branch: str) -> None:
    if role != "operator":
        raise KeyFault(f"Only an operator's key can be for one branch of the union tree, not one for {role}.")
    row = connection.execute(
        "SELECT state FROM aggregate_snapshots WHERE originator_id = %s", [branch_stream(branch)]
    ).fetchone()
    found = msgspec.json.decode(row[0], type=Branch) if row else Branch()
    if not found.version:
        raise KeyFault(f"The tree has no union {branch!r}; `jifen branches search` finds their ids.")
    if found.into:
        raise KeyFault(f"The union {branch} was merged into {found.into}: name that.")


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
