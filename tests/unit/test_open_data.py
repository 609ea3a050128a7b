"""WeChat's open data: the documentation's own demo comes out, steps become days, and nothing wrong becomes a crash."""

import base64
import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cloudevents import read_event
from api.open_data import EncryptedSteps, Unopened, decrypt, session_key, steps_of
from ledger.activity_commands import DaySteps, SyncManyDays
from ledger.command import Request
from ledger.refusal import Malformed
from tests.open_data import APPID, CHINA, IV, SESSION_KEY, encrypted, midnight, payload

DEMO = json.loads((Path(__file__).parent.parent / "data/wechat/wxbizdatacrypt_demo.json").read_text("utf-8"))
KEY = base64.b64decode(SESSION_KEY)
FIRST = date(2019, 7, 1)
OURS = frozenset({APPID})


def data(**changes: Any) -> EncryptedSteps:
    return msgspec.convert(encrypted(payload({FIRST: 8312})) | changes, EncryptedSteps)


def opened(inside: bytes, **how: Any) -> tuple[DaySteps, ...]:
    told = msgspec.convert(encrypted(inside, **how), EncryptedSteps)
    return steps_of(decrypt(told, KEY), OURS)


def test_the_demo_of_the_documentation_is_decrypted() -> None:
    told = EncryptedSteps(encryptedData=DEMO["encrypted_data"], iv=DEMO["iv"])
    text = decrypt(told, session_key(DEMO["session_key"]))
    assert text.decode() == DEMO["expected_plaintext_utf8"]
    assert json.loads(text) == DEMO["expected_plaintext_json"]
    assert DEMO["expected_plaintext_json"]["watermark"]["appid"] == APPID


def test_user_information_is_not_taken_for_steps() -> None:
    told = EncryptedSteps(encryptedData=DEMO["encrypted_data"], iv=DEMO["iv"])
    with pytest.raises(Malformed, match="no steps") as fault:
        steps_of(decrypt(told, KEY), OURS)
    assert fault.value.pointer == "/data/encryptedData"


@pytest.mark.rule("SX-05", "JS-03")
def test_thirty_one_days_come_out_in_order_by_chinas_calendar() -> None:
    counts = {FIRST + timedelta(days=n): 1000 + n for n in reversed(range(31))}
    days = opened(payload(counts))
    assert [each.day for each in days] == [FIRST + timedelta(days=n) for n in range(31)]
    assert [each.steps for each in days] == [1000 + n for n in range(31)]


@pytest.mark.rule("SX-05")
def test_a_count_belongs_to_the_day_that_china_has_at_its_time_and_the_later_of_two_stands() -> None:
    steps = [
        {"timestamp": midnight(FIRST) + 86_399, "step": 7},
        {"timestamp": midnight(FIRST), "step": 5},
        {"timestamp": midnight(FIRST) - 1, "step": 3},
    ]
    inside = json.dumps({"stepInfoList": steps, "watermark": {"timestamp": 1, "appid": APPID}}).encode()
    assert opened(inside) == (DaySteps(FIRST - timedelta(days=1), 3), DaySteps(FIRST, 7))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"iv": "AAAA"}, "/data/iv"),
        ({"iv": "not base64!"}, "/data/iv"),
        ({"iv": "号"}, "/data/iv"),
        ({"encryptedData": "%%%"}, "/data/encryptedData"),
        ({"encryptedData": base64.b64encode(bytes(15)).decode()}, "/data/encryptedData"),
        ({"encryptedData": base64.b64encode(bytes(32)).decode()}, "/data/encryptedData"),
        ({"encryptedData": "===="}, "/data/encryptedData"),
    ],
)
def test_what_is_no_ciphertext_is_malformed_at_its_member(changes: dict[str, str], pointer: str) -> None:
    with pytest.raises(Malformed) as fault:
        decrypt(data(**changes), KEY)
    assert fault.value.pointer == pointer


@pytest.mark.parametrize(
    "key", ["", "AAAA", base64.b64encode(bytes(15)).decode(), base64.b64encode(bytes(32)).decode()]
)
def test_a_session_key_has_16_bytes(key: str) -> None:
    with pytest.raises(Malformed) as fault:
        session_key(key)
    assert fault.value.pointer == "/data/session_key"


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"no JSON",
        b"[]",
        b"null",
        b"\xff\xfe" * 8,
        b"[" * 5000,
        b'{"stepInfoList":[],"watermark":{"timestamp":"x","appid":"' + APPID.encode() + b'"}}',
        b'{"stepInfoList":{},"watermark":{"timestamp":1,"appid":"' + APPID.encode() + b'"}}',
        b'{"stepInfoList":[]}',
    ],
)
def test_whether_the_padding_or_what_is_inside_is_wrong_is_not_told_apart(inside: bytes) -> None:
    with pytest.raises(Malformed) as content:
        opened(inside)
    with pytest.raises(Malformed) as padding:
        opened(bytes(32), padded=False)
    assert (content.value.pointer, content.value.detail) == (padding.value.pointer, padding.value.detail)
    with pytest.raises(Malformed) as key:
        decrypt(data(), bytes(16))
    assert key.value.detail == padding.value.detail


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (payload({FIRST: 1}, "wx0000000000000000"), "another app"),
        (payload({}), "0 days"),
        (payload({FIRST + timedelta(days=n): 1 for n in range(63)}), "63 days"),
        (payload({FIRST: -1}), "a count that is none"),
        (payload({FIRST: 10**7}), "a count that is none"),
        (payload({FIRST: 1}).replace(str(midnight(FIRST)).encode(), b"9" * 18), "a timestamp that is none"),
        (
            payload({FIRST: 1}).replace(str(midnight(FIRST)).encode(), b"-99999999999"),
            "a timestamp that is none",
        ),
    ],
)
def test_what_is_of_another_app_or_holds_no_days_is_told(inside: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says) as fault:
        opened(inside)
    assert fault.value.pointer == "/data/encryptedData"


def test_without_a_known_app_nothing_is_taken() -> None:
    with pytest.raises(Malformed, match="JIFEN_WECHAT_APPIDS"):
        steps_of(payload({FIRST: 1}), frozenset())


@given(st.binary(max_size=200), st.booleans())
def test_whatever_was_encrypted_it_is_days_or_malformed(inside: bytes, padded: bool) -> None:
    if not padded:
        inside = inside[: len(inside) // 16 * 16] or bytes(16)
    with suppress(Malformed):
        assert opened(inside, padded=padded)


@given(st.integers(0, 127), st.integers(1, 255))
def test_a_changed_byte_is_days_or_malformed(at: int, by: int) -> None:
    told = data()
    text = bytearray(base64.b64decode(told.encryptedData))
    text[at % len(text)] ^= by
    changed = msgspec.structs.replace(told, encryptedData=base64.b64encode(text).decode())
    with suppress(Malformed):
        steps_of(decrypt(changed, KEY), OURS)


def posted(told: dict[str, Any]) -> Request:
    event = {
        "specversion": "1.0", "id": "e-1", "source": "//app", "type": "jifen.steps_synced_encrypted", "subject": "p-1",
        "time": "2019-07-03T21:14:09+08:00", "campaign": "sx-2019", "data": told,
    }  # fmt: skip
    read = read_event(json.dumps(event).encode())
    assert isinstance(read, Unopened)
    return read.opened(session_key(told["session_key"]), OURS)


@pytest.mark.rule("GX-01")
def test_the_same_days_encrypted_anew_are_the_same_request() -> None:
    inside = payload({FIRST: 8312})
    other = base64.b64encode(bytes(range(16))).decode()
    one, again = posted(encrypted(inside)), posted(encrypted(inside, key=other, iv=other))
    assert (one.key, one.content) == (again.key, again.content)
    assert posted(encrypted(payload({FIRST: 8313}))).content != one.content
    assert isinstance(one.command, SyncManyDays)
    assert SESSION_KEY not in repr(one)
    assert IV not in repr(one)


def test_the_days_themselves_cannot_be_posted_as_open_data() -> None:
    days = {"days": [{"day": "2019-07-03", "steps": 1}]}
    with pytest.raises(Malformed):
        posted(days | {"session_key": SESSION_KEY})


def test_china_is_eight_hours_ahead() -> None:
    assert CHINA.utcoffset(None) == timedelta(hours=8)
