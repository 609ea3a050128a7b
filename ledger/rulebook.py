"""A campaign's rules as data: the shape of a rulebook file (TOML) and what decisions ask of it.

``rulebook_file.load`` reads one and says what is wrong with it. Every rule carries the clause that it comes from, so
a posting or a refusal can name it. Times of day are wall clock in the campaign's time zone.
"""

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from ledger.rulebook_base import (
    Clause,
    Count,
    Duration,
    Positive,
    PrizeId,
    Rules,
    Slug,
    Text,
    TimeOfDay,
    Words,
    seconds,
    seconds_of_day,
)
from ledger.rulebook_campaigns import (
    Badge,
    Enrolment,
    Membership,
    PointsRule,
    Prerequisite,
    Route,
    SignIn,
    Steps,
    Teams,
    Trial,
    Window,
)
from ledger.rulebook_programmes import (
    Activation,
    Application,
    Donation,
    Fund,
    Gift,
    Hardship,
    Honour,
    Occasion,
    Quiz,
    Score,
    Wallet,
)


class Prize(Rules, frozen=True, kw_only=True):
    """A prize.

    kind: ``money`` is paid out at once, ``goods`` go to an address, a ``voucher`` is a code, ``credit`` is a top-up of
    a phone, ``nothing`` is a blank.
    amount: its worth in fen. stock: none = only the budget limits it. weight: for weighted draws; without weights a
    prize is as likely as its stock is left. places: of a pool by rank, how many entrants of the board get it.
    price, person_max, sells_from, sells_until, valid_days: of a shop: points for one; the most for a person, ever;
    when it can be redeemed; how long afterwards it can be claimed or used (ZG-07).
    clause: if it is another than that of the pool.
    """

    id: PrizeId
    name: Words
    kind: Literal["money", "goods", "voucher", "credit", "nothing"]
    amount: Count | None = None
    stock: Count | None = None
    weight: Count | None = None
    places: Positive | None = None
    price: Positive | None = None
    person_max: Positive | None = None
    sells_from: datetime | None = None
    sells_until: datetime | None = None
    valid_days: Positive | None = None
    clause: Clause | None = None


class ChanceRule(Rules, frozen=True, kw_only=True):
    """What gives one chance to draw: a sign-in (JS-08), a day's movement (EC-05), so many right answers (EC-08).

    ttl: how long after that it can be used; none = 10 minutes for a sign-in, for others as long as the pool is open.
    grace: how much later a draw of then may be delivered. metres: of a day, walked or run; a step without a distance of
    its own counts stride_cm. every: how many right answers of the quiz.
    """

    on: Literal["sign_in", "movement", "correct_answers"] = "sign_in"
    ttl: Duration | None = None
    grace: Duration = "24h"
    metres: Positive | None = None
    stride_cm: Positive | None = None
    every: Positive | None = None
    quiz: Slug | None = None
    clause: Clause | None = None

    @property
    def lasts(self) -> timedelta | None:
        """How long a chance lasts; None as long as its pool is open."""
        ttl = self.ttl or ("10m" if self.on == "sign_in" else None)
        return timedelta(seconds=seconds(ttl)) if ttl else None


class Pool(Rules, frozen=True, kw_only=True, dict=True):
    """A stock of prizes and what a draw, or an entry to one, costs.

    draw: ``instant`` has its outcome at once; ``batch`` takes entries for one draw later; ``places`` goes by rank;
    in a ``shop`` prizes have a price in points; a ``gift`` comes by itself.
    cost_points, cost_badges, chance, board: what a draw costs: points, one of these badges, a chance, or a place among
    the first ``first`` of a frozen board. budget: in fen, for all prizes with an amount together.
    standing: whose membership must be in force, reviewed or not, or be reviewed, to draw or redeem here (SJ-04).
    deadline: a draw at or after it is refused; grace: how much later one of before may be delivered.
    stock_clause: of the limits of stock and budget; address_clause: of sending; none = the pool's own.
    daily_max, person_max: most draws of a person on a day, and in all; in a batch draw person_max is of wins.
    """

    id: Slug
    name: Words
    clause: Clause
    draw: Literal["instant", "batch", "places", "shop", "gift"] = "instant"
    cost_points: Positive | None = None
    cost_badges: tuple[Slug, ...] = ()
    chance: ChanceRule | None = None
    gift: Gift | None = None
    board: Slug | None = None
    first: Positive | None = None
    deadline: datetime | None = None
    grace: Duration = "10m"
    budget: Count | None = None
    daily_max: Positive | None = None
    person_max: Positive | None = None
    stock_clause: Clause | None = None
    address_clause: Clause | None = None
    deliver_within_working_days: Positive | None = None
    mainland_only: bool = False
    standing: Literal["any", "reviewed"] | None = None
    standing_clause: Clause | None = None
    prizes: tuple[Prize, ...]

    @cached_property
    def by_id(self) -> dict[str, Prize]:
        """Prize id → prize."""
        return {prize.id: prize for prize in self.prizes}


class Key(Rules, frozen=True, kw_only=True):
    """One key of a ranking and its direction."""

    by: Literal[
        "attainment_rate",
        "average_steps",
        "days_attained",
        "sign_in_days",
        "total_steps",
        "last_sync",
        "score",
        "participation_rate",
    ]
    order: Literal["descending", "ascending"] = "descending"


class Refresh(Rules, frozen=True, kw_only=True):
    """When the published board is made anew: every so often between two times of day. Source: JS-07."""

    opens: TimeOfDay = "00:00"
    closes: TimeOfDay = "24:00"
    every: Duration = "5m"


class Board(Rules, frozen=True, kw_only=True):
    """A ranking (排行榜): who is ranked, by which keys, and when it stands still.

    visible: rows that everybody sees; none = all. refresh: none = as soon as there is something new.
    freezes_at: the standing of then is final; a day whose sync window has closed by then is in it.
    group: of unions, those of this group only (EC-10). honours: what the first of the final standing get.
    """

    id: Slug
    name: Words
    clause: Clause
    entrants: Literal["participants", "teams", "branches"]
    group: Slug | None = None
    honours: Honour | None = None
    keys: Annotated[tuple[Key, ...], Meta(min_length=1)]
    visible: Positive | None = None
    refresh: Refresh | None = None
    freezes_at: datetime | None = None


class Rulebook(Rules, frozen=True, kw_only=True, dict=True):
    """A campaign's rules, whole. starts and ends are both days of the campaign.

    future_tolerance: how far ahead of our clock an event may be dated (GX-04). late: how long after it happened a doing
    with a daily cap (a comment, an answer, reading) may be delivered.
    """

    format: Literal[1]
    id: Slug
    title: Words
    timezone: Text = "Asia/Shanghai"
    starts: date
    ends: date
    clause: Clause
    future_tolerance: Duration = "5m"
    trial: Trial | None = None
    enrolment: Enrolment
    membership: Membership | None = None
    prerequisites: tuple[Prerequisite, ...] = ()
    sign_in: SignIn | None = None
    steps: Steps | None = None
    route: Route | None = None
    points: tuple[PointsRule, ...] = ()
    badges: tuple[Badge, ...] = ()
    teams: Teams | None = None
    pools: tuple[Pool, ...] = ()
    boards: tuple[Board, ...] = ()
    application: Application | None = None
    activation: Activation | None = None
    wallet: Wallet | None = None
    quizzes: tuple[Quiz, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    funds: tuple[Fund, ...] = ()
    donations: tuple[Donation, ...] = ()
    hardship: Hardship | None = None
    score: Score | None = None
    late: Duration = "24h"

    @cached_property
    def tz(self) -> ZoneInfo:
        """The campaign's time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def opens(self) -> date:
        """The first day on which anything can happen."""
        days = [self.starts, self.enrolment.opens, self.trial.starts if self.trial else None]
        return min(day for day in days if day is not None)

    @cached_property
    def tolerance(self) -> timedelta:
        """future_tolerance as a timedelta."""
        return timedelta(seconds=seconds(self.future_tolerance))

    @cached_property
    def window(self) -> tuple[int, int, int]:
        """The sync window in seconds of the day: opens, closes, and the end of the grace for delivery."""
        window = self.steps.window if self.steps else Window()
        closes = seconds_of_day(window.closes)
        return seconds_of_day(window.opens), closes, closes + seconds(window.grace)

    @cached_property
    def clauses(self) -> dict[str, str]:
        """Id of a points rule → its clause."""
        return {rule.id: rule.clause for rule in self.points}

    @cached_property
    def thresholds(self) -> tuple[int, ...]:
        """Counted steps, or attained days, at which each checkpoint is lit, ascending.

        Equal legs unless a checkpoint states its own; the last leg takes the remainder. Source: SX-07.
        """
        if self.route is None:
            return ()
        if self.route.lit_by == "attained_days" or self.route.total_steps is None:
            return tuple(range(1, len(self.route.checkpoints) + 1))
        stated = [c.leg for c in self.route.checkpoints]
        open_legs = stated.count(None)
        share = (self.route.total_steps - sum(leg for leg in stated if leg)) // open_legs if open_legs else 0
        reached, total = [], 0
        for leg in stated:
            total += leg or share
            reached.append(total)
        reached[-1] = self.route.total_steps
        return tuple(reached)

    @cached_property
    def questions(self) -> dict[str, int]:
        """Question id → checkpoint number. Ids are ``cp-01``, ``cp-02``, … in the order of the route."""
        checkpoints = self.route.checkpoints if self.route else ()
        return {f"cp-{number:02}": number for number in range(1, len(checkpoints) + 1)}

    @cached_property
    def branch_ids(self) -> dict[str, str]:
        """Union id or exact name → id."""
        ids = {branch.name: branch.id for branch in self.enrolment.branches}
        return ids | {branch.id: branch.id for branch in self.enrolment.branches}

    @cached_property
    def pool_ids(self) -> dict[str, Pool]:
        """Pool id → pool."""
        return {pool.id: pool for pool in self.pools}

    @cached_property
    def board_ids(self) -> dict[str, Board]:
        """Board id → board."""
        return {board.id: board for board in self.boards}

    @cached_property
    def groups(self) -> dict[str, str]:
        """Union id → its group."""
        return {branch.id: branch.group for branch in self.enrolment.branches}

    @cached_property
    def day_rules(self) -> tuple[PointsRule, ...]:
        """The points rules that a day's steps earn by."""
        return tuple(rule for rule in self.points if rule.on in ("steps", "daily_goal"))

    def points_on(self, what: str) -> tuple[PointsRule, ...]:
        """The points rules for one kind of doing."""
        return tuple(rule for rule in self.points if rule.on == what)

    def book(self, trial: bool) -> str:
        """The name under which points are kept: the campaign's id, the trial's apart from it (SX-01)."""
        return f"{self.id}.trial" if trial else self.id

    def phase_of(self, day: date) -> Literal["trial", "campaign"] | None:
        """Which part of the campaign a day belongs to; None outside both."""
        if self.starts <= day <= self.ends:
            return "campaign"
        if self.trial and self.trial.starts <= day <= self.trial.ends:
            return "trial"
        return None

    def days_of(self, trial: bool) -> int:
        """How many days the trial, or the campaign, has."""
        if trial:
            return (self.trial.ends - self.trial.starts).days + 1 if self.trial else 0
        return (self.ends - self.starts).days + 1
