"""Batch draws: sealed before their public random number exists, held when it is here. And voucher codes coming in.

Nobody can choose the winners: the seal fixes tickets, prizes and which number will decide. Source: SX-22, JS-10, JS-11.
"""

from collections import Counter

from ledger.commands import ImportVouchers, RunDraw, SealDraw
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.drawing import BATCH, Ticket, announced_randomness, tickets_root, winners
from ledger.events import DrawRun, DrawSealed, PrizeCount, VouchersImported
from ledger.opening import pool_of, require_over
from ledger.pool import Contest
from ledger.pool import Pool as PoolState
from ledger.prizes import award, prize_name
from ledger.refusals import (
    BeaconNotInFuture,
    DrawAlreadySealed,
    DrawNotSealed,
    NotDrawn,
    PoolEmpty,
    PrizeUnknown,
    SealBroken,
    VoucherKnown,
    VoucherLineEmpty,
    VoucherTwice,
)
from ledger.rulebook import Pool, Prize
from ledger.streams import pool_stream

LISTED = 20
"""So many lines of a faulty file are named."""


class Vouchers:
    """Hands out the codes of a pool one after the other, as far as they go. handed: the newest of each prize."""

    def __init__(self, state: PoolState) -> None:
        self._state = state
        self.handed: dict[str, int] = {}

    def next(self, prize: Prize) -> int | None:
        """The number of the next code; None for what has none, or when none is left."""
        if prize.kind != "voucher":
            return None
        number = self.handed.get(prize.id, self._state.handed.get(prize.id, 0)) + 1
        if number > self._state.codes.get(prize.id, 0):
            return None
        self.handed[prize.id] = number
        return number


def prizes_left(pool: Pool, state: PoolState) -> tuple[PrizeCount, ...]:
    """What a draw can be for now: what is left of each prize that has a stock, in the order of the rulebook."""
    return tuple(PrizeCount(prize.id, left) for prize in pool.prizes if (left := state.left(prize)))


def seal_draw(command: SealDraw, context: Context, decision: Decision) -> None:
    """Fix all that a batch draw depends on, before its random number can be known.

    Refuses: PoolUnknown, NotDrawn, PoolStillOpen, DrawAlreadySealed, PrizeUnknown, PoolEmpty, BeaconNotInFuture.
    Source: JS-10.
    """
    pool = pool_of(command.pool, context)
    if pool.draw != "batch":
        raise NotDrawn(f"{pool.id} has no draw that is held later", pool.clause)
    require_over(pool, command.trial, context)
    stream = pool_stream(context.rules.book(command.trial), pool.id)
    state = decision.state(stream, PoolState)
    if state.contests:
        _require_redraw(command, pool, state.contests[-1], context)
    prizes = _prizes_of(command, pool, state)
    if command.beacon.at <= context.now:
        raise BeaconNotInFuture(
            f"the random number is known from {command.beacon.at.isoformat()} on; name a later one",
            pool.clause,
        )
    sealed = context.event(
        DrawSealed,
        trial=command.trial,
        pool=pool.id,
        contest=len(state.contests) + 1,
        algorithm=BATCH,
        position=command.position,
        root=command.root,
        tickets=command.tickets,
        prizes=prizes,
        beacon=command.beacon,
        actor=context.request.actor,
        person_max=pool.person_max,
        reason=command.reason,
        approver=command.approver,
    )
    decision.add(stream, sealed)


def _require_redraw(command: SealDraw, pool: Pool, newest: Contest, context: Context) -> None:
    if not newest.run:
        raise DrawAlreadySealed(f"draw {newest.number} of {pool.id} is sealed and not yet held", pool.clause)
    if not command.reason.strip() or not command.approver.strip():
        raise DrawAlreadySealed(
            f"{pool.id} has had its draw; a redraw needs a reason and an approver", pool.clause
        )
    if command.approver == context.request.actor:
        raise DrawAlreadySealed("who approves a redraw must be another than who seals it", pool.clause)


def _prizes_of(command: SealDraw, pool: Pool, state: PoolState) -> tuple[PrizeCount, ...]:
    left = {each.prize: each.count for each in prizes_left(pool, state)}
    for each in command.prizes:
        if each.prize not in pool.by_id:
            raise PrizeUnknown(f"{pool.id} has no prize {each.prize}", pool.clause)
        if not 1 <= each.count <= left.get(each.prize, 0):
            raise PoolEmpty(f"{left.get(each.prize, 0)} of {each.prize} are left", pool.clause)
    if len({each.prize for each in command.prizes}) < len(command.prizes):
        raise PrizeUnknown("a prize is named twice", pool.clause)
    prizes = command.prizes or prizes_left(pool, state)
    if not prizes:
        raise PoolEmpty(f"nothing is left in {pool.id}", pool.clause)
    return prizes


def run_draw(command: RunDraw, context: Context, decision: Decision) -> None:
    """Hold a sealed draw: the winners follow from its tickets and the random number alone.

    Refuses: PoolUnknown, DrawNotSealed, BeaconNotInFuture (it cannot be known yet), SealBroken. Source: JS-10, JS-11.
    """
    pool = pool_of(command.pool, context)
    stream = pool_stream(context.rules.book(command.trial), pool.id)
    state = decision.state(stream, PoolState)
    contest = next((each for each in state.contests if each.number == command.contest), None)
    if contest is None or contest.run:
        raise DrawNotSealed(f"draw {command.contest} of {pool.id} is not waiting to be held", pool.clause)
    if context.now < contest.beacon.at:
        raise BeaconNotInFuture(f"the random number comes at {contest.beacon.at.isoformat()}", pool.clause)
    randomness = _require_unbroken(command, contest, pool)
    tickets = [Ticket(*each) for each in command.tickets]
    drawn = winners(
        randomness,
        contest.root,
        tickets,
        [(each.prize, each.count) for each in contest.prizes],
        contest.person_max,
    )
    if drawn != command.winners:
        raise SealBroken("the winners are not those that follow from the random number", pool.clause)
    vouchers, holders = Vouchers(state), {ticket.number: ticket.participant for ticket in tickets}
    awards = [(number, prize, vouchers.next(pool.by_id[prize])) for number, prize in drawn]
    held = context.event(
        DrawRun,
        trial=command.trial,
        pool=pool.id,
        contest=contest.number,
        beacon=command.beacon,
        randomness=command.randomness,
        winners=drawn,
        actor=context.request.actor,
        vouchers=vouchers.handed,
        amount=sum(pool.by_id[prize].amount or 0 for _, prize in drawn),
    )
    decision.add(stream, held)
    for number, prize, voucher in awards:
        name = prize_name(pool.id, number) + (f".c{contest.number}" if contest.number > 1 else "")
        cause = f"{stream}#{contest.number}"
        award(
            holders[number], name, pool.by_id[prize], pool, command.trial, cause, voucher, context, decision
        )


def _require_unbroken(command: RunDraw, contest: Contest, pool: Pool) -> bytes:
    """The randomness, if everything is as it was sealed."""
    if len(command.tickets) != contest.tickets or (
        tickets_root([Ticket(*each) for each in command.tickets]) != contest.root
    ):
        raise SealBroken("the tickets are not those that were sealed, in their order", pool.clause)
    try:
        randomness = bytes.fromhex(command.randomness)
        if contest.beacon.kind == "announced" and announced_randomness(command.beacon.text) != randomness:
            raise SealBroken("the randomness is not that of the announced number", pool.clause)
    except ValueError:
        randomness = b""
    if len(randomness) != 32:
        raise SealBroken("the randomness is not that of a public number", pool.clause)
    return randomness


def import_vouchers(command: ImportVouchers, context: Context, decision: Decision, given: Given) -> None:
    """Take in voucher codes, all of a file or none. The codes stand encrypted beside the log, by their numbers.

    Refuses: PoolUnknown, PrizeUnknown, VoucherLineEmpty, VoucherTwice, VoucherKnown; the lines are named, never codes.
    Source: JS-11.
    """
    pool = pool_of(command.pool, context)
    prize = pool.by_id.get(command.prize)
    if prize is None or prize.kind != "voucher":
        raise PrizeUnknown(f"{pool.id} has no voucher {command.prize}", pool.clause)
    clause = prize.clause or pool.clause
    lines = list(enumerate(command.fingerprints, start=command.first_line))
    if empty := [line for line, code in lines if not code]:
        raise VoucherLineEmpty(f"without a code: {_named(empty)}", clause)
    if not lines:
        raise VoucherLineEmpty("the file has no codes", clause)
    times = Counter(command.fingerprints)
    if twice := [line for line, code in lines if times[code] > 1]:
        raise VoucherTwice(f"the same code more than once: {_named(twice)}", clause)
    if known := [line for line, code in lines if code in given.known]:
        raise VoucherKnown(f"imported before: {_named(known)}", clause)
    stream = pool_stream(context.rules.book(False), pool.id)
    first = decision.state(stream, PoolState).codes.get(prize.id, 0) + 1
    imported = context.event(
        VouchersImported,
        pool=pool.id,
        prize=prize.id,
        first=first,
        count=len(lines),
        batch=command.batch,
        actor=context.request.actor,
    )
    decision.add(stream, imported)


def _named(lines: list[int]) -> str:
    more = f" and {len(lines) - LISTED} more" if len(lines) > LISTED else ""
    return f"line {', '.join(map(str, lines[:LISTED]))}{more}"
