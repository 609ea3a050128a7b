"""Runs of a rulebook over people and days, and what they say of the whole: figures with their error.

Each run plays a sample of the people with another seed. Totals are scaled to the whole; stocks were scaled down to the
sample before, so that what is scarce is as scarce. How far the mean may be off, and what the campaign itself may come
to, is estimated from how the runs differ. What it cannot see: that your members are not the 17 people of the step
sample, and do not have the habits that are assumed.
"""

import random
from collections.abc import Callable, Iterable
from math import sqrt
from statistics import mean, stdev

import msgspec

from api.forecast.counting import Key
from api.forecast.people import Habits, sample
from api.forecast.playing import Play, scaled
from ledger.rulebook import Pool, Prize, Rulebook

PERSON_DAYS = 70_000
"""How much is played in all by default, so that it takes about a minute or two: 10,000 people over 7 days."""
RUNS = 5
LIKELY = (
    12.71,
    4.30,
    3.18,
    2.78,
    2.57,
    2.45,
    2.36,
    2.31,
    2.26,
    2.23,
    2.2,
    2.18,
    2.16,
    2.14,
    2.13,
    2.12,
    2.11,
    2.1,
)
HIGH = (
    6.31,
    2.92,
    2.35,
    2.13,
    2.02,
    1.94,
    1.89,
    1.86,
    1.83,
    1.81,
    1.8,
    1.78,
    1.77,
    1.76,
    1.75,
    1.75,
    1.74,
    1.73,
)
"""Student's t for 2, 3, … runs (more: as the last): so many standard errors to either side of the mean in 95 of 100
cases, and above it in 5 of 100. Few runs tell little of how runs differ, so the factor is the larger the fewer."""


class Figure(msgspec.Struct, frozen=True):
    """A forecast for all people. error: the mean is within so much in 95 of 100 cases. high: more in 5 of 100 only."""

    mean: float
    error: float
    high: float


class PrizeForecast(msgspec.Struct, frozen=True):
    """A prize or item. given: with the stock that there is. needed: what it would take for nobody to go without."""

    prize: str
    name: str
    kind: str
    stock: int | None
    given: Figure
    needed: Figure
    enough: bool


class PoolForecast(msgspec.Struct, frozen=True):
    """A pool. draws: instant draws, entries, or items sold. unserved: were refused, for nothing was left. cost: fen."""

    pool: str
    draw: str
    draws: Figure
    unserved: Figure
    cost: Figure
    prizes: tuple[PrizeForecast, ...]


class Forecast(msgspec.Struct, frozen=True):
    """All that was forecast. played: people in each run. scale: people for each who was played.

    points: by rule. donations: fen, by fund. refused: what people tried in vain, by code.
    """

    campaign: str
    people: int
    days: int
    played: int
    runs: int
    seed: int
    scale: float
    habits: Habits
    done: dict[str, Figure]
    points: dict[str, Figure]
    spent: Figure
    badges: dict[str, Figure]
    entitlements: dict[str, Figure]
    donations: dict[str, Figure]
    refused: dict[str, Figure]
    pools: tuple[PoolForecast, ...]


class Runs:
    """The counts of all runs, and the figures that follow."""

    def __init__(self, counts: list[dict[Key, float]], scale: float) -> None:
        self.counts, self.scale = counts, scale

    def figure(self, *key: str) -> Figure:
        """A count, for all people."""
        return self.of(counts.get(key, 0) for counts in self.counts)

    def of(self, totals: Iterable[float]) -> Figure:
        """Totals of the runs, for all people.

        The mean's error goes down with the runs. What a campaign of all people comes to differs less than runs of a
        sample do, for it is as if ``scale`` samples were added up.
        """
        each = list(totals)
        spread = stdev(each) if len(each) > 1 else 0.0
        error = spread * self.scale / sqrt(len(each))
        at = min(max(len(each), 2) - 2, len(LIKELY) - 1)
        return Figure(
            mean=mean(each) * self.scale,
            error=LIKELY[at] * error,
            high=mean(each) * self.scale + HIGH[at] * sqrt(error**2 + spread**2 * self.scale),
        )

    def kind(self, kind: str) -> dict[str, Figure]:
        """All counts of a kind, by what they are of."""
        names = dict.fromkeys(key[1] for counts in self.counts for key in counts if key[0] == kind)
        return {name: self.figure(kind, name) for name in names}


def played_people(people: int, days: int, runs: int, size: int = 1) -> int:
    """How many people each run plays: all, or as many as PERSON_DAYS allow, in full teams of ``size`` at the least."""
    return min(people, max(PERSON_DAYS // (days * runs), 50, 2 * size))


def forecast(
    rules: Rulebook, people: int, days: int, *, seed: int = 1, runs: int = RUNS, played: int | None = None,
    habits: Habits = Habits(), tick: Callable[[], object] = lambda: None,  # noqa: B008
) -> Forecast:  # fmt: skip
    """Play a rulebook with people over its first days, and say what it will come to.

    days: at most the campaign's. played: people in each run; none = as many as it takes a minute or two to play.
    tick: is called after each day that was played, runs × days times. The same seed gives the same figures.
    """
    days = min(days, rules.days_of(trial=False))
    played = min(people, played or played_people(people, days, runs, rules.teams.size if rules.teams else 1))
    found = []
    for run in range(runs):
        rng = random.Random(f"{seed}/{run}")  # noqa: S311 - to be repeated, not to be secret
        play = Play(scaled(rules, played / people, rng), sample(), habits, played, people / played, rng)
        play.begin()
        for number in range(days):
            play.day(number)
            tick()
        play.end()
        found.append(dict(play.tally.counts))
    all_runs = Runs(found, people / played)
    return Forecast(
        campaign=rules.id,
        people=people,
        days=days,
        played=played,
        runs=runs,
        seed=seed,
        scale=people / played,
        habits=habits,
        done=all_runs.kind("done"),
        points=all_runs.kind("points"),
        spent=all_runs.figure("spent", "points"),
        badges=all_runs.kind("badge"),
        entitlements=all_runs.kind("entitlement"),
        donations=all_runs.kind("donated"),
        refused=all_runs.kind("refused"),
        pools=tuple(_pool(pool, all_runs) for pool in rules.pools),
    )


def _pool(pool: Pool, runs: Runs) -> PoolForecast:
    key = {"instant": "draws", "batch": "entries", "shop": "sales"}.get(pool.draw, "prizes")
    given = [
        sum(counts.get(("prize", pool.id, prize.id), 0) for prize in pool.prizes) for counts in runs.counts
    ]
    draws = runs.of(given) if key == "prizes" else runs.figure(key, pool.id)
    return PoolForecast(
        pool=pool.id,
        draw=pool.draw,
        draws=draws,
        unserved=runs.figure("unserved", pool.id),
        cost=runs.figure("worth", pool.id),
        prizes=tuple(_prize(pool, prize, runs) for prize in pool.prizes),
    )


def _prize(pool: Pool, prize: Prize, runs: Runs) -> PrizeForecast:
    given = runs.figure("prize", pool.id, prize.id)
    if prize.stock is not None:  # a share of a small stock is rounded by lot, and may come out above it
        given = Figure(min(given.mean, prize.stock), given.error, min(given.high, prize.stock))
    needed = runs.of(_needed(pool, prize, counts) for counts in runs.counts)
    return PrizeForecast(
        prize=prize.id,
        name=prize.name.zh,
        kind=prize.kind,
        stock=prize.stock,
        given=given,
        needed=needed,
        enough=prize.stock is None or pool.draw in ("batch", "places") or needed.high <= prize.stock,
    )


def _needed(pool: Pool, prize: Prize, counts: dict[Key, float]) -> float:
    """What one run would have taken of a prize if there had always been some.

    Of an instant draw its share of all draws, those that found nothing included; of a shop what was asked for. Draws
    that are held once, and places, take what there is.
    """
    given = counts.get(("prize", pool.id, prize.id), 0)
    if pool.draw == "instant":
        wanted = counts.get(("draws", pool.id), 0) + counts.get(("unserved", pool.id), 0)
        shares = [each.weight if each.weight is not None else each.stock or 0 for each in pool.prizes]
        share = prize.weight if prize.weight is not None else prize.stock or 0
        return wanted * share / (sum(shares) or 1)
    if pool.gift and given:
        return counts.get(("done", pool.gift.on), 0)
    return given + counts.get(("missing", pool.id, prize.id), 0)
