"""What the scheduler asks for when points or redeemed items are over: each once, under an id that never changes."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from api import scheduling
from ledger.commands import LapsePrize
from ledger.member_commands import ExpirePoints
from ledger.pool import Pool
from tests.given import SHANGHAI, moment
from tests.unit.wallets import SHOP, WALLETED, gift, item

OVER = datetime(2019, 7, 31, 16, tzinfo=UTC)


@pytest.mark.rule("ZG-08")
def test_points_expire_by_wallet_and_belong_to_no_campaign() -> None:
    (asked,) = scheduling.to_expire_points([("p-1", OVER, 41)])
    assert asked.command == ExpirePoints()
    assert (asked.participant, asked.campaign) == ("p-1", "")
    assert asked.id == "expire points p-1 2019-07-31T16:00:00+00:00 41"
    (elsewhere,) = scheduling.to_expire_points([("p-1", OVER.astimezone(SHANGHAI), 41)])
    assert (elsewhere.key, elsewhere.content) == (asked.key, asked.content)


@pytest.mark.rule("ZG-08")
def test_points_that_come_back_to_a_lot_that_is_over_are_asked_for_again() -> None:
    first, second = scheduling.to_expire_points([("p-1", OVER, 41), ("p-1", OVER, 77)])
    assert first.key != second.key


@pytest.mark.rule("ZG-07")
def test_an_item_that_is_not_claimed_in_time_lapses_under_its_own_name() -> None:
    (asked,) = scheduling.to_lapse(WALLETED, False, [("p-1", "mall.1.1", OVER)])
    assert asked.command == LapsePrize(prize="mall.1.1", reason="not claimed or used in time")
    assert (asked.participant, asked.campaign) == ("p-1", "sx-2019")
    assert asked.id == "lapse sx-2019 mall.1.1 2019-07-31T16:00:00+00:00"


@pytest.mark.rule("ZG-07", "SX-01")
def test_items_are_looked_for_only_where_they_can_lapse() -> None:
    in_trial, later = moment("06-20 10:00"), moment("07-01 00:00")
    assert scheduling.items_can_lapse(WALLETED, trial=True, now=in_trial)
    assert not scheduling.items_can_lapse(WALLETED, trial=True, now=later)
    assert scheduling.items_can_lapse(WALLETED, trial=False, now=later)
    for_ever = replace(SHOP, prizes=(item("vase", "goods", 1),))
    assert not scheduling.items_can_lapse(replace(WALLETED, pools=(for_ever,)), trial=False, now=later)


def test_neither_a_shop_nor_a_promotion_has_to_be_closed() -> None:
    rules = replace(WALLETED, pools=(SHOP, gift(item("mug", "goods", None, stock=1))))
    states: dict[str, Pool] = {}
    assert list(scheduling.pools_to_close(rules, states, moment("2020-01-01 00:00"))) == []
