"""Drawing from a pool, or entering its draw: what pays for it, what comes out, and chances that come and go.

The outcome of an instant draw is ``drawing.pick`` of the pool's secret seed; see docs/draws.md.
"""

from ledger.activities import require_enrolled
from ledger.commands import ExpireChance, ForfeitDraw, RequestDraw
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.drawing import pick
from ledger.eligibility import require_standing
from ledger.enrolment import Enrolment, Play
from ledger.events import (
    ChanceExpired,
    DrawEntered,
    DrawForfeited,
    DrawMade,
    EntryTaken,
    PrizeDrawn,
)
from ledger.opening import chance_grace, closes_at, grace_of, open_pool, pool_of
from ledger.pool import Pool as PoolState
from ledger.pool import shares
from ledger.posting import MONEY, POINTS, Posting, move, points_account, spent_account
from ledger.prizes import prize_name, winning
from ledger.refusals import ChanceExpired as ChanceIsExpired
from ledger.refusals import (
    ChanceForfeited,
    ChanceStillOpen,
    ChanceUnknown,
    ChanceUsed,
    DrawClosed,
    DrawsUsedUp,
    NotDrawn,
    NotEnoughPoints,
    PoolEmpty,
)
from ledger.rewards import Chance
from ledger.rulebook import Pool
from ledger.streams import pool_stream
from ledger.wallet import spendable

NOT_DRAWN = {
    "places": "its prizes go by rank",
    "shop": "its prizes are redeemed for points",
    "gift": "its prizes come by themselves",
}
"""Kind of pool that is not drawn from → what its prizes do instead."""


def _require_open(pool: Pool, trial: bool, context: Context, decision: Decision) -> None:
    closes = closes_at(pool, context.rules, trial)
    if context.occurred_at >= closes or context.now >= closes + grace_of(pool):
        raise DrawClosed(f"draws of {pool.id} ended at {closes.isoformat()}", pool.clause)
    state = decision.state(pool_stream(context.rules.book(trial), pool.id), PoolState)
    if state.closed or state.contests:  # a deadline that is amended later opens nothing: the seed is out
        raise DrawClosed(f"{pool.id} takes no more draws", pool.clause)


def _usable(chance: Chance | None, pool: Pool, context: Context) -> Chance:
    """A chance that can be used or given up now. Refuses: ChanceUnknown, -Used, -Forfeited, -Expired."""
    if chance is None:
        raise ChanceUnknown(
            f"{context.request.participant} has no such chance for {pool.id}: it takes a sign-in, a badge or a place",
            pool.clause,
        )
    if chance.state == "used":
        raise ChanceUsed(f"the chance {chance.id} was used already", pool.clause)
    if chance.state == "forfeited":
        raise ChanceForfeited(f"the chance {chance.id} was forfeited", pool.clause)
    if chance.state == "expired" or _is_over(chance, pool, context):
        until = context.shown(chance.expires_at) if chance.expires_at else "the board's places were final"
        raise ChanceIsExpired(f"the chance {chance.id} was there until {until}", pool.clause)
    return chance


def _is_over(chance: Chance, pool: Pool, context: Context) -> bool:
    """Whether it is too late for a chance, by the draw's own time or by when it is delivered."""
    return chance.expires_at is not None and (
        context.occurred_at >= chance.expires_at or context.now >= chance.expires_at + chance_grace(pool)
    )


def _unnamed(chances: list[Chance], pool: Pool, context: Context) -> Chance | None:
    """The usable chance that lasts longest; without one the last that was granted, which tells why it is none."""
    usable = [each for each in chances if each.state == "open" and not _is_over(each, pool, context)]
    lasting = max(
        usable, key=lambda each: (each.expires_at is None, each.expires_at or context.now), default=None
    )
    return lasting or (chances[-1] if chances else None)


def _payment(play: Play, command: RequestDraw, pool: Pool, context: Context) -> str | None:
    """What pays for a draw: a badge or a chance by its id, or None for points.

    Refuses: ChanceUnknown, ChanceUsed, ChanceForfeited, ChanceExpired. Source: SX-18, SX-22, JS-08.
    """
    named = command.chance
    if named is None and pool.cost_points is not None:
        return None
    if named is not None and named in pool.cost_badges:
        if named not in play.badges:
            raise ChanceUnknown(f"the badge {named} has not been earned", pool.clause)
        if named in play.rewards.exchanged:
            raise ChanceUsed(f"the badge {named} was exchanged for a draw already", pool.clause)
        return named
    if named is None:
        return _usable(_unnamed(play.rewards.chances_of(pool.id), pool, context), pool, context).id
    return _usable(play.rewards.chance(pool.id, named), pool, context).id


def _require_points(play: Play, pool: Pool, trial: bool, context: Context, decision: Decision) -> None:
    if pool.cost_points is None:
        return
    points = spendable(play, trial, context, decision)
    if points < pool.cost_points:
        raise NotEnoughPoints(
            f"a draw costs {pool.cost_points} points; there are {points} to spend", pool.clause
        )


def _require_allowance(play: Play, pool: Pool, context: Context) -> None:
    drawn = play.rewards.drawn_from(pool.id)
    if pool.daily_max is not None and drawn.days.get(context.occurred.date(), 0) >= pool.daily_max:
        raise DrawsUsedUp(f"at most {pool.daily_max} draws a day", pool.clause)
    if pool.draw == "instant" and pool.person_max is not None and drawn.total >= pool.person_max:
        raise DrawsUsedUp(f"at most {pool.person_max} draws", pool.clause)


def request_draw(command: RequestDraw, context: Context, decision: Decision, given: Given) -> None:
    """Draw, or take a ticket for the draw that is held later. Whatever is refused costs nothing.

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, TrialOver, PoolUnknown, NotDrawn,
    MembershipNeeded, DrawClosed, ChanceUnknown, ChanceUsed, ChanceForfeited, ChanceExpired, DrawsUsedUp,
    NotEnoughPoints, PoolEmpty (first that holds). Source: SX-18, SX-19, SX-22; JS-08, JS-09, JS-10; SJ-04, SJ-08.
    """
    state = decision.state(context.stream, Enrolment)
    require_enrolled(state, context)
    context.require_not_future()
    trial = context.require_begun(state)
    pool = pool_of(command.pool, context)
    if pool.draw not in ("instant", "batch"):
        raise NotDrawn(f"nobody draws from {pool.id}; {NOT_DRAWN[pool.draw]}", pool.clause)
    require_standing(pool.standing, pool.standing_clause or pool.clause, context)
    _require_open(pool, trial, context, decision)
    play = state.play_of(trial)
    chance = _payment(play, command, pool, context)
    _require_allowance(play, pool, context)
    if chance is None:
        _require_points(play, pool, trial, context, decision)
    open_pool(pool, trial, context, decision, given)
    if pool.draw == "instant":
        _draw(chance, pool, trial, context, decision, given)
    else:
        _enter(chance, pool, trial, context, decision)


def _price(
    chance: str | None, pool: Pool, trial: bool, context: Context, balance: int
) -> tuple[Posting, ...]:
    if chance is not None or pool.cost_points is None:
        return ()
    book = context.rules.book(trial)
    giver = (points_account(book, context.request.participant), balance)
    return move(POINTS, pool.cost_points, giver, (spent_account(book), None), pool.clause)


def _enter(chance: str | None, pool: Pool, trial: bool, context: Context, decision: Decision) -> None:
    stream = pool_stream(context.rules.book(trial), pool.id)
    number = decision.state(stream, PoolState).draws + 1
    balance = decision.state(context.stream, Enrolment).play_of(trial).balance
    entered = context.event(
        DrawEntered,
        trial=trial,
        postings=_price(chance, pool, trial, context, balance),
        pool=pool.id,
        number=number,
        day=context.occurred.date(),
        chance=chance,
    )
    decision.add(context.stream, entered)
    who = context.request.participant
    decision.add(stream, context.event(EntryTaken, trial=trial, pool=pool.id, number=number, participant=who))


def _draw(
    chance: str | None, pool: Pool, trial: bool, context: Context, decision: Decision, given: Given
) -> None:
    book, who = context.rules.book(trial), context.request.participant
    stream = pool_stream(book, pool.id)
    before = decision.state(stream, PoolState)
    odds = shares(pool, before)
    if not odds:
        raise PoolEmpty(f"nothing is left in {pool.id}", pool.stock_clause or pool.clause)
    number = before.draws + 1
    request = context.request
    outcome = pick(given.seeds[stream], stream, number, request.source, request.id, odds)
    prize = pool.by_id[outcome]
    play = decision.state(context.stream, Enrolment).play_of(trial)
    voucher = before.next_voucher(outcome) if prize.kind == "voucher" else None
    status, postings = winning(prize, pool, book, who, play.rewards.holdings, voucher)
    blank = prize.kind == "nothing"
    made = context.event(
        DrawMade,
        trial=trial,
        postings=(*_price(chance, pool, trial, context, play.balance), *postings),
        pool=pool.id,
        number=number,
        day=context.occurred.date(),
        chance=chance,
        outcome=outcome,
        kind=prize.kind,
        prize="" if blank else prize_name(pool.id, number),
        amount=prize.amount or 0,
        unit=MONEY if prize.amount else "",
        status=status,
        voucher=voucher,
    )
    decision.add(context.stream, made)
    drawn = context.event(
        PrizeDrawn,
        trial=trial,
        pool=pool.id,
        number=number,
        participant=who,
        outcome=outcome,
        amount=prize.amount or 0,
        voucher=voucher,
    )
    decision.add(stream, drawn)


def forfeit_draw(command: ForfeitDraw, context: Context, decision: Decision) -> None:
    """Give up a chance at once, by leaving the draw page.

    Refuses: NotEnrolled, FutureDated, BeforeCampaign, TrialOver, PoolUnknown, ChanceUnknown, ChanceUsed,
    ChanceForfeited, ChanceExpired. Source: JS-08.
    """
    state = decision.state(context.stream, Enrolment)
    require_enrolled(state, context)
    context.require_not_future()
    trial = context.require_begun(state)
    pool = pool_of(command.pool, context)
    chance = _usable(state.play_of(trial).rewards.chance(pool.id, command.chance), pool, context)
    decision.add(context.stream, context.event(DrawForfeited, trial=trial, pool=pool.id, chance=chance.id))


def expire_chance(command: ExpireChance, context: Context, decision: Decision) -> None:
    """Say that a chance is gone; nothing changes by it, for it could not be used any more.

    Refuses: PoolUnknown, ChanceUnknown, ChanceUsed, ChanceForfeited, ChanceExpired, ChanceStillOpen. Source: JS-08.
    """
    state = decision.state(context.stream, Enrolment)
    pool = pool_of(command.pool, context)
    chance = state.play_of(command.trial).rewards.chance(pool.id, command.chance)
    if chance is None:
        raise ChanceUnknown(f"there is no chance {command.chance!r} for {pool.id}", pool.clause)
    if chance.state != "open":
        raise ChanceUsed(f"the chance {chance.id} is {chance.state}", pool.clause)
    if chance.expires_at is None or context.now < chance.expires_at + chance_grace(pool):
        raise ChanceStillOpen(f"the chance {chance.id} can still be used", pool.clause)
    decision.add(
        context.stream, context.event(ChanceExpired, trial=command.trial, pool=pool.id, chance=chance.id)
    )
