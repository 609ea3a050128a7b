"""The vault: what must not be in the log is kept encrypted by the ledger's master key (AES-256-GCM).

The master key is JIFEN_MASTER_KEY, or a file under JIFEN_HOME that is made on the first start. Whoever loses it loses
the seeds of open pools, the codes of vouchers and all personal data, so keep a copy where the database's backups are
not. What is kept of a person is encrypted by a key of the person's own, and that one by the master key: whoever is
erased is erased with it (GX-07). Keyed hashes stand in the log for what identifies people, and last for ever.
"""

import base64
import binascii
import contextlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from ledger.settings import SettingsError

SEED = "seed"
VOUCHER = "voucher"
SESSION_KEY = "session-key"
KEY_BYTES, NONCE_BYTES = 32, 12
MARK = "mark"

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class Kept(NamedTuple):
    """What is kept of a person: the person's own key, wrapped by the master key, and the fields, encrypted by it."""

    wrapped_key: bytes
    fields: bytes


class Vault:
    """Seals and opens secrets. about: what a secret is of; sealed under one name it cannot be opened under another."""

    def __init__(self, key: bytes) -> None:
        """key: 32 bytes. Raises ValueError for another length."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self._cipher = AESGCM(key)
        self._fingerprints = hmac.digest(key, b"jifen fingerprints", "sha256")
        self._identities = hmac.digest(key, b"jifen identities", "sha256")

    def __reduce__(self) -> tuple[type["Vault"], tuple[bytes]]:
        """How it goes to a process of ours that encrypts beside this one."""
        return Vault, (self._key,)

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

    def identity(self, kind: str, value: str) -> str:
        """The keyed hash in hex by which a person is known: 128 bits. value: as personal.normalised writes it."""
        return hmac.digest(self._identities, f"{kind}\0{value}".encode(), "sha256").hex()[:32]

    def keep(self, person: str, fields: Mapping[str, str]) -> Kept:
        """Fields of a person under a new key of the person's own. person: the stream; opened under no other."""
        about, random = person.encode(), os.urandom(KEY_BYTES + 2 * NONCE_BYTES)
        key, nonce, other = random[:32], random[32:44], random[44:]
        wrapped = nonce + self._cipher.encrypt(nonce, key, about)
        return Kept(wrapped, other + AESGCM(key).encrypt(other, _encode(fields), about))

    def kept(self, person: str, kept: Kept) -> dict[str, str]:
        """The fields of a person. Raises SettingsError when they were kept under another master key or person."""
        key = self.open(kept.wrapped_key, person)
        try:
            nonce, text = kept.fields[:NONCE_BYTES], kept.fields[NONCE_BYTES:]
            return _decode(AESGCM(key).decrypt(nonce, text, person.encode()))
        except InvalidTag:
            raise SettingsError(
                "what the vault keeps of a person is damaged: restore it from a backup"
            ) from None


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
