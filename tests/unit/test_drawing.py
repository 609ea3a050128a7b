"""Draws: the same question gives the same prize, every prize its share, every winner a ticket."""

import hmac
import time
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.drawing import (
    BATCH,
    INSTANT,
    Ticket,
    announced_randomness,
    commitment,
    pick,
    ticket_entry,
    tickets_root,
    winners,
)
from ledger.merkle import Tree, leaf_hash, verify_inclusion

SEED = bytes(range(32))
POOL = "pool/sx-2019/red-packet"
SOURCE = "//app.example/miniprogram"
SHARES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 1 << 60)), min_size=1, max_size=8)
PEOPLE = st.lists(st.sampled_from(["p-1", "p-2", "p-3", "参与者-4"]), max_size=30)
PRIZES = st.lists(st.tuples(st.sampled_from(["cup", "ticket", "phone"]), st.integers(0, 8)), max_size=4)


def tickets_of(people: list[str]) -> list[Ticket]:
    return [Ticket(number, person) for number, person in enumerate(people, 1)]


def test_a_commitment_is_the_digest_of_the_seed() -> None:
    assert commitment(SEED) == sha256(SEED).hexdigest()


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="a seed has 32 bytes"):
        commitment(bytes(length))
    with pytest.raises(ValueError, match="a seed has 32 bytes"):
        pick(bytes(length), POOL, 1, SOURCE, "1", [("a", 1)])
    with pytest.raises(ValueError, match="randomness has 32 bytes"):
        winners(bytes(length), "", [], [])


@pytest.mark.rule("SX-19")
@given(SHARES, st.integers(1, 1 << 40), st.text(max_size=5))
def test_a_pick_is_the_point_that_the_question_falls_on(
    shares: list[tuple[str, int]], number: int, id: str
) -> None:
    total = sum(weight for _, weight in shares)
    if not total:
        with pytest.raises(ValueError, match="one above 0"):
            pick(SEED, POOL, number, SOURCE, id, shares)
        return
    question = "\n".join([INSTANT, POOL, str(number), SOURCE, id]).encode()
    point = int(hmac.new(SEED, question, "sha256").hexdigest(), 16) % total
    ends = [sum(weight for _, weight in shares[: at + 1]) for at in range(len(shares))]
    prize = next(prize for (prize, _), end in zip(shares, ends, strict=True) if point < end)
    assert pick(SEED, POOL, number, SOURCE, id, shares) == prize


def test_everything_in_the_question_changes_the_draw() -> None:
    shares = [(str(prize), 1) for prize in range(1 << 16)]
    picked = {
        pick(SEED, POOL, 1, SOURCE, "1", shares),
        pick(bytes(32), POOL, 1, SOURCE, "1", shares),
        pick(SEED, "pool/sx-2019/grand-prize", 1, SOURCE, "1", shares),
        pick(SEED, POOL, 2, SOURCE, "1", shares),
        pick(SEED, POOL, 1, "//app.example/other", "1", shares),
        pick(SEED, POOL, 1, SOURCE, "2", shares),
    }
    assert len(picked) == 6


@pytest.mark.rule("SX-19")
def test_a_prize_without_weight_is_never_picked() -> None:
    shares = [("none", 0), ("a", 1), ("nothing", 0), ("b", 1), ("nil", 0)]
    picked = Counter(pick(SEED, POOL, number, SOURCE, "1", shares) for number in range(1, 1001))
    assert set(picked) == {"a", "b"}
    assert 400 < picked["a"] < 600


@pytest.mark.parametrize("shares", [[], [("a", 0)], [("a", -1)], [("a", 2), ("b", -1)]])
def test_shares_that_cannot_be_drawn_from_are_wrong(shares: list[tuple[str, int]]) -> None:
    with pytest.raises(ValueError, match="weights of 0 or more"):
        pick(SEED, POOL, 1, SOURCE, "1", shares)


def test_a_ticket_is_known_by_its_number_and_its_participant() -> None:
    assert ticket_entry(Ticket(12, "参与者-4")) == "12\t参与者-4".encode()
    assert tickets_root([]) == sha256(b"").hexdigest()
    tickets = tickets_of(["p-1", "p-2", "p-1"])
    assert tickets_root(tickets) != tickets_root(tickets[::-1])
    tree = Tree([leaf_hash(ticket_entry(ticket)) for ticket in tickets])
    assert tickets_root(tickets) == tree.root.hex()
    assert verify_inclusion(ticket_entry(tickets[2]), 2, 3, tree.proof(2), tree.root)


@pytest.mark.rule("SX-22")
@given(PEOPLE, PRIZES, st.integers(1, 3) | st.none(), st.binary(min_size=32, max_size=32))
def test_every_prize_has_a_winner_while_there_are_tickets(
    people: list[str], prizes: list[tuple[str, int]], person_max: int | None, randomness: bytes
) -> None:
    tickets = tickets_of(people)
    drawn = winners(randomness, tickets_root(tickets), tickets, prizes, person_max)
    whose = {ticket.number: ticket.participant for ticket in tickets}
    most = len(people) if person_max is None else person_max
    can_win = sum(min(count, most) for count in Counter(people).values())
    on_offer = [prize for prize, count in prizes for _ in range(count)]
    assert [prize for _, prize in drawn] == on_offer[:can_win]
    assert len({number for number, _ in drawn}) == len(drawn)
    assert all(count <= most for count in Counter(whose[number] for number, _ in drawn).values())
    assert drawn == winners(randomness, tickets_root(tickets), tickets, prizes, person_max)


def test_slots_are_drawn_as_described() -> None:
    tickets = tickets_of(["p-1", "p-2", "p-3", "p-4", "p-5"])
    root, left, expected = tickets_root(tickets), [1, 2, 3, 4, 5], []
    for slot in range(4):
        digest = hmac.new(SEED, f"{BATCH}\n{root}\n{slot}".encode(), "sha256").digest()
        at = int.from_bytes(digest, "big") % len(left)
        expected.append(left[at])
        left[at] = left[-1]
        del left[-1]
    drawn = winners(SEED, root, tickets, [("grand", 1), ("none", 0), ("second", 3)])
    assert drawn == tuple(zip(expected, ["grand", "second", "second", "second"], strict=True))


def test_a_ticket_that_is_passed_over_uses_up_its_slot_but_no_prize() -> None:
    tickets = tickets_of(["p-1", "p-1", "p-1", "p-2"])
    root = tickets_root(tickets)
    everybody = winners(SEED, root, tickets, [("cup", 4)])
    once = winners(SEED, root, tickets, [("cup", 4)], person_max=1)
    first = next(number for number, _ in everybody if number < 4)
    assert once == tuple((number, "cup") for number, _ in everybody if number in {first, 4})


def test_the_sealed_root_is_part_of_the_draw() -> None:
    tickets = tickets_of([f"p-{number}" for number in range(1000)])
    assert winners(SEED, "00", tickets, [("cup", 9)]) != winners(SEED, "01", tickets, [("cup", 9)])


@pytest.mark.parametrize(("prizes", "person_max"), [([("a", -1)], None), ([("a", 1)], 0)])
def test_counts_that_mean_nothing_are_wrong(prizes: list[tuple[str, int]], person_max: int | None) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        winners(SEED, "", tickets_of(["p-1"]), prizes, person_max)


def test_an_announced_number_is_the_same_however_it_is_typed() -> None:
    expected = sha256("jifen-announced-v1\n福彩3D 2019276 期：4 0 7 é".encode()).digest()
    assert announced_randomness("福彩3D 2019276 期：4 0 7 é") == expected
    assert announced_randomness(" \u3000福彩3D 2019276 期：4 0 7 e\u0301\u00a0\r\n") == expected
    assert announced_randomness("福彩3D 2019276 期：407 é") != expected


@pytest.mark.parametrize("text", ["", " \u3000\r\n\t\u00a0"])
def test_an_announced_number_says_something(text: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        announced_randomness(text)


def test_a_draw_among_a_million_tickets_is_quick() -> None:
    tickets = [Ticket(number, f"p-{number % 300_000:06}") for number in range(1, 1_000_001)]
    began = time.perf_counter()
    root = tickets_root(tickets)
    drawn = winners(SEED, root, tickets, [("phone", 10), ("cup", 9_990)], person_max=1)
    assert time.perf_counter() - began < 20  # two seconds where nothing else runs
    assert len(drawn) == len({number for number, _ in drawn}) == 10_000
