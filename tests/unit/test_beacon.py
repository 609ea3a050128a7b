"""drand: rounds that were published verify, everything else does not, and a round has its time."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point

from ledger.beacon import (
    CHAINS,
    MAX_ROUND,
    QUICKNET,
    BeaconInvalid,
    randomness,
    round_at,
    round_time,
    signature_of,
    verify,
)

PUBLISHED = {
    1000: "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
    1001: "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41",
    1002: "ab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e",
    657413: "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
}
"""Rounds of quicknet and their signatures."""

RANDOMNESS = {
    1000: "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    657413: "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
}
"""What was published as the randomness of some of them."""

SIGNATURE = bytes.fromhex(PUBLISHED[1000])
GROUP = "f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"
"""The digest of the group that began quicknet."""

MALFORMED = {
    "nothing": b"",
    "short": SIGNATURE[:-1],
    "long": SIGNATURE + b"\x00",
    "zeros": bytes(48),
    "ones": b"\xff" * 48,
    "letters": b"x" * 48,
    "its hex": PUBLISHED[1000].encode(),
    "infinity": b"\xc0" + bytes(47),
    "not on the curve": b"\x80" + bytes(46) + b"\x01",
    "too large for the field": b"\x9f" + b"\xff" * 47,
    "without its flag": bytes([SIGNATURE[0] & 0x7F]) + SIGNATURE[1:],
    "with the flag of infinity": bytes([SIGNATURE[0] | 0x40]) + SIGNATURE[1:],
    "of the other sign": bytes([SIGNATURE[0] ^ 0x20]) + SIGNATURE[1:],
    "the generator": bytes(G1Point().to_compressed_bytes()),
}


@pytest.mark.parametrize("number", PUBLISHED)
def test_a_published_round_verifies(number: int) -> None:
    signature = signature_of(PUBLISHED[number])
    assert verify(QUICKNET, number, signature) == randomness(signature) == sha256(signature).digest()
    assert RANDOMNESS.get(number, randomness(signature).hex()) == randomness(signature).hex()


def test_the_chain_is_the_one_its_hash_names() -> None:
    members = QUICKNET.period.to_bytes(4, "big") + QUICKNET.genesis.to_bytes(8, "big")
    group = bytes.fromhex(QUICKNET.public_key) + bytes.fromhex(GROUP)
    assert sha256(members + group + QUICKNET.name.encode()).hexdigest() == QUICKNET.hash
    assert CHAINS["quicknet"] is QUICKNET


@pytest.mark.parametrize("signature", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_invalid(signature: bytes) -> None:
    with pytest.raises(BeaconInvalid):
        verify(QUICKNET, 1000, signature)


@pytest.mark.parametrize("number", [999, 1001, 0, -1, MAX_ROUND, MAX_ROUND + 1, 1 << 200])
def test_a_signature_is_of_one_round_only(number: int) -> None:
    with pytest.raises(BeaconInvalid, match=r"round"):
        verify(QUICKNET, number, SIGNATURE)


def test_a_point_outside_the_subgroup_is_invalid() -> None:
    outside = 0
    for number in range(20):
        candidate = b"\x80" + sha256(b"%d" % number).digest() + bytes(15)
        try:
            point = G1Point.from_compressed_bytes_unchecked(candidate)
        except ValueError:
            continue  # half of all numbers are no point of the curve
        outside += not point.is_in_subgroup()
        with pytest.raises(BeaconInvalid):
            verify(QUICKNET, 1000, candidate)
    assert outside > 0


@given(st.binary(max_size=60) | st.binary(min_size=47, max_size=47).map(lambda rest: b"\x88" + rest))
def test_no_bytes_are_an_error_of_another_kind(signature: bytes) -> None:
    with pytest.raises(BeaconInvalid):
        verify(QUICKNET, 1000, signature)


@given(st.integers(0, 48 * 8 - 1))
def test_a_signature_with_a_bit_changed_is_invalid(bit: int) -> None:
    changed = int.from_bytes(SIGNATURE, "big") ^ (1 << bit)
    with pytest.raises(BeaconInvalid):
        verify(QUICKNET, 1000, changed.to_bytes(48, "big"))


def test_the_key_of_another_group_does_not_verify() -> None:
    fastnet = msgspec.structs.replace(
        QUICKNET,
        public_key="a0b862a7527fee3a731bcb59280ab6abd62d5c0b6ea03dc4ddf6612fdfc9d01f01c31542541771903475eb1ec6615f8d"
        "0df0b8b6dce385811d6dcf8cbefb8759e5e616a3dfd054c928940766d9a5b9db91e3b697e5d70a975181e007f87fca5e",
    )
    with pytest.raises(BeaconInvalid, match="not the one of round 1000"):
        verify(fastnet, 1000, SIGNATURE)


def test_a_scheme_that_is_not_known_is_invalid() -> None:
    with pytest.raises(BeaconInvalid, match="scheme"):
        verify(msgspec.structs.replace(QUICKNET, scheme="pedersen-bls-chained"), 1000, SIGNATURE)


def test_a_typed_signature_may_be_in_capitals() -> None:
    assert signature_of(PUBLISHED[1000].upper()) == SIGNATURE


@pytest.mark.parametrize(
    "text", ["", "00", "g" * 96, " " * 96, "０" * 96, PUBLISHED[1000] + "\n", "0x" + "0" * 94]
)
def test_a_typed_signature_is_96_hexadecimal_digits(text: str) -> None:
    with pytest.raises(BeaconInvalid, match="96 hexadecimal digits"):
        signature_of(text)


def test_a_round_has_its_time() -> None:
    assert round_time(QUICKNET, 1) == datetime(2023, 8, 23, 15, 9, 27, tzinfo=UTC)
    assert round_time(QUICKNET, 1000) == datetime(2023, 8, 23, 15, 59, 24, tzinfo=UTC)


@pytest.mark.parametrize("number", [0, -1, MAX_ROUND, 1 << 200])
def test_a_round_that_never_comes_has_no_time(number: int) -> None:
    with pytest.raises(ValueError, match="round"):
        round_time(QUICKNET, number)


@given(st.integers(1, 10**9))
def test_a_moment_has_the_first_round_that_is_not_before_it(number: int) -> None:
    moment = round_time(QUICKNET, number)
    assert round_at(QUICKNET, moment) == number
    assert round_at(QUICKNET, moment + timedelta(microseconds=1)) == number + 1
    assert round_at(QUICKNET, moment - timedelta(seconds=3) + timedelta(microseconds=1)) == number


def test_before_the_first_round_the_first_is_next() -> None:
    assert round_at(QUICKNET, datetime(2019, 10, 8, tzinfo=UTC)) == 1
