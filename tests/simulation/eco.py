"""A made-up Eco walk: people who walk, run, answer, enter draws and attend, with all that goes wrong."""

import random
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.oracle import EC_RULEBOOK, Event
from tests.simulation.arrivals import merged
from tests.simulation.phone import Arrival, Phone

CAMPAIGN = "ec-2018"
FIRST, LAST = date(2018, 12, 3), date(2019, 2, 4)
STEP_EDGES = [0, 1, 2_476, 2_477, 4_999, 5_000, 40_000, 99_999, 100_000, 250_000]
METRE_EDGES = [1, 804, 806, 1_609, 1_610, 1_611, 42_195]


def generate(seed: int, people: int, days: int) -> list[Event]:
    """CloudEvents of so many people on the first ``days`` and the last two of the campaign, and after it."""
    rng = random.Random(seed)
    book = tomllib.loads(EC_RULEBOOK.read_text(encoding="utf-8"))
    few = rng.sample(book["enrolment"]["branches"], 12)
    crowd = [Citizen(f"p-{n:06}", random.Random(rng.random()), book, few) for n in range(people)]
    return merged(rng, (person.life(days) for person in crowd))


class Citizen(Phone):
    """Somebody with habits. unions: among which one is chosen."""

    def __init__(
        self, name: str, rng: random.Random, book: dict[str, Any], unions: list[dict[str, Any]]
    ) -> None:
        super().__init__(name, rng, CAMPAIGN)
        self.questions = book["quizzes"][0]["questions"]
        self.unions = unions
        self.keen = self.chance(0.3)
        self.pace = 11_000 if self.keen else rng.randint(1_000, 9_000)
        self.runs = self.chance(0.4)
        self.quizzes = self.chance(0.5)
        self.stranger = self.chance(0.05)
        self.idle = self.chance(0.05)
        self.moved: list[date] = []

    def life(self, days: int) -> Iterator[Arrival]:
        """(arrival, event) for everything that the person does."""
        first = 0 if self.keen else self.rng.choice([0, 0, 1, 5, days - 1])
        yield from self.enrols(FIRST + timedelta(days=first))
        numbers = [*range(first, days), *((LAST - FIRST).days - n for n in (1, 0))]
        for day in (FIRST + timedelta(days=number) for number in dict.fromkeys(numbers)):
            if self.idle or (self.stranger and self.chance(0.8)):
                continue
            yield from self.walks(day)
            if self.runs and self.chance(0.5):
                yield from self.runs_on(day)
            if self.quizzes and self.chance(0.5):
                yield from self.answers(day)
            yield from self.enters(day)
            if self.chance(0.06):
                yield from self.strays(day)
        yield from self.after()

    def enrols(self, day: date) -> Iterator[Arrival]:
        """On any day; sometimes too early, under a union that is not there, or twice."""
        union = self.rng.choice(self.unions)[self.rng.choice(["id", "name"])]
        when = self.at(day, 6, exact=True) + timedelta(minutes=self.rng.randint(0, 30))
        if self.chance(0.1):
            yield self.now("enrolled", when, branch="不存在的工会")
        if self.chance(0.05):
            yield self.now("enrolled", self.at(date(2018, 12, 2), 23), branch=union)
        if not self.stranger:
            when += timedelta(minutes=5)
            yield self.now("enrolled", when, branch=union)
        if self.chance(0.1):
            when += timedelta(minutes=5)
            yield self.now("enrolled", when, branch=self.rng.choice(self.unions)["id"])
        if self.chance(0.1):  # before it enrolled, by more than clocks go wrong
            early = when - timedelta(hours=3)
            yield when + timedelta(minutes=1), self.sync(early, early.date(), 3_000)

    def walks(self, day: date) -> Iterator[Arrival]:
        """Syncs of a day, also lower and late ones, with the phone's distance or without."""
        rng = self.rng
        steps = rng.choice(STEP_EDGES) if self.chance(0.12) else max(0, int(rng.gauss(self.pace, 2_000)))
        for hour in sorted(rng.sample(range(24), rng.choice([0, 1, 1, 1, 2, 3]))):
            when = self.at(day, hour)
            yield when + timedelta(minutes=rng.choice([0, 0, 0, 0, 150])), self.tells(when, day, steps)
            steps = max(0, steps + rng.choice([1_500, 400, 0, -2_000, -9_000]))
        edge = self.at(day + timedelta(days=1), 0, exact=True)
        if self.chance(0.08):
            when = edge + timedelta(seconds=rng.choice([-1, 0, 1, 599, 600, 601]))
            yield when, self.tells(when, day, steps)
        if self.chance(0.04):  # of the day that is about to begin
            when = edge - timedelta(seconds=rng.choice([1, 299, 300, 301]))
            yield when, self.tells(when, day + timedelta(days=1), 6_000)

    def tells(self, when: Any, day: date, steps: int) -> Event:
        """A sync; some phones tell a distance, not always one that fits."""
        event = self.sync(when, day, steps)
        if self.chance(0.3):
            event["data"]["distance_m"] = self.rng.choice([0, 1_609, 1_610, steps * 6 // 10])
        return event

    def runs_on(self, day: date) -> Iterator[Arrival]:
        """One run or two, which may add up to what one alone is not."""
        for hour in sorted(self.rng.sample(range(5, 24), self.rng.choice([1, 1, 2]))):
            when = self.at(day, hour)
            late = timedelta(hours=self.rng.choice([0, 0, 0, 0, 1, 30]))
            metres = self.rng.choice(METRE_EDGES) if self.chance(0.7) else self.rng.randint(200, 12_000)
            yield when + late, self.run(when, day, metres)

    def run(self, when: Any, day: date, metres: int) -> Event:
        return self.event(
            "run_recorded", when, day=day.isoformat(), distance_m=metres, duration_s=900, provider="band"
        )

    def answers(self, day: date) -> Iterator[Arrival]:
        """Some questions, mostly right; some again; some told a day later, or too late."""
        rng, when = self.rng, self.at(day, rng_hour(self.rng))
        for question in rng.sample(self.questions, rng.randint(1, 7)):
            right = question["answer"]
            wide = chr(ord(right) + 0xFEE0)
            told = rng.choice([right, right, right, f" {right.lower()} ", wide, rng.choice("ABC")])
            more = {"checkpoint": 1} if self.chance(0.02) else {}
            late = timedelta(hours=rng.choice([0] * 12 + [20, 24, 25]))
            told_event = self.event("question_answered", when, question=question["id"], answer=told, **more)
            yield when + late, told_event
            when += timedelta(seconds=rng.randint(4, 50))

    def enters(self, day: date) -> Iterator[Arrival]:
        """Draws, with an entry that is named or without; chances are given up, and named that are none."""
        rng = self.rng
        when = self.at(day, 23)
        if self.chance(0.3):
            chance = rng.choice([{}, {}, {"chance": day.isoformat()}, {"chance": FIRST.isoformat()}])
            yield self.now("draw_requested", when, pool="health", **chance)
        if self.quizzes and self.chance(0.15):
            chance = rng.choice([{}, {}, {"chance": "hundred-10"}, {"chance": "hundred-20"}])
            yield self.now("draw_requested", when, pool="quiz", **chance)
        if self.chance(0.03):
            when += timedelta(seconds=5)
            yield self.now("draw_forfeited", when, pool="health", chance=day.isoformat())

    def strays(self, day: date) -> Iterator[Arrival]:
        """What this campaign has not, what lies elsewhere in time, and what no proper client would post."""
        when, rng = self.at(day, 12), self.rng
        later = day + timedelta(days=rng.randint(1, 9))
        yield (
            when,
            rng.choice(
                [
                    self.event("signed_in", when),
                    self.event("team_created", when, team=f"t-{self.name}", name="一队"),
                    self.event("comment_posted", when, ref="c-1"),
                    self.event("article_read", when, ref="a-1"),
                    self.event("question_answered", when, question="cp-01", answer="A"),
                    self.event("question_answered", when, question="q-101", answer="A"),
                    self.event("reflection_posted", when, checkpoint=1, ref="notes/1"),
                    self.event("item_redeemed", when, item="thermos"),
                    self.event("draw_requested", when, pool="grand-prize"),
                    self.event("draw_forfeited", when, pool="quiz", chance="hundred-30"),
                    self.event("attendance_recorded", when, occasion="winter-walk"),
                    self.event("attendance_recorded", when, occasion="spring-walk"),
                    self.run(when, later, 5_000),
                    self.run(when, day, 0),
                    self.sync(when, later, 8_000),
                    self.sync(when, date(2018, 12, rng.randint(1, 2)), 8_000),
                    self.sync(when, date(2018, 2, 5), 8_000),
                    self.sync(when, day, -1),
                    self.sync(when, day, 1_000_001),
                    self.event("run_recorded", when, day=day.isoformat()),
                ]
            ),
        )
        walk = self.at(date(2018, 12, 15), 9)
        if day == date(2018, 12, 16):
            for _ in range(2):
                yield when, self.event("attendance_recorded", walk, occasion="winter-walk")

    def after(self) -> Iterator[Arrival]:
        """Too late for all but a ticket; then too late for that."""
        for number in range(self.rng.choice([0, 1, 3])):
            when = self.at(LAST + timedelta(days=1 + number), self.rng.randint(7, 22))
            yield self.now("draw_requested", when, pool=self.rng.choice(["health", "health", "quiz"]))
        if self.chance(0.2):
            when = self.at(LAST + timedelta(days=1), 9)
            yield self.now(self.rng.choice(["enrolled"]), when, branch=self.unions[0]["id"])
            yield when, self.sync(when, when.date(), 9_000)
            yield when, self.run(when, LAST, 9_000)
        if self.chance(0.7):
            deadline = self.at(date(2019, 2, 12), 0, exact=True)
            when = deadline + timedelta(seconds=self.rng.choice([-2, -1, -1, 0, 1, 599, 600, 601]))
            late = timedelta(minutes=self.rng.choice([0, 5, 11]))
            yield when + late, self.event("draw_requested", when, pool="health")


def rng_hour(rng: random.Random) -> int:
    """An hour at which people are awake."""
    return rng.randint(6, 22)
