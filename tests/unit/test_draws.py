"""Draws from a pool of instant outcomes: what they cost, what comes out, and when there is none."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.commands import ClosePool
from ledger.drawing import commitment, pick
from ledger.events import (
    ActivityRefused,
    CorrectionMade,
    DrawEntered,
    DrawMade,
    EntryTaken,
    PoolClosed,
    PoolOpened,
    PrizeDrawn,
    SeedRevealed,
)
from ledger.outcomes import Outcome, Recorded
from ledger.pool import Pool
from ledger.refusals import (
    ChanceUnknown,
    ChanceUsed,
    DrawClosed,
    DrawsUsedUp,
    NotDrawn,
    NotEnoughPoints,
    NothingToReverse,
    PoolEmpty,
    PoolStillOpen,
    PoolUnknown,
    TrialOver,
)
from ledger.rulebook import Prize, Rulebook
from ledger.rulebook_base import Words
from tests.given import SX, Story, balances, day_of, moment, replayed, seed_of

POOL = "pool/sx-2019/red-packet"
NAME = Words(zh="奖品", en="A prize")


def pooled(**changes: Any) -> Rulebook:
    """SX with another red-packet pool."""
    pools = [replace(pool, **changes) if pool.id == "red-packet" else pool for pool in SX.pools]
    return replace(SX, pools=tuple(pools))


def prize(id: str, **members: Any) -> Prize:
    return Prize(id=id, name=NAME, **({"kind": "money"} | members))


CHEAP = pooled(cost_points=1)
STOCKED = pooled(
    cost_points=1, prizes=(prize("small", amount=30, stock=3), prize("big", amount=500, stock=1))
)


def walker(rules: Rulebook = SX, steps: int = 10_000) -> Story:
    """Somebody with 20 points on the evening of the third day; with 8,000 steps that day only 19."""
    story = Story(rules).enrol(at="06-30 10:00")
    for day in ("07-01", "07-02"):
        story.signs_in(f"{day} 08:00").syncs(10_000, f"{day} 21:00")
    return story.syncs(steps, "07-03 21:00")


def drawn(story: Story) -> DrawMade:
    made = story.answer[0]
    assert isinstance(made, DrawMade), made
    return made


def outcomes(story: Story) -> list[str]:
    return [entry.event.outcome for entry in story.log if isinstance(entry.event, DrawMade)]


@pytest.mark.rule("SX-18", "SX-19")
def test_twenty_points_are_one_draw_and_the_money_goes_out_at_once() -> None:
    story = walker().expect(balance=20).draws("red-packet", "07-03 22:00")
    story.expect(DrawMade, PrizeDrawn, balance=0)
    made = drawn(story)
    assert (made.number, made.day, made.chance) == (1, day_of("07-03"), None)
    assert (made.prize, made.kind, made.unit, made.status) == ("red-packet.1", "money", "CNY-fen", "issued")
    assert [(leg.account, leg.asset, leg.amount, leg.balance_after) for leg in made.postings] == [
        ("points:sx-2019:p-1", "points", -20, 0),
        ("spent:sx-2019", "points", 20, None),
        (POOL.replace("/", ":"), "CNY-fen", -made.amount, None),
        ("money:sx-2019:p-1", "CNY-fen", made.amount, made.amount),
        ("money:sx-2019:p-1", "CNY-fen", -made.amount, 0),
        ("transit:sx-2019", "CNY-fen", made.amount, None),
    ]
    assert {(leg.asset, leg.clause) for leg in made.postings} == {("points", "SX-18"), ("CNY-fen", "SX-19")}
    assert made.amount in {30, 50, 100, 300, 500, 1000, 2000, 5000}
    told = story.answer[1]
    assert isinstance(told, PrizeDrawn)
    assert (told.number, told.participant, told.outcome, told.amount) == (1, "p-1", made.outcome, made.amount)


@pytest.mark.rule("SX-18")
def test_nineteen_points_are_no_draw() -> None:
    story = walker(steps=8_000).expect(balance=19).draws("red-packet", "07-03 22:00")
    story.expect(NotEnoughPoints, balance=19)
    assert "19" in story.refusal.detail
    assert story.pool("red-packet").draws == 0


@pytest.mark.rule("SX-18")
@pytest.mark.parametrize(
    ("at", "delivered", "closed"),
    [
        ("10-07 23:59:59", "10-07 23:59:59", False),
        ("10-07 23:59:59", "10-08 00:09:59", False),
        ("10-07 23:59:59", "10-08 00:10:00", True),
        ("10-08 00:00:00", "10-08 00:00:00", True),
        ("10-08 00:00:00", "10-07 23:58:00", True),
    ],
)
def test_a_draw_at_the_deadline_is_refused_even_with_points_left(
    at: str, delivered: str, closed: bool
) -> None:
    story = walker().draws("red-packet", at, delivered=delivered)
    if closed:
        story.expect(DrawClosed, balance=20)
        assert story.refusal.clause == "SX-18"
    else:
        story.expect(DrawMade, PrizeDrawn, balance=0)


@pytest.mark.rule("SX-18")
def test_without_a_deadline_a_pool_closes_with_the_campaign() -> None:
    rules = pooled(deadline=None)
    walker(rules).draws("red-packet", "10-08 23:59:59").expect(DrawMade, PrizeDrawn)
    walker(rules).draws("red-packet", "10-09 00:00").expect(DrawClosed)


@pytest.mark.rule("SX-19")
def test_the_outcome_follows_from_the_seed_the_request_and_the_weights() -> None:
    story = walker(CHEAP)
    odds = [(each.id, each.weight or 0) for each in SX.pool_ids["red-packet"].prizes]
    for number in range(1, 20):
        made = drawn(story.draws("red-packet", "07-03 22:00"))
        assert made.outcome == pick(seed_of(POOL), POOL, number, made.source, made.id, odds)
    assert len(set(outcomes(story))) > 2


@pytest.mark.rule("SX-19", "JS-09")
def test_without_weights_a_prize_is_as_likely_as_its_stock_is_left() -> None:
    story, left = walker(STOCKED), {"small": 3, "big": 1}
    for number in range(1, 5):
        made = drawn(story.draws("red-packet", "07-03 22:00"))
        odds = [(id, count) for id, count in left.items() if count]
        assert made.outcome == pick(seed_of(POOL), POOL, number, made.source, made.id, odds)
        left[made.outcome] -= 1
    story.draws("red-packet").expect(PoolEmpty, balance=16)
    assert story.pool("red-packet").gone == {"small": 3, "big": 1}


@pytest.mark.rule("JS-09", "GX-02")
@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 2)), min_size=1, max_size=4),
    st.none() | st.integers(0, 300),
)
def test_no_sequence_of_draws_takes_more_than_stock_and_budget(
    tiers: list[tuple[int, int | None]], budget: int | None
) -> None:
    """tiers: stock and weight of each prize; the first is worth 30 fen, the next 60, and so on."""
    prizes = [
        prize(f"tier-{n}", amount=30 * n, stock=stock, weight=weight)
        for n, (stock, weight) in enumerate(tiers, start=1)
    ]
    rules = pooled(cost_points=1, prizes=tuple(prizes), budget=budget)
    story = walker(rules)
    refused_after = None
    for attempt in range(14):
        story.draws("red-packet", "07-03 22:00")
        if story.refused and refused_after is None:
            refused_after = attempt
        assert story.refused == (refused_after is not None), "what is empty stays empty"
    won, pool = outcomes(story), story.pool("red-packet")
    assert pool.gone == {each.id: won.count(each.id) for each in prizes if won.count(each.id)}
    assert all(pool.gone.get(each.id, 0) <= (each.stock or 0) for each in prizes)
    assert pool.spent == sum((each.amount or 0) * won.count(each.id) for each in prizes)
    assert budget is None or pool.spent <= budget
    assert story.enrolment().play.balance == 20 - len(won)
    fits = [each for each in prizes if budget is None or (each.amount or 0) <= budget - pool.spent]
    weighted = any(each.weight is not None for each in prizes)
    left = [each for each in fits if won.count(each.id) < (each.stock or 0) and (each.weight or not weighted)]
    assert len(won) == 14 or not left, "and nothing that could be won is held back"


@pytest.mark.rule("SX-19")
def test_an_amount_over_what_is_left_of_the_budget_has_no_share() -> None:
    story = walker(
        pooled(
            cost_points=1,
            budget=100,
            prizes=(prize("a", amount=40, weight=1), prize("b", amount=50, weight=9)),
        )
    )
    for _ in range(2):
        story.draws("red-packet", "07-03 22:00").expect(DrawMade, PrizeDrawn)
    story.draws("red-packet").expect(PoolEmpty)
    assert 80 <= story.pool("red-packet").spent <= 100


@pytest.mark.rule("SX-19")
def test_a_prize_of_weight_0_never_comes() -> None:
    story = walker(
        pooled(
            cost_points=1, prizes=(prize("never", amount=1, weight=0), prize("always", amount=2, weight=1))
        )
    )
    for _ in range(10):
        story.draws("red-packet", "07-03 22:00")
    assert set(outcomes(story)) == {"always"}


@pytest.mark.rule("SX-19")
def test_a_blank_costs_the_same_and_brings_nothing() -> None:
    story = walker(pooled(prizes=(prize("blank", kind="nothing", stock=1),))).draws(
        "red-packet", "07-03 22:00"
    )
    made = drawn(story.expect(DrawMade, PrizeDrawn, balance=0))
    assert (made.prize, made.amount, made.unit, len(made.postings)) == ("", 0, "", 2)
    assert story.enrolment().play.rewards.prizes == ()


@pytest.mark.rule("SX-25")
def test_goods_are_won_and_wait_for_an_address() -> None:
    story = walker(pooled(prizes=(prize("towel", kind="goods", stock=1),))).draws("red-packet", "07-03 22:00")
    made = drawn(story)
    assert (made.status, made.prize) == ("won", "red-packet.1")
    assert balances(story.log)["prizes:sx-2019:p-1 towel"] == 1


@pytest.mark.rule("SX-19")
def test_the_seed_is_committed_to_when_the_campaign_is_published_also_for_the_trial() -> None:
    opened = [(entry.stream, entry.event) for entry in Story().log if entry.stream.startswith("pool/")]
    assert [stream for stream, _ in opened] == [POOL, "pool/sx-2019.trial/red-packet"]
    for stream, event in opened:
        assert isinstance(event, PoolOpened)
        assert event.commitment == commitment(seed_of(stream))
        assert event.trial == (".trial" in stream)


@pytest.mark.rule("GX-08", "SX-19")
def test_a_pool_that_an_amendment_adds_is_opened_with_it_and_no_other_again() -> None:
    more = replace(SX, pools=(*SX.pools, replace(SX.pools[0], id="extra")))
    story = Story().amend(more, "07-01 08:00", effective_at="07-05 00:00")
    assert [entry.stream for entry in story.log[-2:]] == ["pool/sx-2019/extra", "pool/sx-2019.trial/extra"]
    assert len(story.answer) == 3
    story.amend(more, "07-02 08:00", effective_at="07-05 00:00")
    assert len(story.answer) == 1


@pytest.mark.rule("SX-18", "SX-19")
def test_a_closed_pool_reveals_the_seed_that_it_was_committed_to() -> None:
    story = Story().post(ClosePool(pool="red-packet"), who="", at="10-08 00:09:59").expect(PoolStillOpen)
    story.post(ClosePool(pool="red-packet"), who="", at="10-08 00:10").expect(PoolClosed, SeedRevealed)
    revealed = story.answer[1]
    assert isinstance(revealed, SeedRevealed)
    assert commitment(bytes.fromhex(revealed.seed)) == story.pool("red-packet").commitment
    story.post(ClosePool(pool="red-packet"), who="").expect(DrawClosed)
    story.post(ClosePool(pool="no-such"), who="").expect(PoolUnknown)
    assert story.refusal.activity == "jifen.pool_closed"


@pytest.mark.rule("SX-01", "SX-18")
def test_the_trials_pool_closes_with_the_trial() -> None:
    asked = ClosePool(pool="red-packet", trial=True)
    story = Story().post(asked, who="", at="07-01 00:09:59").expect(PoolStillOpen)
    story.post(asked, who="", at="07-01 00:10").expect(PoolClosed, SeedRevealed)
    assert all(event.trial for event in story.answer)
    assert not story.pool("red-packet").closed


@pytest.mark.rule("SX-22")
def test_a_batch_pool_has_no_seed_to_reveal() -> None:
    story = Story().post(ClosePool(pool="grand-prize"), who="", at="10-16 00:10").expect(PoolClosed)
    assert story.pool("grand-prize").commitment == ""


@pytest.mark.rule("SX-18", "GX-08")
def test_a_deadline_that_is_moved_after_the_reveal_opens_nothing() -> None:
    """The seed is known to everybody: whoever draws now knows what comes out."""
    story = walker().post(ClosePool(pool="red-packet"), who="", at="10-08 00:10")
    story.amend(pooled(deadline=datetime.fromisoformat("2019-10-08T20:00:00+08:00")), "10-08 08:00")
    story.draws("red-packet", "10-08 09:00").expect(DrawClosed, balance=20)


@pytest.mark.rule("SX-18")
def test_what_is_no_pool_of_instant_draws_is_refused() -> None:
    story = walker().draws("no-such", "07-03 22:00").expect(PoolUnknown)
    story.draws("team-prize").expect(NotDrawn)
    assert story.refusal.clause == "SX-24"


def badged(rules: Rulebook = SX) -> Story:
    """Somebody who has signed in on both days of a short campaign; the pools are those of the long one."""
    short = replace(rules, ends=day_of("07-02"), boards=())
    return Story(short).enrol(at="06-30 10:00").signs_in("07-01 08:00").signs_in("07-02 08:00")


@pytest.mark.rule("SX-22")
def test_a_badge_is_exchanged_for_one_entry_once() -> None:
    story = badged().expect(badges=("full-attendance",))
    story.draws("grand-prize", chance="with-the-motherland").expect(ChanceUnknown)
    story.draws("grand-prize").expect(ChanceUnknown)
    story.draws("grand-prize", chance="full-attendance").expect(DrawEntered, EntryTaken, balance=2)
    entered = story.answer[0]
    assert isinstance(entered, DrawEntered)
    assert (entered.number, entered.chance, entered.postings) == (1, "full-attendance", ())
    story.draws("grand-prize", chance="full-attendance").expect(ChanceUsed)
    assert story.enrolment().play.rewards.exchanged == ("full-attendance",)
    assert story.pool("grand-prize").draws == 1


@pytest.mark.rule("SX-22", "SX-18")
def test_who_has_earned_a_badge_on_the_last_day_can_enter_until_the_deadline_after_it() -> None:
    story = badged().draws("grand-prize", "10-15 23:59:59", chance="full-attendance")
    story.expect(DrawEntered, EntryTaken)
    badged().draws("grand-prize", "10-16 00:00", chance="full-attendance").expect(DrawClosed)


@pytest.mark.rule("SX-22")
def test_a_badge_that_was_exchanged_in_one_pool_is_gone_for_all() -> None:
    both = pooled(cost_badges=("full-attendance",), cost_points=None)
    story = badged(both).draws("red-packet", chance="full-attendance").expect(DrawMade, PrizeDrawn)
    story.draws("grand-prize", chance="full-attendance").expect(ChanceUsed)


@pytest.mark.rule("SX-18")
def test_a_day_and_a_person_have_so_many_draws_also_when_they_are_delivered_late() -> None:
    story = walker(pooled(cost_points=1, daily_max=2, person_max=5)).draws("red-packet", "07-03 22:00")
    story.draws("red-packet").draws("red-packet").expect(DrawsUsedUp, balance=18)
    story.draws("red-packet", "07-02 22:00", delivered="07-03 22:01").expect(DrawMade, PrizeDrawn)
    story.draws("red-packet", "07-03 22:02").expect(DrawsUsedUp, balance=17)
    story.draws("red-packet", "07-04 00:00").expect(DrawMade, PrizeDrawn)
    story.draws("red-packet").expect(DrawMade, PrizeDrawn).draws("red-packet").expect(DrawsUsedUp)
    story.draws("red-packet", "07-05 08:00").expect(DrawsUsedUp, balance=15)
    assert "5" in story.refusal.detail


@pytest.mark.rule("SX-01", "SX-18")
def test_draws_of_the_trial_stand_apart_and_are_gone_with_it() -> None:
    story = Story(CHEAP).enrol(at="06-18 10:00").signs_in("06-19 08:00").draws("red-packet", "06-19 09:00")
    story.expect(DrawMade, PrizeDrawn, balance=0)
    made = drawn(story)
    assert made.trial
    assert story.log[-1].stream == "pool/sx-2019.trial/red-packet"
    assert {leg.account.split(":")[1] for leg in made.postings} == {"sx-2019.trial"}
    story.signs_in("07-01 08:00").draws("red-packet", "07-01 09:00").expect(DrawMade, PrizeDrawn)
    assert drawn(story).number == 1
    assert len(story.enrolment().play.rewards.prizes) == 1
    story.draws("red-packet", "06-30 09:00", delivered="07-01 09:00").expect(TrialOver)


@pytest.mark.rule("GX-03", "SX-18")
def test_a_draw_is_not_corrected_and_what_earned_the_points_is() -> None:
    story = walker()
    sync = story.position
    story.draws("red-packet", "07-03 22:00").corrects(story.position, "07-05 08:00")
    story.expect(NothingToReverse, balance=0)
    story.corrects(sync, "07-05 08:00").expect(CorrectionMade, balance=-6)
    story.draws("red-packet", "07-05 09:00").expect(NotEnoughPoints)
    assert balances(story.log)["points:sx-2019:p-1"] == -6


@pytest.mark.rule("SX-18", "GX-01")
def test_in_a_ledger_of_before_pools_the_first_draw_opens_the_pool_and_answers_whoever_drew() -> None:
    story = walker()
    story.states[POOL] = Pool()
    story.draws("red-packet", "07-03 22:00").expect(PoolOpened, DrawMade, PrizeDrawn)
    placed = story.log[-3:]
    recorded = tuple(
        Recorded(position, entry.event.TOPIC, entry.version, b"{}", entry.stream)
        for position, entry in enumerate(placed, start=7)
    )
    outcome = Outcome.of([entry.event for entry in placed], recorded, repeat=False)
    assert (outcome.status, outcome.position) == ("accepted", 7)
    assert [leg.account.partition(":")[0] for leg in outcome.postings] == ["points", "money", "money"]


@pytest.mark.rule("GX-06")
def test_draws_are_what_the_log_says() -> None:
    story = walker(STOCKED)
    for _ in range(6):
        story.draws("red-packet", "07-03 22:00")
    told = replayed(story.log)
    assert told == {stream: state for stream, state in story.states.items() if stream in told}
    held = balances(story.log)
    assert held["money:sx-2019:p-1"] == 0
    assert held["transit:sx-2019 CNY-fen"] == -held["pool:sx-2019:red-packet CNY-fen"] == 3 * 30 + 500
    assert sum(isinstance(entry.event, ActivityRefused) for entry in story.log) == 2
    assert story.now == moment("07-03 22:00")
