"""Made-up members of Zhenjiang in five seasons of two years: who activates, reads, answers, redeems, draws.

Between the seasons time passes that nobody posts in: items lapse, and at New Year points expire.
"""

import random
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tests.oracle import CHINA, ZG_RULEBOOK, Event, Zhenjiang
from tests.simulation.arrivals import merged
from tests.simulation.phone import Arrival, Phone

CAMPAIGN = "zg"
SEASONS = (
    (date(2020, 1, 1), 9),
    (date(2020, 6, 29), 4),  # the promotion ends, and an item is sold that was not before
    (date(2020, 9, 29), 3),  # and is not any more
    (date(2020, 12, 30), 5),  # points of the first day of all expire
    (date(2021, 12, 31), 3),  # so do those of the rest of 2020
)
PRICES = {
    "thermos": (300, 30, 2000, 8),
    "rice-5kg": (260, 26, 5000, 40),
    "vinegar": (180, 18, 3000, 25),
    "cinema-ticket": (200, 20, 10000, 10000),
    "swimming-ticket": (150, 15, 4000, 6),
    "phone-credit-30": (400, 40, 20000, 200),
}
"""Item → price as it is and here, stock as it is and here."""
GIFTS = 60
VALID_DAYS = 2
"""Of the phone credit, so that within a season some of it is too old to be given back."""
SECOND_ROSTER = 1
"""The season in which it comes."""


class Season(NamedTuple):
    """A time in which things are posted. roster: reference → union, new or another one. codes: item → how many come."""

    begins: datetime
    roster: dict[str, str]
    codes: dict[str, int]
    events: list[Event]


def small_text(gifts: int = GIFTS) -> str:
    """The rulebook with lower prices, fewer items, so many gifts, and cheaper draws."""
    text = ZG_RULEBOOK.read_text(encoding="utf-8")
    for id, (price, cheap, stock, few) in PRICES.items():
        line = re.compile(rf'(id = "{id}".*price = ){price}(, stock = ){stock}\b')
        text, changed = line.subn(rf"\g<1>{cheap}\g<2>{few}", text)
        assert changed == 1
    credit = "price = 40, stock = 200, person_max = 6"
    few_days = (credit, f"{credit}, valid_days = {VALID_DAYS}")
    for whole, small in (
        few_days,
        ("stock = 50000", f"stock = {gifts}"),
        ("cost_points = 20", "cost_points = 4"),
    ):
        assert text.count(whole) == 1
        text = text.replace(whole, small)
    return text


def generate(seed: int, people: int) -> list[Season]:
    """What so many people post, season by season."""
    rng = random.Random(seed)
    book = tomllib.loads(ZG_RULEBOOK.read_text(encoding="utf-8"))
    unions = [branch["id"] for branch in book["enrolment"]["branches"]]
    crowd = [Member(n, random.Random(rng.random()), book) for n in range(people)]
    first = {p.reference: rng.choice(unions) for p in crowd if p.listed == 0}
    second = {p.reference: rng.choice(unions) for p in crowd if p.listed == 1}
    second |= {reference: rng.choice(unions) for reference in rng.sample(sorted(first), len(first) // 10)}
    events = merged(rng, (person.life() for person in crowd))
    seasons = []
    for number, (day, _) in enumerate(SEASONS):
        begins = datetime(day.year, day.month, day.day, tzinfo=CHINA)
        roster = {0: first, SECOND_ROSTER: second}.get(number, {})
        codes = {"cinema-ticket": 12, "swimming-ticket": 9} if number < 2 else {}
        until = SEASONS[number + 1][0] if number + 1 < len(SEASONS) else date.max
        seasons.append(Season(begins, roster, codes, _between(events, number and day, until)))
    return _with_names(seasons)


def _between(events: list[Event], begins: date | int, ends: date) -> list[Event]:
    """The events that arrive between the first that happens on or after one day, and the first of another."""
    days = [datetime.fromisoformat(event["time"]).astimezone(CHINA).date() for event in events]
    first = next(
        (n for n, day in enumerate(days) if begins and isinstance(begins, date) and day >= begins), 0
    )
    last = next((n for n, day in enumerate(days) if day >= ends), len(events))
    return events[first:last]


def _with_names(seasons: list[Season]) -> list[Season]:
    """Tells people what the items that they want to give back are called, which only who has posted it all knows."""
    oracle, names = Zhenjiang(small_text()), dict[str, str]()
    for season in seasons:
        begin(oracle, season)
        for event in season.events:
            if event["type"] == "jifen.redemption_cancelled" and "data" in event:
                if event["id"] not in names:
                    names[event["id"]] = _meant(oracle, event["subject"], event["data"]["prize"])
                event["data"] = {"prize": names[event["id"]]}
            oracle.post(event)
    return seasons


def _meant(oracle: Zhenjiang, who: str, said: str) -> str:
    mine = [each for each in oracle.redeemed if each.who == who]
    others = [each for each in oracle.redeemed if each.who != who]
    gifts = oracle.workers[who].gifts if who in oracle.workers else []
    match said:
        case "newest" if mine:
            return mine[-1].name
        case "oldest" if mine:
            return mine[0].name
        case "another" if others:
            return others[-1].name
        case "gift" if gifts:
            return gifts[0]
    return "shop.9999.1"


def begin(oracle: Zhenjiang, season: Season) -> None:
    """Tell the oracle what happens before a season: what lapses, who is new on the roster, which codes came."""
    oracle.now = max(oracle.now, season.begins)
    oracle.lapse()
    oracle.roster |= season.roster
    for item, count in season.codes.items():
        oracle.codes[item] = oracle.codes.get(item, 0) + count


class Member(Phone):
    """Somebody with habits. listed: on which roster, 9 for none."""

    def __init__(self, number: int, rng: random.Random, book: dict[str, Any]) -> None:
        super().__init__(f"p-{number:06}", rng, CAMPAIGN)
        self.reference = f"R-{number}"
        self.book = book
        self.daily, self.knowledge = book["quizzes"]
        self.listed = rng.choice([0] * 8 + [1, 9])
        self.keen = self.chance(0.4)
        self.spends = self.chance(0.7)
        self.comes = self.rng.choice([0, 0, 0, 0, 1, 1, 3])

    def life(self) -> Iterator[Arrival]:
        """(arrival, event) for everything that the person does."""
        for number, (first, length) in enumerate(SEASONS):
            days = [first + timedelta(days=each) for each in range(length)]
            if number == self.comes:
                yield from self.activates(days[0] if self.keen else self.rng.choice(days[:3]), days[0])
            elif self.chance(0.2):
                yield from self.activates(days[0], days[0])
            for day in days:
                if self.chance(0.85 if self.keen else 0.5):
                    yield from self.day(day)
        if self.chance(0.2):
            when = self.at(SEASONS[-1][0] + timedelta(days=3), 9)
            yield self.now("enrolled", when, branch=self.rng.choice(["zhenjiang-health", "另一个工会"]))

    def activates(self, day: date, first: date) -> Iterator[Arrival]:
        """As who one is, or as somebody else; twice; by two phones; too early; as the promotion ends."""
        when = self.at(day, 6)
        if day == first == SEASONS[0][0] and self.chance(0.1):
            early = self.at(date(2019, 12, 31), 23)
            yield self.now("activated", early, roster=self.reference)
        if self.chance(0.1):
            yield self.now(
                "activated", when, roster=self.rng.choice(["R-none", f"R-{self.rng.randint(0, 60)}"])
            )
        if self.chance(0.1):
            when += timedelta(minutes=1)
            yield self.now("activated", when, identity_hash="0" * 32)
        if day == date(2020, 6, 30) or (day.month == 6 and self.chance(0.3)):
            edge = self.at(date(2020, 7, 1), 0, exact=True)
            when = edge + timedelta(seconds=self.rng.choice([-1, 0, 0, 1]))
        else:
            when += timedelta(minutes=1)
        yield self.now("activated", when, roster=self.reference)
        if self.chance(0.1):
            when += timedelta(minutes=1)
            yield self.now("activated", when, roster=self.reference)
        if self.chance(0.1):
            event = self.event("activated", when + timedelta(minutes=2), roster=self.reference)
            yield when + timedelta(minutes=2), event | {"subject": f"{self.name}-tablet"}

    def day(self, day: date) -> Iterator[Arrival]:
        """What somebody does on a day, more than earns points."""
        yield from self.signs_in(day)
        rng = self.rng
        for kind, letter, most in (("comment_posted", "c", 6), ("article_read", "a", 8)):
            for _ in range(rng.randint(0, most)):
                yield self.late(kind, self.at(day, rng.randint(7, 22)), ref=f"{letter}-{rng.randint(1, 7)}")
        yield from self.answers(day)
        if self.spends:
            yield from self.buys(day)
        yield from self.edges(day)
        if self.chance(0.1):
            yield from self.strays(day)

    def late(self, kind: str, when: datetime, **data: Any) -> Arrival:
        """At once, as a rule; some a day later, or too late."""
        seconds = self.rng.choice([0] * 15 + [3_600, 82_800, 86_400, 86_401])
        return when + timedelta(seconds=seconds), self.event(kind, when, **data)

    def signs_in(self, day: date) -> Iterator[Arrival]:
        """Sometimes twice, sometimes delivered days late."""
        when = self.at(day, self.rng.randint(7, 21))
        yield when + timedelta(days=self.rng.choice([0] * 12 + [1, 2])), self.event("signed_in", when)
        if self.chance(0.1):
            yield self.now("signed_in", when + timedelta(hours=2))

    def answers(self, day: date) -> Iterator[Arrival]:
        """The question of the day, that of another day, and some of the others."""
        rng, when = self.rng, self.at(day, self.rng.randint(7, 22))
        if self.chance(0.7):
            number = (day - self.book["starts"]).days + rng.choice([0, 0, 0, 0, 0, -1, 1])
            yield from self.answered(self.daily["questions"][number % len(self.daily["questions"])], when)
        for question in rng.sample(self.knowledge["questions"], rng.choice([0, 0, 1, 3, 7])):
            when += timedelta(seconds=rng.randint(5, 40))
            yield from self.answered(question, when)

    def answered(self, question: dict[str, Any], when: datetime) -> Iterator[Arrival]:
        told = self.rng.choice([question["answer"]] * 4 + [f" {question['answer'].lower()}", *"ABC"])
        for _ in range(self.rng.choice([1, 1, 1, 2])):
            yield self.late("question_answered", when, question=question["id"], answer=told)
            when += timedelta(seconds=3)

    def buys(self, day: date) -> Iterator[Arrival]:
        """Items, also too many; some are given back, also some that cannot be; draws, also a fourth one."""
        rng, when = self.rng, self.at(day, rng_hour(self.rng))
        if self.chance(0.4):
            for _ in range(rng.choice([1, 1, 2])):
                more = {"quantity": rng.choice([1, 2, 2, 3, 5])} if self.chance(0.3) else {}
                item = rng.choice([*PRICES, *PRICES, "car"])
                yield self.now("item_redeemed", when, item=item, **more)
                when += timedelta(seconds=rng.randint(1, 90))
        if self.chance(0.15):
            which = rng.choice(["newest", "newest", "newest", "oldest", "another", "gift", "none"])
            for _ in range(rng.choice([1, 1, 2])):
                when += timedelta(seconds=rng.randint(1, 900))
                yield self.now("redemption_cancelled", when, prize=which)
        if self.chance(0.3):
            for _ in range(rng.choice([1, 2, 4])):
                when += timedelta(seconds=rng.randint(1, 90))
                yield self.now("draw_requested", when, pool="points-draw")

    def edges(self, day: date) -> Iterator[Arrival]:
        """To the second: as an item goes off sale, and as points expire at New Year, for as much as there may be."""
        midnight = self.at(day + timedelta(days=1), 0, exact=True)
        if day == date(2020, 9, 30) and self.chance(0.5):
            when = midnight + timedelta(seconds=self.rng.choice([-2, -1, 0, 601, 602]))
            late = timedelta(seconds=self.rng.choice([0, 30, 660]))
            yield when + late, self.event("item_redeemed", when, item="swimming-ticket")
        if (day.month, day.day) == (12, 31) and self.chance(0.8):
            when = midnight + timedelta(seconds=self.rng.choice([-2, -1, 0, 0, 0, 1]))
            quantity = self.rng.randint(1, 6)
            yield self.now("item_redeemed", when, item="phone-credit-30", quantity=quantity)

    def strays(self, day: date) -> Iterator[Arrival]:
        """What this programme has not, and what no proper client would post."""
        when, rng = self.at(day, 12), self.rng
        run = {"day": day.isoformat(), "distance_m": 900, "duration_s": 600, "provider": "band"}
        yield (
            when,
            rng.choice(
                [
                    self.event("enrolled", when, branch="zhenjiang-health"),
                    self.event("enrolled", when, branch="另一个工会"),
                    self.sync(when, day, 6_000),
                    self.sync(when, day + timedelta(days=2), 6_000),
                    self.event("run_recorded", when, **run),
                    self.event("team_joined", when, team="t-1"),
                    self.event("attendance_recorded", when, occasion="winter-walk"),
                    self.event("reflection_posted", when, checkpoint=1, ref="notes/1"),
                    self.event("question_answered", when, question="k-99", answer="A"),
                    self.event("question_answered", when, question="k-01", answer="A", checkpoint=1),
                    self.event("draw_requested", when, pool="shop"),
                    self.event("draw_requested", when, pool="welcome"),
                    self.event("draw_requested", when, pool="grand-prize"),
                    self.event("draw_requested", when, pool="points-draw", chance="another"),
                    self.event("draw_forfeited", when, pool="points-draw", chance=day.isoformat()),
                    self.event("item_redeemed", when, item="rice-5kg", quantity=0),
                    self.event("item_redeemed", when, item="rice-5kg", quantity=101),
                    self.event("comment_posted", when),
                    self.event("signed_in", when - timedelta(days=300)),
                ]
            ),
        )


def rng_hour(rng: random.Random) -> int:
    """An hour at which people are awake."""
    return rng.randint(8, 22)
