"""Voucher codes at the edge: sealed before they come near the log, opened for whoever may see one. Never logged."""

from collections.abc import Sequence
from typing import NamedTuple

from psycopg import AsyncConnection

from ledger.vault import VOUCHER, Vault

CODE = "SELECT sealed FROM secrets WHERE stream = %s AND kind = %s AND number = %s"
FIND = """
    SELECT fingerprint, stream, substr(kind, %s), number FROM secrets
    WHERE fingerprint = ANY(%s) AND starts_with(kind, %s)
"""
PREFIX = f"{VOUCHER} "


class KnownCode(NamedTuple):
    """A code that was imported: its pool's stream, its prize in the rulebook, its number there."""

    stream: str
    prize: str
    number: int


def _about(stream: str, prize: str) -> str:
    return f"{VOUCHER} {stream} {prize}"


def seal_codes(vault: Vault, stream: str, prize: str, codes: Sequence[str]) -> tuple[bytes, ...]:
    """The codes of a prize as they are kept, in order."""
    about = _about(stream, prize)
    return tuple(vault.seal(code.encode(), about) for code in codes)


def fingerprints(vault: Vault, codes: Sequence[str]) -> tuple[str, ...]:
    """By which codes are known without being told; empty for an empty line."""
    return tuple(vault.fingerprint(code) if code else "" for code in codes)


async def voucher_code(
    connection: AsyncConnection, vault: Vault, stream: str, prize: str, number: int
) -> str:
    """The code of a number that was handed out."""
    row = await (await connection.execute(CODE, (stream, PREFIX + prize, number), binary=True)).fetchone()
    assert row is not None, "only codes that are kept are handed out"
    return vault.open(row[0], _about(stream, prize)).decode()


async def known_codes(connection: AsyncConnection, prints: Sequence[str]) -> dict[str, KnownCode]:
    """Which of these fingerprints are of codes that were imported."""
    rows = await connection.execute(FIND, (len(PREFIX) + 1, [each for each in prints if each], PREFIX))
    return {found: KnownCode(stream, prize, number) async for found, stream, prize, number in rows}
