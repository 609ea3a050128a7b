"""The core and the oracle play the Zhenjiang benefits and agree, event by event and at the end."""

import random

import pytest

from ledger.rulebook_file import load
from tests.oracle import Zhenjiang
from tests.simulation.programme_core import ProgrammeCore
from tests.simulation.zhenjiang import GIFTS, PRICES, Season, begin, generate, small_text

PUBLISHED = "2019-12-01T08:00:00+08:00"

REFUSALS = {
    *(
        "not_on_roster",
        "already_activated",
        "not_enrolled",
        "already_enrolled",
        "branch_unknown",
        "not_played",
    ),
    *("before_campaign", "future_dated", "already_signed_in", "too_late", "already_done", "not_today"),
    *(
        "already_answered",
        "question_unknown",
        "occasion_unknown",
        "pool_unknown",
        "not_drawn",
        "chance_unknown",
    ),
    *(
        "draws_used_up",
        "not_enough_points",
        "item_unknown",
        "item_not_on_sale",
        "item_limit_reached",
        "sold_out",
    ),
    *("prize_unknown", "prize_step_not_allowed"),
}
"""All that an app can meet here, while the programme runs."""


def agree(seasons: list[Season], text: str, note: str) -> tuple[Zhenjiang, set[str]]:
    """Play it on both and compare. Returns the codes of refusals too."""
    core, oracle, codes = ProgrammeCore(load(text), PUBLISHED), Zhenjiang(text), set[str]()
    for season in seasons:
        core.begin(season)
        begin(oracle, season)
        for number, event in enumerate(season.events):
            expected = oracle.post(event)
            codes.add(expected.code)
            assert core.post(event) == expected, f"{note}: {season.begins}, event {number}: {event}"
        compare(core, oracle, f"{note}: {season.begins}")
    return oracle, codes


def compare(core: ProgrammeCore, oracle: Zhenjiang, note: str) -> None:
    """Where everybody stands, what is left in the shop, who got a gift."""
    for who, worker in oracle.workers.items():
        state, member = core.play_of(who), core.member(who)
        assert core.points(who) == oracle.points(who), f"{note}: {who}"
        assert state.balance == 0, "points of a programme with a wallet lie nowhere else"
        assert state.sign_ins == len(worker.sign_ins), f"{note}: {who}"
        held = {prize.id: prize.status for prize in state.rewards.prizes if prize.pool == "shop"}
        assert held == {each.name: each.status for each in oracle.redeemed if each.who == who}, (
            f"{note}: {who}"
        )
        gifts = [prize.id for prize in state.rewards.prizes if prize.pool == "welcome"]
        assert gifts == worker.gifts, f"{note}: {who}"
        assert [(right.starts, right.ends) for right in member.rights] == [worker.cover], f"{note}: {who}"
        enrolment = core.story.enrolment(who)
        assert enrolment.branch == oracle.union[who], f"{note}: {who}"
    shop = core.rules.pool_ids["shop"]
    for item in shop.prizes:
        left = core.pool("shop").left(item)
        if item.kind == "voucher":
            pool = core.pool("shop")
            left = min(left or 0, pool.codes.get(item.id, 0) - pool.handed.get(item.id, 0))
        assert left == oracle.left(item.id), f"{note}: {item.id}"


@pytest.mark.slow
@pytest.mark.rule("ZG-01", "ZG-03", "ZG-04", "ZG-05", "ZG-06", "ZG-07", "ZG-08", "GX-02")
def test_two_years_of_a_hundred_members_end_as_the_oracle_says() -> None:
    oracle, codes = agree(generate(seed=2020, people=110), small_text(), "seed 2020")
    assert codes == REFUSALS | {""}
    assert len(oracle.workers) > 90
    assert {each.status for each in oracle.redeemed} == {"won", "cancelled", "lapsed"}
    assert {each.item for each in oracle.redeemed} == set(PRICES)
    assert sum(len(worker.gifts) for worker in oracle.workers.values()) == GIFTS, "not everybody got one"
    gains = {move.expires for worker in oracle.workers.values() for move in worker.moves if move.expires}
    assert {expires.year for expires in gains} == {2021, 2022, 2023, 2024}


@pytest.mark.rule("ZG-03", "ZG-05", "ZG-07", "ZG-08", "GX-01", "GX-02")
def test_any_seed_ends_as_the_oracle_says() -> None:
    seed = random.randrange(10**9)
    agree(generate(seed, people=40), small_text(gifts=1000), f"seed {seed}")
