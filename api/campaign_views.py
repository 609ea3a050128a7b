"""Campaigns as the API shows them: everything that participants may know of a rulebook. Never a right answer."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from api.programme_views import Programme, TwoLanguages, both, programme_of
from ledger.campaign import Version
from ledger.rulebook import Board, Pool, Rulebook
from ledger.rulebook_campaigns import Question
from ledger.rulebook_words import Sentence, in_words

State = Literal["upcoming", "trial", "running", "ended"]


class Trial(Struct):
    """The public trial (公测), both days included. Nothing from it counts afterwards."""

    starts: date
    ends: date


class CampaignSummary(Struct, kw_only=True):
    """A campaign in a list."""

    id: Annotated[str, Meta(description="Such as sx-2019.")]
    title: TwoLanguages
    starts: Annotated[date, Meta(description="First day, in the campaign's time zone.")]
    ends: Annotated[date, Meta(description="Last day.")]
    timezone: Annotated[str, Meta(description="In which days are counted.")]
    trial: Trial | None
    state: Annotated[
        State, Meta(description="By the ledger's clock; between trial and start it is upcoming.")
    ]
    version: Annotated[int, Meta(description="Version of the rules in force, from 1.")]


class RuleVersion(Struct, kw_only=True):
    """A version of the rules."""

    version: int
    digest: Annotated[str, Meta(description="SHA-256 of the text, in hexadecimal.")]
    effective_at: Annotated[datetime, Meta(description="In force for what happens from then on.")]
    position: Annotated[int, Meta(description="Where its publication stands in the log.")]


class Rule(Struct):
    """A rule in words, with its clause in the published notice."""

    clause: str
    zh: str
    en: str


class Day(Struct, kw_only=True):
    """How a day's steps count."""

    goal: Annotated[int, Meta(description="Counted steps that make a day attained.")]
    cap: Annotated[int, Meta(description="Steps above it do not count.")]
    opens: Annotated[str, Meta(description="When the window for syncs opens, on the campaign's wall clock.")]
    closes: Annotated[str, Meta(description="When it closes.")]
    grace: Annotated[str, Meta(description="How long after it a sync may still be delivered.")]


class AskedQuestion(Struct, kw_only=True):
    """A question as participants see it."""

    id: Annotated[str, Meta(description="As in jifen.question_answered.")]
    text: str
    choices: Annotated[dict[str, str], Meta(description="Letter → text; empty for an open question.")]


class RouteCheckpoint(Struct, kw_only=True):
    """A campaign checkpoint (关卡) of the route."""

    number: Annotated[int, Meta(description="From 1, along the route.")]
    name: str
    target: Annotated[int, Meta(description="Counted steps, or attained days, that light it.")]
    question: AskedQuestion | None
    introduction: Annotated[TwoLanguages | None, Meta(description="Shown when it is lit.")] = None


class BadgeOffered(Struct):
    """A badge that can be earned."""

    id: str
    name: TwoLanguages
    clause: str
    certificate: Annotated[bool, Meta(description="Whether it is an honour certificate with a number.")] = (
        False
    )


class PrizeOffered(Struct, kw_only=True):
    """A prize of a pool."""

    id: str
    name: TwoLanguages
    kind: Literal["money", "goods", "voucher", "credit", "nothing"]
    amount: Annotated[int | None, Meta(description="What it is worth, in fen.")]


class PoolOffered(Struct, kw_only=True):
    """A stock of prizes and what a draw costs."""

    id: str
    name: TwoLanguages
    clause: str
    draw: Annotated[
        Literal["instant", "batch", "places", "shop", "gift"],
        Meta(description="At once, later among all entries, by rank, for points, or by itself."),
    ]
    cost_points: int | None
    cost_badges: list[str]
    chance: Annotated[
        Literal["sign_in", "movement", "correct_answers"] | None,
        Meta(description="What gives a chance to draw."),
    ] = None
    standing: Annotated[
        Literal["any", "reviewed"] | None, Meta(description="Whose membership it takes; null if not asked.")
    ] = None
    deadline: Annotated[datetime | None, Meta(description="A draw at or after it is refused.")]
    prizes: list[PrizeOffered]


class BoardHonours(Struct, kw_only=True):
    """A certificate for the first of a final standing."""

    first: int
    name: TwoLanguages
    clause: str


class BoardOffered(Struct, kw_only=True):
    """A ranking (排行榜)."""

    id: str
    name: TwoLanguages
    clause: str
    entrants: Literal["participants", "teams", "branches"]
    group: Annotated[str | None, Meta(description="Of unions: those of this group only.")] = None
    keys: Annotated[list[str], Meta(description="What it is ranked by, the first first; - means descending.")]
    visible: Annotated[int | None, Meta(description="How many rows are shown; null for all.")]
    freezes_at: datetime | None
    honours: Annotated[BoardHonours | None, Meta(description="What the first of the final standing get.")] = (
        None
    )


class UnionOffered(Struct, kw_only=True):
    """A union (工会) that participants can belong to."""

    id: str
    name: str
    group: str
    parent: str | None
    quota: int | None


class CampaignDetail(CampaignSummary, kw_only=True):
    """A campaign with everything that participants may know of its rules."""

    versions: list[RuleVersion]
    rules: list[Rule]
    day: Day | None
    lit_by: Annotated[
        Literal["steps", "attained_days"] | None,
        Meta(description="What lights checkpoints; null without a route."),
    ] = None
    checkpoints: list[RouteCheckpoint]
    badges: list[BadgeOffered]
    boards: list[BoardOffered]
    pools: list[PoolOffered]
    branches: list[UnionOffered]
    programme: Annotated[Programme, Meta(description="Who may join, quizzes, occasions, funds and more.")]


def state_of(book: Rulebook, now: datetime) -> State:
    """Which part of its life a campaign is in."""
    day = now.astimezone(book.tz).date()
    if day > book.ends:
        return "ended"
    phase = book.phase_of(day)
    return "running" if phase == "campaign" else phase or "upcoming"


def summary(book: Rulebook, version: Version, now: datetime) -> CampaignSummary:
    """A campaign in a list."""
    return CampaignSummary(
        id=book.id,
        title=both(book.title),
        starts=book.starts,
        ends=book.ends,
        timezone=book.timezone,
        trial=Trial(book.trial.starts, book.trial.ends) if book.trial else None,
        state=state_of(book, now),
        version=version.number,
    )


def detail(book: Rulebook, version: Version, versions: list[RuleVersion], now: datetime) -> CampaignDetail:
    """A campaign with its rules."""
    brief = summary(book, version, now)
    return CampaignDetail(
        id=brief.id,
        title=brief.title,
        starts=brief.starts,
        ends=brief.ends,
        timezone=brief.timezone,
        trial=brief.trial,
        state=brief.state,
        version=brief.version,
        versions=versions,
        rules=_rules(in_words(book)),
        day=_day(book),
        checkpoints=_checkpoints(book),
        lit_by=book.route.lit_by if book.route else None,
        badges=[BadgeOffered(b.id, both(b.name), b.clause, b.certificate) for b in book.badges],
        boards=[
            BoardOffered(
                id=board.id,
                name=both(board.name),
                clause=board.clause,
                entrants=board.entrants,
                keys=[("-" if key.order == "descending" else "") + key.by for key in board.keys],
                visible=board.visible,
                freezes_at=board.freezes_at,
                group=board.group,
                honours=_honours(board),
            )
            for board in book.boards
        ],
        pools=[_pool(pool) for pool in book.pools],
        branches=[
            UnionOffered(id=b.id, name=b.name, group=b.group, parent=b.parent, quota=b.quota)
            for b in book.enrolment.branches
        ],
        programme=programme_of(book),
    )


def _rules(sentences: Iterable[Sentence]) -> list[Rule]:
    return [Rule(said["clause"], said["zh"], said["en"]) for said in sentences]


def _day(book: Rulebook) -> Day | None:
    if book.steps is None:
        return None
    steps, window = book.steps, book.steps.window
    return Day(
        goal=steps.daily_goal,
        cap=steps.daily_cap,
        opens=window.opens,
        closes=window.closes,
        grace=window.grace,
    )


def _asked(id: str, question: Question | None) -> AskedQuestion | None:
    return AskedQuestion(id=id, text=question.text, choices=question.choices) if question else None


def _checkpoints(book: Rulebook) -> list[RouteCheckpoint]:
    checkpoints = book.route.checkpoints if book.route else ()
    return [
        RouteCheckpoint(
            number=number,
            name=checkpoint.name,
            target=target,
            question=_asked(asked, checkpoint.question),
            introduction=both(checkpoint.introduction) if checkpoint.introduction else None,
        )
        for (asked, number), checkpoint, target in zip(
            book.questions.items(), checkpoints, book.thresholds, strict=True
        )
    ]


def _honours(board: Board) -> BoardHonours | None:
    honours = board.honours
    if honours is None:
        return None
    return BoardHonours(first=honours.first, name=both(honours.name), clause=honours.clause)


def _pool(pool: Pool) -> PoolOffered:
    return PoolOffered(
        id=pool.id,
        name=both(pool.name),
        clause=pool.clause,
        draw=pool.draw,
        cost_points=pool.cost_points,
        cost_badges=list(pool.cost_badges),
        chance=pool.chance.on if pool.chance else None,
        standing=pool.standing,
        deadline=pool.deadline,
        prizes=[PrizeOffered(id=p.id, name=both(p.name), kind=p.kind, amount=p.amount) for p in pool.prizes],
    )
