"""Who plays: the real steps of 17 people and the real sync times of one, and habits that are assumed and can be set.

Everybody who plays walks the days of one of the 17, from some day of theirs on and over again. A day that the sample
does not have is a day without a sync.
"""

import csv
import random
from bisect import bisect_left
from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Annotated

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1)]


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What people do besides walking, as shares of 1. Nobody has measured these; they are options.

    opens: of all days, on which the app is opened at all: without it there is neither a sign-in nor a sync.
    teams: of all people, who are in a full team. draws: of all chances and points, that are used for draws.
    shops: of all people, who save for the shop where there are draws too. buys: of all days, on which one of these
    looks for something to buy. right: of all answers, that are right. posts: of all passed checkpoints, that bring a
    reflection; and of all days, on which a comment is posted, and news are read. enters: of all who have a place on a
    board, who enter its draw.
    """

    opens: Share = 0.85
    teams: Share = 0.6
    draws: Share = 0.95
    shops: Share = 0.5
    buys: Share = 0.2
    right: Share = 0.75
    posts: Share = 0.3
    enters: Share = 0.8


class Sample(msgspec.Struct, frozen=True):
    """people: the steps of each, day by day, None for a day that is missing. walked: the share of a day's steps that is
    walked by the end of each hour. syncs: of each day, the seconds at which was synced, ascending."""

    people: tuple[tuple[int | None, ...], ...]
    walked: tuple[float, ...]
    syncs: tuple[tuple[int, ...], ...]

    def share_by(self, seconds: int) -> float:
        """The share of a day's steps that is walked by so many seconds after 0:00."""
        hour, rest = divmod(min(seconds, 86_399), 3600)
        before = self.walked[hour - 1] if hour else 0.0
        return before + (self.walked[hour] - before) * rest / 3600

    def last_sync(self, opens: int, closes: int, rng: random.Random) -> int:
        """When somebody who syncs in a window does so for the last time: as on a real day that had a sync in it."""
        last = [day[bisect_left(day, closes) - 1] for day in self.syncs if bisect_left(day, closes)]
        inside = [at for at in last if at >= opens]
        return rng.choice(inside) if inside else rng.randrange(opens, closes)


class Walker(msgspec.Struct):
    """Somebody who plays. days: whose steps; start: from which of these days on. saves: for the shop."""

    id: str
    days: tuple[int | None, ...]
    start: int
    saves: bool
    branch: str
    team: str = ""

    def steps(self, number: int) -> int | None:
        """The steps of the campaign's day ``number``, from 0."""
        return self.days[(self.start + number) % len(self.days)]


def _rows(folder: str, name: str) -> list[dict[str, str]]:
    text = (files("api") / "samples" / folder / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def sample() -> Sample:
    """The sample that ships with the program. Its sources and licences stand beside the files."""
    steps: dict[str, dict[date, int]] = defaultdict(dict)
    for row in _rows("fitabase_2016", "daily_steps.csv"):
        steps[row["Id"]][date.fromisoformat(row["ActivityDate"])] = int(row["TotalSteps"])
    people = []
    for days in steps.values():
        first, last = min(days), max(days)
        people.append(tuple(days.get(first + timedelta(days=n)) for n in range((last - first).days + 1)))
    hours = list(accumulate(int(row["StepTotal"]) for row in _rows("fitabase_2016", "hourly_totals.csv")))
    syncs: dict[str, list[int]] = defaultdict(list)
    for row in _rows("fitabase_sync", "sync_times.csv"):
        hour, minute, second = map(int, row["SyncTime"].split(":"))
        syncs[row["Day"]].append(hour * 3600 + minute * 60 + second)
    return Sample(
        people=tuple(people),
        walked=tuple(hour / hours[-1] for hour in hours),
        syncs=tuple(tuple(sorted(day)) for day in syncs.values()),
    )
