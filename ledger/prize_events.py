"""Events of chances, draws, prizes and frozen boards. See events.py."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.event import Event


class ChanceGranted(Event, frozen=True, kw_only=True):
    """A participant may draw from a pool, or enter its draw. Source: JS-08, JS-10.

    chance: the day of the sign-in, or the id of the board. expires_at: when it is gone; None = at the pool's deadline.
    rank: on the frozen board.
    """

    TOPIC = "chance-granted.v1"

    pool: str
    chance: str
    expires_at: datetime | None = None
    rank: int | None = None


class DrawForfeited(Event, frozen=True, kw_only=True):
    """A participant left the draw page and with it the chance. Source: JS-08."""

    TOPIC = "draw-forfeited.v1"

    pool: str
    chance: str


class ChanceExpired(Event, frozen=True, kw_only=True):
    """A chance was not used in time. Source: JS-08."""

    TOPIC = "chance-expired.v1"

    pool: str
    chance: str


class DrawMade(Event, frozen=True, kw_only=True):
    """A participant drew from a pool (抽红包) and this came out. In the participant's stream. Source: SX-18, SX-19.

    number: of the draw in its pool, from 1. day: in the campaign's time zone. chance: the badge, sign-in day or board
    that paid for it; None = points.
    outcome: id of the prize; prize: what this one is called from now on, empty for a blank. amount: its worth, in unit.
    status: of the prize: money is issued at once. voucher: number of the code that was handed out with it.
    """

    TOPIC = "draw-made.v1"

    pool: str
    number: int
    day: date
    chance: str | None
    outcome: str
    kind: str
    prize: str = ""
    amount: int = 0
    unit: str = ""
    status: str = "won"
    voucher: int | None = None


class DrawEntered(Event, frozen=True, kw_only=True):
    """A participant has entered a draw that is held later. number: of the ticket. Source: SX-22, JS-10."""

    TOPIC = "draw-entered.v1"

    pool: str
    number: int
    day: date
    chance: str | None


class PoolOpened(Event, frozen=True, kw_only=True):
    """A pool takes draws. commitment: SHA-256 of the secret seed of its instant draws, in hex; docs/draws.md."""

    TOPIC = "pool-opened.v1"

    pool: str
    commitment: str


class PrizeDrawn(Event, frozen=True, kw_only=True):
    """The pool's side of ``draw-made``, and what a verifier needs of it. In the pool's stream. Source: SX-19, JS-09.

    outcome: id of the prize. amount: what it took of the budget, in fen.
    """

    TOPIC = "prize-drawn.v1"

    pool: str
    number: int
    participant: str
    outcome: str
    amount: int = 0
    voucher: int | None = None


class EntryTaken(Event, frozen=True, kw_only=True):
    """The pool's side of ``draw-entered``: a ticket. In the pool's stream. Source: SX-22, JS-10."""

    TOPIC = "entry-taken.v1"

    pool: str
    number: int
    participant: str


class PoolClosed(Event, frozen=True, kw_only=True):
    """A pool takes no more draws: its deadline and the grace for delivery are over. Source: SX-18."""

    TOPIC = "pool-closed.v1"

    pool: str


class SeedRevealed(Event, frozen=True, kw_only=True):
    """The seed of a closed pool's instant draws, in hex: from now on anybody can compute every outcome again."""

    TOPIC = "seed-revealed.v1"

    pool: str
    seed: str


class PrizeCount(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How many of a prize a draw is for."""

    prize: str
    count: int


class BeaconPromise(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The public random number that will decide a draw, named before it exists.

    kind: ``drand``: round of a chain of the League of Entropy; ``announced``: another number that is published, as
    described in source. at: when it will be known.
    """

    kind: Literal["drand", "announced"]
    at: datetime
    chain: str = ""
    round: int = 0
    source: str = ""


class Beacon(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The public random number. signature: of a drand round, in hex; text: the announced number as published."""

    signature: str = ""
    text: str = ""


class DrawSealed(Event, frozen=True, kw_only=True):
    """All that a batch draw depends on, fixed before its random number exists. In the pool's stream. Source: JS-10.

    contest: 1 for the pool's first draw; a redraw has the next number, a reason and an approver.
    position: of the log, up to which tickets count; root: Merkle root of the tickets in hex; tickets: how many.
    """

    TOPIC = "draw-sealed.v1"

    pool: str
    contest: int
    algorithm: str
    position: int
    root: str
    tickets: int
    prizes: tuple[PrizeCount, ...]
    beacon: BeaconPromise
    actor: str
    person_max: int | None = None
    reason: str = ""
    approver: str = ""


class DrawRun(Event, frozen=True, kw_only=True):
    """A batch draw's random number is here, and these tickets won. In the pool's stream. Source: JS-10, JS-11.

    randomness: in hex, from the beacon. winners: (number of the ticket, id of the prize) in the order drawn.
    vouchers: prize id → the newest code handed out. amount: what all prizes took of the budget, in fen.
    """

    TOPIC = "draw-run.v1"

    pool: str
    contest: int
    beacon: Beacon
    randomness: str
    winners: tuple[tuple[int, str], ...]
    actor: str
    vouchers: dict[str, int] = msgspec.field(default_factory=dict)
    amount: int = 0


class PlacesAwarded(Event, frozen=True, kw_only=True):
    """The prizes of a pool went to the first of a frozen board. In the pool's stream. Source: SX-24.

    winners: (rank, entrant, id of the prize). vouchers: prize id → the newest code handed out. amount: in fen.
    """

    TOPIC = "places-awarded.v1"

    pool: str
    board: str
    winners: tuple[tuple[int, str, str], ...]
    actor: str
    vouchers: dict[str, int] = msgspec.field(default_factory=dict)
    amount: int = 0


class VouchersImported(Event, frozen=True, kw_only=True):
    """Voucher codes of a prize arrived. In the pool's stream; the codes themselves are not in the log. Source: JS-11.

    first: number of the first code, from 1; count: how many; batch: the name of the delivery.
    """

    TOPIC = "vouchers-imported.v1"

    pool: str
    prize: str
    first: int
    count: int
    batch: str
    actor: str


class StockMoved(Event, frozen=True, kw_only=True):
    """A prize came back to its pool, or another one was taken to replace it. In the pool's stream.

    count: how many left the pool, -1 for one that came back. amount: what that took of the budget, in fen.
    """

    TOPIC = "stock-moved.v1"

    pool: str
    outcome: str
    count: int
    amount: int
    prize: str


class VoucherHanded(Event, frozen=True, kw_only=True):
    """A code was handed out for a prize that had been waiting for one. In the pool's stream. Source: JS-11."""

    TOPIC = "voucher-handed.v1"

    pool: str
    prize: str
    voucher: int


class PrizeWon(Event, frozen=True, kw_only=True):
    """A prize that a batch draw, a place on a board or a replacement brought. In the winner's stream. Source: SX-24.

    prize: what this one is called from now on. outcome: its id in the rulebook. cause: the draw or board, or the prize
    that it replaces.
    """

    TOPIC = "prize-won.v1"

    pool: str
    prize: str
    outcome: str
    kind: str
    cause: str
    amount: int = 0
    unit: str = ""
    status: str = "won"
    voucher: int | None = None


class AddressSubmitted(Event, frozen=True, kw_only=True):
    """The winner gave an address, once. Source: SX-25.

    address_ref: a handle of the vault, not the address. region: ISO 3166, as the client says. due: the last working
    day for sending the prize.
    """

    TOPIC = "address-submitted.v1"

    prize: str
    address_ref: str
    region: str | None = None
    due: date | None = None


class PrizeIssued(Event, frozen=True, kw_only=True):
    """A prize is on its way: sent, ordered from a provider, or its code handed out. ref: the provider's. SX-25."""

    TOPIC = "prize-issued.v1"

    prize: str
    actor: str
    ref: str = ""
    voucher: int | None = None


class PrizeDelivered(Event, frozen=True, kw_only=True):
    """A prize has arrived. ref: the provider's."""

    TOPIC = "prize-delivered.v1"

    prize: str
    actor: str
    ref: str = ""


class PrizeReturned(Event, frozen=True, kw_only=True):
    """A prize came back."""

    TOPIC = "prize-returned.v1"

    prize: str
    actor: str
    reason: str


class PrizeLapsed(Event, frozen=True, kw_only=True):
    """A prize was not claimed in time, or cannot be claimed any more."""

    TOPIC = "prize-lapsed.v1"

    prize: str
    actor: str
    reason: str


class PrizeReplaced(Event, frozen=True, kw_only=True):
    """Another prize of the same kind takes the place of a returned or lapsed one. by: what the new one is called."""

    TOPIC = "prize-replaced.v1"

    prize: str
    by: str
    actor: str
    reason: str


class VoucherRedeemed(Event, frozen=True, kw_only=True):
    """The outside mall reports that a voucher's code was used. redeemed_at: as it says; ref: its own. Source: JS-11."""

    TOPIC = "voucher-redeemed.v1"

    prize: str
    actor: str
    redeemed_at: datetime | None = None
    ref: str = ""


class BoardFrozen(Event, frozen=True, kw_only=True):
    """A ranking stands still. In the board's stream. Source: SX-23, JS-10.

    as_of: the moment that the standing is of. last_day: the last day in it. position: of the log, up to which it was
    computed. root: Merkle root of all its rows in order, in hex; entrants: how many rows. See docs/boards.md.
    """

    TOPIC = "board-frozen.v1"

    board: str
    as_of: datetime
    last_day: date
    position: int
    root: str
    entrants: int


class DayClosed(Event, frozen=True, kw_only=True):
    """The counts of a day stand: its sync window and the grace are over. In the campaign's stream. SX-05."""

    TOPIC = "day-closed.v1"

    day: date
