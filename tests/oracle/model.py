"""The oracle itself: takes events one by one, answers each, and tells where everybody stands."""

import tomllib
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.oracle import boards, counting, draws, teams
from tests.oracle.boards import Row
from tests.oracle.facts import (
    CHINA,
    TOLERANCE,
    Answer,
    Day,
    Event,
    Facts,
    OracleResult,
    Part,
    Refused,
    Standing,
    Sync,
    TeamStanding,
    midnight,
)
from tests.oracle.messages import content, valid

RULEBOOKS = Path(__file__).parents[2] / "ledger" / "rulebooks"
RULEBOOK = RULEBOOKS / "sx-2019.toml"
JS_RULEBOOK = RULEBOOKS / "js-2023.toml"

LIVE_ON = ("jifen.draw_requested", "jifen.draw_forfeited")
"""What can be done after the campaign's last day too, if its pool is open."""

TEAM_DOINGS = (
    "jifen.team_created",
    "jifen.team_joined",
    "jifen.team_member_removed",
    "jifen.team_goal_set",
    "jifen.team_announced",
)


def play(events: list[Event], text: str = "") -> OracleResult:
    """What a service must answer to these events, posted in this order, and what it must tell afterwards."""
    oracle = Oracle(text)
    answers = [oracle.post(event) for event in events]
    return OracleResult(answers, *oracle.standings())


class Oracle:
    """The model. text: of the rulebook; none = Shaanxi 2019."""

    def __init__(self, text: str = "") -> None:
        self.book = tomllib.loads(text or RULEBOOK.read_text(encoding="utf-8"))
        self.now = datetime(1970, 1, 1, tzinfo=CHINA)
        self.arrivals = 0
        self.enrolled: dict[str, datetime] = {}
        self.viewed: dict[str, set[str]] = {}
        self.taken: dict[tuple[str, str], tuple[str, Answer]] = {}
        self.parts = {"trial": Part(), "campaign": Part()}
        branches = self.book["enrolment"]["branches"]
        self.branches = {b["name"]: b for b in branches} | {b["id"]: b for b in branches}

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
            number = self.take(event["subject"], event["type"], event.get("data") or {}, when)
        except Refused as refused:
            answer = Answer("refused", str(refused))
        else:
            answer = Answer("accepted", number=number)
        self.taken[identity] = (said, answer)
        return answer

    def take(self, who: str, kind: str, data: dict[str, Any], when: datetime) -> int:
        """Remember a fact, or refuse it. Returns the number of a draw or ticket, 0 for anything else."""
        if kind == "jifen.enrolled":
            self.enrol(who, data, when)
            return 0
        if who not in self.enrolled or when < self.enrolled[who] - TOLERANCE:
            raise Refused("not_enrolled")
        if kind == "jifen.content_viewed":
            self.viewed[who].add(data["ref"])
            return 0
        if any(needed["id"] not in self.viewed[who] for needed in self.book.get("prerequisites", ())):
            raise Refused("prerequisite_missing")
        day = when.date()
        if kind == "jifen.steps_synced":
            day = date.fromisoformat(data["day"])
            if when < midnight(day) - TOLERANCE:
                raise Refused("future_dated")
        part = self.part(day, lives_on=kind in LIVE_ON)
        if kind == "jifen.draw_requested":
            return draws.draw(self.book, part, who, data, when, self.now, self.has_place)
        if kind == "jifen.draw_forfeited":
            draws.forfeit(self.book, part, who, data, when, self.now)
        elif kind in TEAM_DOINGS:
            teams.act(self.book, part, who, kind, data, when, self.now)
        elif kind == "jifen.steps_synced":
            self.sync(part.people[who], day, data, when)
        elif kind == "jifen.signed_in":
            if day in part.people[who].sign_ins:
                raise Refused("already_signed_in")
            part.people[who].sign_ins[day] = when
        elif "route" not in self.book:
            raise Refused("not_played")
        elif kind == "jifen.question_answered":
            self.answer(part.people[who], data)
        else:
            self.reflect(part.people[who], data)
        return 0

    def part(self, day: date, *, lives_on: bool = False) -> Part:
        """The part of the campaign that a day belongs to (SX-01)."""
        book = self.book
        if book["starts"] <= day <= book["ends"]:
            return self.parts["campaign"]
        if day > book["ends"]:
            if lives_on:
                return self.parts["campaign"]
            raise Refused("after_campaign")
        if "trial" not in book or not book["trial"]["starts"] <= day <= book["trial"]["ends"]:
            raise Refused("before_campaign")
        if self.now.date() >= book["starts"]:
            raise Refused("trial_over")
        return self.parts["trial"]

    def enrol(self, who: str, data: dict[str, Any], when: datetime) -> None:
        """SX-02; and JS-02: who belongs to another union is told how to join, whatever else may be wrong."""
        if when.date() < self.book["enrolment"].get("opens", self.book["starts"]):
            raise Refused("before_campaign")
        if when.date() > self.book["ends"]:
            raise Refused("after_campaign")
        branch = self.branches.get(data["branch"])
        membership = self.book.get("membership")
        if membership and branch and branch["group"] not in membership["groups"]:
            raise Refused("membership_required")
        if who in self.enrolled:
            raise Refused("already_enrolled")
        if branch is None:
            raise Refused("branch_unknown")
        self.enrolled[who] = when
        self.viewed[who] = set()
        for part in self.parts.values():
            part.people[who] = Facts()

    def sync(self, facts: Facts, day: date, data: dict[str, Any], when: datetime) -> None:
        """SX-05: what is of the window, and delivered in time, is remembered; the rest counts for nothing."""
        if self.now >= counting.over(self.book, day):
            raise Refused("day_closed")
        if when >= counting.opens(self.book, day):
            facts.syncs.setdefault(day, []).append(
                Sync(when, self.arrivals, data["steps"], data.get("distance_m"))
            )

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
        if number not in counting.lit(self.book, facts):
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

    def has_place(self, board: str, who: str, first: int) -> bool:
        """Whether somebody is among the first of a board that stands still (JS-10)."""
        closed = boards.board_of(self.book, board)["freezes_at"] + counting.grace(self.book)
        if self.now < closed:
            return False
        return any(row.entrant == who for row in self.board(board, frozen=True)[:first])

    # where everybody stands; the trial counts for nothing (SX-01)

    def board(self, id: str, *, frozen: bool = False) -> list[Row]:
        """A board of the campaign, as things stand or as of its freeze."""
        return boards.rows(self.book, self.parts["campaign"], self.enrolled, id, frozen=frozen)

    def standings(self) -> tuple[dict[str, Standing], dict[str, TeamStanding]]:
        """Everybody who is enrolled, and every team."""
        people = {who: self.standing(who) for who in self.enrolled}
        return people, {team: self.team(team) for team in self.parts["campaign"].teams}

    def team(self, id: str) -> TeamStanding:
        """Where a team stands."""
        book, part = self.book, self.parts["campaign"]
        members = part.teams[id]
        steps = sum(
            counting.counted(book, part.people[member.id], day)
            for member in members
            for day in part.people[member.id].syncs
            if day >= member.joined_on
        )
        met = counting.team_days(book, part, id)
        average = Fraction(steps, len(members))
        return TeamStanding(members[0].id, [member.id for member in members], len(met), average)

    def standing(self, who: str) -> Standing:
        """Where a participant stands."""
        book, part = self.book, self.parts["campaign"]
        facts = part.people[who]
        days = {
            day: Day(
                counting.counted(book, facts, day), counting.attained(book, facts, day), day in facts.sign_ins
            )
            for day in sorted(facts.sign_ins.keys() | facts.syncs.keys())
        }
        return Standing(
            points=counting.balance(book, part, who),
            spent=counting.spent(book, part, who),
            total_steps=counting.total(book, facts),
            days_attained=sum(day.attained for day in days.values()),
            sign_in_days=len(facts.sign_ins),
            lit=counting.lit(book, facts),
            passed=sorted(facts.passed),
            badges=counting.badges(book, facts),
            days=days,
            team=facts.team,
        )
