"""Eco walk (EC): landmarks by attained days, movement, a quiz, donations, unit scores. Each is counted from all facts.

What stays although a later fact takes its reason away, an entry, a donation, the certificate, is remembered as soon as
it is due: everything that is due is asked for anew after each fact.
"""

from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from tests.oracle import boards, counting, teams
from tests.oracle.boards import Row
from tests.oracle.draws import pool_of
from tests.oracle.facts import TOLERANCE, Facts, Refused, Standing, duration, midnight
from tests.oracle.messages import same
from tests.oracle.model import LIVE_ON, RULEBOOKS, TEAM_DOINGS, Oracle

EC_RULEBOOK = RULEBOOKS / "ec-2018.toml"
OF_A_DAY = ("jifen.steps_synced", "jifen.run_recorded")
LATE = timedelta(hours=24)
"""How late a doing is taken where the rulebook does not say."""


class Walker(Facts):
    """What somebody did. runs: metres, day by day. right: questions. entries: (pool, chance) → open, used, forfeited.

    donated: yuan notes, so to speak: how often the sponsor gave something for this person's steps.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[date, list[int]] = {}
        self.right: list[str] = []
        self.attended: list[str] = []
        self.entries: dict[tuple[str, str], str] = {}
        self.donated = 0
        self.certified = False


class Unit(NamedTuple):
    """A union's figures (EC-09). score: None while nobody has enrolled."""

    enrolled: int
    walked: int
    attained: int
    steps: int
    score: Fraction | None


class Eco(Oracle):
    """The model of Eco walk and campaigns like it. text: of the rulebook; none = Eco walk."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text or EC_RULEBOOK.read_text(encoding="utf-8"))
        self.walkers: dict[str, Walker] = {}
        self.union: dict[str, str] = {}
        self.funds: dict[str, list[int]] = {}

    # answers

    def take(self, who: str, kind: str, data: dict[str, Any], when: datetime) -> int:
        """Remember a fact, or refuse it. Returns the number of a ticket, 0 for anything else."""
        if kind == "jifen.enrolled":
            self.enrol(who, data, when)
            return 0
        if who not in self.enrolled or when < self.enrolled[who] - TOLERANCE:
            raise Refused("not_enrolled")
        day = when.date()
        if kind in OF_A_DAY:
            day = date.fromisoformat(data["day"])
            if when < midnight(day) - TOLERANCE:
                raise Refused("future_dated")
        part = self.part(day, lives_on=kind in LIVE_ON)
        walker = self.walkers[who]
        if kind == "jifen.draw_requested":
            return self.enter(walker, data, when)
        if kind == "jifen.draw_forfeited":
            pool_of(self.book, data["pool"])
            walker.entries[_usable(walker, (data["pool"], data["chance"]))] = "forfeited"
        elif kind in TEAM_DOINGS:
            teams.act(self.book, part, who, kind, data, when, self.now)
        elif kind == "jifen.steps_synced":
            self.sync(walker, day, data, when)
        elif kind == "jifen.run_recorded":
            if self.now >= counting.over(self.book, day):
                raise Refused("day_closed")
            walker.runs.setdefault(day, []).append(data["distance_m"])
        elif kind == "jifen.question_answered":
            self.quiz(walker, data, when)
        elif kind == "jifen.attendance_recorded":
            self.attend(walker, data["occasion"], day)
        elif kind == "jifen.reflection_posted":
            self.reflect(walker, data)
        else:
            raise Refused("item_unknown" if kind == "jifen.item_redeemed" else "not_played")
        self.give_what_is_due(who)
        return 0

    def enrol(self, who: str, data: dict[str, Any], when: datetime) -> None:
        """EC-01: on any day of the campaign."""
        super().enrol(who, data, when)
        self.walkers[who] = Walker()
        self.parts["campaign"].people[who] = self.walkers[who]
        self.union[who] = self.branches[data["branch"]]["id"]

    def quiz(self, walker: Walker, data: dict[str, Any], when: datetime) -> None:
        """EC-08: any number of tries; right once."""
        questions = {each["id"]: each for each in self.book["quizzes"][0]["questions"]}
        if data["question"] not in questions or "checkpoint" in data:
            raise Refused("question_unknown")
        if self.now - when > LATE:
            raise Refused("too_late")
        if data["question"] in walker.right:
            raise Refused("already_answered")
        if same(data["answer"], questions[data["question"]]["answer"]):
            walker.right.append(data["question"])

    def attend(self, walker: Walker, id: str, day: date) -> None:
        """EC-14."""
        if not any(o["id"] == id and o["starts"] <= day <= o["ends"] for o in self.book["occasions"]):
            raise Refused("occasion_unknown")
        if id in walker.attended:
            raise Refused("already_done")
        walker.attended.append(id)

    def enter(self, walker: Walker, data: dict[str, Any], when: datetime) -> int:
        """A ticket for an entry (EC-05, EC-08): the one that is named, or else the first that is left."""
        pool = pool_of(self.book, data["pool"])
        if when >= pool["deadline"] or self.now >= pool["deadline"] + duration(pool["grace"]):
            raise Refused("draw_closed")
        named, mine = data.get("chance"), [entry for entry in walker.entries if entry[0] == pool["id"]]
        if named is not None:
            entry = _usable(walker, (pool["id"], named))
        elif not mine:
            raise Refused("chance_unknown")
        else:
            entry = next((each for each in mine if walker.entries[each] == "open"), mine[-1])
            _usable(walker, entry)
        walker.entries[entry] = "used"
        drawn = self.parts["campaign"].drawn
        drawn[pool["id"]] = drawn.get(pool["id"], 0) + 1
        return drawn[pool["id"]]

    # what facts bring about

    def give_what_is_due(self, who: str) -> None:
        """Entries, donations and the certificate that somebody's facts give by now, and have not given before."""
        walker = self.walkers[who]
        for pool in self.book["pools"]:
            rule = pool["chance"]
            if rule["on"] == "movement":
                for day in sorted(walker.syncs.keys() | walker.runs.keys()):
                    if movement_cm(walker, day, rule["stride_cm"]) >= rule["metres"] * 100:
                        walker.entries.setdefault((pool["id"], day.isoformat()), "open")
            else:
                for right in range(rule["every"], len(walker.right) + 1, rule["every"]):
                    walker.entries.setdefault((pool["id"], f"{rule['quiz']}-{right}"), "open")
        if len(counting.lit(self.book, walker)) == len(self.book["route"]["checkpoints"]):
            walker.certified = True
        (rule,) = self.book["donations"]
        due = counting.total(self.book, walker) // rule["every"]
        if due > walker.donated:
            fund = f"{rule['fund']}.{self.union[who]}"
            self.funds.setdefault(fund, []).append((due - walker.donated) * rule["amount"])
            walker.donated = due

    # where everybody stands

    def standing(self, who: str) -> Standing:
        """Where a participant stands; the certificate stays (EC-04)."""
        certificate = [badge["id"] for badge in self.book["badges"] if self.walkers[who].certified]
        return super().standing(who)._replace(badges=certificate)

    def unit(self, id: str) -> Unit:
        """A union's figures: half the share of members with a walk or run, half attained member-days by members."""
        mine = [self.walkers[who] for who, union in self.union.items() if union == id]
        steps = [counting.total(self.book, walker) for walker in mine]
        walked = sum(bool(each or walker.runs) for each, walker in zip(steps, mine, strict=True))
        attained = sum(counting.attained(self.book, walker, day) for walker in mine for day in walker.syncs)
        score = None
        if mine:
            score = Fraction(50 * walked, 100 * len(mine)) + Fraction(50 * attained, 100 * len(mine))
        return Unit(len(mine), walked, attained, sum(steps), score)

    def board(self, id: str, *, frozen: bool = False) -> list[Row]:
        """A board. That of units takes those of a group that have somebody taking part (EC-10)."""
        if boards.board_of(self.book, id)["entrants"] != "branches":
            return super().board(id, frozen=frozen)
        group = boards.board_of(self.book, id)["group"]
        units = {each["id"]: self.unit(each["id"]) for each in self.book["enrolment"]["branches"]
                 if each["group"] == group}  # fmt: skip
        found = [
            (unit, (figures.score, Fraction(figures.walked, figures.enrolled)))
            for unit, figures in sorted(units.items(), key=lambda each: each[0].encode())
            if figures.score is not None
        ]
        found.sort(key=partial(_descending))
        return [Row(rank, unit, keys) for rank, (unit, keys) in enumerate(found, start=1)]


def _descending(row: tuple[str, tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    return -row[1][0], -row[1][1]


def movement_cm(walker: Walker, day: date, stride_cm: int) -> int:
    """The larger of what was walked and what was run (EC-05, EC-06), in centimetres."""
    walked, run = 0, 100 * sum(walker.runs.get(day, ()))
    if day in walker.syncs:
        stands = max(walker.syncs[day])
        walked = stands.steps * stride_cm if stands.metres is None else stands.metres * 100
    return max(walked, run)


def _usable(walker: Walker, entry: tuple[str, str]) -> tuple[str, str]:
    """An entry that can be used. Refuses others."""
    state = walker.entries.get(entry)
    if state is None:
        raise Refused("chance_unknown")
    if state != "open":
        raise Refused(f"chance_{state}")
    return entry
