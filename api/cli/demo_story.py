"""The story that `jifen demo` tells: what 17 real people's phones and thumbs would have sent. Pure and seeded.

The steps are real (api/samples/fitabase_2016); when people sign in, sync and answer is drawn from a seed. A day is
told in three parts, each in the order of its times, because what is lit in the evening is answered the next morning.
"""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.cli.client import CloudEvent, EventResult
from api.cli.steps_csv import Row

SOURCE = "//demo.jifen/miniprogram"
TEAM_SIZE = 6
POOL, DRAW_COSTS = "red-packet", 20


class Quiz(msgspec.Struct, frozen=True):
    """The question of a campaign checkpoint, as the rulebook has it. wrong: an answer that does not pass."""

    checkpoint: int
    question: str
    right: str
    wrong: str


class Plan(msgspec.Struct, frozen=True):
    """What the rulebook says and the story needs: the campaign's days, its unions and its quizzes."""

    campaign: str
    zone: ZoneInfo
    starts: dt.date
    ends: dt.date
    unions: tuple[str, ...]
    quizzes: tuple[Quiz, ...]

    @classmethod
    def of(cls, rulebook: dict[str, Any]) -> "Plan":
        """Read the plan out of a rulebook (parsed TOML). Question ids are cp-01, cp-02, … along the route."""
        questions = [checkpoint["question"] for checkpoint in rulebook["route"]["checkpoints"]]
        return cls(
            campaign=rulebook["id"],
            zone=ZoneInfo(rulebook["timezone"]),
            starts=rulebook["starts"],
            ends=rulebook["ends"],
            unions=tuple(branch["name"] for branch in rulebook["enrolment"]["branches"]),
            quizzes=tuple(
                Quiz(
                    checkpoint=number,
                    question=f"cp-{number:02}",
                    right=asked["answer"],
                    wrong=next(choice for choice in asked["choices"] if choice != asked["answer"]),
                )
                for number, asked in enumerate(questions, start=1)
            ),
        )


class Story:
    """Tells what happened, day by day. rows: the people's steps, on days of the campaign already."""

    def __init__(self, plan: Plan, rows: Iterable[Row], seed: int) -> None:
        self._plan = plan
        self._steps: dict[str, dict[dt.date, int]] = defaultdict(dict)
        for row in rows:
            self._steps[row.person][row.day] = row.steps
        self._random = random.Random(seed)  # noqa: S311  a story that can be told again, not a secret
        self._told = 0
        self._to_answer: list[tuple[str, Quiz]] = []
        self._points: dict[str, int] = defaultdict(int)
        self.people = tuple(self._steps)
        self.days = sorted({day for days in self._steps.values() for day in days})

    @property
    def keenest(self) -> list[str]:
        """Everybody, those who walk most first."""
        return sorted(self.people, key=lambda person: -sum(self._steps[person].values()))

    @property
    def regulars(self) -> tuple[str, ...]:
        """The two who walk most; they never miss a sign-in and go on when the trackers have stopped."""
        return tuple(self.keenest[:2])

    def enrolments(self) -> list[CloudEvent]:
        """Everybody enrols at six on the first morning, one union after the other."""
        six = self._at(self.days[0], 6)
        unions = self._plan.unions
        return [
            self._event("enrolled", person, six, branch=unions[number % len(unions)], unit="演示单位")
            for number, person in enumerate(self.people)
        ]

    def teams(self) -> list[CloudEvent]:
        """Half an hour later they form teams of six, the keen with the keen; the last team stays one short."""
        at, minute = self._at(self.days[0], 6.5), dt.timedelta(minutes=1)
        told = []
        for number, person in enumerate(self.keenest):
            team = f"team-{number // TEAM_SIZE + 1}"
            if number % TEAM_SIZE == 0:
                name = f"第{number // TEAM_SIZE + 1}队"
                told.append(self._event("team_created", person, at, team=team, name=name))
            else:
                told.append(self._event("team_joined", person, at + minute, team=team))
        late = self.keenest[-1]  # who would rather be in the first team, and cannot leave the last
        told.append(self._event("team_joined", late, at + 2 * minute, team="team-1"))
        return told

    def sunday(self, day: dt.date) -> list[CloudEvent]:
        """Every seventh night whoever has the points draws a red packet, and some try without."""
        if (day - self.days[0]).days % 7 != 6:
            return []
        told = []
        for person in self.people:
            draws, rest = divmod(self._points[person], DRAW_COSTS)
            if rest and self._random.random() < 0.05:
                draws += 1
            at = self._at(day, 23.95)
            told += [self._event("draw_requested", person, at, pool=POOL) for _ in range(draws)]
        return told

    def morning(self, day: dt.date) -> list[CloudEvent]:
        """Sign-ins, answers to what was lit last night, and some mistakes that the rules refuse."""
        told = []
        for person in self.people:
            regular = person in self.regulars
            if not regular and self._random.random() < 0.12:
                continue
            at = self._between(day, 6.5, 9)
            told.append(self._event("signed_in", person, at))
            if not regular and self._random.random() < 0.02:
                told.append(self._event("signed_in", person, at + dt.timedelta(minutes=7)))
            if day > self.days[0] and self._random.random() < 0.02:
                late = self._steps[person].get(day - dt.timedelta(days=1), 0)
                told.append(self._sync(person, at, late, day - dt.timedelta(days=1)))
        for person, quiz in self._to_answer:
            told += self._answers(person, quiz, self._between(day, 9.5, 11.5))
        self._to_answer.clear()
        return _in_order(told)

    def afternoon(self, day: dt.date) -> list[CloudEvent]:
        """A look at the count so far: provisional, because the window opens at eight."""
        return _in_order(
            self._sync(person, self._between(day, 14, 18), int(steps * self._random.uniform(0.4, 0.8)), day)
            for person, steps in self._walked(day)
            if self._random.random() < 0.5
        )

    def evening(self, day: dt.date) -> list[CloudEvent]:
        """The syncs that close the day; some sync twice and the last stands, some forget."""
        told = []
        for person, steps in self._walked(day):
            chance = self._random.random()
            if chance < 0.04 and person not in self.regulars:
                continue
            if chance > 0.8:
                so_far = int(steps * self._random.uniform(0.85, 0.99))
                told.append(self._sync(person, self._between(day, 20, 21.9), so_far, day))
            told.append(self._sync(person, self._between(day, 22, 23.9), steps, day))
        return _in_order(told)

    def epilogue(self) -> list[CloudEvent]:
        """The answers still open on the day after the last, and the regulars' sign-ins to the campaign's end."""
        day = self.days[-1] + dt.timedelta(days=1)
        told = [
            event
            for person, quiz in self._to_answer
            for event in self._answers(person, quiz, self._between(day, 9.5, 11.5))
        ]
        while day <= self._plan.ends:
            told += [self._event("signed_in", person, self._between(day, 6.5, 9)) for person in self.regulars]
            day += dt.timedelta(days=1)
        return _in_order(told)

    def hear(self, told: Sequence[CloudEvent], results: Sequence[EventResult]) -> None:
        """Take note of points, and of the checkpoints that the service has lit; their questions will be answered."""
        for event, result in zip(told, results, strict=True):
            for posting in result.postings:
                if posting["asset"] == "points":
                    self._points[event.subject] = posting["balance_after"]
            for recorded in result.events:
                if recorded["type"] == "checkpoint-lit.v1":
                    quiz = self._plan.quizzes[recorded["data"]["checkpoint"] - 1]
                    self._to_answer.append((event.subject, quiz))

    def _answers(self, person: str, quiz: Quiz, at: dt.datetime) -> list[CloudEvent]:
        """One try or two at a question, and often a reflection after it; the eager try the next question too."""
        minute = dt.timedelta(minutes=1)
        told = []
        if self._random.random() < 0.3:
            told.append(
                self._event("question_answered", person, at, question=quiz.question, answer=quiz.wrong)
            )
        told.append(
            self._event("question_answered", person, at + minute, question=quiz.question, answer=quiz.right)
        )
        if self._random.random() < 0.6:
            ref = f"note/{person}/{quiz.checkpoint}"
            told.append(
                self._event("reflection_posted", person, at + 9 * minute, checkpoint=quiz.checkpoint, ref=ref)
            )
        if self._random.random() < 0.1 and quiz.checkpoint < len(self._plan.quizzes):
            ahead = self._plan.quizzes[quiz.checkpoint]
            told.append(
                self._event(
                    "question_answered", person, at + 2 * minute, question=ahead.question, answer=ahead.right
                )
            )
        return told

    def _walked(self, day: dt.date) -> list[tuple[str, int]]:
        """Who walked on a day; a day with 0 steps is a tracker in a drawer, and nobody syncs that."""
        return [(person, steps[day]) for person, steps in self._steps.items() if steps.get(day)]

    def _sync(self, person: str, at: dt.datetime, steps: int, day: dt.date) -> CloudEvent:
        return self._event("steps_synced", person, at, day=day.isoformat(), steps=steps, provider="werun")

    def _event(self, kind: str, person: str, at: dt.datetime, **data: str | int) -> CloudEvent:
        self._told += 1
        return CloudEvent(
            id=f"demo-{self._told:05}",
            source=SOURCE,
            type=f"jifen.{kind}",
            subject=person,
            time=at.isoformat(timespec="seconds"),
            campaign=self._plan.campaign,
            data=dict(data),
        )

    def _between(self, day: dt.date, earliest: float, latest: float) -> dt.datetime:
        return self._at(day, self._random.uniform(earliest, latest))

    def _at(self, day: dt.date, hour: float) -> dt.datetime:
        midnight = dt.datetime.combine(day, dt.time(), self._plan.zone)
        return midnight + dt.timedelta(seconds=int(hour * 3600))


def _in_order(told: Iterable[CloudEvent]) -> list[CloudEvent]:
    """By time; all times of a story have the same offset, so their text sorts as they do."""
    return sorted(told, key=lambda event: event.time)
