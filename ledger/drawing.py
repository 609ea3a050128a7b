"""Draws that everybody can do again: the same seed and the same question always give the same prize.

Pure. Nothing here chooses at random. An instant draw uses a seed that was committed to before the first draw and is
revealed after the last; a batch draw uses a number that nobody knew when its tickets were sealed. ``docs/draws.md``
describes both for whoever writes a verifier of their own, and ``docs/draw-vectors.json`` has examples.

A name of an algorithm is in what it hashes, and stands for these very steps: another way to draw needs another name.
Source: SX-18, SX-19, SX-22; JS-08, JS-10.
"""

import hmac
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from ledger.merkle import leaf_hash, root

INSTANT = "jifen-instant-v1"
BATCH = "jifen-batch-v1"
ANNOUNCED = "jifen-announced-v1"
SEED_BYTES = 32
RANDOMNESS_BYTES = 32
ANNOUNCED_SPACES = " \t\r\n\u00a0\u3000"
"""What is taken off both ends of an announced text. Spelt out, for languages differ about what a space is."""


class Ticket(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A right to take part in a batch draw. number: unique in the draw. participant: whose it is; may have several."""

    number: int
    participant: str


def commitment(seed: bytes) -> str:
    """What is published of a seed before the first draw: its SHA-256 in lower-case hex.

    seed: 32 bytes. Raises ValueError for another length.
    """
    _check_length("a seed", seed, SEED_BYTES)
    return sha256(seed).hexdigest()


def pick(seed: bytes, pool: str, number: int, source: str, id: str, shares: Sequence[tuple[str, int]]) -> str:
    """The prize of one instant draw: algorithm ``jifen-instant-v1``.

    seed: 32 bytes, secret until revealed. pool: name of the pool's stream, like ``pool/sx-2019/red-packet``. number:
    of this draw in its pool, from 1. source, id: of the CloudEvent that asked. shares: (prize, weight) as they stand
    at this draw, in the rulebook's order; a weight of 0 is never picked.

    HMAC-SHA256 of the question is read as a big-endian number of 256 bits, modulo the sum of weights. It is not
    exactly uniform: each prize's probability is off by less than sum / 2^256, under 2^-190 for a sum under 2^63.
    Raises ValueError for a seed of another length, a negative weight, or weights that sum to 0.
    """
    _check_length("a seed", seed, SEED_BYTES)
    total = sum(weight for _, weight in shares)
    if total <= 0 or any(weight < 0 for _, weight in shares):
        raise ValueError("shares need weights of 0 or more, and one above 0")
    point = _number(seed, "\n".join((INSTANT, pool, str(number), source, id))) % total
    for prize, weight in shares:
        if point < weight:
            return prize
        point -= weight
    raise AssertionError("the point lies in no share")  # it is under the sum of all


def ticket_entry(ticket: Ticket) -> bytes:
    """The Merkle entry of a ticket: its number in decimal, a tab, the participant, as UTF-8."""
    return f"{ticket.number}\t{ticket.participant}".encode()


def tickets_root(tickets: Sequence[Ticket]) -> str:
    """The Merkle root over the tickets in their order, in lower-case hex: what is sealed before the beacon."""
    return root([leaf_hash(ticket_entry(ticket)) for ticket in tickets]).hex()


def winners(
    randomness: bytes,
    root: str,
    tickets: Sequence[Ticket],
    prizes: Sequence[tuple[str, int]],
    person_max: int | None = None,
) -> tuple[tuple[int, str], ...]:
    """Who wins what in a batch draw, as (ticket number, prize) in the order drawn: algorithm ``jifen-batch-v1``.

    randomness: 32 bytes of the beacon. root: hex, as sealed. tickets: in the sealed order. prizes: (prize, count), all
    of the first kind before any of the second. person_max: prizes one person can win in this draw; None for no limit.

    For slot 0, 1, … a ticket is taken out of those left; the last of them moves into its place (Fisher–Yates). The
    ticket of a person who has won enough is taken out without a prize, and the prize waits for the next slot. Ends
    when prizes or tickets are used up. Bias: as in ``pick``, with the number of tickets left for the sum.
    Raises ValueError for randomness of another length, a negative count, or a person_max under 1.
    """
    _check_length("randomness", randomness, RANDOMNESS_BYTES)
    if any(count < 0 for _, count in prizes) or (person_max is not None and person_max < 1):
        raise ValueError("a prize has a count of 0 or more; a person may win at least 1")
    left = list(tickets)
    won: Counter[str] = Counter()
    drawn: list[tuple[int, str]] = []
    slot = 0
    for prize, count in prizes:
        end = len(drawn) + count
        while left and len(drawn) < end:
            at = _number(randomness, f"{BATCH}\n{root}\n{slot}") % len(left)
            slot += 1
            ticket, left[at] = left[at], left[-1]
            left.pop()
            if person_max is None or won[ticket.participant] < person_max:
                won[ticket.participant] += 1
                drawn.append((ticket.number, prize))
    return tuple(drawn)


def announced_randomness(text: str) -> bytes:
    """The randomness of a publicly announced number, such as a lottery result: 32 bytes.

    text: as announced, in Unicode NFC and without the spaces around it; the spaces within it count. SHA-256 of the
    algorithm's name, a line feed and the text. Raises ValueError when there is no text.
    """
    text = unicodedata.normalize("NFC", text).strip(ANNOUNCED_SPACES)
    if not text:
        raise ValueError("an announced number is empty")
    return sha256(f"{ANNOUNCED}\n{text}".encode()).digest()


def _number(key: bytes, message: str) -> int:
    return int.from_bytes(hmac.digest(key, message.encode(), "sha256"), "big")


def _check_length(what: str, value: bytes, length: int) -> None:
    if len(value) != length:
        raise ValueError(f"{what} has {length} bytes, not {len(value)}")
