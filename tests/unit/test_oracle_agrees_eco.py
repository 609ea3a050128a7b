"""The core and the oracle play Eco walk and agree, event by event and at the end."""

import random

import pytest

from ledger.rulebook_file import load
from tests.oracle import EC_RULEBOOK, Eco, Event
from tests.simulation.eco import generate
from tests.simulation.programme_core import ProgrammeCore

RULES = load(EC_RULEBOOK.read_text(encoding="utf-8"))
PUBLISHED = "2018-11-20T08:00:00+08:00"


REFUSALS = {
    *(
        "not_enrolled",
        "already_enrolled",
        "branch_unknown",
        "not_played",
        "before_campaign",
        "after_campaign",
    ),
    *("future_dated", "day_closed", "too_late", "question_unknown", "already_answered", "occasion_unknown"),
    *("already_done", "checkpoint_not_passed", "item_unknown", "pool_unknown", "draw_closed"),
    *("chance_unknown", "chance_used", "chance_forfeited"),
}
"""All that an app can meet here."""


def agree(events: list[Event], note: str) -> tuple[Eco, set[str]]:
    """Play it on both and compare. Returns the codes of refusals too."""
    core, oracle, codes = ProgrammeCore(RULES, PUBLISHED), Eco(), set[str]()
    for number, event in enumerate(events):
        expected = oracle.post(event)
        codes.add(expected.code)
        assert core.post(event) == expected, f"{note}: event {number}: {event}"
    for who, walker in oracle.walkers.items():
        assert core.standing(who) == oracle.standing(who), f"{note}: {who}"
        assert core.entries(who) == walker.entries, f"{note}: {who}"
        assert list(core.entries(who)) == list(walker.entries), f"{note}: {who}"
        assert core.play_of(who).doings.attended == tuple(walker.attended), f"{note}: {who}"
    assert core.funds() == {fund: sum(donated) for fund, donated in oracle.funds.items()}, note
    return oracle, codes


@pytest.mark.slow
@pytest.mark.rule("EC-01", "EC-02", "EC-03", "EC-04", "EC-05", "EC-06", "EC-07", "EC-08", "EC-14")
def test_a_hundred_and_fifty_people_end_as_the_oracle_says() -> None:
    oracle, codes = agree(generate(seed=2018, people=150, days=30), "seed 2018")
    assert codes == REFUSALS | {""}
    walkers = oracle.walkers.values()
    assert len(walkers) > 130
    assert sum(walker.certified for walker in walkers) > 20
    assert any(
        walker.certified and len(oracle.standing(who).lit) < 13 for who, walker in oracle.walkers.items()
    )
    assert max(walker.donated for walker in walkers) >= 3
    assert {state for walker in walkers for state in walker.entries.values()} == {"open", "used", "forfeited"}
    assert any(len(walker.right) >= 20 for walker in walkers)


@pytest.mark.rule("EC-03", "EC-05", "EC-07", "EC-08", "GX-01", "GX-04")
def test_any_seed_ends_as_the_oracle_says() -> None:
    seed = random.randrange(10**9)
    agree(generate(seed, people=15, days=25), f"seed {seed}")
