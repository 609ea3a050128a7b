"""A made-up campaign of Shaanxi: what some people's phones would have posted, with all that goes wrong.

The same seed gives the same events. They stand in the order of their arrival; the ``time`` of a late one is older.
"""

import random
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracle import RULEBOOK, Event
from tests.simulation.arrivals import batches, merged
from tests.simulation.packets import draws, last_draws
from tests.simulation.squads import Comrade, Seat, seats

__all__ = ["batches", "generate"]

CAMPAIGN = "sx-2019"
FIRST = date(2019, 7, 1)
TRIAL_DAYS = 4
STEP_EDGES = [0, 1, 1_999, 2_000, 5_999, 6_000, 9_999, 10_000, 10_001, 25_000]


def generate(seed: int, people: int, days: int) -> list[Event]:
    """CloudEvents of so many people in the last days of the trial and the first ``days`` of the campaign, 1 to 100."""
    rng = random.Random(seed)
    book = tomllib.loads(RULEBOOK.read_text(encoding="utf-8"))
    places = seats(rng, people)
    crowd = [Person(f"p-{n:06}", random.Random(rng.random()), book, seat) for n, seat in enumerate(places)]
    return merged(rng, (person.life(days) for person in crowd))


class Person(Comrade):
    """Somebody with habits. What has been reached is guessed, so that questions come at about the right time."""

    def __init__(self, name: str, rng: random.Random, book: dict[str, Any], seat: Seat | None) -> None:
        super().__init__(name, rng, CAMPAIGN)
        self.book = book
        self.seat = seat
        self.walked = 0
        self.passed: list[int] = []
        self.keen = rng.random() < 0.2 or (seat is not None and seat.keen)
        self.leads = seat is not None and seat.captain
        self.pace = 14_000 if self.keen else rng.randint(2_000, 12_000)
        self.in_window = 1.0 if self.keen else rng.uniform(0.5, 1.0)
        self.attendance = 1.0 if rng.random() < 0.15 else rng.uniform(0.3, 0.98)
        self.trial = rng.random() < 0.3
        self.stranger = rng.random() < 0.04
        self.gives_up = self.trial and rng.random() < 0.1

    def life(self, days: int) -> Iterator[tuple[datetime, Event]]:
        """(arrival, event) for everything that the person does."""
        first = FIRST - timedelta(days=TRIAL_DAYS) if self.trial else FIRST
        if not self.trial and not self.keen and not self.leads and self.rng.random() < 0.3:
            first += timedelta(days=self.rng.randint(0, 9))
        yield from self.enrols(first)
        for number in range((first - FIRST).days, 0 if self.gives_up else days):
            day = FIRST + timedelta(days=number)
            if number == 0:
                self.walked, self.passed = 0, []
            if self.stranger and self.rng.random() < 0.9:
                continue
            yield from self.signs_in(day)
            yield from self.walks(day)
            yield from self.plays(day)
            yield from self.takes_a_seat(day, number)
            yield from draws(self, day)
            if self.rng.random() < 0.03:
                yield self.nonsense(day)
        if days == 100 and not self.gives_up:
            after = self.at(FIRST + timedelta(days=100), 8)
            yield after, self.event("signed_in", after)
            yield from last_draws(self)

    def enrols(self, day: date) -> Iterator[tuple[datetime, Event]]:
        """Once, as a rule; with a union that is not there, too early, or twice, as an exception."""
        branches = self.book["enrolment"]["branches"]
        branch = self.rng.choice(branches)[self.rng.choice(["id", "name"])]
        when = self.at(day, 0) if self.keen else self.at(day, 6)
        if self.rng.random() < 0.1:
            yield when, self.event("enrolled", when, branch="不存在的工会")
        if self.rng.random() < 0.1:
            early = self.at(date(2019, 6, 17), 23)
            yield early, self.event("enrolled", early, branch=branch)
        if not self.stranger:
            when += timedelta(minutes=5)
            yield when, self.event("enrolled", when, branch=branch, unit="一车间", department=None)
        if self.rng.random() < 0.1:
            when += timedelta(minutes=5)
            yield when, self.event("enrolled", when, branch=branch)

    def signs_in(self, day: date) -> Iterator[tuple[datetime, Event]]:
        """On most days; sometimes twice, sometimes delivered a day late."""
        if self.rng.random() >= self.attendance:
            return
        when = self.at(day, self.rng.randint(6, 19))
        late = timedelta(days=1) if self.rng.random() < 0.04 else timedelta()
        yield when + late, self.event("signed_in", when)
        if self.rng.random() < 0.05:
            when += timedelta(hours=1)
            yield when, self.event("signed_in", when)

    def walks(self, day: date) -> Iterator[tuple[datetime, Event]]:
        """Syncs of a day: during it, in its window, in its grace, and too late."""
        rng, steps = self.rng, max(0, int(self.rng.gauss(self.pace, 2_500)))
        if rng.random() < 0.15:
            steps = rng.choice(STEP_EDGES)
        if rng.random() < 0.3:
            when = self.at(day, rng.randint(0, 19))
            yield when, self.sync(when, day, steps // 2)
        if rng.random() >= self.in_window:
            late = self.at(day + timedelta(days=1), rng.randint(1, 22))
            if rng.random() < 0.5:
                yield late, self.sync(self.at(day, 21), day, steps)
            elif rng.random() < 0.5:
                yield late, self.sync(late, day, steps)
            return
        when = self.at(day, rng.randint(20, 23))
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            slow = timedelta(minutes=rng.choice([0, 0, 0, 0, 2, 40]))
            yield when + slow, self.sync(when, day, steps)
            self.walked += min(steps, 10_000) if not slow else 0
            when += timedelta(seconds=rng.randint(1, 900))
            if rng.random() < 0.15:
                steps = max(0, steps - rng.randint(1, 4_000))
            else:
                steps += rng.randint(0, 700)
        if rng.random() < 0.05:
            midnight = self.at(day + timedelta(days=1), 0, exact=True)
            when = midnight + timedelta(seconds=rng.choice([-1, 0, 1, 300, 599, 600, 601]))
            yield when, self.sync(when, day, steps)

    def plays(self, day: date) -> Iterator[tuple[datetime, Event]]:
        """Questions about where the person believes to be, and reflections on what was passed."""
        rng = self.rng
        if rng.random() >= 0.4:
            return
        when = self.at(day, rng.randint(6, 22))
        near = self.walked * 13 // 700_000
        open_ones = [n for n in range(1, min(near, 13) + 1) if n not in self.passed]
        number = rng.choice(open_ones) if open_ones and rng.random() < 0.8 else rng.randint(1, 14)
        right = self.book["route"]["checkpoints"][min(number, 13) - 1]["question"]["answer"]
        answer = (
            rng.choice([right, f" {right} ", right.lower()]) if rng.random() < 0.6 else rng.choice("ABCD")
        )
        members = (
            {"checkpoint": rng.choice([number, number, f"cp-{number:02}", 13])} if rng.random() < 0.4 else {}
        )
        yield (
            when,
            self.event("question_answered", when, question=f"cp-{number:02}", answer=answer, **members),
        )
        if answer.strip().upper() == right and number in open_ones:
            self.passed.append(number)
        if rng.random() < 0.7:
            number = (
                rng.choice(self.passed) if self.passed and rng.random() < 0.8 else rng.randint(0, 14) or 99
            )
            when += timedelta(minutes=3)
            named: int | str = number if rng.random() < 0.5 else f"cp-{number:02}"
            ref = f"notes/{self.posted}"
            yield when, self.event("reflection_posted", when, checkpoint=named, ref=ref)

    def nonsense(self, day: date) -> tuple[datetime, Event]:
        """What no proper client would post."""
        when = self.at(day, 12)
        event = self.rng.choice(
            [
                self.sync(when, day + timedelta(days=self.rng.randint(1, 40)), 8_000),
                self.sync(when, date(2019, 6, self.rng.randint(1, 30)), 8_000),
                self.sync(when, date(2018, 7, 1), 8_000),
                self.sync(when, day, -1),
                self.event("steps_synced", when, day="2019-02-30", steps=1, provider="werun"),
                self.event("steps_synced", when, day=day.isoformat()),
                self.event("signed_in", self.at(date(2019, 6, self.rng.randint(1, 30)), 9)),
                self.event("flown", when),
            ]
        )
        return when, event
