"""Promotions: something comes by itself to whoever activates or applies inside a period, as long as there is any."""

import pytest
from msgspec.structs import replace

from ledger import shop
from ledger.command import request
from ledger.commands import SignIn
from ledger.context import Context
from ledger.decision import Decision
from ledger.events import Event, PrizeWon
from ledger.fold import State, initial
from ledger.pool import Pool as PoolState
from ledger.rulebook import Pool
from ledger.shop_events import StockTaken
from ledger.streams import pool_stream
from tests.given import moment
from tests.unit.wallets import WALLETED, gift, item

CREDIT = item("credit-10", "credit", None, stock=1, amount=1_000)
MUG = item("mug", "goods", None, stock=1)
TICKET = item("ticket", "voucher", None, amount=3_000)
POOL = "pool/sx-2019/promotion"


class Days:
    """What activations of several people on some days lead to, pool by pool."""

    def __init__(self, *pools: Pool) -> None:
        self.rules = replace(WALLETED, pools=pools)
        self.states: dict[str, State] = {}

    def activates(self, who: str, at: str, on: shop.Occasion = "activation") -> list[Event]:
        asked = request(
            SignIn(),
            source="s",
            id=f"{who} {at}",
            campaign="sx-2019",
            participant=who,
            occurred_at=moment(at),
        )
        context = Context(asked, self.rules, 1, moment(at))
        named = {context.stream, *shop.gift_streams(on, self.rules)}
        decision = Decision({each: self.states.get(each, initial(each)) for each in named})
        shop.give_gifts(on, context, decision)
        self.states |= decision.changed
        return [event for _, _, event in decision.events]


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


@pytest.mark.rule("ZG-04")
def test_who_activates_inside_the_period_gets_one_prize() -> None:
    won, taken = Days(gift(CREDIT)).activates("p-1", "07-02 00:00")
    assert isinstance(won, PrizeWon)
    assert (won.prize, won.outcome, won.kind, won.status) == ("promotion.1.1", "credit-10", "credit", "won")
    assert [(leg.account, leg.asset, leg.amount) for leg in won.postings] == [
        ("pool:sx-2019:promotion", "credit-10", -1),
        ("prizes:sx-2019:p-1", "credit-10", 1),
    ]
    assert isinstance(taken, StockTaken)
    assert (taken.item, taken.price, taken.amount, taken.participant) == ("credit-10", 0, 1_000, "p-1")


@pytest.mark.rule("ZG-04")
@pytest.mark.parametrize("at", ["07-01 23:59:59", "07-10 00:00"])
def test_outside_of_the_period_there_is_nothing(at: str) -> None:
    assert Days(gift(CREDIT)).activates("p-1", at) == []


@pytest.mark.rule("ZG-04")
def test_the_first_prize_of_which_any_is_left_and_then_nothing() -> None:
    days = Days(gift(CREDIT, MUG))
    outcomes = [
        [event.outcome for event in days.activates(who, "07-03 10:00") if isinstance(event, PrizeWon)]
        for who in ("p-1", "p-2", "p-3")
    ]
    assert outcomes == [["credit-10"], ["mug"], []]
    assert days.states[POOL].gone == {"credit-10": 1, "mug": 1}  # type: ignore[union-attr]


@pytest.mark.rule("ZG-04")
def test_a_person_gets_one_of_each_promotion() -> None:
    second = replace(gift(replace(MUG, id="cup")), id="second")
    days = Days(gift(replace(MUG, stock=None)), second)
    assert kinds(days.activates("p-1", "07-03 10:00")) == [PrizeWon, StockTaken] * 2
    assert days.activates("p-1", "07-03 10:01") == []


def test_a_promotion_for_applicants_gives_nothing_for_an_activation() -> None:
    days = Days(gift(CREDIT, on="application"))
    assert days.activates("p-1", "07-03 10:00") == []
    assert kinds(days.activates("p-1", "07-03 10:00", on="application")) == [PrizeWon, StockTaken]


def test_a_voucher_without_a_code_waits_for_one_and_one_with_a_code_has_it_at_once() -> None:
    days = Days(gift(TICKET))
    (waiting, _) = days.activates("p-1", "07-03 10:00")
    assert isinstance(waiting, PrizeWon)
    assert (waiting.status, waiting.voucher) == ("won", None)
    days.states[POOL] = replace(days.states[POOL], codes={"ticket": 1})
    (handed, taken) = days.activates("p-2", "07-03 10:00")
    assert isinstance(handed, PrizeWon)
    assert isinstance(taken, StockTaken)
    assert (handed.status, handed.voucher, taken.vouchers) == ("issued", 1, (1,))


def test_what_the_budget_does_not_cover_is_not_given() -> None:
    days = Days(replace(gift(replace(CREDIT, stock=None)), budget=1_999))
    assert kinds(days.activates("p-1", "07-03 10:00")) == [PrizeWon, StockTaken]
    assert days.activates("p-2", "07-03 10:00") == []
    state = days.states[pool_stream("sx-2019", "promotion")]
    assert isinstance(state, PoolState)
    assert state.spent == 1_000
