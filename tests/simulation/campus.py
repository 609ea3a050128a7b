"""A made-up campaign of Jiangsu: a week of signing in, drawing within ten minutes, walking, and videos not watched."""

import random
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tests.oracle import JS_RULEBOOK, Event
from tests.simulation.arrivals import merged
from tests.simulation.phone import Arrival, Phone

CAMPAIGN = "js-2023"
FIRST, LAST = date(2023, 11, 2), date(2023, 11, 8)
STEP_EDGES = [0, 5_999, 6_000, 19_999, 20_000, 20_001, 140_000]
STOCKS = {16000: 100, 12000: 60, 8000: 40, 2400: 20, 1000: 10, 400: 5, 160: 3, 40: 2}
PACKETS = sum(STOCKS.values())
FIRST_PLACES = 50


def small_text() -> str:
    """The rulebook with 240 red packets instead of 40,000, fewer movie vouchers, and 50 places for them."""
    text = JS_RULEBOOK.read_text(encoding="utf-8")
    text, changed = re.subn(r"stock = (\d+) }", lambda found: f"stock = {STOCKS[int(found[1])]} }}", text)
    assert changed == len(STOCKS) + 1
    assert text.count("first = 10000") == 1
    return text.replace("first = 10000", f"first = {FIRST_PLACES}")


def generate(seed: int, people: int) -> list[Event]:
    """CloudEvents of so many people in the week of the campaign and the week after it."""
    rng = random.Random(seed)
    branches = tomllib.loads(JS_RULEBOOK.read_text(encoding="utf-8"))["enrolment"]["branches"]
    of_it = [branch for branch in branches if branch["group"] == "education-science"]
    others = [branch for branch in branches if branch not in of_it]
    names = ([each["id"] for each in of_it], [each["name"] for each in others])
    crowd = [Teacher(f"p-{n:06}", random.Random(rng.random()), *names) for n in range(people)]
    return merged(rng, (person.life() for person in crowd))


class Teacher(Phone):
    """Somebody with habits. branches: that are members; others: that are not."""

    def __init__(self, name: str, rng: random.Random, branches: list[str], others: list[str]) -> None:
        super().__init__(name, rng, CAMPAIGN)
        self.branches = branches
        self.others = others
        self.keen = self.chance(0.3)
        self.stranger = self.chance(0.08)
        self.watches = 0 if self.chance(0.7) else rng.choice([1, 3, 99])

    def life(self) -> Iterator[Arrival]:
        """(arrival, event) for everything that the person does."""
        first = 0 if self.keen else self.rng.choice([0, 0, 0, 1, 4])
        yield from self.enrols(FIRST + timedelta(days=first))
        for number in range(first, 7):
            day = FIRST + timedelta(days=number)
            if number - first == self.watches:
                when = self.at(day, 6, exact=True) + timedelta(minutes=40)
                yield self.now("content_viewed", when, ref="safety-video")
            yield from self.signs_in(day)
            yield from self.walks(day)
            if self.chance(0.05):
                yield from self.strays(day)
        yield from self.after()

    def enrols(self, day: date) -> Iterator[Arrival]:
        """Under a union of the system; some try another one first, or never have the right one (JS-02)."""
        when = self.at(day, 6, exact=True) + timedelta(minutes=self.rng.randint(0, 30))
        if self.stranger or self.chance(0.1):
            yield self.now("enrolled", when, branch=self.rng.choice([*self.others, "不存在的工会"]))
        if not self.stranger:
            when += timedelta(minutes=5)
            yield self.now("enrolled", when, branch=self.rng.choice(self.branches))
        if self.chance(0.1):
            when += timedelta(minutes=2)
            yield self.now("enrolled", when, branch=self.rng.choice(self.others + self.branches))

    def signs_in(self, day: date) -> Iterator[Arrival]:
        """On most days, and then draws, or does not (JS-08)."""
        if not self.chance(1 if self.keen else 0.8):
            return
        when = self.at(day, self.rng.randint(7, 22))
        late = timedelta(days=1) if day != LAST and self.chance(0.05) else timedelta(0)
        yield when + late, self.event("signed_in", when)
        if self.chance(0.05):
            yield self.now("signed_in", when + timedelta(minutes=1))
        yield from self.draws(when, day)

    def draws(self, signed_in: datetime, day: date) -> Iterator[Arrival]:
        """In time, to the second or too late; told at once or a day later; twice; after leaving the page."""
        when = signed_in + timedelta(
            seconds=self.rng.choice([2, 5, 20, 60, 300, 599, 600, 601, 4000]), microseconds=0
        )
        chance = {"chance": day.isoformat()} if self.chance(0.6) else {}
        if self.chance(0.12):
            yield self.now("draw_forfeited", when, pool="red-packet", chance=day.isoformat())
            when += timedelta(seconds=3)
            if self.chance(0.4):
                yield self.now("draw_forfeited", when, pool="red-packet", chance=day.isoformat())
            if self.chance(0.3):
                return
        late = timedelta(hours=self.rng.choice([0, 0, 0, 0, 0, 5, 23, 25]))
        yield when + late, self.event("draw_requested", when, pool="red-packet", **chance)
        if self.chance(0.2):
            when += timedelta(seconds=self.rng.randint(1, 5))
            again = {"chance": day.isoformat()} if self.chance(0.5) else {}
            yield self.now("draw_requested", when, pool="red-packet", **again)
        if self.chance(0.05):
            yield self.now("draw_forfeited", when, pool="red-packet", chance=day.isoformat())

    def walks(self, day: date) -> Iterator[Arrival]:
        """The last sync of the day stands, also when it is lower (JS-03)."""
        rng = self.rng
        steps = rng.choice(STEP_EDGES) if self.chance(0.25) else rng.randint(1_000, 24_000)
        for hour in sorted(rng.sample(range(24), rng.choice([1, 2, 3]))):
            when = self.at(day, hour)
            yield when + timedelta(minutes=rng.choice([0, 0, 0, 90])), self.sync(when, day, steps)
            steps = max(0, steps + rng.randint(-3_000, 5_000))
        if self.chance(0.1):
            edge = self.at(day + timedelta(days=1), 0, exact=True)
            when = edge + timedelta(seconds=rng.choice([-1, 0, 1, 599, 600]))
            yield when, self.sync(when, day, steps)

    def strays(self, day: date) -> Iterator[Arrival]:
        """What this campaign has not, and chances that nobody gave."""
        kind, data = self.rng.choice(
            [
                ("team_created", {"team": f"t-{self.name}", "name": "一队"}),
                ("question_answered", {"question": "cp-01", "answer": "A"}),
                ("draw_requested", {"pool": "movie-voucher"}),
                ("draw_requested", {"pool": "movie-voucher", "chance": "participants"}),
                ("draw_requested", {"pool": "red-packet", "chance": "2023-11-30"}),
                ("draw_requested", {"pool": "grand-prize"}),
                ("draw_forfeited", {"pool": "red-packet", "chance": "participants"}),
                ("content_viewed", {"ref": "another-video"}),
            ]
        )
        yield self.now(kind, self.at(day, 12), **data)

    def after(self) -> Iterator[Arrival]:
        """Too late for a sign-in; then the movie vouchers for the first (JS-10), also again and too late."""
        eighth = LAST + timedelta(days=1)
        if self.chance(0.1):
            yield self.now("signed_in", self.at(eighth, 8))
        for _ in range(self.rng.choice([0, 1, 1, 2])):
            when = self.at(eighth + timedelta(days=self.rng.randint(1, 5)), self.rng.randint(7, 22))
            chance = {"chance": "participants"} if self.chance(0.6) else {}
            yield self.now("draw_requested", when, pool="movie-voucher", **chance)
        if self.chance(0.1):
            deadline = self.at(date(2023, 11, 16), 0, exact=True)
            when = deadline + timedelta(seconds=self.rng.choice([-1, 0, 1]))
            yield self.now("draw_requested", when, pool="movie-voucher")
