"""Campaigns whose points lie in the member's wallet, with a shop and promotions, for the tests of both."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from ledger.command import Command
from ledger.commands import ImportVouchers
from ledger.member import Member
from ledger.member_commands import ExpirePoints
from ledger.rulebook import Pool, Prize, Rulebook
from ledger.rulebook_base import Words
from ledger.rulebook_programmes import Gift, Wallet
from ledger.shop_commands import CancelRedemption, RedeemItem
from ledger.streams import member_stream
from tests.given import SHANGHAI, SX, Story, Time

NAME = Words(zh="奖品", en="A prize")
WALLET = Wallet(clause="ZG-08", lasts="30d", until_end_of="day", expiry_clause="ZG-08")


def item(id: str, kind: str, price: int | None, stock: int | None = None, **more: Any) -> Prize:
    """An item of a shop, or without a price a prize."""
    return Prize(id=id, name=NAME, kind=kind, price=price, stock=stock, **more)  # type: ignore[arg-type]


ITEMS = (
    item("towel", "goods", 2, stock=3, person_max=2, valid_days=10),
    item("movie", "voucher", 3, stock=5, amount=3_000, valid_days=10),
    item("top-up", "credit", 4, amount=1_000, stock=2),
    item(
        "rice",
        "goods",
        1,
        sells_from=datetime(2019, 7, 5, tzinfo=SHANGHAI),
        sells_until=datetime(2019, 7, 10, tzinfo=SHANGHAI),
    ),
    item("vase", "goods", 1_000, stock=1),
)
SHOP = Pool(
    id="mall",
    name=NAME,
    clause="ZG-07",
    draw="shop",
    budget=9_000,
    deliver_within_working_days=15,
    prizes=ITEMS,
)
DRAW = Pool(
    id="lucky",
    name=NAME,
    clause="SJ-08",
    cost_points=5,
    prizes=(item("fen", "money", None, stock=50, amount=30),),
)
WALLETED = replace(SX, wallet=WALLET, pools=(SHOP, DRAW), boards=())
PLAIN = replace(SX, pools=(SHOP, DRAW), boards=())
"""The same shop, with points that are the campaign's own."""
OTHER = replace(WALLETED, id="other", trial=None)
"""Another campaign of the ledger with a wallet, at the same time."""


def gift(*prizes: Prize, on: str = "activation", ends: str = "2019-07-10T00:00:00+08:00") -> Pool:
    """A promotion in the first days of July 2019."""
    begins = datetime(2019, 7, 2, tzinfo=SHANGHAI)
    period = Gift(on=on, begins=begins, ends=datetime.fromisoformat(ends))  # type: ignore[arg-type]
    return Pool(id="promotion", name=NAME, clause="ZG-04", draw="gift", gift=period, prizes=prizes)


def member(story: Story, who: str = "p-1") -> Member:
    """The state of a person."""
    state = story.states.get(member_stream(who), Member())
    assert isinstance(state, Member)
    return state


def earner(rules: Rulebook = WALLETED, days: int = 3, who: str = "p-1") -> Story:
    """Somebody with six points for each of the first days of July: a sign-in, 8,000 steps and the daily goal."""
    return earns(Story(rules).enrol(who, at="06-30 10:00"), 1, days, who)


def earns(story: Story, first: int, last: int, who: str = "p-1") -> Story:
    """Six points for each of these days of July."""
    for day in range(first, last + 1):
        story.signs_in(f"07-{day:02} 08:00", who=who).syncs(8_000, f"07-{day:02} 21:00", who=who)
    return story


def redeems(story: Story, item: str, at: Time, quantity: int = 1, **how: Any) -> Story:
    return story.post(RedeemItem(item=item, quantity=quantity), at=at, **how)


def cancels(story: Story, prize: str, at: Time, **how: Any) -> Story:
    return story.post(CancelRedemption(prize=prize), at=at, **how)


def expires(story: Story, at: Time, who: str = "p-1") -> Story:
    """What the scheduler asks for."""
    command: Command = ExpirePoints()
    return story.post(command, who=who, at=at, campaign="", actor="scheduler")


def codes(story: Story, item: str, count: int, at: Time) -> Story:
    """Voucher codes of an item arrive."""
    known = len(story.codes)
    prints = tuple(f"{n:032x}" for n in range(known, known + count))
    return story.post(
        ImportVouchers(pool="mall", prize=item, batch=f"b-{known}", fingerprints=prints), who="", at=at
    )
