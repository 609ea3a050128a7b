"""WeChat's open data: step counts that only the app's session key opens (AES-128-CBC). Source: SX-05, JS-03.

It is opened here, at the edge: neither keys nor ciphertext come near the log, and a request is known by the days that
came out of it, so the same payload encrypted anew is the same request.
"""

import base64
import binascii
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from msgspec import Meta

from ledger.activity_commands import DaySteps, SyncManyDays
from ledger.command import Request, request
from ledger.refusal import Malformed
from ledger.vault import Vault

CHINA = timezone(timedelta(hours=8))
BLOCK = 16
MOST_DAYS = 62
MOST_STEPS = 1_000_000
YEARS = range(2000, 2200)

Base64 = Annotated[str, Meta(min_length=1, max_length=100_000)]


class EncryptedSteps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open data of `wx.getWeRunData`: up to 31 days of steps, each of which is one sync. All in base64.

    encryptedData, iv: as WeChat gave them. session_key: of that login; or key_ref, for one that the vault keeps. What
    cannot be decrypted, is of another app or holds no steps is malformed, and nothing is recorded. Source: SX-05.
    """

    TYPE = SyncManyDays.TYPE

    encryptedData: Base64  # noqa: N815  # WeChat's name
    iv: Base64
    session_key: Base64 | None = None
    key_ref: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    device: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class Unopened(msgspec.Struct, frozen=True, kw_only=True):
    """A posted event whose data are still encrypted."""

    source: str
    id: str
    campaign: str
    participant: str
    occurred_at: datetime
    data: EncryptedSteps

    def opened(self, key: bytes, appids: frozenset[str]) -> Request:
        """The request of the days that it holds. Raises Malformed."""
        days = steps_of(decrypt(self.data, key), appids)
        return request(
            SyncManyDays(days=days, device=self.data.device),
            source=self.source,
            id=self.id,
            campaign=self.campaign,
            participant=self.participant,
            occurred_at=self.occurred_at,
        )


class _Watermark(msgspec.Struct):
    appid: str
    timestamp: int


class _DayOfSteps(msgspec.Struct):
    timestamp: int
    step: int


class _Payload(msgspec.Struct):
    watermark: _Watermark
    stepInfoList: list[_DayOfSteps] | None = None  # noqa: N815


_payload = msgspec.json.Decoder(_Payload).decode


def key_ref(vault: Vault, key: bytes) -> str:
    """What a session key in the vault is called; it tells nothing of the key."""
    return f"sk-{vault.fingerprint(f'session key {key.hex()}')[:16]}"


def session_key(encoded: str) -> bytes:
    """A session key that was sent along. Raises Malformed."""
    return _bytes(encoded, "/data/session_key", BLOCK)


def decrypt(data: EncryptedSteps, key: bytes) -> bytes:
    """The payload. Raises Malformed; whether the padding or what is inside is wrong is not told apart."""
    iv = _bytes(data.iv, "/data/iv", BLOCK)
    text = _bytes(data.encryptedData, "/data/encryptedData")
    if not text or len(text) % BLOCK:
        raise _unreadable()
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    padded = decryptor.update(text) + decryptor.finalize()
    unpadder = PKCS7(BLOCK * 8).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise _unreadable() from None


def steps_of(payload: bytes, appids: frozenset[str]) -> tuple[DaySteps, ...]:
    """The days of a payload, in order, by China's calendar. Raises Malformed.

    Of two counts of one day the one with the later timestamp stands.
    """
    try:
        told = _payload(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _unreadable() from None
    if told.watermark.appid not in appids:
        known = "this service knows no WeChat app: set JIFEN_WECHAT_APPIDS"
        raise _malformed("The data are of another app than those of this service." if appids else known)
    if told.stepInfoList is None:
        raise _malformed("The data hold no steps; send those of wx.getWeRunData.")
    counts: dict[date, tuple[int, int]] = {}
    for each in told.stepInfoList:
        if not 0 <= each.step <= MOST_STEPS:
            raise _malformed(f"A day has a count that is none: 0 to {MOST_STEPS} steps.")
        day = _day(each.timestamp)
        if day not in counts or counts[day][0] <= each.timestamp:
            counts[day] = (each.timestamp, each.step)
    if not 1 <= len(counts) <= MOST_DAYS:
        raise _malformed(f"The data hold {len(counts)} days; 1 to {MOST_DAYS} are taken.")
    return tuple(DaySteps(day, counts[day][1]) for day in sorted(counts))


def _day(timestamp: int) -> date:
    try:
        day = datetime.fromtimestamp(timestamp, UTC).astimezone(CHINA).date()
    except (OverflowError, OSError, ValueError):
        day = date.min
    if day.year not in YEARS:
        raise _malformed("A day has a timestamp that is none: seconds since 1970.")
    return day


def _bytes(encoded: str, pointer: str, length: int | None = None) -> bytes:
    try:
        found = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(pointer, "This is not base64.") from None
    if length is not None and len(found) != length:
        raise Malformed(pointer, f"This is not {length} bytes in base64.")
    return found


def _unreadable() -> Malformed:
    return _malformed("The data cannot be decrypted with this key.")


def _malformed(detail: str) -> Malformed:
    return Malformed("/data/encryptedData", detail)
