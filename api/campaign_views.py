"""Campaigns as the API shows them: everything that participants may know of a rulebook. Never a right answer."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.campaign import Version
from ledger.rulebook import Pool, Rulebook
from ledger.rulebook_words import Sentence, in_words

State = Literal["upcoming", "trial", "running", "ended"]


class TwoLanguages(Struct):
    """A text in both languages."""

    zh: Annotated[str, Meta(description="Chinese.")]
    en: Annotated[str, Meta(description="English.")]


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
    target: Annotated[int, Meta(description="Counted steps that light it.")]
    question: AskedQuestion


class BadgeOffered(Struct):
    """A badge that can be earned."""

    id: str
    name: TwoLanguages
    clause: str


class PrizeOffered(Struct, kw_only=True):
    """A prize of a pool."""

    id: str
    name: TwoLanguages
    kind: Literal["money", "goods", "voucher", "nothing"]
    amount: Annotated[int | None, Meta(description="What it is worth, in fen.")]


class PoolOffered(Struct, kw_only=True):
    """A stock of prizes and what a draw costs."""

    id: str
    name: TwoLanguages
    clause: str
    draw: Annotated[
        Literal["instant", "batch", "places"],
        Meta(description="At once, later among all entries, or by rank."),
    ]
    cost_points: int | None
    cost_badges: list[str]
    deadline: Annotated[datetime | None, Meta(description="A draw at or after it is refused.")]
    prizes: list[PrizeOffered]


class BoardOffered(Struct, kw_only=True):
    """A ranking (排行榜)."""

    id: str
    name: TwoLanguages
    clause: str
    entrants: Literal["participants", "teams"]
    keys: Annotated[list[str], Meta(description="What it is ranked by, the first first; - means descending.")]
    visible: Annotated[int | None, Meta(description="How many rows are shown; null for all.")]
    freezes_at: datetime | None


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
    checkpoints: list[RouteCheckpoint]
    badges: list[BadgeOffered]
    boards: list[BoardOffered]
    pools: list[PoolOffered]
    branches: list[UnionOffered]


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
        title=TwoLanguages(book.title.zh, book.title.en),
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
        badges=[BadgeOffered(b.id, TwoLanguages(b.name.zh, b.name.en), b.clause) for b in book.badges],
        boards=[
            BoardOffered(
                id=board.id,
                name=TwoLanguages(board.name.zh, board.name.en),
                clause=board.clause,
                entrants=board.entrants,
                keys=[("-" if key.order == "descending" else "") + key.by for key in board.keys],
                visible=board.visible,
                freezes_at=board.freezes_at,
            )
            for board in book.boards
        ],
        pools=[_pool(pool) for pool in book.pools],
        branches=[
            UnionOffered(id=b.id, name=b.name, group=b.group, parent=b.parent, quota=b.quota)
            for b in book.enrolment.branches
        ],
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


def _checkpoints(book: Rulebook) -> list[RouteCheckpoint]:
    checkpoints = book.route.checkpoints if book.route else ()
    return [
        RouteCheckpoint(
            number=number,
            name=checkpoint.name,
            target=target,
            question=AskedQuestion(
                id=asked, text=checkpoint.question.text, choices=checkpoint.question.choices
            ),
        )
        for (asked, number), checkpoint, target in zip(
            book.questions.items(), checkpoints, book.thresholds, strict=True
        )
    ]


def _pool(pool: Pool) -> PoolOffered:
    return PoolOffered(
        id=pool.id,
        name=TwoLanguages(pool.name.zh, pool.name.en),
        clause=pool.clause,
        draw=pool.draw,
        cost_points=pool.cost_points,
        cost_badges=list(pool.cost_badges),
        deadline=pool.deadline,
        prizes=[
            PrizeOffered(id=p.id, name=TwoLanguages(p.name.zh, p.name.en), kind=p.kind, amount=p.amount)
            for p in pool.prizes
        ],
    )
