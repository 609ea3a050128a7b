"""The shop, where points buy things, and gifts, which come by themselves. Source: ZG-04, ZG-07.

Once it is redeemed, an item of a shop is a prize like any other: it is named, sent to an address or handed out as a
code, and may come back. Its price moves in the same decision, so points and stock change together or not at all.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from ledger import wallet
from ledger.activities import require_enrolled
from ledger.area import Area, States
from ledger.command import Request
from ledger.contests import Vouchers
from ledger.context import Context, instant
from ledger.decision import Decision
from ledger.eligibility import require_standing
from ledger.enrolment import Enrolment
from ledger.fund_refusals import ItemLimitReached, ItemNotOnSale, ItemUnknown, SoldOut
from ledger.lots import split
from ledger.opening import closes_at, grace_of
from ledger.pool import Pool as PoolState
from ledger.posting import POINTS, move, points_account, pool_account, spent_account
from ledger.prizes import Handling, award, pool_of_prize, prize_name
from ledger.refusals import NotEnoughPoints, PrizeStepNotAllowed
from ledger.rewards import Rewards
from ledger.rulebook import Pool, Prize, Rulebook
from ledger.shop_commands import CancelRedemption, RedeemItem
from ledger.shop_events import ItemRedeemed, RedemptionCancelled, StockReturned, StockTaken
from ledger.streams import pool_stream

Occasion = Literal["activation", "application"]
NOT_COUNTED = ("cancelled", "replaced")
"""Of these a person has had none: it was given back, or another stands for it."""


def shops(rules: Rulebook) -> Iterator[Pool]:
    """The pools of a campaign that are shops."""
    return (pool for pool in rules.pools if pool.draw == "shop")


def books(rules: Rulebook) -> tuple[str, ...]:
    """The books of a campaign: its own, and that of its trial."""
    return (rules.book(False), rules.book(True)) if rules.trial else (rules.book(False),)


def _named(item: str, rules: Rulebook) -> Iterator[tuple[Pool, Prize]]:
    for pool in shops(rules):
        if item in pool.by_id:
            yield pool, pool.by_id[item]


def sale_ends(pool: Pool, item: Prize, rules: Rulebook, trial: bool) -> datetime:
    """From when on an item is not sold any more: by itself, or because its shop closes."""
    closes = closes_at(pool, rules, trial)
    return min(closes, item.sells_until) if item.sells_until else closes


def _item_of(command: RedeemItem, trial: bool, context: Context) -> tuple[Pool, Prize]:
    """The item, which is on sale. Refuses: ItemUnknown, MembershipNeeded, ItemNotOnSale."""
    rules = context.rules
    pool, item = next(_named(command.item, rules), (None, None))
    if pool is None or item is None or item.price is None:
        raise ItemUnknown(f"no shop of {rules.id} has an item {command.item}", rules.clause)
    clause = item.clause or pool.clause
    require_standing(pool.standing, pool.standing_clause or clause, context)
    if item.sells_from and context.occurred_at < item.sells_from:
        raise ItemNotOnSale(f"{item.id} is on sale from {context.shown(item.sells_from)} on", clause)
    ends = sale_ends(pool, item, rules, trial)
    if context.occurred_at >= ends or context.now >= ends + grace_of(pool):
        raise ItemNotOnSale(f"{item.id} was on sale until {context.shown(ends)}", clause)
    return pool, item


def available(pool: Pool, item: Prize, state: PoolState) -> int | None:
    """How many of an item can be redeemed now: by stock, codes and budget; None when nothing limits it."""
    limits = [] if (left := state.left(item)) is None else [left]
    if item.kind == "voucher":
        limits.append(max(0, state.codes.get(item.id, 0) - state.handed.get(item.id, 0)))
    if item.amount and (budget := state.budget_left(pool)) is not None:
        limits.append(budget // item.amount)
    return min(limits) if limits else None


def _had(item: Prize, pool: Pool, rewards: Rewards) -> int:
    """How many of an item a person has had, ever."""
    return sum(
        1
        for held in rewards.prizes
        if (held.pool, held.outcome) == (pool.id, item.id) and held.status not in NOT_COUNTED
    )


def redeem(command: RedeemItem, context: Context, decision: Decision) -> None:
    """Redeem points for items: the points go, the items come, codes at once. Whatever is refused costs nothing.

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, TrialOver, ItemUnknown, MembershipNeeded,
    ItemNotOnSale, ItemLimitReached, SoldOut, NotEnoughPoints (first that holds). Source: ZG-07, GX-02, SJ-04.
    """
    state = decision.state(context.stream, Enrolment)
    require_enrolled(state, context)
    context.require_not_future()
    trial = context.require_begun(state)
    pool, item = _item_of(command, trial, context)
    clause, quantity = item.clause or pool.clause, command.quantity
    assert item.price is not None
    play, price = state.play_of(trial), item.price * quantity
    had = _had(item, pool, play.rewards)
    if item.person_max is not None and had + quantity > item.person_max:
        raise ItemLimitReached(f"at most {item.person_max} of {item.id} for a person; {had} so far", clause)
    stream = pool_stream(context.rules.book(trial), pool.id)
    stock = decision.state(stream, PoolState)
    left = available(pool, item, stock)
    if left is not None and left < quantity:
        raise SoldOut(f"{left} of {item.id} are left", pool.stock_clause or clause)
    points = wallet.spendable(play, trial, context, decision)
    if points < price:
        told = f"{quantity} of {item.id} cost {price} points; there are {points} to spend"
        raise NotEnoughPoints(told, clause)
    _sell(item, pool, quantity, trial, context, decision)


def _sell(item: Prize, pool: Pool, quantity: int, trial: bool, context: Context, decision: Decision) -> None:
    """All events of a redemption: the payment, each item, and what left the shop."""
    assert item.price is not None
    book, who, price = context.rules.book(trial), context.request.participant, item.price * quantity
    stream = pool_stream(book, pool.id)
    stock = decision.state(stream, PoolState)
    number = stock.draws + 1
    names = tuple(prize_name(pool.id, number, each) for each in range(1, quantity + 1))
    lots = wallet.payment(price, trial, context, decision)
    payer = (points_account(book, who), decision.state(context.stream, Enrolment).play_of(trial).balance)
    redeemed = context.event(
        ItemRedeemed,
        trial=trial,
        postings=move(POINTS, price, payer, (spent_account(book), None), item.clause or pool.clause),
        pool=pool.id,
        item=item.id,
        quantity=quantity,
        price=price,
        number=number,
        prizes=names,
        paid=tuple(split(lots, quantity)) if lots else (),
        expires_at=_expires_at(item, context),
    )
    decision.add(context.stream, redeemed)
    _hand_over(item, pool, names, trial, context, decision, price)


def _expires_at(item: Prize, context: Context) -> datetime | None:
    """The end of the last day on which a redeemed item can be claimed or used."""
    if item.valid_days is None:
        return None
    day = context.occurred.date() + timedelta(days=item.valid_days + 1)
    return instant(context.rules.tz, day, 0)


def _hand_over(
    item: Prize, pool: Pool, names: tuple[str, ...], trial: bool, context: Context, decision: Decision,
    price: int = 0,
) -> None:  # fmt: skip
    """Each of the items in the stream of who asked, then what left the pool. price: in points; 0 for a gift."""
    stream = pool_stream(context.rules.book(trial), pool.id)
    stock = decision.state(stream, PoolState)
    vouchers, number, handed = Vouchers(stock), stock.draws + 1, []
    for name in names:
        voucher = vouchers.next(item)
        handed += [] if voucher is None else [voucher]
        cause = f"{stream}:{number}"
        award(context.request.participant, name, item, pool, trial, cause, voucher, context, decision)
    taken = context.event(
        StockTaken,
        trial=trial,
        pool=pool.id,
        item=item.id,
        quantity=len(names),
        number=number,
        participant=context.request.participant,
        price=price,
        amount=(item.amount or 0) * len(names),
        vouchers=tuple(handed),
    )
    decision.add(stream, taken)


def cancel(command: CancelRedemption, context: Context, decision: Decision) -> None:
    """Give a redeemed item back before it is issued: its points come back, and it is in the shop again.

    Points of a wallet come back to the lots that they came from; what has expired meanwhile expires with the next run.
    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, PrizeUnknown, PrizeStepNotAllowed (it was not redeemed, is
    issued, a code was handed out, or it is past its validity). Source: ZG-07.
    """
    require_enrolled(decision.state(context.stream, Enrolment), context)
    context.require_not_future()
    it = Handling(command.prize, context, decision)
    if it.bought is None:
        raise PrizeStepNotAllowed(f"{it.held.id} was not redeemed for points", it.clause)
    it.require("won")
    if not it.held.address:
        it.require_valid(context.now, context)
    book, who = it.book, context.request.participant
    points = decision.state(context.stream, Enrolment).play_of(it.trial).balance
    taker = (points_account(book, who), points)
    cancelled = context.event(
        RedemptionCancelled,
        trial=it.trial,
        postings=(
            *move(POINTS, it.bought.price, (spent_account(book), None), taker, it.clause),
            *it.moved(it.winner, (pool_account(book, it.pool.id), None)),
        ),
        pool=it.pool.id,
        item=it.held.outcome,
        prize=it.held.id,
        price=it.bought.price,
    )
    decision.add(context.stream, cancelled)
    returned = context.event(
        StockReturned,
        trial=it.trial,
        pool=it.pool.id,
        item=it.held.outcome,
        prize=it.held.id,
        amount=it.held.amount,
    )
    decision.add(it.pool_stream, returned)


def gift_pools(on: Occasion | None, rules: Rulebook) -> Iterator[Pool]:
    """The pools of promotions that give something for this; of all of them for None."""
    return (pool for pool in rules.pools if pool.draw == "gift" and pool.gift and on in (None, pool.gift.on))


def gift_streams(on: Occasion | None, rules: Rulebook) -> Iterable[str]:
    """The streams that ``give_gifts`` looks at, or joinings for None."""
    return [pool_stream(book, pool.id) for pool in gift_pools(on, rules) for book in books(rules)]


def give_gifts(on: Occasion, context: Context, decision: Decision) -> None:
    """What promotions add for something that happened inside their period: once for each person and promotion.

    The first prize of the promotion of which any is left; when none is, nothing, and what it would have been added to
    stands all the same. The streams of ``gift_streams`` are loaded. Source: ZG-04.
    """
    trial = context.rules.phase_of(context.occurred.date()) == "trial"
    for pool in gift_pools(on, context.rules):
        assert pool.gift is not None
        rewards = decision.state(context.stream, Enrolment).play_of(trial).rewards
        had = any(held.pool == pool.id for held in rewards.prizes)
        if had or not pool.gift.begins <= context.occurred_at < pool.gift.ends:
            continue
        stock = decision.state(pool_stream(context.rules.book(trial), pool.id), PoolState)
        prize = next((prize for prize in pool.prizes if _is_left(prize, pool, stock)), None)
        if prize is not None:
            name = prize_name(pool.id, stock.draws + 1, 1)
            _hand_over(prize, pool, (name,), trial, context, decision)


def _is_left(prize: Prize, pool: Pool, stock: PoolState) -> bool:
    """Whether a prize can be given; a voucher without a code is won all the same, and waits for one."""
    budget = stock.budget_left(pool)
    covered = budget is None or (prize.amount or 0) <= budget
    return prize.kind != "nothing" and covered and stock.left(prize) != 0


def _streams(request: Request, _: States, rulebooks: Iterable[Rulebook]) -> Iterator[str]:
    command: Any = request.command
    for rules in rulebooks:
        if isinstance(command, RedeemItem):
            pools = [pool.id for pool, _ in _named(command.item, rules)]
        else:
            pools = [pool_of_prize(command.prize)]
        for pool in pools:
            yield from (pool_stream(book, pool) for book in books(rules))


AREA = Area(
    wide={RedeemItem: redeem, CancelRedemption: cancel},
    more=_streams,
    serves={RedeemItem: "shop", CancelRedemption: "shop"},
)
"""Commands about the shop, where points buy things."""
