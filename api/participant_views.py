"""Participants as the API shows them. What the rules hide from participants is hidden here (SX-06)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct

from api.prize_views import (
    ChanceView,
    PrizeView,
    TeamOfView,
    chance_view,
    open_chance,
    prize_view,
    team_of,
)
from api.programme_views import TwoLanguages, both
from ledger.opening import closes_at
from ledger.rulebook import Rulebook
from ledger.rulebook_campaigns import Checkpoint
from projections import reads

Moment = Annotated[datetime, Meta(tz=True)]


class Points(Struct, kw_only=True):
    """Points (积分) of a campaign. Where they lie in the wallet, the balance is that of the whole wallet."""

    balance: Annotated[int, Meta(description="What there is to spend; below zero after some corrections.")]
    earned: Annotated[int, Meta(description="What the rules gave, less what they took back.")]
    spent: Annotated[int, Meta(description="What was paid.")]


class ReachedCheckpoint(Struct, kw_only=True):
    """A campaign checkpoint (关卡) and whether the participant has reached it."""

    number: Annotated[int, Meta(description="From 1, along the route.")]
    name: str
    target: Annotated[int, Meta(description="Counted steps, or attained days, that light it.")]
    lit_at: Annotated[datetime | None, Meta(description="When it was lit (点亮); null while it is dark.")]
    passed_at: Annotated[datetime | None, Meta(description="When it was passed (通关).")]
    introduction: Annotated[
        TwoLanguages | None, Meta(description="Shown while it is lit, if the rules have one.")
    ] = None


class AwardedBadge(Struct, kw_only=True):
    """A badge that was earned."""

    id: str
    name: Annotated[dict[str, str], Meta(description="In zh and en.")]
    awarded_at: Moment


class DayRow(Struct, kw_only=True):
    """What stands for a day."""

    day: Annotated[date, Meta(description="In the campaign's time zone.")]
    steps: Annotated[
        int,
        Meta(
            description="The counted steps; while only a provisional count is here, that, up to the day's cap."
        ),
    ]
    attained: Annotated[bool, Meta(description="The daily goal is met (达标).")]
    signed_in: Annotated[bool, Meta(description="There was a sign-in (签到).")]
    final: Annotated[bool, Meta(description="The day's count can no longer change.")]
    provisional: Annotated[
        bool, Meta(description="Steps is a count from before the window: shown, worth nothing.")
    ]


class ParticipantView(Struct, kw_only=True):
    """A participant in a campaign."""

    campaign: str
    participant: str
    trial: Annotated[bool, Meta(description="The figures are those of the public trial (公测).")]
    branch: Annotated[str, Meta(description="Id of the union.")]
    branch_name: Annotated[str, Meta(description="Name of the union.")]
    enrolled_at: Moment
    points: Points
    days_attained: int
    sign_in_days: int
    total_steps: Annotated[int, Meta(description="Counted steps.")]
    checkpoints: Annotated[list[ReachedCheckpoint], Meta(description="All of the route, dark ones too.")]
    badges: list[AwardedBadge]
    team: Annotated[TeamOfView | None, Meta(description="The team (团队), if the participant is in one.")]
    chances: Annotated[list[ChanceView], Meta(description="Rights to draw, the newest first.")]
    prizes: Annotated[list[PrizeView], Meta(description="What was won, the newest first, at most 50.")]
    prizes_count: Annotated[int, Meta(description="How many prizes there are in all; see …/prizes.")]
    today: Annotated[
        DayRow | None, Meta(description="The day that it is for the ledger, if it is one of the campaign.")
    ]


class Days(Struct):
    """A page of days, oldest first."""

    days: list[DayRow]


class Account(Struct, kw_only=True):
    """What an account of a participant holds."""

    account: Annotated[str, Meta(description="Such as points:sx-2019:p-000123.")]
    asset: Annotated[str, Meta(description="What is counted.")]
    book: Annotated[str, Meta(description="The campaign, or its trial (sx-2019.trial), that it belongs to.")]
    balance: int
    earned: int
    spent: int


class Accounts(Struct):
    """The accounts of a participant."""

    accounts: list[Account]


class StatementLine(Struct, kw_only=True):
    """A posting, with what caused it."""

    position: Annotated[int, Meta(description="The event that moved it.")]
    account: str
    asset: str
    amount: int
    balance_after: int
    clause: Annotated[str, Meta(description="The rule that moved it.")]
    type: Annotated[str, Meta(description="Topic of the event.")]
    occurred_at: Moment
    recorded_at: Moment
    source: Annotated[str, Meta(description="Of the request that caused it.")]
    id: Annotated[str, Meta(description="Of the request that caused it.")]


class StatementPage(Struct):
    """A page of postings, newest first."""

    postings: list[StatementLine]


class TimelineEvent(Struct, kw_only=True):
    """An event of a participant."""

    position: int
    campaign: str
    type: Annotated[str, Meta(description="Topic, such as steps-synced.v1.")]
    occurred_at: Moment
    recorded_at: Moment
    data: Annotated[
        Raw,
        Meta(
            description="The event as it is stored. Client keys see no steps above the cap, nor a right answer."
        ),
    ]


class Timeline(Struct):
    """A page of a participant's events, newest first."""

    events: list[TimelineEvent]


def day_row(book: Rulebook, day: date, row: reads.DayRow | None, now: datetime) -> DayRow:
    """What is shown of a day; row: what the view knows of it, if anything.

    A provisional count stands in for the counted one while the day is open, up to the cap (SX-05, SX-06).
    """
    final = _is_final(book, day, now)
    provisional = row is not None and row.counted is None and row.provisional is not None and not final
    if row is None:
        steps = 0
    elif provisional:
        steps = _shown(book, row.provisional or 0)
    else:
        steps = row.counted or 0
    return DayRow(
        day=day,
        steps=steps,
        attained=row is not None and row.attained,
        signed_in=row is not None and row.signed_in,
        final=final,
        provisional=provisional,
    )


def participant_view(
    book: Rulebook,
    participant: str,
    page: reads.ParticipantPage,
    of_trial: bool,
    today: DayRow | None,
    now: datetime,
) -> ParticipantView:
    """A participant's page. page.progress is there: the participant has enrolled."""
    progress = page.progress
    assert progress is not None
    points = page.wallet if book.wallet and not of_trial else page.points or reads.Points()
    names = {branch.id: branch.name for branch in book.enrolment.branches}
    return ParticipantView(
        campaign=book.id,
        participant=participant,
        trial=of_trial,
        branch=progress.branch,
        branch_name=names.get(progress.branch, progress.branch),
        enrolled_at=progress.enrolled_at,
        points=Points(balance=points.balance, earned=points.earned, spent=points.spent),
        days_attained=progress.days_attained,
        sign_in_days=progress.sign_in_days,
        total_steps=progress.total_steps,
        checkpoints=_checkpoints(book, page),
        badges=_badges(book, page),
        team=team_of(page.team, participant),
        chances=[*_exchangeable(book, page, of_trial, now), *(chance_view(row, now) for row in page.chances)],
        prizes=[prize_view(row) for row in page.prizes],
        prizes_count=page.prizes_count,
        today=today,
    )


def _checkpoints(book: Rulebook, page: reads.ParticipantPage) -> list[ReachedCheckpoint]:
    reached = {row.number: row for row in page.checkpoints}
    dark = reads.CheckpointRow(0, None, None, None)
    route = zip(book.route.checkpoints if book.route else (), book.thresholds, strict=True)
    return [
        ReachedCheckpoint(
            number=number,
            name=checkpoint.name,
            target=target,
            lit_at=reached.get(number, dark).lit_at,
            passed_at=reached.get(number, dark).passed_at,
            introduction=_introduction(checkpoint) if reached.get(number, dark).lit_at else None,
        )
        for number, (checkpoint, target) in enumerate(route, start=1)
    ]


def _introduction(checkpoint: Checkpoint) -> TwoLanguages | None:
    return both(checkpoint.introduction) if checkpoint.introduction else None


def _exchangeable(
    book: Rulebook, page: reads.ParticipantPage, of_trial: bool, now: datetime
) -> Iterator[ChanceView]:
    """Badges that can still be exchanged for a draw; one that was used stands among the chances (SX-22)."""
    used = {row.chance for row in page.chances}
    for pool in book.pools:
        if now < closes_at(pool, book, of_trial):
            for badge in page.badges:
                if badge.badge in pool.cost_badges and badge.badge not in used:
                    yield open_chance(pool.id, badge.badge)


def _badges(book: Rulebook, page: reads.ParticipantPage) -> list[AwardedBadge]:
    names = {badge.id: badge.name for badge in book.badges}
    return [
        AwardedBadge(
            id=row.badge,
            name={"zh": name.zh, "en": name.en} if (name := names.get(row.badge)) else {},
            awarded_at=row.awarded_at,
        )
        for row in page.badges
    ]


def _is_final(book: Rulebook, day: date, now: datetime) -> bool:
    """Whether the day's window and the grace for delivery are over, on the campaign's wall clock (SX-05)."""
    local = now.astimezone(book.tz).replace(tzinfo=None)
    return (local - datetime(day.year, day.month, day.day)).total_seconds() >= book.window[2]  # noqa: DTZ001 - wall clock


def _shown(book: Rulebook, steps: int) -> int:
    if book.steps is None or book.steps.show_above_cap:
        return steps
    return min(steps, book.steps.daily_cap)
