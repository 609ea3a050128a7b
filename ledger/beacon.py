"""Public randomness of drand (the League of Entropy): numbers that come on time and that nobody knew before.

A round is the BLS signature of its own number by a group of organisations; its randomness is the digest of that
signature. Whoever has the group's public key can check a round, wherever it came from, so nothing is fetched here.
The curve arithmetic is a library's, which is why this file is not one of the pure ones; it does no I/O either.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import msgspec
from py_arkworks_bls12381 import GT, G1Point, G2Point

SIGNATURE_BYTES = 48
MAX_ROUND = (1 << 64) - 1
DOMAINS = {"bls-unchained-g1-rfc9380": b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"}
"""Scheme of a chain → the domain separation tag under which round numbers are hashed to the curve (RFC 9380)."""

_HEX = re.compile(r"[0-9A-Fa-f]+")


class BeaconInvalid(Exception):
    """This is no randomness of that round: the signature is malformed, or not the group's."""


class Chain(msgspec.Struct, frozen=True):
    """A drand network.

    hash: its identity, hex; a digest of the other members and of the group that began it. public_key: of the group,
    hex. genesis: when round 1 came, in Unix seconds. period: seconds from one round to the next. scheme: how rounds
    are signed.
    """

    name: str
    hash: str
    public_key: str
    genesis: int
    period: int
    scheme: str


QUICKNET = Chain(
    name="quicknet",
    hash="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    public_key=(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510"
        "d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    genesis=1_692_803_367,
    period=3,
    scheme="bls-unchained-g1-rfc9380",
)

CHAINS = {chain.name: chain for chain in (QUICKNET,)}
"""The networks that a rulebook can name."""


def round_time(chain: Chain, round: int) -> datetime:  # noqa: A002 - drand's own word
    """When a round comes, in UTC. Raises ValueError for a round that never does: before 1, or after the year 9999."""
    if round < 1:
        raise ValueError(f"rounds are counted from 1, not {round}")
    try:
        return _genesis(chain) + (round - 1) * timedelta(seconds=chain.period)
    except OverflowError:
        raise ValueError(f"round {round} is too far away") from None


def round_at(chain: Chain, moment: datetime) -> int:
    """The first round that does not come before a moment. moment: aware; before the first round it is round 1."""
    periods = -((moment - _genesis(chain)) // timedelta(seconds=-chain.period))  # rounded up
    return max(1, 1 + periods)


def signature_of(text: str) -> bytes:
    """The 48 bytes of a signature that somebody typed as hex, in either case. Raises BeaconInvalid."""
    if len(text) != 2 * SIGNATURE_BYTES or not _HEX.fullmatch(text):
        raise BeaconInvalid(f"a signature is {2 * SIGNATURE_BYTES} hexadecimal digits")
    return bytes.fromhex(text)


def randomness(signature: bytes) -> bytes:
    """What a round's signature gives: 32 bytes. Means something only for a signature that was verified."""
    return sha256(signature).digest()


def verify(chain: Chain, round: int, signature: bytes) -> bytes:  # noqa: A002 - drand's own word
    """The randomness of a round, 32 bytes, once its signature is proven to be the group's.

    signature: 48 bytes, a compressed point of G1. Proven is e(signature, generator of G2) = e(H(m), public key), where
    m is the SHA-256 of the round number in 8 bytes, big-endian. Takes 3 milliseconds.
    Raises BeaconInvalid for anything else, whatever is wrong with it.
    """
    if chain.scheme not in DOMAINS:
        raise BeaconInvalid(f"chain {chain.name} has a scheme that is not known: {chain.scheme}")
    if not 1 <= round <= MAX_ROUND:
        raise BeaconInvalid(f"there is no round {round}")
    try:
        point = G1Point.from_compressed_bytes(signature)  # checks the curve and the subgroup
    except (ValueError, TypeError):
        raise BeaconInvalid("the signature is no point of the curve") from None
    # The library takes some points in several spellings; another spelling would be another randomness.
    if bytes(point.to_compressed_bytes()) != signature or point == G1Point.identity():
        raise BeaconInvalid("the signature is not spelt as a signature is, or is the point at infinity")
    message = sha256(round.to_bytes(8, "big")).digest()
    hashed = G1Point.hash_to_curve(message, DOMAINS[chain.scheme])
    if not GT.pairing_check([point, -hashed], [G2Point(), _public_key(chain)]):
        raise BeaconInvalid(f"the signature is not the one of round {round} of {chain.name}")
    return randomness(signature)


@cache
def _public_key(chain: Chain) -> G2Point:
    return G2Point.from_compressed_bytes(bytes.fromhex(chain.public_key))


def _genesis(chain: Chain) -> datetime:
    return datetime.fromtimestamp(chain.genesis, UTC)
