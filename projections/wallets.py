"""Wallets: the points of members in their lots, and what each campaign gave to them and took (ZG-08)."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ledger.event import Event
from ledger.member_events import Lot, MemberBecame, MemberJoined, PointsExpired, PointsMoved
from ledger.posting import POINTS
from projections.projection import Fact, Projection, Rows, Stage

Key = tuple[datetime, datetime | None]

CHANGED_WALLETS = Stage(
    "changed_wallets",
    {"participant": "text", "moved": "int8", "anew": "bool", "position": "int8"},
)
CHANGED_LOTS = Stage(
    "changed_lots",
    {
        "participant": "text",
        "begins": "timestamptz",
        "expires": "timestamptz",
        "points": "int8",
        "position": "int8",
    },
)
MOVED_CAMPAIGNS = Stage(
    "moved_campaigns", {"participant": "text", "campaign": "text", "earned": "int8", "spent": "int8"}
)

_lots = msgspec.json.Decoder(tuple[Lot, ...]).decode


class _Wallet:
    """What a batch of events says of a wallet. anew: ``lots`` are all that it has, not what is different."""

    __slots__ = ("anew", "lots", "moved", "position")

    def __init__(self) -> None:
        self.anew = False
        self.moved = 0
        self.lots: dict[Key, tuple[int, int]] = {}
        self.position = 0

    def add(self, lot: Lot, points: int, position: int) -> None:
        """Points that came into a lot, or (negative) left it."""
        key = lot.begins, lot.expires
        self.lots[key] = (self.lots.get(key, (0, 0))[0] + points, position)

    def replace(self, lots: Sequence[Lot], position: int) -> None:
        """These are all that there are."""
        self.anew, self.lots = True, {}
        for lot in lots:
            self.add(lot, lot.points, position)


class Wallets(Projection):
    """Of a wallet that became part of another the lots are with that one; its campaigns' figures stay where they are.

    Whoever asks for a member's figures is given those of all its client ids; see links.py.
    """

    NAME = "wallets"
    TABLES = ("wallets", "wallet_lots", "wallet_campaigns")
    STAGES = (CHANGED_WALLETS, CHANGED_LOTS, MOVED_CAMPAIGNS)
    STATEMENTS = (
        "wallets_merge",
        "wallet_lots_clear",
        "wallet_lots_merge",
        "wallet_lots_empty",
        "wallet_campaigns_merge",
    )

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """One row for each wallet and lot that changed, and for each campaign that moved points."""
        wallets: dict[str, _Wallet] = {}
        campaigns: dict[tuple[str, str], tuple[int, int]] = {}
        for fact in facts:
            event = fact.event
            if not isinstance(event, PointsMoved | PointsExpired | MemberJoined | MemberBecame):
                continue
            wallet = wallets.setdefault(fact.participant, _Wallet())
            _follow(wallet, event, fact.position)
            if isinstance(event, PointsMoved):
                key = fact.participant, event.campaign
                earned, spent = campaigns.get(key, (0, 0))
                campaigns[key] = (earned + _points(event) + event.spent, spent + event.spent)
        changed = [
            (who, wallet.moved, wallet.anew, wallet.position) for who, wallet in sorted(wallets.items())
        ]
        lots = [
            (who, *key, points, position)
            for who, wallet in sorted(wallets.items())
            for key, (points, position) in wallet.lots.items()
        ]
        return changed, lots, [(*key, *sums) for key, sums in sorted(campaigns.items())]


def _points(event: Event) -> int:
    """How many points an event brings its wallet. A joining moves grants of money too."""
    return sum(leg.amount for leg in event.postings if leg.balance_after is not None and leg.asset == POINTS)


def _follow(
    wallet: _Wallet, event: PointsMoved | PointsExpired | MemberJoined | MemberBecame, position: int
) -> None:
    """One more event of a wallet."""
    wallet.moved += _points(event)
    wallet.position = position
    match event:
        case PointsMoved():
            for lot in event.lots:
                wallet.add(lot, lot.points, position)
        case PointsExpired():
            for lot in event.lots:
                wallet.add(lot, -lot.points, position)
        case MemberJoined() if "lots" in event.after:
            wallet.replace(_lots(event.after["lots"]), position)
        case MemberBecame():
            wallet.replace((), position)
