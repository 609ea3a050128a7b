"""An example answer of each operation on wallets and shops, for the OpenAPI description."""

from datetime import UTC, date, datetime

from api.example_answers import Answer, answer
from api.programme_views import TwoLanguages
from api.shops import ItemView, Redemptions, RedemptionView, Shop
from api.wallets import LotView, WalletView

_BEGINS = datetime(2020, 4, 30, 16, tzinfo=UTC)
_EXPIRES = datetime(2021, 12, 31, 16, tzinfo=UTC)
_REDEEMED = datetime(2020, 5, 1, 3, tzinfo=UTC)
_NAME = TwoLanguages("保温杯", "Thermos flask")
_LOT = LotView(points=412, begins=_BEGINS, expires=_EXPIRES, spendable=True)

ANSWERS_OF_SHOPS: dict[str, Answer] = {
    "getWallet": answer(
        "The wallet.",
        WalletView(
            participant="p-000123", balance=412, spendable=412, debt=0, lots=[_LOT], expires_next=[_LOT]
        ),
    ),
    "getShop": answer(
        "The items.",
        Shop(
            [
                ItemView(
                    item="thermos",
                    shop="shop",
                    name=_NAME,
                    kind="goods",
                    amount=None,
                    price=300,
                    left=1_188,
                    person_max=2,
                    sells_from=None,
                    sells_until=datetime(2029, 12, 31, 16, tzinfo=UTC),
                    on_sale=True,
                    valid_days=60,
                    clause="ZG-07",
                )
            ]
        ),
    ),
    "listRedemptions": answer(
        "What was redeemed.",
        Redemptions(
            [
                RedemptionView(
                    prize="shop.812.1",
                    shop="shop",
                    item="thermos",
                    name=_NAME,
                    kind="goods",
                    amount=0,
                    unit="",
                    number=812,
                    price=300,
                    status="won",
                    redeemed_at=_REDEEMED,
                    expires_at=datetime(2020, 6, 30, 16, tzinfo=UTC),
                    address=True,
                    due=date(2020, 5, 25),
                    issued_at=None,
                    delivered_at=None,
                    lapsed_at=None,
                    used_at=None,
                    cancelled_at=None,
                )
            ]
        ),
    ),
}
