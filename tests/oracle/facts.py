"""What the oracle remembers, and what it tells."""

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any, NamedTuple

CHINA = timezone(timedelta(hours=8))
TOLERANCE = timedelta(minutes=5)

Event = dict[str, Any]
Book = dict[str, Any]
"""A rulebook, as its TOML says."""


class Answer(NamedTuple):
    """What one event was answered. status: accepted, refused, invalid or conflict; code: of a refusal.

    number: of the draw or ticket in its pool, 0 for what is none.
    """

    status: str
    code: str = ""
    repeat: bool = False
    number: int = 0


class Day(NamedTuple):
    """A day of a participant: counted steps, whether the goal was met, whether there was a sign-in."""

    steps: int
    attained: bool
    signed_in: bool


class Standing(NamedTuple):
    """What a participant has in the campaign proper. spent: points. team: empty for none."""

    points: int
    spent: int
    total_steps: int
    days_attained: int
    sign_in_days: int
    lit: list[int]
    passed: list[int]
    badges: list[str]
    days: dict[date, Day]
    team: str


class TeamStanding(NamedTuple):
    """A team in the campaign proper. members: in the order of joining; average: steps a member."""

    captain: str
    members: list[str]
    days_attained: int
    average: Fraction


class OracleResult(NamedTuple):
    """An answer for each event, in order, and where every enrolled participant and every team ended."""

    answers: list[Answer]
    participants: dict[str, Standing]
    teams: dict[str, TeamStanding]


class Refused(Exception):
    """Carries the code."""


class Draw(NamedTuple):
    """A draw that somebody made, or a ticket. chance: what paid for it; None = points."""

    pool: str
    chance: str | None
    day: date


class Sync(NamedTuple):
    """Steps of a day that count, as a phone told them. metres: of its own, if it told any."""

    when: datetime
    arrival: int
    steps: int
    metres: int | None = None


class Facts:
    """What somebody did in the trial, or in the campaign."""

    def __init__(self) -> None:
        self.sign_ins: dict[date, datetime] = {}
        self.syncs: dict[date, list[Sync]] = {}
        self.passed: set[int] = set()
        self.reflected: set[int] = set()
        self.team = ""
        self.draws: list[Draw] = []
        self.forfeited: set[tuple[str, str]] = set()  # (pool, chance)


class Member(NamedTuple):
    """Somebody in a team. joined_on: the first day that counts; joined_at: when it happened."""

    id: str
    joined_on: date
    joined_at: datetime


class Part:
    """The trial, or the campaign: its people, teams in the order of joining, and draws of each pool."""

    def __init__(self) -> None:
        self.people: dict[str, Facts] = {}
        self.teams: dict[str, list[Member]] = {}
        self.drawn: dict[str, int] = {}


def midnight(day: date) -> datetime:
    """When a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def time_of_day(text: str) -> timedelta:
    """``20:00`` after midnight."""
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))


def duration(text: str) -> timedelta:
    """``10m``."""
    return int(text[:-1]) * timedelta(
        **{{"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[text[-1]]: 1}
    )
