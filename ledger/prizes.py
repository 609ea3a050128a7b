"""The life of a prize: won, an address given, issued, delivered; or returned, lapsed, replaced. Source: SX-25, JS-11.

What a prize is made of moves along: from its pool to the winner, on its way, delivered; or back into the pool.
"""

from collections.abc import Mapping
from datetime import datetime

from ledger.activities import require_enrolled
from ledger.commands import (
    DeliverPrize,
    IssuePrize,
    LapsePrize,
    RedeemVoucher,
    ReplacePrize,
    ReturnPrize,
    SubmitAddress,
)
from ledger.context import Context
from ledger.decision import Decision
from ledger.enrolment import Enrolment
from ledger.events import (
    AddressSubmitted,
    PrizeDelivered,
    PrizeIssued,
    PrizeLapsed,
    PrizeReplaced,
    PrizeReturned,
    PrizeWon,
    StockMoved,
    VoucherHanded,
    VoucherRedeemed,
)
from ledger.pool import Pool as PoolState
from ledger.posting import (
    MONEY,
    Posting,
    delivered_account,
    lapsed_account,
    move,
    pool_account,
    prize_account,
    transit_account,
)
from ledger.refusals import (
    AddressAlreadySubmitted,
    AddressNotInMainland,
    AddressNotNeeded,
    FutureDated,
    NoVoucherLeft,
    PoolEmpty,
    PrizeStepNotAllowed,
    PrizeUnknown,
)
from ledger.rewards import Bought, Held
from ledger.rulebook import Pool, Prize
from ledger.streams import enrolment_stream, pool_stream
from ledger.workdays import working_days_after

NOT_MAINLAND = frozenset({"CN-HK", "CN-MO", "CN-TW", "CN-91", "CN-92", "CN-71"})
"""Codes that begin with CN and are not sent to: ISO 3166-2 and the older numbers of the same three."""


def prize_name(pool: str, *numbers: int) -> str:
    """What one prize is called: its pool and the number of the draw, ticket or place that brought it."""
    return ".".join((pool, *map(str, numbers)))


def pool_of_prize(name: str) -> str:
    """The pool that a prize is from."""
    return name.partition(".")[0]


def _asset(kind: str, outcome: str, amount: int) -> tuple[str, int]:
    return (MONEY, amount) if kind == "money" else (outcome, 1)


def winning(
    prize: Prize, pool: Pool, book: str, who: str, holdings: Mapping[str, int], voucher: int | None
) -> tuple[str, tuple[Posting, ...]]:
    """The status of a prize that is won, and the postings. Money of an instant draw goes out at once (SX-19).

    holdings: what the winner's accounts hold before. voucher: number of the code that is handed out with it.
    """
    if prize.kind == "nothing":
        return "won", ()
    asset, amount = _asset(prize.kind, prize.id, prize.amount or 0)
    clause = prize.clause or pool.clause
    account, held = prize_account(asset, book, who), holdings.get(asset, 0)
    won = move(asset, amount, (pool_account(book, pool.id), None), (account, held), clause)
    if voucher is None and not (prize.kind == "money" and pool.draw == "instant"):
        return "won", won
    sent = move(asset, amount, (account, held + amount), (transit_account(book), None), clause)
    return "issued", (*won, *sent)


def award(
    winner: str, name: str, prize: Prize, pool: Pool, trial: bool, cause: str, voucher: int | None,
    context: Context, decision: Decision,
) -> None:  # fmt: skip
    """Give a prize to a participant whose state is at hand; the pool's side is the caller's.

    Who has begun the campaign gets nothing from the trial any more (SX-01). Who is another participant's client id by
    now gets it as that one (EC-12).
    """
    stream, book = enrolment_stream(winner, context.request.campaign), context.rules.book(trial)
    state = decision.state(stream, Enrolment)
    while state.became:
        winner, stream = state.became, enrolment_stream(state.became, context.request.campaign)
        state = decision.state(stream, Enrolment)
    if not state.takes(trial):
        return
    holdings = state.play_of(trial).rewards.holdings
    status, postings = winning(prize, pool, book, winner, holdings, voucher)
    won = context.event(
        PrizeWon,
        trial=trial,
        postings=postings,
        pool=pool.id,
        prize=name,
        outcome=prize.id,
        kind=prize.kind,
        cause=cause,
        amount=prize.amount or 0,
        unit=MONEY if prize.amount else "",
        status=status,
        voucher=voucher,
    )
    decision.add(stream, won)


class Handling:
    """A prize that an operator, or its winner, does something with."""

    def __init__(self, name: str, context: Context, decision: Decision) -> None:
        state = decision.state(context.stream, Enrolment)
        self.trial = state.trial
        self.rewards = state.play_of(self.trial).rewards
        held = self.rewards.prize(name)
        pool = context.rules.pool_ids.get(held.pool) if held else None
        if held is None or pool is None:
            sending = (pool.address_clause for pool in context.rules.pools if pool.address_clause)
            clause = next(sending, context.rules.clause)
            raise PrizeUnknown(f"{context.request.participant} has no prize {name}", clause)
        self.held: Held = held
        self.bought: Bought | None = self.rewards.purchase(name)
        self.pool: Pool = pool
        self.book = context.rules.book(self.trial)
        self.pool_stream = pool_stream(self.book, held.pool)
        self.prize = pool.by_id.get(held.outcome)  # none when an amendment gives it no more
        own = self.prize.clause if self.prize else None
        self.clause = own or pool.address_clause or pool.clause
        self.asset, self.amount = _asset(held.kind, held.outcome, held.amount)
        account = prize_account(self.asset, self.book, context.request.participant)
        self.winner = (account, self.rewards.holdings.get(self.asset, 0))

    def require(self, *statuses: str) -> None:
        """Refuse PrizeStepNotAllowed unless the prize has one of these statuses."""
        if self.held.status not in statuses:
            raise PrizeStepNotAllowed(
                f"{self.held.id} is {self.held.status}; this needs one that is {' or '.join(statuses)}",
                self.clause,
            )

    def is_over(self, moment: datetime) -> bool:
        """Whether a redeemed item is past its validity at a moment. Source: ZG-07."""
        until = self.bought.expires_at if self.bought else None
        return until is not None and moment >= until

    def require_valid(self, moment: datetime, context: Context) -> None:
        """Refuse PrizeStepNotAllowed for a redeemed item past its validity, whether that was said or not."""
        if self.is_over(moment):
            assert self.bought is not None
            assert self.bought.expires_at is not None
            until = context.shown(self.bought.expires_at)
            raise PrizeStepNotAllowed(f"{self.held.id} was valid until {until}", self.clause)

    def moved(self, giver: tuple[str, int | None], taker: tuple[str, int | None]) -> tuple[Posting, ...]:
        """The postings that move what the prize is made of."""
        return move(self.asset, self.amount, giver, taker, self.clause)

    def move_stock(self, count: int, worth: int, context: Context, decision: Decision) -> None:
        """The pool's side of a prize that comes back (-1), or of one more that is taken. worth: of one, in fen."""
        told = context.event(
            StockMoved,
            trial=self.trial,
            pool=self.pool.id,
            outcome=self.held.outcome,
            count=count,
            amount=count * worth,
            prize=self.held.id,
        )
        decision.add(self.pool_stream, told)


def submit_address(command: SubmitAddress, context: Context, decision: Decision) -> None:
    """Say where a prize is to be sent; it cannot be changed. The day by which it goes out is counted from here.

    Refuses: NotEnrolled, FutureDated, PrizeUnknown, AddressNotNeeded, AddressAlreadySubmitted, AddressNotInMainland,
    PrizeStepNotAllowed. Source: SX-25.
    """
    require_enrolled(decision.state(context.stream, Enrolment), context)
    context.require_not_future()
    it = Handling(command.prize, context, decision)
    if it.held.kind != "goods":
        raise AddressNotNeeded(f"{command.prize} is not sent to an address", it.clause)
    if it.held.address:
        raise AddressAlreadySubmitted(f"{command.prize} has its address", it.clause)
    region = command.region
    if it.pool.mainland_only and region and (region[:2] != "CN" or region in NOT_MAINLAND):
        raise AddressNotInMainland(f"prizes are not sent to {region}", it.clause)
    it.require("won")
    it.require_valid(context.now, context)
    days = it.pool.deliver_within_working_days
    submitted = context.event(
        AddressSubmitted,
        trial=it.trial,
        prize=command.prize,
        address_ref=command.address_ref,
        region=region,
        due=working_days_after(context.occurred.date(), days) if days else None,
    )
    decision.add(context.stream, submitted)


def issue(command: IssuePrize, context: Context, decision: Decision) -> None:
    """Say that a prize is on its way; a voucher gets its code by this.

    Refuses: PrizeUnknown, PrizeStepNotAllowed (not won, or goods without an address), NoVoucherLeft. Source: SX-25.
    """
    it = Handling(command.prize, context, decision)
    it.require("won")
    if it.held.kind == "goods" and not it.held.address:
        raise PrizeStepNotAllowed(f"{it.held.id} has no address yet", it.clause)
    voucher = None
    if it.held.kind == "voucher":
        voucher = decision.state(it.pool_stream, PoolState).next_voucher(it.held.outcome)
        if voucher is None:
            raise NoVoucherLeft(f"no code of {it.held.outcome} is left", it.clause)
    issued = context.event(
        PrizeIssued,
        trial=it.trial,
        postings=it.moved(it.winner, (transit_account(it.book), None)),
        prize=it.held.id,
        actor=context.request.actor,
        ref=command.ref,
        voucher=voucher,
    )
    decision.add(context.stream, issued)
    if voucher is not None:
        handed = context.event(
            VoucherHanded, trial=it.trial, pool=it.pool.id, prize=it.held.outcome, voucher=voucher
        )
        decision.add(it.pool_stream, handed)


def deliver(command: DeliverPrize, context: Context, decision: Decision) -> None:
    """Say that a prize has arrived. Refuses: PrizeUnknown, PrizeStepNotAllowed."""
    it = Handling(command.prize, context, decision)
    it.require("issued")
    arrived = context.event(
        PrizeDelivered,
        trial=it.trial,
        postings=it.moved((transit_account(it.book), None), (delivered_account(it.book), None)),
        prize=it.held.id,
        actor=context.request.actor,
        ref=command.ref,
    )
    decision.add(context.stream, arrived)


def redeem(command: RedeemVoucher, context: Context, decision: Decision) -> None:
    """Take the mall's report that a voucher was used; also one that comes late, of a use before it lapsed.

    Refuses: PrizeUnknown, PrizeStepNotAllowed (also for a time before it was won, or after its validity),
    FutureDated. Source: JS-11, ZG-07, GX-04.
    """
    it = Handling(command.prize, context, decision)
    if it.held.kind != "voucher":
        raise PrizeStepNotAllowed(f"{it.held.id} is no voucher", it.clause)
    it.require("issued", "delivered", *(["lapsed"] if it.bought and it.held.voucher is not None else []))
    at = command.redeemed_at
    it.require_valid(at or context.now, context)
    if at and at - context.now > context.rules.tolerance:
        raise FutureDated(f"{context.shown(at)} is later than now ({context.shown(context.now)})", "GX-04")
    if at and it.held.won_at and at < it.held.won_at - context.rules.tolerance:
        raise PrizeStepNotAllowed(
            f"{it.held.id} was won only at {context.shown(it.held.won_at)}, and used before that",
            it.clause,
        )
    lies = {"issued": transit_account(it.book), "lapsed": lapsed_account(it.book)}.get(it.held.status)
    redeemed = context.event(
        VoucherRedeemed,
        trial=it.trial,
        postings=it.moved((lies, None), (delivered_account(it.book), None)) if lies else (),
        prize=it.held.id,
        actor=context.request.actor,
        redeemed_at=command.redeemed_at,
        ref=command.ref,
    )
    decision.add(context.stream, redeemed)


def take_back(command: ReturnPrize | LapsePrize, context: Context, decision: Decision) -> None:
    """Say that a prize came back, or can no longer be claimed: it is in its pool again.

    A voucher of a shop whose code was not used in time lapses too, but the code is out and does not come back.
    Refuses: PrizeUnknown, PrizeStepNotAllowed. Source: ZG-07.
    """
    it = Handling(command.prize, context, decision)
    returned = isinstance(command, ReturnPrize)
    unused = not returned and it.held.status == "issued" and it.held.voucher is not None
    if not (unused and it.is_over(context.now)):
        unused = False
        it.require("issued" if returned else "won")
    giver = (transit_account(it.book), None) if returned or unused else it.winner
    taker = lapsed_account(it.book) if unused else pool_account(it.book, it.pool.id)
    told = context.event(
        PrizeReturned if returned else PrizeLapsed,
        trial=it.trial,
        postings=it.moved(giver, (taker, None)),
        prize=it.held.id,
        actor=context.request.actor,
        reason=command.reason,
    )
    decision.add(context.stream, told)
    if not unused:
        it.move_stock(-1, it.held.amount, context, decision)


def replace(command: ReplacePrize, context: Context, decision: Decision) -> None:
    """Give another prize of the same kind for one that came back or lapsed.

    Refuses: PrizeUnknown, PrizeStepNotAllowed, PoolEmpty, NoVoucherLeft.
    """
    it = Handling(command.prize, context, decision)
    it.require("returned", "lapsed")
    prize, state = it.prize, decision.state(it.pool_stream, PoolState)
    if prize is None:
        raise PoolEmpty(f"{it.held.outcome} is not given any more", it.clause)
    budget, worth = state.budget_left(it.pool), prize.amount or 0
    if state.left(prize) == 0 or (budget is not None and worth > budget):
        raise PoolEmpty(f"no {prize.id} is left in {it.pool.id}", it.clause)
    voucher = state.next_voucher(prize.id) if prize.kind == "voucher" else None
    if prize.kind == "voucher" and voucher is None:
        raise NoVoucherLeft(f"no code of {prize.id} is left", it.clause)
    name = f"{it.held.id}.r"
    replaced = context.event(
        PrizeReplaced,
        trial=it.trial,
        prize=it.held.id,
        by=name,
        actor=context.request.actor,
        reason=command.reason,
    )
    decision.add(context.stream, replaced)
    award(context.request.participant, name, prize, it.pool, it.trial, it.held.id, voucher, context, decision)
    it.move_stock(1, worth, context, decision)
    if voucher is not None:
        handed = context.event(
            VoucherHanded, trial=it.trial, pool=it.pool.id, prize=prize.id, voucher=voucher
        )
        decision.add(it.pool_stream, handed)
