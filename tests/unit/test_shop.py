"""The shop: points buy items, exactly as many as there are; what is given back comes back."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.commands import (
    DeliverPrize,
    IssuePrize,
    LapsePrize,
    RedeemVoucher,
    ReplacePrize,
    ReturnPrize,
    SubmitAddress,
)
from ledger.events import (
    AddressSubmitted,
    PrizeIssued,
    PrizeLapsed,
    PrizeReplaced,
    PrizeWon,
    StockMoved,
    VoucherRedeemed,
)
from ledger.fund_refusals import ItemLimitReached, ItemNotOnSale, ItemUnknown, SoldOut
from ledger.member_events import PointsExpired, PointsMoved
from ledger.member_refusals import MembershipNeeded
from ledger.refusals import (
    NotDrawn,
    NotEnoughPoints,
    NotEnrolled,
    PoolEmpty,
    PrizeStepNotAllowed,
    PrizeUnknown,
)
from ledger.rewards import Held
from ledger.rulebook import Rulebook
from ledger.shop_events import ItemRedeemed, RedemptionCancelled, StockReturned, StockTaken
from tests.given import SHANGHAI, Story, balances, moment, replayed
from tests.unit.wallets import (
    ITEMS,
    PLAIN,
    SHOP,
    WALLETED,
    cancels,
    codes,
    earner,
    earns,
    expires,
    member,
    redeems,
)

BOTH = pytest.mark.parametrize("rules", [WALLETED, PLAIN], ids=["wallet", "campaign"])
ONE = (ItemRedeemed, PrizeWon, StockTaken)
GIVEN_BACK: list[type[Any]] = [RedemptionCancelled, StockReturned]


def prize(story: Story, name: str, who: str = "p-1") -> Held:
    found = story.enrolment(who).play.rewards.prize(name)
    assert found is not None
    return found


def points(story: Story, who: str = "p-1") -> int:
    """What the person has to spend, wherever it lies."""
    return member(story, who).balance + story.enrolment(who).play.balance


def facts(story: Story) -> list[type[Any]]:
    """What followed, without what moved in wallets."""
    assert replayed(story.log) == story.states
    balances(story.log)
    return [type(event) for event in story.answer if not isinstance(event, PointsMoved)]


@BOTH
@pytest.mark.rule("ZG-07")
def test_points_pay_for_items_and_each_is_a_prize_of_its_own(rules: Rulebook) -> None:
    story = redeems(earner(rules), "towel", "07-04 10:00", quantity=2)
    assert facts(story) == [ItemRedeemed, PrizeWon, PrizeWon, StockTaken]
    redeemed, taken = story.answer[0], story.answer[-1]
    assert isinstance(redeemed, ItemRedeemed)
    assert (redeemed.quantity, redeemed.price, redeemed.number) == (2, 4, 1)
    assert redeemed.prizes == ("mall.1.1", "mall.1.2")
    assert redeemed.expires_at == moment("07-15 00:00")
    assert isinstance(taken, StockTaken)
    assert (taken.item, taken.quantity, taken.number, taken.participant) == ("towel", 2, 1, "p-1")
    assert points(story) == 14
    assert story.pool("mall").left(SHOP.by_id["towel"]) == 1
    assert prize(story, "mall.1.2").status == "won"
    held = balances(story.log)
    assert (held["spent:sx-2019"], held["prizes:sx-2019:p-1 towel"]) == (4, 2)


@pytest.mark.rule("ZG-07")
def test_a_voucher_is_handed_out_at_once_and_no_code_twice() -> None:
    story = redeems(earner(), "movie", "07-04 10:00")
    story.expect(SoldOut)
    codes(story, "movie", 2, "07-04 10:01")
    redeems(story, "movie", "07-04 10:02", quantity=3).expect(SoldOut)
    redeems(story, "movie", "07-04 10:03", quantity=2)
    assert facts(story) == [ItemRedeemed, PrizeWon, PrizeWon, StockTaken]
    handed = [prize(story, f"mall.1.{n}") for n in (1, 2)]
    assert [(each.status, each.voucher) for each in handed] == [("issued", 1), ("issued", 2)]
    assert story.pool("mall").handed == {"movie": 2}
    redeems(story, "movie", "07-04 10:04").expect(SoldOut)


@pytest.mark.rule("ZG-07")
def test_goods_wait_for_an_address_and_phone_credit_only_for_being_issued() -> None:
    story = redeems(earner(), "towel", "07-04 10:00")
    redeems(story, "top-up", "07-04 10:01")
    story.post(IssuePrize(prize="mall.1.1"), at="07-05 10:00").expect(PrizeStepNotAllowed)
    story.post(SubmitAddress(prize="mall.1.1", address_ref="vault/1"), at="07-05 10:01")
    assert facts(story) == [AddressSubmitted]
    assert story.answer[0].due == date(2019, 7, 26)  # type: ignore[attr-defined]
    for name in ("mall.1.1", "mall.2.1"):
        story.post(IssuePrize(prize=name, ref="r-1"), at="07-06 10:00").expect(PrizeIssued)
        story.post(DeliverPrize(prize=name), at="07-07 10:00")
        assert prize(story, name).status == "delivered"


@BOTH
@pytest.mark.rule("ZG-07")
@pytest.mark.parametrize(
    ("item", "at", "quantity", "refusal"),
    [
        ("nothing-such", "07-04 10:00", 1, ItemUnknown),
        ("fen", "07-04 10:00", 1, ItemUnknown),
        ("rice", "07-04 23:59:59", 1, ItemNotOnSale),
        ("rice", "07-10 00:00", 1, ItemNotOnSale),
        ("towel", "10-09 00:00", 1, ItemNotOnSale),
        ("towel", "07-04 10:00", 3, ItemLimitReached),
        ("movie", "07-04 10:00", 1, SoldOut),
        ("vase", "07-04 10:00", 2, SoldOut),
        ("top-up", "07-04 10:00", 3, SoldOut),
        ("vase", "07-04 10:00", 1, NotEnoughPoints),
    ],
)
def test_what_is_refused_costs_nothing(
    rules: Rulebook, item: str, at: str, quantity: int, refusal: type
) -> None:
    story = redeems(earner(rules), item, at, quantity=quantity).expect(refusal)
    assert points(story) == 18
    assert story.pool("mall").draws == 0


@pytest.mark.rule("ZG-07")
def test_an_item_is_on_sale_by_the_time_at_which_it_was_redeemed() -> None:
    story = redeems(earner(), "rice", "07-09 23:59:59", delivered="07-10 00:05")
    assert facts(story) == list(ONE)
    redeems(story, "rice", "07-09 23:59:59", delivered="07-10 00:10").expect(ItemNotOnSale)
    redeems(earner(), "rice", "07-05 00:00").expect(ItemRedeemed, PointsMoved, PrizeWon, StockTaken)


@pytest.mark.rule("ZG-07", "SJ-04")
def test_a_shop_for_members_is_for_members() -> None:
    closed = replace(SHOP, standing="reviewed", standing_clause="SJ-04")
    story = redeems(earner(replace(PLAIN, pools=(closed,))), "towel", "07-04 10:00")
    story.expect(MembershipNeeded)
    assert story.refusal.clause == "SJ-04"


def test_nobody_redeems_who_has_not_enrolled_and_nobody_draws_from_a_shop() -> None:
    story = redeems(Story(PLAIN), "towel", "07-04 10:00").expect(NotEnrolled)
    story.enrol(at="07-04 10:01").draws("mall", "07-04 10:02").expect(NotDrawn)


@pytest.mark.rule("ZG-07")
def test_the_limit_of_a_person_is_for_ever_but_what_was_given_back_does_not_count() -> None:
    story = redeems(earner(), "towel", "07-04 10:00", quantity=2)
    cancels(story, "mall.1.1", "07-04 10:01")
    redeems(story, "towel", "07-04 10:02")
    redeems(story, "towel", "07-04 10:03").expect(ItemLimitReached)
    story.post(LapsePrize(prize="mall.1.2", reason="not claimed"), who="p-1", at="07-20 10:00")
    redeems(story, "towel", "07-20 10:01").expect(ItemLimitReached)


@BOTH
@pytest.mark.rule("ZG-07", "GX-03")
def test_what_is_given_back_before_it_is_issued_brings_points_and_stock_back(rules: Rulebook) -> None:
    story = redeems(earner(rules), "towel", "07-04 10:00", quantity=2)
    cancels(story, "mall.1.2", "07-05 10:00")
    assert facts(story) == GIVEN_BACK
    assert points(story) == 16
    assert story.pool("mall").left(SHOP.by_id["towel"]) == 2
    assert prize(story, "mall.1.2").status == "cancelled"
    held = balances(story.log)
    assert (held["spent:sx-2019"], held["prizes:sx-2019:p-1 towel"]) == (2, 1)
    cancels(story, "mall.1.2", "07-05 10:01").expect(PrizeStepNotAllowed)
    story.post(SubmitAddress(prize="mall.1.2", address_ref="vault/1"), at="07-05 10:02")
    story.expect(PrizeStepNotAllowed)


@pytest.mark.rule("ZG-08", "ZG-07")
def test_points_come_back_to_the_lots_that_they_came_from() -> None:
    story = earner(days=2)
    before = member(story).lots
    redeems(story, "top-up", "07-03 10:00", quantity=2)
    assert [lot.points for lot in member(story).lots] == [4]
    cancels(story, "mall.1.2", "07-03 10:01")
    assert [lot.points for lot in member(story).lots] == [2, 6], "the second took the last of the first day"
    cancels(story, "mall.1.1", "07-03 10:02")
    assert member(story).lots == before


@pytest.mark.rule("ZG-08", "ZG-07")
def test_points_of_a_lot_that_has_expired_meanwhile_come_back_and_expire() -> None:
    story = expires(redeems(earner(days=1), "top-up", "07-03 10:00"), "08-01 00:00").expect(PointsExpired)
    cancels(story, "mall.1.1", "08-02 10:00").expect(RedemptionCancelled, PointsMoved, StockReturned)
    assert member(story).balance == 4
    redeems(story, "towel", "08-02 10:01").expect(NotEnoughPoints)
    expires(story, "08-02 10:02").expect(PointsExpired)
    assert member(story).lots == ()


@pytest.mark.rule("ZG-07")
def test_what_is_issued_or_was_not_redeemed_is_not_given_back() -> None:
    story = codes(earner(days=4), "movie", 1, "07-04 22:00")
    redeems(story, "movie", "07-05 10:00")
    cancels(story, "mall.1.1", "07-05 10:01").expect(PrizeStepNotAllowed)
    redeems(story, "top-up", "07-05 10:02").post(IssuePrize(prize="mall.2.1"), at="07-05 10:03")
    cancels(story, "mall.2.1", "07-05 10:04").expect(PrizeStepNotAllowed)
    story.draws("lucky", "07-05 10:05")
    cancels(story, "lucky.1", "07-05 10:06").expect(PrizeStepNotAllowed)
    cancels(story, "mall.9.1", "07-05 10:07").expect(PrizeUnknown)
    cancels(story.enrol("p-2", at="07-05 10:08"), "mall.1.1", "07-05 10:09", who="p-2").expect(PrizeUnknown)


@pytest.mark.rule("ZG-07")
@pytest.mark.parametrize("said", [False, True])
def test_an_item_that_is_not_claimed_in_time_lapses_and_its_points_do_not_come_back(said: bool) -> None:
    story = redeems(earner(), "towel", "07-04 10:00")
    if said:
        story.post(LapsePrize(prize="mall.1.1", reason="not claimed"), at="07-15 00:00")
        assert facts(story) == [PrizeLapsed, StockMoved]
        assert story.pool("mall").left(SHOP.by_id["towel"]) == 3
    story.post(SubmitAddress(prize="mall.1.1", address_ref="vault/1"), at="07-15 00:01")
    story.expect(PrizeStepNotAllowed)
    cancels(story, "mall.1.1", "07-15 00:02").expect(PrizeStepNotAllowed)
    assert points(story) == 16


def test_what_has_its_address_in_time_is_sent_however_late_and_can_still_be_given_back() -> None:
    story = redeems(earner(), "towel", "07-04 10:00", quantity=2)
    for name in ("mall.1.1", "mall.1.2"):
        story.post(SubmitAddress(prize=name, address_ref="vault/1"), at="07-14 23:59:59")
    story.post(IssuePrize(prize="mall.1.1"), at="07-30 10:00").expect(PrizeIssued)
    cancels(story, "mall.1.2", "07-30 10:01").expect(RedemptionCancelled, PointsMoved, StockReturned)


@pytest.mark.rule("ZG-07", "JS-11")
def test_a_code_that_is_not_used_in_time_lapses_and_is_not_handed_out_again() -> None:
    story = codes(earner(), "movie", 1, "07-03 22:00")
    redeems(story, "movie", "07-04 10:00")
    story.post(LapsePrize(prize="mall.1.1", reason="not used"), at="07-14 23:59:59").expect(
        PrizeStepNotAllowed
    )
    story.post(LapsePrize(prize="mall.1.1", reason="not used"), at="07-15 00:00").expect(PrizeLapsed)
    assert story.pool("mall").gone == {"movie": 1}
    held = balances(story.log)
    assert (held["lapsed:sx-2019 movie"], held["transit:sx-2019 movie"]) == (1, 0)
    late = moment("07-15 00:00")
    story.post(RedeemVoucher(prize="mall.1.1", redeemed_at=late), at="07-16 10:00").expect(
        PrizeStepNotAllowed
    )
    in_time = moment("07-14 20:00")
    story.post(RedeemVoucher(prize="mall.1.1", redeemed_at=in_time), at="07-16 10:01").expect(VoucherRedeemed)
    held = balances(story.log)
    assert (held["lapsed:sx-2019 movie"], held["delivered:sx-2019 movie"]) == (0, 1)
    assert facts(story) == [VoucherRedeemed]


def test_an_item_that_came_back_is_replaced_from_stock_and_costs_nothing_more() -> None:
    story = redeems(earner(), "top-up", "07-04 10:00")
    redeems(story, "top-up", "07-04 10:01")
    story.post(IssuePrize(prize="mall.1.1"), at="07-05 10:00")
    story.post(ReturnPrize(prize="mall.1.1", reason="wrong number"), at="07-05 10:01")
    story.post(ReplacePrize(prize="mall.1.1", reason="wrong number"), at="07-05 10:02")
    assert facts(story) == [PrizeReplaced, PrizeWon, StockMoved]
    assert points(story) == 10
    cancels(story, "mall.1.1.r", "07-05 10:03").expect(PrizeStepNotAllowed)
    story.post(IssuePrize(prize="mall.2.1"), at="07-05 10:04")
    story.post(ReturnPrize(prize="mall.2.1", reason="wrong number"), at="07-05 10:05")
    redeems(earns(story.enrol("p-2", at="07-05 10:06"), 5, 5, "p-2"), "top-up", "07-06 10:00", who="p-2")
    story.post(ReplacePrize(prize="mall.2.1", reason="wrong number"), at="07-06 10:01").expect(PoolEmpty)


def test_the_budget_of_a_shop_limits_what_is_worth_money() -> None:
    short = replace(SHOP, budget=1_500)
    story = redeems(earner(replace(PLAIN, pools=(short,))), "top-up", "07-04 10:00")
    redeems(story, "top-up", "07-04 10:01").expect(SoldOut)
    cancels(story, "mall.1.1", "07-04 10:02")
    assert facts(redeems(story, "top-up", "07-04 10:03")) == list(ONE)


def test_the_trials_shop_sells_for_the_trials_points() -> None:
    story = Story(WALLETED).enrol(at="06-18 10:00").signs_in("06-19 08:00").syncs(8_000, "06-19 21:00")
    redeems(story, "towel", "06-20 10:00").expect(*ONE)
    assert balances(story.log)["spent:sx-2019.trial"] == 2
    assert story.pool("mall").draws == 0
    cancels(story, "mall.1.1", "06-20 10:01").expect(RedemptionCancelled, StockReturned)


@pytest.mark.rule("GX-02", "ZG-07")
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("redeem", "cancel", "lapse", "issue")),
            st.sampled_from([each.id for each in ITEMS]),
            st.integers(1, 3),
            st.sampled_from(("p-1", "p-2")),
        ),
        max_size=30,
    )
)
def test_whatever_is_bought_and_given_back_stock_and_points_are_exact(
    doings: list[tuple[str, str, int, str]],
) -> None:
    story = codes(
        earns(earner(days=3).enrol("p-2", at="07-03 22:00"), 4, 4, "p-2"), "movie", 3, "07-05 09:00"
    )
    had = {who: points(story, who) for who in ("p-1", "p-2")}
    paid = dict.fromkeys(had, 0)
    for number, (what, item, quantity, who) in enumerate(doings):
        at = datetime(2019, 7, 6, 9, number, tzinfo=SHANGHAI)
        if what == "redeem":
            redeems(story, item, at, quantity=quantity, who=who)
            if not story.refused:
                price = SHOP.by_id[item].price
                assert price is not None
                paid[who] += price * quantity
            continue
        held = story.enrolment(who).play.rewards.prizes
        if not held:
            continue
        name = held[quantity % len(held)].id
        if what == "cancel":
            cancels(story, name, at, who=who)
            paid[who] -= 0 if story.refused else story.answer[0].price  # type: ignore[attr-defined]
        else:
            command = LapsePrize(prize=name, reason="test") if what == "lapse" else IssuePrize(prize=name)
            story.post(command, who=who, at=at)
        for item_ in ITEMS:
            out = sum(
                1
                for each in ("p-1", "p-2")
                for one in story.enrolment(each).play.rewards.prizes
                if one.outcome == item_.id and one.status not in ("cancelled", "lapsed")
            )
            assert story.pool("mall").gone.get(item_.id, 0) == out
            assert item_.stock is None or out <= item_.stock
    assert {who: points(story, who) for who in had} == {who: had[who] - paid[who] for who in had}
    assert min(had[who] - paid[who] for who in had) >= 0
    facts(story)


@pytest.mark.rule("GX-08", "ZG-07")
def test_an_item_that_is_not_sold_any_more_can_still_be_given_back_sent_and_not_replaced() -> None:
    story = redeems(earner(), "towel", "07-04 10:00", quantity=2)
    story.amend(
        replace(WALLETED, pools=(replace(SHOP, prizes=ITEMS[1:]), *WALLETED.pools[1:])), "07-04 11:00"
    )
    redeems(story, "towel", "07-04 11:01").expect(ItemUnknown)
    cancels(story, "mall.1.1", "07-04 11:02").expect(RedemptionCancelled, PointsMoved, StockReturned)
    story.post(SubmitAddress(prize="mall.1.2", address_ref="vault/1"), at="07-04 11:03")
    story.post(IssuePrize(prize="mall.1.2"), at="07-05 11:00").expect(PrizeIssued)
    story.post(ReturnPrize(prize="mall.1.2", reason="broken"), at="07-06 11:00")
    story.post(ReplacePrize(prize="mall.1.2", reason="broken"), at="07-06 11:01").expect(PoolEmpty)
