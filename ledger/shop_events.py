"""Events of a shop: in the participant's stream, and in that of the shop's pool."""

from datetime import datetime

from ledger.event import Event
from ledger.member_events import Lot


class ItemRedeemed(Event, frozen=True, kw_only=True):
    """Points paid for items; each that came out is a ``prize-won`` after it. price: points in all.

    Stream: participant.

    number: of the redemption in the pool. prizes: what each is called. paid: for each of them, from which lots of the
    wallet; empty where points lie in no wallet. expires_at: until when they can be claimed or used.
    Source: ZG-07.
    """

    TOPIC = "item-redeemed.v1"

    pool: str
    item: str
    quantity: int
    price: int
    number: int
    prizes: tuple[str, ...]
    paid: tuple[tuple[Lot, ...], ...] = ()
    expires_at: datetime | None = None


class RedemptionCancelled(Event, frozen=True, kw_only=True):
    """A redeemed item was given back before it was issued, and its points came back. price: of this one, in points.

    Stream: participant. Source: ZG-07.
    """

    TOPIC = "redemption-cancelled.v1"

    pool: str
    item: str
    prize: str
    price: int


class StockTaken(Event, frozen=True, kw_only=True):
    """Items left the shop, or a gift the pool of gifts. vouchers: numbers of the codes that were handed out.

    Stream: pool. Source: ZG-04, ZG-07.

    number: of the redemption or gift in the pool, from 1. price: points in all, 0 for a gift. amount: what all took of
    the budget, in fen.
    """

    TOPIC = "stock-taken.v1"

    pool: str
    item: str
    quantity: int
    number: int
    participant: str
    price: int = 0
    amount: int = 0
    vouchers: tuple[int, ...] = ()


class StockReturned(Event, frozen=True, kw_only=True):
    """An item that was given back is in the shop again. amount: fen that the budget has again.

    Stream: pool. Source: ZG-07.
    """

    TOPIC = "stock-returned.v1"

    pool: str
    item: str
    prize: str
    amount: int = 0
