"""What a participant has of chances, draws and prizes, and how events fold into it. Part of the enrolment's state."""

from datetime import date, datetime
from typing import Any

import msgspec

from ledger.events import (
    AddressSubmitted,
    ChanceExpired,
    ChanceGranted,
    DrawEntered,
    DrawForfeited,
    DrawMade,
    Event,
    PrizeDelivered,
    PrizeIssued,
    PrizeLapsed,
    PrizeReplaced,
    PrizeReturned,
    PrizeWon,
    VoucherRedeemed,
)
from ledger.member_events import Lot
from ledger.posting import POINTS
from ledger.shop_events import ItemRedeemed, RedemptionCancelled


class Chance(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A right to draw. id: the day of a sign-in, or a board. state: open, used, forfeited or expired."""

    pool: str
    id: str
    expires_at: datetime | None
    state: str = "open"


class Drawn(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How often a participant has drawn from a pool: in all, and on each day, for draws can be delivered late."""

    pool: str
    total: int = 0
    days: dict[date, int] = {}


class Held(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A prize. id: what this one is called; outcome: its id in the rulebook; amount: its worth in fen.

    status: won, issued, delivered, returned, lapsed, replaced, redeemed or cancelled. address: whether one was given.
    won_at: when it was written that it was won.
    """

    id: str
    pool: str
    outcome: str
    kind: str
    amount: int
    status: str
    address: bool = False
    voucher: int | None = None
    won_at: datetime | None = None


class Bought(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a redeemed prize has cost. paid: from which lots of the wallet. expires_at: until when it can be claimed."""

    prize: str
    price: int
    paid: tuple[Lot, ...] = ()
    expires_at: datetime | None = None


class Rewards(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """exchanged: badges that were used for a draw. holdings: asset → balance of the accounts other than points.

    bought: the prizes that were redeemed in a shop.
    """

    chances: tuple[Chance, ...] = ()
    exchanged: tuple[str, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    prizes: tuple[Held, ...] = ()
    holdings: dict[str, int] = {}
    bought: tuple[Bought, ...] = ()

    def chance(self, pool: str, id: str) -> Chance | None:
        """A chance of a pool by its id."""
        return next((chance for chance in self.chances if chance.id == id and chance.pool == pool), None)

    def chances_of(self, pool: str) -> list[Chance]:
        """All chances of a pool, in the order in which they were granted."""
        return [chance for chance in self.chances if chance.pool == pool]

    def drawn_from(self, pool: str) -> Drawn:
        """How often was drawn from a pool."""
        return next((drawn for drawn in self.drawn if drawn.pool == pool), Drawn(pool))

    def prize(self, id: str) -> Held | None:
        """A prize by what it is called."""
        return next((prize for prize in self.prizes if prize.id == id), None)

    def purchase(self, id: str) -> Bought | None:
        """What a prize has cost; None for one that was won."""
        return next((bought for bought in self.bought if bought.prize == id), None)


def _with_chance(rewards: Rewards, pool: str, id: str | None, state: str) -> tuple[Chance, ...]:
    return tuple(
        msgspec.structs.replace(chance, state=state) if chance.pool == pool and chance.id == id else chance
        for chance in rewards.chances
    )


def _paid(rewards: Rewards, event: DrawMade | DrawEntered, day: date) -> dict[str, Any]:
    """What a draw or an entry uses up."""
    before = rewards.drawn_from(event.pool)
    days = before.days | {day: before.days.get(day, 0) + 1}
    drawn = Drawn(event.pool, before.total + 1, days)
    changes: dict[str, Any] = {"drawn": (*(each for each in rewards.drawn if each.pool != event.pool), drawn)}
    if event.chance is not None:
        changes["chances"] = _with_chance(rewards, event.pool, event.chance, "used")
        if rewards.chance(event.pool, event.chance) is None:
            changes["exchanged"] = (*rewards.exchanged, event.chance)
    return changes


def _won(rewards: Rewards, event: DrawMade | PrizeWon) -> tuple[Held, ...]:
    if not event.prize:
        return rewards.prizes
    held = Held(
        event.prize,
        event.pool,
        event.outcome,
        event.kind,
        event.amount,
        event.status,
        voucher=event.voucher,
        won_at=event.recorded_at,
    )
    return (*rewards.prizes, held)


def _bought(rewards: Rewards, event: ItemRedeemed) -> tuple[Bought, ...]:
    price = event.price // event.quantity
    paid = event.paid or ((),) * len(event.prizes)
    new = (
        Bought(prize, price, lots, event.expires_at) for prize, lots in zip(event.prizes, paid, strict=True)
    )
    return (*rewards.bought, *new)


def _with_prize(rewards: Rewards, id: str, **changes: Any) -> tuple[Held, ...]:
    return tuple(
        msgspec.structs.replace(prize, **changes) if prize.id == id else prize for prize in rewards.prizes
    )


STATUS_AFTER: dict[type[Event], str] = {
    PrizeIssued: "issued",
    PrizeDelivered: "delivered",
    PrizeReturned: "returned",
    PrizeLapsed: "lapsed",
    PrizeReplaced: "replaced",
    VoucherRedeemed: "redeemed",
    RedemptionCancelled: "cancelled",
}

CHANCE_AFTER: dict[type[Event], str] = {DrawForfeited: "forfeited", ChanceExpired: "expired"}


def evolve(rewards: Rewards, event: Event) -> Rewards | None:
    """The rewards after one more event; None when it says nothing of them."""
    changes: dict[str, Any]
    match event:
        case ChanceGranted():
            granted = Chance(event.pool, event.chance, event.expires_at)
            changes = {"chances": (*rewards.chances, granted)}
        case DrawForfeited() | ChanceExpired():
            changes = {"chances": _with_chance(rewards, event.pool, event.chance, CHANCE_AFTER[type(event)])}
        case DrawMade():
            changes = _paid(rewards, event, event.day) | {"prizes": _won(rewards, event)}
        case DrawEntered():
            changes = _paid(rewards, event, event.day)
        case PrizeWon():
            changes = {"prizes": _won(rewards, event)}
        case ItemRedeemed():
            changes = {"bought": _bought(rewards, event)}
        case AddressSubmitted():
            changes = {"prizes": _with_prize(rewards, event.prize, address=True)}
        case PrizeIssued() if event.voucher is not None:
            changes = {"prizes": _with_prize(rewards, event.prize, status="issued", voucher=event.voucher)}
        case (
            PrizeIssued()
            | PrizeDelivered()
            | PrizeReturned()
            | PrizeLapsed()
            | PrizeReplaced()
            | VoucherRedeemed()
            | RedemptionCancelled()
        ):
            changes = {"prizes": _with_prize(rewards, event.prize, status=STATUS_AFTER[type(event)])}
        case _:
            return None
    owned = {
        leg.asset: leg.balance_after
        for leg in event.postings
        if leg.balance_after is not None and leg.asset != POINTS
    }
    if owned:
        changes["holdings"] = rewards.holdings | owned
    return msgspec.structs.replace(rewards, **changes)
