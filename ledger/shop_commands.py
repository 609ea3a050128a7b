"""Commands about the shop, where points buy things."""

from typing import Annotated

from msgspec import Meta

from ledger.command import Command, ItemId, PrizeName


class RedeemItem(Command, frozen=True, kw_only=True):
    """Redeem points for an item of a shop. Source: ZG-07."""

    TYPE = "jifen.item_redeemed"

    item: ItemId
    quantity: Annotated[int, Meta(ge=1, le=100)] = 1


class CancelRedemption(Command, frozen=True, kw_only=True):
    """Give a redeemed item back before it is issued; its points come back. prize: what this one is called.

    Source: ZG-07.
    """

    TYPE = "jifen.redemption_cancelled"

    prize: PrizeName
