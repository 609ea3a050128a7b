"""A verifier of draws by somebody who has only docs/draws.md. Shares no code with ledger/; needs nothing but Python.

``python tests/stranger.py FILE`` checks a proof that ``GET /v1/draws/{pool}/{number}`` answered with.
"""

import hashlib
import hmac
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

Proof = Mapping[str, Any]

QUICKNET = {"quicknet", "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"}
GENESIS = datetime.fromtimestamp(1692803367, UTC)
PERIOD = timedelta(seconds=3)
SPACES = "\u0020\u0009\u000d\u000a\u00a0\u3000"

INSTANT_MEMBERS = (
    *("campaign", "pool", "stream", "number", "algorithm", "source", "id", "participant"),
    *("outcome", "shares", "commitment", "seed"),
)
BATCH_MEMBERS = (
    *("campaign", "pool", "stream", "contest", "algorithm", "sealed", "beacon", "tickets", "winners"),
)
SEALED_MEMBERS = ("position", "root", "tickets", "prizes", "person_max", "beacon")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def keyed(key: bytes, *lines: str) -> bytes:
    """HMAC-SHA256 of lines that are put together by line feeds."""
    return hmac.new(key, "\n".join(lines).encode("utf-8"), hashlib.sha256).digest()


def commitment(seed: bytes) -> str:
    return sha256(seed).hex()


def instant_outcome(
    seed: bytes, stream: str, number: int, source: str, id: str, shares: Iterable[tuple[str, int]]
) -> str | None:
    """The prize of an instant draw; None when the shares leave nothing to draw."""
    shares = list(shares)
    total = sum(weight for _, weight in shares)
    if total == 0:
        return None
    digest = keyed(seed, "jifen-instant-v1", stream, str(number), source, id)
    point = int(digest.hex(), 16) % total
    upper = 0
    for prize, weight in shares:
        upper += weight
        if point < upper:
            return prize
    return None


def shares_left(
    prizes: Sequence[Mapping[str, Any]], budget: int | None, moves: Iterable[tuple[str, int, int]]
) -> list[tuple[str, int]]:
    """The shares after what left the pool. prizes: id, and stock, weight and amount if they have them.

    moves: (prize, how many left, what that took of the budget), negative for what came back.
    """
    taken: dict[str, int] = {}
    spent = 0
    for moved, count, amount in moves:
        taken[moved] = taken.get(moved, 0) + count
        spent += amount
    weighted = any(prize.get("weight") is not None for prize in prizes)
    shares = []
    for prize in prizes:
        stock = prize.get("stock")
        left = None if stock is None else stock - taken.get(prize["id"], 0)
        weight = (prize.get("weight") or 0) if weighted else (left or 0)
        too_dear = budget is not None and (prize.get("amount") or 0) > max(0, budget - spent)
        if too_dear or (left is not None and left <= 0):
            weight = 0
        shares.append((prize["id"], weight))
    return shares


def tickets_root(tickets: Iterable[Sequence[Any]]) -> str:
    """The Merkle root of tickets, each a number and a participant."""
    level = [sha256(b"\x00" + f"{number}\t{participant}".encode()) for number, participant in tickets]
    if not level:
        return sha256(b"").hex()
    while len(level) > 1:
        above = []
        for at in range(0, len(level), 2):
            pair = level[at : at + 2]
            above.append(sha256(b"\x01" + pair[0] + pair[1]) if len(pair) == 2 else pair[0])
        level = above
    return level[0].hex()


def batch_winners(
    randomness: bytes,
    root: str,
    tickets: Iterable[Sequence[Any]],
    prizes: Iterable[Sequence[Any]],
    person_max: int | None,
) -> list[list[Any]]:
    """[number, prize] of each winner, in the order drawn."""
    left = [list(ticket) for ticket in tickets]
    wins: dict[str, int] = {}
    drawn: list[list[Any]] = []
    slot = 0
    for prize, count in prizes:
        given = 0
        while given < count and left:
            at = int(keyed(randomness, "jifen-batch-v1", root, str(slot)).hex(), 16) % len(left)
            slot += 1
            number, participant = left[at]
            left[at] = left[len(left) - 1]
            del left[len(left) - 1]
            if person_max is not None and wins.get(participant, 0) >= person_max:
                continue
            wins[participant] = wins.get(participant, 0) + 1
            drawn.append([number, prize])
            given += 1
    return drawn


def announced_randomness(text: str) -> bytes:
    text = unicodedata.normalize("NFC", text)
    while text and text[0] in SPACES:
        text = text[1:]
    while text and text[-1] in SPACES:
        text = text[:-1]
    return sha256(("jifen-announced-v1\n" + text).encode("utf-8"))


def chi_square(observed: Sequence[int], weights: Sequence[int]) -> Fraction:
    """Pearson's statistic, exactly."""
    draws, total = sum(observed), sum(weights)
    expected = [Fraction(draws * weight, total) for weight in weights]
    return sum(((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True)), Fraction(0))


def check_instant(proof: Proof) -> list[str]:
    """What is wrong with the proof of an instant draw, as sentences; empty when nothing is."""
    faults = _missing(proof, INSTANT_MEMBERS, "") or _place(proof, "jifen-instant-v1")
    if faults:
        return faults
    shares = [(share["prize"], share["weight"]) for share in proof["shares"]]
    if any(weight < 0 for _, weight in shares):
        faults.append("a share has a negative weight")
    if proof["number"] < 1:
        faults.append("draws are numbered from 1")
    if not any(prize == proof["outcome"] and weight > 0 for prize, weight in shares):
        faults.append(f"the outcome {proof['outcome']} had no share")
    if faults or proof["seed"] is None:
        return faults
    seed = _bytes(proof["seed"])
    if len(seed) != 32 or commitment(seed) != proof["commitment"]:
        faults.append("the seed is not the one that was committed to")
    right = instant_outcome(seed, proof["stream"], proof["number"], proof["source"], proof["id"], shares)
    if right != proof["outcome"]:
        faults.append(f"the outcome should be {right}, not {proof['outcome']}")
    return faults


def check_pool(
    prizes: Sequence[Mapping[str, Any]], budget: int | None, history: Iterable[Mapping[str, Any]]
) -> list[str]:
    """What is wrong with all instant draws of a pool, in the order of the log.

    history: proofs, and between them what else moved, {"outcome", "count", "amount"} as stock-moved.v1 has it, and
    what the rulebook says from then on, {"prizes", "budget"}, where it was amended.
    """
    faults = []
    moves: list[tuple[str, int, int]] = []
    number = 0
    committed = None
    amounts = {prize["id"]: prize.get("amount") or 0 for prize in prizes}
    for entry in history:
        if "prizes" in entry:
            prizes, budget = entry["prizes"], entry["budget"]
            amounts |= {prize["id"]: prize.get("amount") or 0 for prize in prizes}
            continue
        if "shares" not in entry:
            moves.append((entry["outcome"], entry["count"], entry["amount"]))
            continue
        number += 1
        committed = committed or entry["commitment"]
        faults += [f"draw {number}: {fault}" for fault in check_instant(entry)]
        if entry["number"] != number:
            faults.append(f"draw {number}: it has the number {entry['number']}")
        if entry["commitment"] != committed:
            faults.append(f"draw {number}: its commitment is another than before")
        listed = [(share["prize"], share["weight"]) for share in entry["shares"] if share["weight"]]
        if listed != [share for share in shares_left(prizes, budget, moves) if share[1]]:
            faults.append(f"draw {number}: its shares do not follow from the draws before it")
        moves.append((entry["outcome"], 1, amounts.get(entry["outcome"], 0)))
    return faults


def check_batch(proof: Proof) -> list[str]:
    """What is wrong with the proof of a batch draw, as sentences; empty when nothing is.

    That drand's signature is the League of Entropy's is left to a drand client, or to looking the round up.
    """
    faults = _missing(proof, BATCH_MEMBERS, "") or _missing(proof["sealed"], SEALED_MEMBERS, "sealed.")
    faults = faults or _place(proof, "jifen-batch-v1")
    if faults:
        return faults
    sealed, tickets = proof["sealed"], [list(ticket) for ticket in proof["tickets"]]
    numbers = [number for number, _ in tickets]
    if numbers != sorted(set(numbers)):
        faults.append("the tickets are not in ascending order of their numbers")
    if len(tickets) != sealed["tickets"]:
        faults.append(f"{sealed['tickets']} tickets were sealed, not {len(tickets)}")
    if tickets_root(tickets) != sealed["root"]:
        faults.append("the tickets are not those that were sealed")
    randomness, wrong = _randomness(sealed["beacon"], proof["beacon"])
    faults += wrong
    prizes = [(each["prize"], each["count"]) for each in sealed["prizes"]]
    right = batch_winners(randomness, sealed["root"], tickets, prizes, sealed["person_max"])
    if right != [list(winner) for winner in proof["winners"]]:
        faults.append("the winners are not those that the draw gives")
    return faults


def _randomness(promise: Mapping[str, Any], beacon: Mapping[str, Any]) -> tuple[bytes, list[str]]:
    """The randomness of a draw, and what is wrong with its beacon."""
    faults = []
    if promise.get("kind") == "announced":
        randomness = announced_randomness(beacon.get("text", ""))
    else:
        randomness = sha256(_bytes(beacon.get("signature", "")))
        if promise.get("kind") != "drand" or promise.get("chain") not in QUICKNET:
            faults.append(f"the beacon {promise.get('kind')} {promise.get('chain')} is not known here")
        if beacon.get("round") != promise.get("round"):
            faults.append("the random number is of another round than the one that was promised")
        elif "at" in promise and "round" in promise:
            late = GENESIS + (beacon["round"] - 1) * PERIOD - datetime.fromisoformat(promise["at"])
            if not timedelta(0) <= late < PERIOD:
                faults.append("the round is not the first that does not come before the promised moment")
    if beacon.get("randomness", randomness.hex()) != randomness.hex():
        faults.append("the randomness does not follow from the public number")
    return randomness, faults


def _place(proof: Proof, algorithm: str) -> list[str]:
    faults = []
    if proof["algorithm"] != algorithm:
        faults.append(f"the algorithm {proof['algorithm']} is not known here")
    books = (proof["campaign"], f"{proof['campaign']}.trial")
    if proof["stream"] not in {f"pool/{book}/{proof['pool']}" for book in books}:
        faults.append(f"the stream {proof['stream']} is not this pool's")
    return faults


def _missing(proof: Proof, members: Iterable[str], path: str) -> list[str]:
    return [f"{path}{member} is missing" for member in members if member not in proof]


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def main(path: str) -> int:
    """Check a proof in a file. Says what is wrong with it; 0 when nothing is."""
    proof = json.loads(Path(path).read_text(encoding="utf-8"))
    faults = check_batch(proof) if "sealed" in proof else check_instant(proof)
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) or "all of it holds\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
