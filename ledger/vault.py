"""The vault: what must not be in the log is kept encrypted by the ledger's master key (AES-256-GCM).

The master key is JIFEN_MASTER_KEY, or a file under JIFEN_HOME that is made on the first start. Whoever loses it loses
the seeds of open pools and the codes of vouchers, so keep a copy where the database's backups are not.
"""

import base64
import binascii
import contextlib
import hmac
import os
import secrets
from pathlib import Path

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from ledger.settings import SettingsError

SEED = "seed"
VOUCHER = "voucher"
KEY_BYTES, NONCE_BYTES = 32, 12
MARK = "mark"


class Vault:
    """Seals and opens secrets. about: what a secret is of; sealed under one name it cannot be opened under another."""

    def __init__(self, key: bytes) -> None:
        """key: 32 bytes. Raises ValueError for another length."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)
        self._fingerprints = hmac.digest(key, b"jifen fingerprints", "sha256")

    def seal(self, secret: bytes, about: str) -> bytes:
        """A nonce and the encrypted secret."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """The secret. Raises SettingsError when it was sealed with another key, or about something else."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except InvalidTag:
            raise SettingsError(
                "a secret of this ledger cannot be opened: it was sealed with another master key; set JIFEN_MASTER_KEY"
                " to the one that the ledger began with"
            ) from None

    def fingerprint(self, text: str) -> str:
        """A keyed hash in hex: the same for the same text, and telling nothing of it."""
        return hmac.digest(self._fingerprints, text.encode(), "sha256").hex()


def load_key(given: str | None, home: Path) -> bytes:
    """The master key: the one given in base64, or that of the file master.key in home, made if there is none.

    Raises SettingsError.
    """
    if given is not None:
        return _decoded(given, "JIFEN_MASTER_KEY")
    path = home / "master.key"
    with contextlib.suppress(FileExistsError):
        home.mkdir(parents=True, exist_ok=True)
        fresh = home / f".master.key.{os.getpid()}.{secrets.token_hex(4)}"
        if not path.exists():
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)  # whole or not at all, and never over one that another process has made
            finally:
                fresh.unlink()
    return _decoded(path.read_text(encoding="ascii", errors="replace"), str(path))


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(
            f"{where} is not a master key: {KEY_BYTES} random bytes in base64 (openssl rand -base64 32)"
        )
    return key


def check_key(vault: Vault, url: str, schema: str) -> None:
    """Make sure that this is the key that the ledger's secrets are sealed with. Raises SettingsError."""
    with psycopg.connect(url, application_name="jifen vault") as connection:
        table = sql.SQL("{}.secrets").format(sql.Identifier(schema))
        insert = sql.SQL("INSERT INTO {} VALUES ('', %s, 0, %s, NULL) ON CONFLICT DO NOTHING").format(table)
        connection.execute(insert, (MARK, vault.seal(b"jifen", MARK)))
        row = connection.execute(
            sql.SQL("SELECT sealed FROM {} WHERE stream = '' AND kind = %s").format(table), (MARK,)
        ).fetchone()
        assert row is not None
        vault.open(row[0], MARK)
