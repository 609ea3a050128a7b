"""A slow, naive model of the campaign, derived from its clauses and sharing no code with ``ledger``.

It reads the rulebook file itself, remembers every fact, and counts everything anew whenever it is asked. It stands
for Shaanxi 2019 and for campaigns like it: one time zone without changing clocks, no amendment. Its clock follows
the newest time seen, like that of a service with JIFEN_CLOCK=events.
"""

import json
import tomllib
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

RULEBOOK = Path(__file__).parent.parent / "ledger" / "rulebooks" / "sx-2019.toml"
CHINA = timezone(timedelta(hours=8))
TOLERANCE = timedelta(minutes=5)
GRACE = timedelta(minutes=10)

Event = dict[str, Any]


class Answer(NamedTuple):
    """What one event was answered. status: accepted, refused, invalid or conflict; code: of a refusal."""

    status: str
    code: str = ""
    repeat: bool = False


class Day(NamedTuple):
    """A day of a participant: counted steps, whether the goal was met, whether there was a sign-in."""

    steps: int
    attained: bool
    signed_in: bool


class Standing(NamedTuple):
    """What a participant has in the campaign proper."""

    points: int
    total_steps: int
    days_attained: int
    sign_in_days: int
    lit: list[int]
    passed: list[int]
    badges: list[str]
    days: dict[date, Day]


class OracleResult(NamedTuple):
    """An answer for each event, in order, and where every enrolled participant ended."""

    answers: list[Answer]
    participants: dict[str, Standing]


class Refused(Exception):
    """Carries the code."""


class Facts:
    """What somebody did in the trial, or in the campaign."""

    def __init__(self) -> None:
        self.sign_ins: set[date] = set()
        self.syncs: dict[date, list[tuple[datetime, int, int]]] = {}  # (time, arrival, steps)
        self.passed: set[int] = set()
        self.reflected: set[int] = set()


def play(events: list[Event]) -> OracleResult:
    """What a service must answer to these events, posted in this order, and what it must tell afterwards."""
    oracle = Oracle()
    answers = [oracle.post(event) for event in events]
    return OracleResult(answers, {who: oracle.standing(who) for who in oracle.people})


class Oracle:
    """The model."""

    def __init__(self) -> None:
        self.book = tomllib.loads(RULEBOOK.read_text(encoding="utf-8"))
        self.now = datetime(1970, 1, 1, tzinfo=CHINA)
        self.arrivals = 0
        self.enrolled: dict[str, datetime] = {}
        self.taken: dict[tuple[str, str], tuple[str, Answer]] = {}
        self.people: dict[str, dict[str, Facts]] = {}
        branches = self.book["enrolment"]["branches"]
        self.branches = {b["id"] for b in branches} | {b["name"] for b in branches}
        self.points = {rule["on"]: rule for rule in self.book["points"]}

    # answers

    def post(self, event: Event) -> Answer:
        """The answer to one more event."""
        if not valid(event):
            return Answer("invalid")
        identity, said = (event["source"], event["id"]), content(event)
        if identity in self.taken:
            first, answer = self.taken[identity]
            return answer._replace(repeat=True) if first == said else Answer("conflict")
        self.arrivals += 1
        when = datetime.fromisoformat(event["time"]).astimezone(CHINA)
        self.now = max(self.now, when)
        try:
            self.take(event["subject"], event["type"], event.get("data") or {}, when)
        except Refused as refused:
            answer = Answer("refused", str(refused))
        else:
            answer = Answer("accepted")
        self.taken[identity] = (said, answer)
        return answer

    def take(self, who: str, kind: str, data: dict[str, Any], when: datetime) -> None:
        """Remember a fact, or refuse it."""
        if kind == "jifen.enrolled":
            self.enrol(who, data, when)
            return
        if who not in self.people or when < self.enrolled[who] - TOLERANCE:
            raise Refused("not_enrolled")
        if kind == "jifen.steps_synced":
            self.sync(who, data, when)
            return
        facts = self.people[who][self.part(when.date())]
        if kind == "jifen.signed_in":
            if when.date() in facts.sign_ins:
                raise Refused("already_signed_in")
            facts.sign_ins.add(when.date())
        elif kind == "jifen.question_answered":
            self.answer(facts, data)
        else:
            self.reflect(facts, data)

    def part(self, day: date) -> str:
        """The part of the campaign that a day belongs to (SX-01)."""
        book = self.book
        if book["starts"] <= day <= book["ends"]:
            return "campaign"
        if day > book["ends"]:
            raise Refused("after_campaign")
        if day < book["trial"]["starts"]:
            raise Refused("before_campaign")
        if self.now.date() >= book["starts"]:
            raise Refused("trial_over")
        return "trial"

    def enrol(self, who: str, data: dict[str, Any], when: datetime) -> None:
        """SX-02."""
        if when.date() < self.book["enrolment"]["opens"]:
            raise Refused("before_campaign")
        if when.date() > self.book["ends"]:
            raise Refused("after_campaign")
        if who in self.people:
            raise Refused("already_enrolled")
        if data["branch"] not in self.branches:
            raise Refused("branch_unknown")
        self.people[who] = {"trial": Facts(), "campaign": Facts()}
        self.enrolled[who] = when

    def sync(self, who: str, data: dict[str, Any], when: datetime) -> None:
        """SX-05: what is of the window, and delivered in time, is remembered; the rest counts for nothing."""
        day = date.fromisoformat(data["day"])
        midnight = datetime.combine(day, time(0), CHINA)
        if when < midnight - TOLERANCE:
            raise Refused("future_dated")
        facts = self.people[who][self.part(day)]
        if self.now >= midnight + timedelta(days=1) + GRACE:
            raise Refused("day_closed")
        if when >= midnight + timedelta(hours=20):
            facts.syncs.setdefault(day, []).append((when, self.arrivals, data["steps"]))

    def answer(self, facts: Facts, data: dict[str, Any]) -> None:
        """SX-09."""
        checkpoints = self.book["route"]["checkpoints"]
        ids = [f"cp-{number + 1:02}" for number in range(len(checkpoints))]
        if data["question"] not in ids:
            raise Refused("question_unknown")
        number = ids.index(data["question"]) + 1
        if data.get("checkpoint") not in (None, number, data["question"]):
            raise Refused("question_unknown")
        if number in facts.passed:
            raise Refused("checkpoint_already_passed")
        if number not in self.lit(facts):
            raise Refused("checkpoint_not_lit")
        if data["answer"].strip().upper() == checkpoints[number - 1]["question"]["answer"]:
            facts.passed.add(number)

    def reflect(self, facts: Facts, data: dict[str, Any]) -> None:
        """SX-10, SX-15."""
        number = data["checkpoint"]
        if isinstance(number, str):
            number = int(number.removeprefix("cp-"))
        if not 1 <= number <= len(self.book["route"]["checkpoints"]):
            raise Refused("checkpoint_unknown")
        if number not in facts.passed:
            raise Refused("checkpoint_not_passed")
        if number in facts.reflected:
            raise Refused("reflection_already_posted")
        facts.reflected.add(number)

    # counting

    def counted(self, facts: Facts, day: date) -> int:
        """The steps of a day that count: those of its last sync, capped (SX-05, SX-06)."""
        syncs = facts.syncs.get(day)
        return min(max(syncs)[2], self.book["steps"]["daily_cap"]) if syncs else 0

    def total(self, facts: Facts) -> int:
        """All steps that count."""
        return sum(self.counted(facts, day) for day in facts.syncs)

    def attained(self, facts: Facts, day: date) -> bool:
        """Whether the daily goal was met (SX-13)."""
        return self.counted(facts, day) >= int(self.book["steps"]["daily_goal"])

    def lit(self, facts: Facts) -> list[int]:
        """The checkpoints that the counted steps have reached: equal legs, the last takes the rest (SX-07, SX-08)."""
        length, count = self.book["route"]["total_steps"], len(self.book["route"]["checkpoints"])
        total = self.total(facts)
        return [n for n in range(1, count + 1) if total >= (length if n == count else n * (length // count))]

    def standing(self, who: str) -> Standing:
        """Where a participant stands in the campaign; the trial counts for nothing (SX-01)."""
        facts = self.people[who]["campaign"]
        by_steps = self.points["steps"]
        points = len(facts.sign_ins) * self.points["sign_in"]["amount"]
        points += len(facts.reflected) * self.points["reflection"]["amount"]
        for day in facts.syncs:
            points += min(self.counted(facts, day) // by_steps["every"], by_steps["daily_max"])
            points += self.points["daily_goal"]["amount"] * self.attained(facts, day)
        badges = []
        if len(facts.sign_ins) == (self.book["ends"] - self.book["starts"]).days + 1:
            badges.append("full-attendance")
        if len(facts.passed) == len(self.book["route"]["checkpoints"]):
            badges.append("with-the-motherland")
        days = {
            day: Day(self.counted(facts, day), self.attained(facts, day), day in facts.sign_ins)
            for day in sorted(facts.sign_ins | facts.syncs.keys())
        }
        return Standing(
            points=points,
            total_steps=self.total(facts),
            days_attained=sum(day.attained for day in days.values()),
            sign_in_days=len(facts.sign_ins),
            lit=self.lit(facts),
            passed=sorted(facts.passed),
            badges=badges,
            days=days,
        )


KINDS = {
    "jifen.enrolled": ("branch",),
    "jifen.signed_in": (),
    "jifen.steps_synced": ("day", "steps", "provider"),
    "jifen.question_answered": ("question", "answer"),
    "jifen.reflection_posted": ("checkpoint", "ref"),
}


def valid(event: Event) -> bool:
    """Whether an event has what its type needs. Only as strict as the workload is wild."""
    data = event.get("data") or {}
    needed = KINDS.get(event["type"])
    if needed is None or "campaign" not in event or any(name not in data for name in needed):
        return False
    if event["type"] != "jifen.steps_synced":
        return True
    try:
        date.fromisoformat(data["day"])
    except ValueError:
        return False
    return bool(0 <= data["steps"] <= 1_000_000)


def content(event: Event) -> str:
    """What an event says, however it is spelled."""
    when = datetime.fromisoformat(event["time"]).timestamp()
    data = {name: value for name, value in (event.get("data") or {}).items() if value is not None}
    said = [event["type"], event["subject"], event["campaign"], when, data]
    return json.dumps(said, sort_keys=True)
