"""A ledger whose campaign has a wallet and a shop, and people with points to spend in it."""

from datetime import datetime

from ledger.campaign import publish_request
from ledger.command import Command, Request, request
from ledger.commands import Enrol, ImportVouchers, SignIn, SyncSteps
from tests.store.playing import CHINA

MORNING = datetime(2019, 7, 1, 8, tzinfo=CHINA)
EVENING = datetime(2019, 7, 1, 21, tzinfo=CHINA)
EACH = 6
"""Points that everybody has: for a sign-in and the daily goal."""


def text(thermos: int, price: int = 4) -> str:
    """A campaign with a wallet and a shop of so many flasks, and as many vouchers as there are codes."""
    return f"""
format = 1
id = "mall"
title = {{ zh = "积分商城", en = "Points mall" }}
starts = 2019-07-01
ends = 2019-10-08
clause = "ZG-08"

[enrolment]
clause = "ZG-01"

[sign_in]
clause = "ZG-05"

[steps]
clause = "ZG-05"
goal_clause = "ZG-05"
daily_goal = 6000

[[points]]
id = "sign-in"
on = "sign_in"
amount = 1
clause = "ZG-05"

[[points]]
id = "goal"
on = "daily_goal"
amount = 5
clause = "ZG-05"

[wallet]
clause = "ZG-08"
lasts = "30d"
until_end_of = "day"

[[pools]]
id = "shop"
name = {{ zh = "商城", en = "Shop" }}
clause = "ZG-07"
draw = "shop"

[[pools.prizes]]
id = "thermos"
name = {{ zh = "保温杯", en = "Flask" }}
kind = "goods"
price = {price}
stock = {thermos}
valid_days = 10

[[pools.prizes]]
id = "movie"
name = {{ zh = "电影票", en = "Film" }}
kind = "voucher"
amount = 3000
price = {price}
stock = 100
"""


def publish(thermos: int, price: int = 4) -> Request:
    return publish_request(text(thermos, price), actor="test")


def ask(command: Command, who: str, *, id: str = "", at: datetime = EVENING) -> Request:
    """A request of a client app about a participant."""
    id = id or f"{type(command).__name__}-{who}"
    return request(command, source="//shop", id=id, campaign="mall", participant=who, occurred_at=at)


def earning(who: str) -> list[Request]:
    """All that somebody does to have points."""
    return [
        ask(Enrol(branch="xian"), who, at=MORNING),
        ask(SignIn(), who, at=MORNING),
        ask(SyncSteps(day=MORNING.date(), steps=8_000, provider="werun"), who),
    ]


def codes(count: int) -> Request:
    """So many voucher codes, sealed already."""
    prints = tuple(f"{n:032x}" for n in range(count))
    return request(
        ImportVouchers(pool="shop", prize="movie", batch="b-1", fingerprints=prints),
        source="//shop",
        id="codes",
        campaign="mall",
        occurred_at=MORNING,
        actor="test",
        beside=tuple(b"sealed" for _ in prints),
    )
