"""One event of every type of shops, with every member that it can have."""

from datetime import UTC, datetime

from ledger.event import Event
from ledger.member_events import Lot
from ledger.posting import Posting
from ledger.shop_events import ItemRedeemed, RedemptionCancelled, StockReturned, StockTaken
from tests.unit.golden_rewards import SAID

LOT = Lot(300, datetime(2020, 2, 29, 16, tzinfo=UTC), datetime(2021, 12, 31, 16, tzinfo=UTC))
OPEN = Lot(300, datetime(2020, 3, 1, 16, tzinfo=UTC))

EXAMPLES: list[Event] = [
    ItemRedeemed(
        **SAID,
        postings=(
            Posting("points:sx-2019:p-000123", "points", -600, "ZG-07", 41),
            Posting("spent:sx-2019", "points", 600, "ZG-07"),
        ),
        pool="shop",
        item="thermos",
        quantity=2,
        price=600,
        number=812,
        prizes=("shop.812.1", "shop.812.2"),
        paid=((LOT,), (OPEN,)),
        expires_at=datetime(2020, 5, 1, 16, tzinfo=UTC),
    ),
    RedemptionCancelled(
        **SAID,
        postings=(
            Posting("prizes:zg:p-000123", "thermos", -1, "ZG-07", 0),
            Posting("pool:zg:shop", "thermos", 1, "ZG-07"),
        ),
        pool="shop",
        item="thermos",
        prize="shop.812.2",
        price=300,
    ),
    StockTaken(
        **SAID,
        pool="shop",
        item="cinema-ticket",
        quantity=2,
        number=812,
        participant="p-000123",
        price=400,
        amount=7_000,
        vouchers=(41, 42),
    ),
    StockReturned(**SAID, pool="shop", item="phone-credit-30", prize="shop.813.1", amount=3_000),
]
