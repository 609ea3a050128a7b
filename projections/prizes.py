"""Draws and prizes: what came out of the pools, and how far each prize has come (SX-19, SX-22, SX-24, SX-25, JS-11)."""

from collections.abc import Sequence
from typing import Any

from ledger.events import (
    AddressSubmitted,
    DrawMade,
    EntryTaken,
    PrizeDelivered,
    PrizeDrawn,
    PrizeIssued,
    PrizeLapsed,
    PrizeReplaced,
    PrizeReturned,
    PrizeWon,
    VoucherRedeemed,
)
from ledger.shop_events import ItemRedeemed, RedemptionCancelled
from projections.projection import Fact, Projection, Row, Rows, Stage

PRIZE_EVENTS = frozenset(
    {
        AddressSubmitted,
        DrawMade,
        PrizeDelivered,
        PrizeIssued,
        PrizeLapsed,
        PrizeReplaced,
        PrizeReturned,
        PrizeWon,
        RedemptionCancelled,
        VoucherRedeemed,
    }
)

CHANGED_PRIZES = Stage(
    "changed_prizes",
    {
        "book": "text",
        "prize": "text",
        "participant": "text",
        "pool": "text",
        "outcome": "text",
        "kind": "text",
        "amount": "int8",
        "unit": "text",
        "status": "text",
        "number": "int8",
        "cause": "text",
        "voucher": "int4",
        "won_at": "timestamptz",
        "address_ref": "text",
        "region": "text",
        "due": "date",
        "addressed_at": "timestamptz",
        "issued_at": "timestamptz",
        "delivered_at": "timestamptz",
        "returned_at": "timestamptz",
        "lapsed_at": "timestamptz",
        "redeemed_at": "timestamptz",
        "cancelled_at": "timestamptz",
        "replaced_by": "text",
        "ref": "text",
        "reason": "text",
        "position": "int8",
    },
)
MEMBERS = tuple(CHANGED_PRIZES.columns)[2:]
DRAWS = Stage(
    "draws",
    {
        "book": "text",
        "pool": "text",
        "number": "int8",
        "participant": "text",
        "outcome": "text",
        "amount": "int8",
        "occurred_at": "timestamptz",
        "position": "int8",
    },
    temporary=False,
)
CHANGED_REDEMPTIONS = Stage(
    "changed_redemptions",
    {
        "book": "text",
        "prize": "text",
        "participant": "text",
        "pool": "text",
        "item": "text",
        "number": "int8",
        "price": "int8",
        "redeemed_at": "timestamptz",
        "expires_at": "timestamptz",
        "waiting": "bool",
        "position": "int8",
    },
)
OF_REDEMPTION = tuple(CHANGED_REDEMPTIONS.columns)[2:]
CLAIMED_BY_OWNER = ("goods", "voucher")
"""Kinds of items that wait for their owner: for an address, or for the use of the code."""
NOT_WAITING = (
    AddressSubmitted,
    PrizeDelivered,
    PrizeLapsed,
    PrizeReplaced,
    PrizeReturned,
    RedemptionCancelled,
    VoucherRedeemed,
)


class Prizes(Projection):
    """Prizes from their winners' streams, with what was redeemed; draws and tickets from the pools': one row each."""

    NAME = "prizes"
    TABLES = ("prizes", "draws", "redemptions")
    STAGES = (CHANGED_PRIZES, DRAWS, CHANGED_REDEMPTIONS)
    STATEMENTS = ("prizes_merge", "redemptions_merge")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each prize that was won or has come further, and one for each draw and ticket."""
        prizes: dict[tuple[str, str], dict[str, Any]] = {}
        redemptions: dict[tuple[str, str], dict[str, Any]] = {}
        draws: list[Row] = []
        for fact in facts:
            event = fact.event
            if isinstance(event, PrizeDrawn | EntryTaken):
                outcome, amount = (
                    (event.outcome, event.amount) if isinstance(event, PrizeDrawn) else (None, 0)
                )
                draws.append(
                    (
                        fact.book,
                        event.pool,
                        event.number,
                        event.participant,
                        outcome,
                        amount,
                        event.occurred_at,
                        fact.position,
                    )
                )
            elif isinstance(event, ItemRedeemed):
                redeemed = _redeemed(event, fact)
                redemptions |= {(fact.book, prize): dict(redeemed) for prize in event.prizes}
            elif type(event) in PRIZE_EVENTS and (said := _said(event)):
                prize = prizes.setdefault((fact.book, event.prize), {})  # type: ignore[attr-defined]  # all have one
                prize.update(said)
                if isinstance(event, DrawMade | PrizeWon):
                    prize["participant"], prize["position"] = fact.participant, fact.position
                _await(event, fact.book, redemptions)
        changed = [(*key, *map(prize.get, MEMBERS)) for key, prize in sorted(prizes.items(), key=_key)]
        bought = [
            (*key, *map(each.get, OF_REDEMPTION)) for key, each in sorted(redemptions.items(), key=_key)
        ]
        return changed, sorted(draws, key=lambda row: row[:3]), bought


def _redeemed(event: ItemRedeemed, fact: Fact) -> dict[str, Any]:
    """What a redemption says of each of its items. Whether one waits for its owner is told when it comes out."""
    return {
        "participant": fact.participant,
        "pool": event.pool,
        "item": event.item,
        "number": event.number,
        "price": event.price // event.quantity,
        "redeemed_at": event.occurred_at,
        "expires_at": event.expires_at,
        "position": fact.position,
    }


def _await(event: Any, book: str, redemptions: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Note whether a prize, if it was redeemed, waits for its owner after an event: for the address, or its use."""
    if isinstance(event, PrizeWon) and event.kind in CLAIMED_BY_OWNER:
        redemptions.setdefault((book, event.prize), {})["waiting"] = True
    elif isinstance(event, NOT_WAITING):
        redemptions.setdefault((book, event.prize), {})["waiting"] = False


def _key(item: tuple[tuple[str, str], object]) -> tuple[str, str]:
    return item[0]


def _said(event: Any) -> dict[str, Any]:
    """What an event says of its prize: column → value. Nothing for a draw that brought none."""
    match event:
        case DrawMade(prize=""):
            return {}
        case DrawMade() | PrizeWon():
            return {
                "pool": event.pool,
                "outcome": event.outcome,
                "kind": event.kind,
                "amount": event.amount,
                "unit": event.unit,
                "status": event.status,
                "number": event.number if isinstance(event, DrawMade) else None,
                "cause": event.cause if isinstance(event, PrizeWon) else None,
                "voucher": event.voucher,
                "won_at": event.occurred_at,
                "issued_at": event.occurred_at if event.status == "issued" else None,
            }
        case AddressSubmitted():
            return {
                "address_ref": event.address_ref,
                "region": event.region,
                "due": event.due,
                "addressed_at": event.occurred_at,
            }
        case VoucherRedeemed():
            redeemed_at = event.redeemed_at or event.occurred_at
            return {"status": "redeemed", "redeemed_at": redeemed_at, **_ref(event.ref)}
        case PrizeIssued():
            voucher = {} if event.voucher is None else {"voucher": event.voucher}
            return {"status": "issued", "issued_at": event.occurred_at, **voucher, **_ref(event.ref)}
        case PrizeDelivered():
            return {"status": "delivered", "delivered_at": event.occurred_at, **_ref(event.ref)}
        case PrizeReturned():
            return {"status": "returned", "returned_at": event.occurred_at, "reason": event.reason}
        case PrizeLapsed():
            return {"status": "lapsed", "lapsed_at": event.occurred_at, "reason": event.reason}
        case RedemptionCancelled():
            return {"status": "cancelled", "cancelled_at": event.occurred_at}
        case PrizeReplaced():
            return {"status": "replaced", "replaced_by": event.by, "reason": event.reason}
    raise TypeError(f"{event!r} says nothing of a prize")


def _ref(ref: str) -> dict[str, str]:
    return {"ref": ref} if ref else {}
