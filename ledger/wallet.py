"""The member's wallet: points in lots that begin and expire. It outlives the campaigns that fill it. Source: ZG-08.

In a campaign whose rules have a wallet no points stand in the participant's own stream. Whatever would move them there
is divided in two: the fact, and beside it, at the next position of the log, what moves in the wallet. The other side of
the posting, issuing or spending, stays the campaign's, so its finances tell what it gave and took. The trial's points
never come near a wallet.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from ledger import lots
from ledger.area import Area
from ledger.context import Context
from ledger.corrections import Found
from ledger.decision import Decision, Divert
from ledger.enrolment import Enrolment, Play
from ledger.events import (
    CorrectionMade,
    Event,
    SignedIn,
    StepsSynced,
    TeamGoalLost,
    TeamGoalMet,
)
from ledger.lots import Key, Lots, Moved
from ledger.member import Member
from ledger.member_commands import ExpirePoints
from ledger.member_events import Lot, PointsExpired, PointsMoved
from ledger.member_refusals import NothingExpired
from ledger.posting import (
    POINTS,
    InvariantBroken,
    Posting,
    expired_account,
    issuing_account,
    joining_account,
    points_account,
    spent_account,
    wallet_account,
)
from ledger.rulebook_programmes import Wallet
from ledger.shop_events import RedemptionCancelled
from ledger.streams import campaign_of, member_stream, participant_of

OF_A_DAY = (SignedIn, StepsSynced, TeamGoalMet, TeamGoalLost)
"""What earns, or takes back, by the day that it is about; everything else by when it happened."""


def spendable(play: Play, trial: bool, context: Context, decision: Decision) -> int:
    """The points that who asks can pay with now, in this campaign or its trial.

    Of a wallet only what has begun and not expired: by the time at which it is written, for by then the points may have
    been said to be gone. Source: SX-18, ZG-08.
    """
    if context.rules.wallet is None or trial:
        return play.balance
    member = decision.state(context.person, Member)
    return lots.spendable(member.lots, member.debt, context.now)


def payment(points: int, trial: bool, context: Context, decision: Decision) -> Lots:
    """The lots that a payment of who asks will be taken from; none where there is no wallet."""
    wallet = context.rules.wallet
    if wallet is None or trial:
        return ()
    return lots.spent(decision.state(context.person, Member).lots, points, wallet.spend, context.now)


def diverting(context: Context, found: Found | None = None) -> Divert | None:
    """What takes points out of events and into the wallet of whom they are of; None for campaigns without.

    found: for a correction, the event that it reverses.
    """
    wallet, book = context.rules.wallet, context.rules.id
    if wallet is None:
        return None
    counters = {issuing_account(book), spent_account(book), joining_account(book)}

    def divert(decision: Decision, stream: str, event: Event) -> tuple[Event, Event | None]:
        who = participant_of(stream)
        own = points_account(book, who)
        if (
            event.trial
            or campaign_of(stream) != book
            or not any(leg.account == own for leg in event.postings)
        ):
            return event, None
        legs = [leg for leg in event.postings if leg.account == own]
        others = [leg for leg in event.postings if leg.account in counters and leg.asset == POINTS]
        rest = tuple(leg for leg in event.postings if leg not in legs and leg not in others)
        total = sum(leg.amount for leg in legs)
        member = decision.state(member_stream(who), Member)
        moved = _moved(total, others, stream, event, member, wallet, context, decision, found)
        if sum(lot.points for lot in moved.lots) - moved.debt != total:
            raise InvariantBroken(f"{who}'s lots change by {moved}, the balance by {total}")
        told = context.event(
            PointsMoved,
            postings=(*_running(who, member.balance, legs), *others),
            campaign=book,
            stream=stream,
            version=decision.state(stream, Enrolment).version + 1,
            cause=event.TOPIC,
            lots=moved.lots,
            debt=moved.debt,
        )
        if isinstance(event, TeamGoalMet):  # what the team loses takes back as much
            event = msgspec.structs.replace(event, points=total)
        return msgspec.structs.replace(event, postings=rest), told

    return divert


def _running(who: str, balance: int, legs: Iterable[Posting]) -> Iterable[Posting]:
    """The legs on the wallet's account, each with the balance after it."""
    for leg in legs:
        balance += leg.amount
        yield Posting(wallet_account(who), POINTS, leg.amount, leg.clause, balance)


def _moved(
    total: int, others: list[Posting], stream: str, event: Event, member: Member, wallet: Wallet,
    context: Context, decision: Decision, found: Found | None,
) -> Moved:  # fmt: skip
    """What an event does to the lots of a wallet. total: points that come in, or (negative) go."""
    now, usual = context.now, lots.terms(wallet, context.rules.tz, _day(event, context))
    paying = any(leg.account == spent_account(context.rules.id) for leg in others)
    if paying and total < 0:
        return lots.paid(member.lots, lots.spent(member.lots, -total, wallet.spend, now), now)
    if isinstance(event, RedemptionCancelled):
        bought = decision.state(stream, Enrolment).play.rewards.purchase(event.prize)
        return lots.credited(member.lots, member.debt, bought.paid if bought else (), now)
    before = found.moved.lots if isinstance(event, CorrectionMade) and found and found.moved else ()
    if total > 0:
        coming = _back(before, total, usual)
        return lots.credited(member.lots, member.debt, coming, now)
    if total < 0:
        came_into = [(lot.begins, lot.expires) for lot in lots.net(before) if lot.points > 0]
        return lots.taken_back(member.lots, -total, came_into or [usual], wallet.spend, now)
    return Moved(())


def _back(taken: Lots, total: int, usual: Key) -> Lots:
    """Where points that come in go: to the lots that a reversed event took them from, the others as if new."""
    lost = [Lot(-lot.points, lot.begins, lot.expires) for lot in lots.net(taken) if lot.points < 0]
    known = sum(lot.points for lot in lost)
    if known > total:
        return (Lot(total, *usual),)
    return (*([Lot(total - known, *usual)] if total > known else []), *lost)


def _day(event: Event, context: Context) -> date:
    """The day on which an event earns: its own, or that on which it happened, if the device's clock is not ahead."""
    if isinstance(event, OF_A_DAY):
        return event.day
    return min(context.occurred, context.now.astimezone(context.rules.tz)).date()


def expire(_: ExpirePoints, context: Context, decision: Decision) -> None:
    """Say that points which have expired by now are gone; they could not be spent any more.

    Refuses: NothingExpired. Source: ZG-08.
    """
    member = decision.state(context.person, Member)
    gone = lots.expired(member.lots, context.now)
    if not gone:
        raise NothingExpired(f"no points of {context.request.participant} have expired")
    total, who = sum(lot.points for lot in gone), context.request.participant
    told = context.event(
        PointsExpired,
        postings=(
            Posting(wallet_account(who), POINTS, -total, NothingExpired.CLAUSE, member.balance - total),
            Posting(expired_account(), POINTS, total, NothingExpired.CLAUSE),
        ),
        lots=gone,
    )
    decision.add(context.person, told)


AREA = Area(wide={ExpirePoints: expire}, free=frozenset({ExpirePoints}))
"""Points of wallets that are not spent in time."""
