"""The examples of docs/draw-vectors.json hold for the ledger, and for a verifier that shares no code with it."""

import ast
import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import beacon, drawing, fairness
from ledger.drawing import Ticket
from tests import stranger

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "draws.md").read_text(encoding="utf-8")
TEXT = (ROOT / "docs" / "draw-vectors.json").read_text(encoding="utf-8")
VECTORS: dict[str, Any] = json.loads(TEXT)
FIRST_POOL = VECTORS["pools"][0]
INSTANT = FIRST_POOL["history"][1]
DRAND, ANNOUNCED = VECTORS["proofs"]
SHARES = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 1 << 60)), min_size=1, max_size=6)
WORDS = st.text(max_size=6)


def pairs(rows: list[list[Any]]) -> list[tuple[str, int]]:
    return [(name, number) for name, number in rows]


def shares_of(proof: dict[str, Any]) -> list[tuple[str, int]]:
    return [(share["prize"], share["weight"]) for share in proof["shares"]]


def tickets_of(rows: list[list[Any]]) -> list[Ticket]:
    return [Ticket(number, participant) for number, participant in rows]


def changed(proof: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """A copy of a proof with one thing changed."""
    other = copy.deepcopy(proof)
    change(other)
    return other


@pytest.mark.parametrize("vector", VECTORS["commitments"])
def test_commitments(vector: dict[str, Any]) -> None:
    seed = bytes.fromhex(vector["seed"])
    assert drawing.commitment(seed) == stranger.commitment(seed) == vector["commitment"]


@pytest.mark.rule("SX-19")
@pytest.mark.parametrize("vector", VECTORS["instant"])
def test_instant_draws(vector: dict[str, Any]) -> None:
    seed, shares = bytes.fromhex(vector["seed"]), pairs(vector["shares"])
    question = (vector["stream"], vector["number"], vector["source"], vector["id"])
    assert drawing.pick(seed, *question, shares) == vector["outcome"]
    assert stranger.instant_outcome(seed, *question, shares) == vector["outcome"]
    point = int(vector["hmac"], 16) % sum(weight for _, weight in shares)
    assert point == vector["point"]


@pytest.mark.rule("SX-19", "JS-09")
@pytest.mark.parametrize("pool", VECTORS["pools"])
def test_whole_pools(pool: dict[str, Any]) -> None:
    assert stranger.check_pool(pool["prizes"], pool["budget"], pool["history"]) == []
    for proof in pool["history"]:
        if "shares" in proof:
            seed = bytes.fromhex(proof["seed"])
            question = (proof["stream"], proof["number"], proof["source"], proof["id"])
            assert drawing.pick(seed, *question, shares_of(proof)) == proof["outcome"]
            assert drawing.commitment(seed) == proof["commitment"]


@pytest.mark.parametrize("vector", VECTORS["roots"])
def test_roots_of_tickets(vector: dict[str, Any]) -> None:
    tickets = tickets_of(vector["tickets"])
    assert [drawing.ticket_entry(ticket).hex() for ticket in tickets] == vector["entries"]
    assert drawing.tickets_root(tickets) == stranger.tickets_root(vector["tickets"]) == vector["root"]


@pytest.mark.rule("SX-22", "JS-10")
@pytest.mark.parametrize("vector", VECTORS["batches"])
def test_batch_draws(vector: dict[str, Any]) -> None:
    randomness, root, most = bytes.fromhex(vector["randomness"]), vector["root"], vector["person_max"]
    tickets, prizes = tickets_of(vector["tickets"]), pairs(vector["prizes"])
    assert drawing.tickets_root(tickets) == root
    drawn = drawing.winners(randomness, root, tickets, prizes, most)
    assert [list(each) for each in drawn] == vector["winners"]
    assert stranger.batch_winners(randomness, root, vector["tickets"], prizes, most) == vector["winners"]
    slots = [stranger.keyed(randomness, drawing.BATCH, root, str(slot)).hex() for slot in range(4)]
    assert slots[: len(vector["slots"])] == vector["slots"]


@pytest.mark.parametrize("vector", VECTORS["announced"])
def test_announced_numbers(vector: dict[str, Any]) -> None:
    assert drawing.announced_randomness(vector["text"]).hex() == vector["randomness"]
    assert stranger.announced_randomness(vector["text"]).hex() == vector["randomness"]


def test_the_beacon() -> None:
    chain = beacon.Chain(**VECTORS["beacon"]["chain"])
    assert chain == beacon.QUICKNET
    for each in VECTORS["beacon"]["rounds"]:
        signature = beacon.signature_of(each["signature"])
        assert beacon.verify(chain, each["round"], signature).hex() == each["randomness"]
        assert beacon.round_time(chain, each["round"]) == datetime.fromisoformat(each["time"])
    for each in VECTORS["beacon"]["first_rounds"]:
        assert beacon.round_at(chain, datetime.fromisoformat(each["at"])) == each["round"]


@pytest.mark.parametrize("vector", VECTORS["fairness"])
def test_fairness(vector: dict[str, Any]) -> None:
    exact = Fraction(*vector["statistic"])
    assert stranger.chi_square(vector["observed"], vector["weights"]) == exact
    fit = fairness.chi_square(vector["observed"], vector["weights"])
    assert fit.statistic == pytest.approx(float(exact))
    assert fit.degrees == vector["degrees"]
    assert fit.p_value == pytest.approx(vector["p_value"], abs=1e-9)


@pytest.mark.parametrize("proof", VECTORS["proofs"])
def test_proofs_of_batch_draws(proof: dict[str, Any]) -> None:
    assert stranger.check_batch(proof) == []


def test_the_page_says_what_the_vectors_say() -> None:
    digests = re.findall(r"[0-9a-f]{32,}", PAGE)
    assert len(digests) > 10
    assert [digest for digest in digests if digest not in TEXT] == []
    for name in (drawing.INSTANT, drawing.BATCH, drawing.ANNOUNCED, beacon.QUICKNET.scheme):
        assert name in PAGE
    assert beacon.DOMAINS[beacon.QUICKNET.scheme].decode() in PAGE
    spaces = re.findall(r"U\+[0-9A-F]{4}", PAGE)
    assert spaces == [f"U+{ord(space):04X}" for space in drawing.ANNOUNCED_SPACES]


def test_the_stranger_shares_no_code_with_us() -> None:
    source = (ROOT / "tests" / "stranger.py").read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source)))
    heads = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    heads |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert {head.partition(".")[0] for head in heads} <= sys.stdlib_module_names


def test_the_stranger_is_a_program(tmp_path: Path) -> None:
    program = [sys.executable, "-I", str(ROOT / "tests" / "stranger.py"), str(tmp_path / "proof.json")]
    for proof, expected in (
        (DRAND, 0),
        (INSTANT, 0),
        (changed(INSTANT, lambda p: p.update(outcome="rp-0.30")), 1),
    ):
        (tmp_path / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (expected, "")
        assert done.stdout.startswith("the outcome should be" if expected else "all of it holds")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p: p.update(outcome="rp-0.30"), "the outcome should be rp-1"),
        (lambda p: p.update(outcome="rp-50"), "had no share"),
        (lambda p: p.update(id="a-9"), "the outcome should be"),
        (lambda p: p.update(number=0), "numbered from 1"),
        (lambda p: p.update(seed="00" * 32), "not the one that was committed to"),
        (lambda p: p.update(seed="x"), "not the one that was committed to"),
        (lambda p: p.update(commitment="00"), "not the one that was committed to"),
        (lambda p: p.update(algorithm="jifen-instant-v2"), "is not known here"),
        (lambda p: p.update(stream="pool/js-2020/red-packet"), "not this pool's"),
        (lambda p: p["shares"][0].update(weight=-5), "negative weight"),
        (lambda p: p.pop("shares"), "shares is missing"),
    ],
)
def test_the_stranger_finds_what_is_wrong_with_an_instant_draw(
    change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    assert stranger.check_instant(INSTANT) == []
    assert any(fault in each for each in stranger.check_instant(changed(INSTANT, change)))


def test_before_the_seed_is_revealed_the_rest_can_be_checked() -> None:
    hidden = changed(INSTANT, lambda p: p.update(seed=None))
    assert stranger.check_instant(hidden) == []
    assert stranger.check_instant(changed(hidden, lambda p: p.update(outcome="rp-50"))) != []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda h: h.pop(2), "draw 3: it has the number 4"),
        (lambda h: h.reverse(), "shares do not follow"),
        (lambda h: h[3]["shares"][1].update(weight=1), "draw 4: its shares do not follow"),
        (lambda h: h.insert(1, {"outcome": "rp-1", "count": 1, "amount": 100}), "draw 2: its shares"),
        (lambda h: h[3].update(commitment="00", seed=None), "draw 4: its commitment"),
    ],
)
def test_the_stranger_finds_what_is_wrong_with_a_pool(
    change: Callable[[list[Any]], object], fault: str
) -> None:
    history = copy.deepcopy(FIRST_POOL["history"])
    change(history)
    faults = stranger.check_pool(FIRST_POOL["prizes"], FIRST_POOL["budget"], history)
    assert any(fault in each for each in faults)


def test_a_pool_whose_rules_were_amended_is_checked_by_what_held() -> None:
    # The budget is cut below what is spent already: only the blank, which costs nothing, can still come.
    history = copy.deepcopy(FIRST_POOL["history"])
    prizes = [*FIRST_POOL["prizes"], {"id": "thanks", "stock": 2}]
    shares = [{"prize": "thanks", "weight": 2}]
    sixth = changed(INSTANT, lambda p: p.update(number=6, outcome="thanks", shares=shares))
    after = [*history, {"prizes": prizes, "budget": 100}, sixth]
    assert stranger.check_pool(FIRST_POOL["prizes"], FIRST_POOL["budget"], after) == []
    assert stranger.check_pool(FIRST_POOL["prizes"], FIRST_POOL["budget"], [*history, sixth]) != []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p: p["winners"].reverse(), "the winners are not"),
        (lambda p: p["winners"][0].__setitem__(1, "cup"), "the winners are not"),
        (lambda p: p["sealed"].update(person_max=None), "the winners are not"),
        (lambda p: p["tickets"].pop(), "5 tickets were sealed, not 4"),
        (lambda p: p["tickets"].reverse(), "ascending order"),
        (lambda p: p["tickets"][1].__setitem__(1, "p-9"), "not those that were sealed"),
        (lambda p: p["beacon"].update(round=1001), "another round"),
        (lambda p: p["beacon"].update(signature="00"), "does not follow from the public number"),
        (lambda p: p["beacon"].update(signature="junk"), "does not follow from the public number"),
        (lambda p: p["beacon"].update(randomness="00"), "does not follow from the public number"),
        (lambda p: p["sealed"]["beacon"].update(at="2023-08-23T15:59:21Z"), "not the first"),
        (lambda p: p["sealed"]["beacon"].update(at="2023-08-23T15:59:25Z"), "not the first"),
        (lambda p: p["sealed"]["beacon"].update(chain="fastnet"), "is not known here"),
        (lambda p: p["sealed"]["beacon"].pop("kind"), "is not known here"),
        (lambda p: p["sealed"].pop("root"), "sealed.root is missing"),
        (lambda p: p.pop("sealed"), "sealed is missing"),
        (lambda p: p.update(algorithm="jifen-instant-v1"), "is not known here"),
    ],
)
def test_the_stranger_finds_what_is_wrong_with_a_batch_draw(
    change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    assert any(fault in each for each in stranger.check_batch(changed(DRAND, change)))


def test_the_stranger_finds_another_announced_number() -> None:
    other = changed(ANNOUNCED, lambda p: p["beacon"].update(text="福彩3D 2019276 4 0 8"))
    assert stranger.check_batch(other) == ["the winners are not those that the draw gives"]


@given(st.binary(min_size=32, max_size=32), WORDS, st.integers(1, 1 << 50), WORDS, WORDS, SHARES)
def test_we_and_the_stranger_pick_the_same(
    seed: bytes, stream: str, number: int, source: str, id: str, shares: list[tuple[str, int]]
) -> None:
    if any(weight for _, weight in shares):
        ours = drawing.pick(seed, stream, number, source, id, shares)
        assert ours == stranger.instant_outcome(seed, stream, number, source, id, shares)


@given(
    st.binary(min_size=32, max_size=32),
    st.lists(st.tuples(st.integers(0, 1 << 40), st.sampled_from("pqr"))),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=4),
    st.none() | st.integers(1, 4),
)
def test_we_and_the_stranger_draw_the_same_winners(
    randomness: bytes, rows: list[tuple[int, str]], prizes: list[tuple[str, int]], most: int | None
) -> None:
    tickets = [Ticket(number, participant) for number, participant in rows]
    root = drawing.tickets_root(tickets)
    assert root == stranger.tickets_root(rows)
    ours = [list(each) for each in drawing.winners(randomness, root, tickets, prizes, most)]
    assert ours == stranger.batch_winners(randomness, root, rows, prizes, most)


@given(st.text())
def test_we_and_the_stranger_read_the_same_announcement(text: str) -> None:
    if text.strip(drawing.ANNOUNCED_SPACES):
        assert drawing.announced_randomness(text) == stranger.announced_randomness(text)
