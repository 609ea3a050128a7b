"""A prize pool: what has left it, and how events fold into it. The stream is ``pool/{book}/{pool}``.

What is left is what the rulebook gives less what has left; so an amended stock holds at once (GX-08).
"""

from collections.abc import Iterable

import msgspec

from ledger import rulebook
from ledger.events import (
    BeaconPromise,
    DrawRun,
    DrawSealed,
    EntryTaken,
    Event,
    PlacesAwarded,
    PoolClosed,
    PoolOpened,
    PrizeCount,
    PrizeDrawn,
    SeedRevealed,
    StockMoved,
    VoucherHanded,
    VouchersImported,
)
from ledger.shop_events import StockReturned, StockTaken


class Contest(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A batch draw that was sealed. run: its winners are known."""

    number: int
    position: int
    root: str
    tickets: int
    prizes: tuple[PrizeCount, ...]
    person_max: int | None
    beacon: BeaconPromise
    run: bool = False


class Pool(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """commitment: to the seed, empty for none. closed, revealed: whether that has happened.

    draws: how many draws, tickets or redemptions there were. gone: prize id → how many have left the pool. spent: fen
    of the budget. codes: prize id → voucher codes imported; handed: prize id → codes handed out. awarded: places were.
    """

    version: int = 0
    commitment: str = ""
    closed: bool = False
    revealed: bool = False
    draws: int = 0
    gone: dict[str, int] = {}
    spent: int = 0
    codes: dict[str, int] = {}
    handed: dict[str, int] = {}
    contests: tuple[Contest, ...] = ()
    awarded: bool = False

    def left(self, prize: rulebook.Prize) -> int | None:
        """How many of a prize are left, without those that a sealed draw waits for; None without a stock."""
        if prize.stock is None:
            return None
        sealed = (each for contest in self.contests if not contest.run for each in contest.prizes)
        promised = sum(each.count for each in sealed if each.prize == prize.id)
        return max(0, prize.stock - self.gone.get(prize.id, 0) - promised)

    def budget_left(self, pool: rulebook.Pool) -> int | None:
        """Fen that are left of the budget; None without one."""
        return None if pool.budget is None else max(0, pool.budget - self.spent)

    def next_voucher(self, prize: str) -> int | None:
        """The number of the next code to hand out, None when there is none."""
        number = self.handed.get(prize, 0) + 1
        return number if number <= self.codes.get(prize, 0) else None


def shares(pool: rulebook.Pool, state: Pool) -> tuple[tuple[str, int], ...]:
    """The weight of each prize that an instant draw can bring now, in the order of the rulebook; none when empty.

    With weights: those of the prizes that are left. Without: as many as are left of each. A prize whose amount the
    budget no longer covers is not among them. Source: SX-19, JS-09.
    """
    budget = state.budget_left(pool)
    weighted = any(prize.weight is not None for prize in pool.prizes)
    found = []
    for prize in pool.prizes:
        left = state.left(prize)
        weight = prize.weight if weighted else left
        if weight and left != 0 and (budget is None or (prize.amount or 0) <= budget):
            found.append((prize.id, weight))
    return tuple(found)


def _more(counts: dict[str, int], ids: Iterable[str], by: int = 1) -> dict[str, int]:
    after = dict(counts)
    for id in ids:
        after[id] = after.get(id, 0) + by
    return after


def evolve(state: Pool, event: Event) -> Pool:
    """The state after one more event of its stream."""
    replace, version = msgspec.structs.replace, state.version + 1
    match event:
        case PrizeDrawn():
            handed = {event.outcome: event.voucher} if event.voucher is not None else {}
            return replace(
                state,
                version=version,
                draws=state.draws + 1,
                gone=_more(state.gone, (event.outcome,)),
                spent=state.spent + event.amount,
                handed=state.handed | handed,
            )
        case EntryTaken():
            return replace(state, version=version, draws=state.draws + 1)
        case PoolOpened():
            return replace(state, version=version, commitment=event.commitment)
        case PoolClosed():
            return replace(state, version=version, closed=True)
        case SeedRevealed():
            return replace(state, version=version, revealed=True)
        case StockMoved():
            gone = _more(state.gone, (event.outcome,), event.count)
            return replace(state, version=version, gone=gone, spent=state.spent + event.amount)
        case VouchersImported():
            codes = _more(state.codes, (event.prize,), event.count)
            return replace(state, version=version, codes=codes)
        case VoucherHanded():
            return replace(state, version=version, handed=state.handed | {event.prize: event.voucher})
        case StockTaken() | StockReturned():
            return _evolve_shop(state, event, version)
        case _:
            return _evolve_batch(state, event, version)


def _evolve_shop(state: Pool, event: StockTaken | StockReturned, version: int) -> Pool:
    replace = msgspec.structs.replace
    if isinstance(event, StockReturned):
        gone, spent = _more(state.gone, (event.item,), -1), state.spent - event.amount
        return replace(state, version=version, gone=gone, spent=spent)
    return replace(
        state,
        version=version,
        draws=state.draws + 1,
        gone=_more(state.gone, (event.item,), event.quantity),
        spent=state.spent + event.amount,
        handed=state.handed | ({event.item: max(event.vouchers)} if event.vouchers else {}),
    )


def _evolve_batch(state: Pool, event: Event, version: int) -> Pool:
    replace = msgspec.structs.replace
    match event:
        case DrawSealed():
            contest = Contest(
                event.contest,
                event.position,
                event.root,
                event.tickets,
                event.prizes,
                event.person_max,
                event.beacon,
            )
            return replace(state, version=version, contests=(*state.contests, contest))
        case DrawRun():
            contests = tuple(
                replace(contest, run=True) if contest.number == event.contest else contest
                for contest in state.contests
            )
            gone = _more(state.gone, (prize for _, prize in event.winners))
            handed = state.handed | event.vouchers
            spent = state.spent + event.amount
            return replace(state, version=version, contests=contests, gone=gone, handed=handed, spent=spent)
        case PlacesAwarded():
            gone = _more(state.gone, (prize for _, _, prize in event.winners))
            handed = state.handed | event.vouchers
            spent = state.spent + event.amount
            return replace(state, version=version, awarded=True, gone=gone, handed=handed, spent=spent)
        case _:
            return replace(state, version=version)
