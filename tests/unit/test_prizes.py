"""The life of a prize: won, an address given, issued, delivered; or returned, lapsed, replaced, redeemed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.command import Command
from ledger.commands import (
    DeliverPrize,
    ImportVouchers,
    IssuePrize,
    LapsePrize,
    RedeemVoucher,
    ReplacePrize,
    ReturnPrize,
    SubmitAddress,
)
from ledger.events import (
    AddressSubmitted,
    DrawMade,
    Event,
    PrizeDelivered,
    PrizeDrawn,
    PrizeIssued,
    PrizeLapsed,
    PrizeReplaced,
    PrizeReturned,
    PrizeWon,
    StockMoved,
    VoucherHanded,
    VoucherRedeemed,
)
from ledger.refusals import (
    AddressAlreadySubmitted,
    AddressNotInMainland,
    AddressNotNeeded,
    FutureDated,
    NotEnrolled,
    NoVoucherLeft,
    PoolEmpty,
    PrizeStepNotAllowed,
    PrizeUnknown,
)
from ledger.rewards import Held
from ledger.rulebook import Pool, Prize
from ledger.rulebook_base import Words
from tests.given import SX, Story, balances, day_of, replayed

NAME = Words(zh="奖品", en="A prize")


def pool(id: str, kind: str, amount: int | None = None, stock: int = 2, **more: Any) -> Pool:
    """A pool of one kind of prize, drawn at once for one point."""
    prizes = (Prize(id=f"a-{id}", name=NAME, kind=kind, amount=amount, stock=stock),)  # type: ignore[arg-type]
    sent: dict[str, Any] = {
        "address_clause": "SX-25",
        "mainland_only": True,
        "deliver_within_working_days": 15,
    }
    return Pool(id=id, name=NAME, clause="SX-18", cost_points=1, prizes=prizes, **(sent | more))


POOLS = (
    pool("towel", "goods"),
    pool("movie", "voucher", 6_000, stock=3),
    pool("cash", "money", 500, budget=600),
    pool("abroad", "goods", mainland_only=False, deliver_within_working_days=None),
)
RULES = replace(SX, pools=POOLS, boards=())


def winner(of: str = "towel", codes: int = 0) -> Story:
    """Somebody who has just won a prize."""
    story = Story(RULES).enrol(at="06-30 10:00")
    if codes:
        prints = tuple(f"print-{n}" for n in range(codes))
        story.post(ImportVouchers(pool="movie", prize="a-movie", batch="b-1", fingerprints=prints), who="")
    story.signs_in("07-01 08:00").syncs(10_000, "07-01 21:00")
    return story.draws(of, "07-01 22:00").expect(DrawMade, PrizeDrawn)


def held(story: Story, name: str = "towel.1") -> Held:
    prize = story.enrolment().play.rewards.prize(name)
    assert prize is not None
    return prize


def address(name: str = "towel.1", region: str | None = "CN-SN") -> SubmitAddress:
    return SubmitAddress(prize=name, address_ref="vault/77", region=region)


def sent(name: str = "towel.1") -> Story:
    return winner().post(address(name)).post(IssuePrize(prize=name, ref="SF-1"))


@pytest.mark.rule("SX-25")
def test_a_prize_goes_from_its_pool_to_the_winner_on_its_way_and_arrives() -> None:
    story, ways = winner(), ["pool:sx-2019:towel a-towel", "prizes:sx-2019:p-1 a-towel"]
    ways += ["transit:sx-2019 a-towel", "delivered:sx-2019 a-towel"]

    def where() -> list[int]:
        found = balances(story.log)
        return [found[account] for account in ways]

    assert where() == [-1, 1, 0, 0]
    story.post(address()).expect(AddressSubmitted)
    assert where() == [-1, 1, 0, 0]
    story.post(IssuePrize(prize="towel.1", ref="SF-1")).expect(PrizeIssued)
    assert where() == [-1, 0, 1, 0]
    story.post(DeliverPrize(prize="towel.1", ref="SF-1")).expect(PrizeDelivered)
    assert where() == [-1, 0, 0, 1]
    assert held(story).status == "delivered"
    assert {leg.clause for leg in story.answer[0].postings} == {"SX-25"}


@pytest.mark.rule("SX-25")
def test_an_address_cannot_be_changed_once_it_was_submitted() -> None:
    story = winner().post(address()).expect(AddressSubmitted)
    story.post(address()).expect(AddressAlreadySubmitted)
    assert story.refusal.clause == "SX-25"
    story.post(SubmitAddress(prize="towel.1", address_ref="vault/78")).expect(AddressAlreadySubmitted)
    story.post(IssuePrize(prize="towel.1")).post(address()).expect(AddressAlreadySubmitted)


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize("region", ["CN", "CN-SN", "CN-11", None])
def test_prizes_go_to_the_mainland(region: str | None) -> None:
    winner().post(address(region=region)).expect(AddressSubmitted)


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize(
    "region", ["HK", "MO", "TW", "CN-HK", "CN-MO", "CN-TW", "CN-71", "CN-91", "JP", "US-CA"]
)
def test_and_nowhere_else(region: str) -> None:
    story = winner().post(address(region=region)).expect(AddressNotInMainland)
    story.post(address()).expect(AddressSubmitted)
    winner("abroad").post(address("abroad.1", region)).expect(AddressSubmitted)


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize(
    ("given_at", "due"),
    [
        ("07-01 22:30", "07-22"),
        ("09-20 10:00", "10-16"),
        ("09-27 10:00", "10-23"),
        ("09-30 23:59", "10-25"),
    ],
)
def test_it_is_due_on_the_fifteenth_working_day_after_the_address(given_at: str, due: str) -> None:
    """National Day 2019: 1 to 7 October off; Sunday 29 September and Saturday 12 October worked."""
    (event,) = winner().post(address(), at=given_at).answer
    assert isinstance(event, AddressSubmitted)
    assert (event.due, event.address_ref, event.region) == (day_of(due), "vault/77", "CN-SN")
    (event,) = winner("abroad").post(address("abroad.1"), at=given_at).answer
    assert isinstance(event, AddressSubmitted)
    assert event.due is None


@pytest.mark.rule("SX-25")
def test_only_goods_of_ones_own_have_an_address() -> None:
    winner("cash").post(address("cash.1")).expect(AddressNotNeeded)
    winner("movie").post(address("movie.1")).expect(AddressNotNeeded)
    story = winner().enrol("p-2").post(address(), who="p-2").expect(PrizeUnknown)
    story.post(address("towel.2")).expect(PrizeUnknown).post(address(), who="p-3").expect(NotEnrolled)
    story.post(address(), at="07-02 08:10", delivered="07-02 08:00").expect(FutureDated)


@pytest.mark.rule("SX-25")
def test_goods_are_not_sent_without_an_address() -> None:
    story = winner().post(IssuePrize(prize="towel.1")).expect(PrizeStepNotAllowed)
    assert "address" in story.refusal.detail


@pytest.mark.rule("SX-19")
def test_money_of_an_instant_draw_is_issued_with_the_draw() -> None:
    story = winner("cash")
    assert held(story, "cash.1").status == "issued"
    story.post(IssuePrize(prize="cash.1")).expect(PrizeStepNotAllowed)
    story.post(DeliverPrize(prize="cash.1")).expect(PrizeDelivered)
    assert balances(story.log)["delivered:sx-2019 CNY-fen"] == 500


@pytest.mark.rule("JS-11")
def test_vouchers_get_their_codes_in_order_each_once() -> None:
    story = winner("movie", codes=2)
    made = story.answer[0]
    assert isinstance(made, DrawMade)
    assert (made.voucher, made.status) == (1, "issued")
    made = story.draws("movie").answer[0]
    assert isinstance(made, DrawMade)
    assert made.voucher == 2
    made = story.draws("movie").answer[0]
    assert isinstance(made, DrawMade)
    assert (made.voucher, made.status) == (None, "won")
    story.post(IssuePrize(prize="movie.3")).expect(NoVoucherLeft)
    story.post(ImportVouchers(pool="movie", prize="a-movie", batch="b-2", fingerprints=("x",)), who="")
    story.post(IssuePrize(prize="movie.3")).expect(PrizeIssued, VoucherHanded)
    assert [held(story, f"movie.{n}").voucher for n in (1, 2, 3)] == [1, 2, 3]
    assert story.pool("movie").handed == {"a-movie": 3}


@pytest.mark.rule("JS-11")
def test_a_voucher_is_redeemed_once_wherever_it_was() -> None:
    told = RedeemVoucher(
        prize="movie.1", redeemed_at=datetime.fromisoformat("2019-07-01T22:00:00+08:00"), ref="M-9"
    )
    story = winner("movie", codes=1).post(told).expect(VoucherRedeemed)
    assert balances(story.log)["delivered:sx-2019 a-movie"] == 1
    story.post(told).expect(PrizeStepNotAllowed)
    arrived = winner("movie", codes=1).post(DeliverPrize(prize="movie.1")).post(told).expect(VoucherRedeemed)
    assert arrived.answer[0].postings == ()
    assert balances(arrived.log)["delivered:sx-2019 a-movie"] == 1
    winner("movie").post(told).expect(PrizeStepNotAllowed)
    sent().post(RedeemVoucher(prize="towel.1")).expect(PrizeStepNotAllowed)


@pytest.mark.rule("GX-04", "JS-11")
def test_a_voucher_is_not_used_before_it_is_won_nor_tomorrow() -> None:
    for at, refusal in (("2019-06-30T10:00", PrizeStepNotAllowed), ("2019-07-02T10:00", FutureDated)):
        moment = datetime.fromisoformat(f"{at}:00+08:00")
        winner("movie", codes=1).post(RedeemVoucher(prize="movie.1", redeemed_at=moment)).expect(refusal)


@pytest.mark.rule("SX-25")
def test_what_comes_back_is_in_its_pool_again_and_can_be_replaced() -> None:
    story = sent().post(ReturnPrize(prize="towel.1", reason="moved away")).expect(PrizeReturned, StockMoved)
    assert story.pool("towel").gone == {"a-towel": 0}
    assert balances(story.log)["pool:sx-2019:towel a-towel"] == 0
    story.post(ReplacePrize(prize="towel.1", reason="new address"))
    story.expect(PrizeReplaced, PrizeWon, StockMoved)
    won = story.answer[1]
    assert isinstance(won, PrizeWon)
    assert (won.prize, won.cause, won.status) == ("towel.1.r", "towel.1", "won")
    assert story.pool("towel").gone == {"a-towel": 1}
    story.post(address("towel.1.r")).post(IssuePrize(prize="towel.1.r")).expect(PrizeIssued)
    story.post(ReturnPrize(prize="towel.1.r", reason="again")).post(
        ReplacePrize(prize="towel.1.r", reason="again")
    )
    assert held(story, "towel.1.r.r").status == "won"


@pytest.mark.rule("SX-25", "GX-02")
def test_what_was_drawn_by_others_in_between_cannot_replace() -> None:
    story = sent().post(ReturnPrize(prize="towel.1", reason="moved away"))
    story.draws("towel").expect(DrawMade, PrizeDrawn).draws("towel").expect(DrawMade, PrizeDrawn)
    story.post(ReplacePrize(prize="towel.1", reason="too late")).expect(PoolEmpty)
    assert held(story).status == "returned"


@pytest.mark.rule("GX-02")
def test_a_replacement_needs_what_it_is_worth_of_the_budget() -> None:
    story = winner("cash").post(ReturnPrize(prize="cash.1", reason="account closed"))
    assert story.pool("cash").spent == 0
    story.post(ReplacePrize(prize="cash.1", reason="new account")).expect(PrizeReplaced, PrizeWon, StockMoved)
    assert (story.pool("cash").spent, held(story, "cash.1.r").status) == (500, "issued")
    story.post(ReturnPrize(prize="cash.1.r", reason="closed too"))
    dear = replace(POOLS[2], prizes=(replace(POOLS[2].prizes[0], amount=700),), budget=699)
    story.amend(replace(RULES, pools=(*POOLS[:2], dear, POOLS[3])), "07-02 08:00")
    story.post(ReplacePrize(prize="cash.1.r", reason="once more")).expect(PoolEmpty)
    dear = replace(dear, budget=700)
    story.amend(replace(RULES, pools=(*POOLS[:2], dear, POOLS[3])), "07-02 09:00")
    story.post(ReplacePrize(prize="cash.1.r", reason="once more")).expect(PrizeReplaced, PrizeWon, StockMoved)
    assert story.pool("cash").spent == 700 == balances(story.log)["transit:sx-2019 CNY-fen"]


@pytest.mark.rule("JS-11")
def test_a_voucher_is_replaced_by_the_next_code_and_never_by_the_same() -> None:
    story = winner("movie", codes=1).post(ReturnPrize(prize="movie.1", reason="code was dead"))
    story.expect(PrizeReturned, StockMoved)
    story.post(ReplacePrize(prize="movie.1", reason="dead code")).expect(NoVoucherLeft)
    story.post(ImportVouchers(pool="movie", prize="a-movie", batch="b-2", fingerprints=("x",)), who="")
    story.post(ReplacePrize(prize="movie.1", reason="dead code"))
    story.expect(PrizeReplaced, PrizeWon, StockMoved, VoucherHanded)
    assert (held(story, "movie.1.r").voucher, held(story, "movie.1.r").status) == (2, "issued")


@pytest.mark.rule("SX-25")
def test_what_was_not_claimed_lapses_and_can_be_replaced_after_all() -> None:
    story = winner().post(LapsePrize(prize="towel.1", reason="no address in 30 days"))
    story.expect(PrizeLapsed, StockMoved)
    assert balances(story.log)["prizes:sx-2019:p-1 a-towel"] == 0
    story.post(address()).expect(PrizeStepNotAllowed)
    story.post(ReplacePrize(prize="towel.1", reason="was in hospital")).expect(
        PrizeReplaced, PrizeWon, StockMoved
    )


STEPS: dict[str, tuple[Command, type[Event]]] = {
    "address": (address(), AddressSubmitted),
    "issue": (IssuePrize(prize="towel.1"), PrizeIssued),
    "deliver": (DeliverPrize(prize="towel.1"), PrizeDelivered),
    "return": (ReturnPrize(prize="towel.1", reason="came back"), PrizeReturned),
    "lapse": (LapsePrize(prize="towel.1", reason="too late"), PrizeLapsed),
    "replace": (ReplacePrize(prize="towel.1", reason="another"), PrizeReplaced),
}
LIFE: list[tuple[list[str], set[str]]] = [
    ([], {"address", "lapse"}),
    (["address"], {"issue", "lapse"}),
    (["address", "issue"], {"deliver", "return"}),
    (["address", "issue", "deliver"], set()),
    (["address", "issue", "return"], {"replace"}),
    (["lapse"], {"replace"}),
    (["address", "lapse"], {"replace"}),
    (["lapse", "replace"], set()),
    (["address", "issue", "return", "replace"], set()),
]
"""What goods have behind them → what can come next; everything else is refused."""


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize(("behind", "next_"), LIFE, ids=lambda steps: "-".join(sorted(steps)) or "none")
def test_each_step_of_the_life_has_its_place_and_no_other(behind: list[str], next_: set[str]) -> None:
    for step, (command, happened) in STEPS.items():
        story = winner()
        for before in behind:
            story.post(STEPS[before][0])
            assert not story.refused
        story.post(command)
        if step in next_:
            assert type(story.answer[0]) is happened
        elif step == "address" and "address" in behind:
            story.expect(AddressAlreadySubmitted)
        else:
            story.expect(PrizeStepNotAllowed)
            assert story.refusal.clause == "SX-25"
            assert held(story).id in story.refusal.detail


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize("step", [name for name in STEPS if name != "address"])
def test_nobody_has_a_prize_that_is_not_theirs(step: str) -> None:
    story = winner().enrol("p-2").post(STEPS[step][0], who="p-2").expect(PrizeUnknown)
    assert story.log[-1].stream == "p-2@sx-2019"
    story.post(STEPS[step][0], who="p-3").expect(PrizeUnknown)


@pytest.mark.rule("SX-01")
def test_a_prize_of_the_trial_is_gone_with_it() -> None:
    story = Story(RULES).enrol(at="06-18 10:00").signs_in("06-19 08:00").draws("towel", "06-19 09:00")
    story.post(address(), at="06-19 10:00").expect(AddressSubmitted)
    story.signs_in("07-01 08:00").post(IssuePrize(prize="towel.1")).expect(PrizeUnknown)


LIVES: list[Callable[[str], Command]] = [
    lambda name: SubmitAddress(prize=name, address_ref="a", region="CN"),
    lambda name: IssuePrize(prize=name),
    lambda name: DeliverPrize(prize=name),
    lambda name: ReturnPrize(prize=name, reason="came back"),
    lambda name: LapsePrize(prize=name, reason="too late"),
    lambda name: ReplacePrize(prize=name, reason="another"),
    lambda name: RedeemVoucher(prize=name),
]


@pytest.mark.rule("GX-02", "GX-06", "SX-25")
@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["towel", "movie", "cash"]),
            st.integers(1, 3),
            st.integers(0, 2),
            st.sampled_from([None, *LIVES, *LIVES]),
        ),
        max_size=30,
    )
)
def test_whatever_is_done_stock_holds_and_nothing_is_held_that_is_not_there(
    life: list[tuple[str, int, int, Callable[[str], Command] | None]],
) -> None:
    story = winner("movie", codes=2)
    for of, number, again, step in life:
        if step is None:
            story.draws(of)
        else:
            story.post(step(f"{of}.{number}" + ".r" * again))
        pools = {each.id: (each, story.pool(each.id)) for each in POOLS}
        for rules, state in pools.values():
            assert all(0 <= state.gone.get(each.id, 0) <= (each.stock or 0) for each in rules.prizes)
            assert rules.budget is None or 0 <= state.spent <= rules.budget
    found = balances(story.log)
    for account, amount in found.items():
        assert amount >= 0 or account.startswith(("pool:", "issued:")), account
        if account.startswith("pool:"):
            name, asset = account.removeprefix("pool:sx-2019:").split()
            state = story.pool(name)
            assert -amount == (state.spent if asset == "CNY-fen" else state.gone[asset])
    rewards = story.enrolment().play.rewards
    assert all(
        found[f"prizes:sx-2019:p-1 {asset}"] == amount
        for asset, amount in rewards.holdings.items()
        if asset != "CNY-fen"
    )
    told = replayed(story.log)
    assert told == {stream: state for stream, state in story.states.items() if stream in told}
    handed = [prize.voucher for prize in rewards.prizes if prize.voucher is not None]
    assert sorted(handed) == list(range(1, len(handed) + 1))
