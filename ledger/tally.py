"""What a participant has done besides walking the route, and how events fold into it. Part of the enrolment's state.

It stays small however long a programme runs: single days are remembered only as long as something of them can still
be delivered, and of questions only their ids.
"""

from datetime import date
from hashlib import blake2b
from typing import Any

import msgspec

from ledger.activity_events import (
    ArticleRead,
    AttendanceRecorded,
    CommentPosted,
    ContentCounted,
    DonationMade,
    QuizAnswered,
    RunRecorded,
)
from ledger.event import Event

KEPT_DAYS = 8
"""Days on which something counted that are remembered, the newest; what is older is too late."""

RUN_DAYS = 2
"""Days of runs that are remembered, like those of syncs."""

OfDoings = (
    RunRecorded
    | QuizAnswered
    | CommentPosted
    | ArticleRead
    | ContentCounted
    | AttendanceRecorded
    | DonationMade
)


class DayDone(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A day on which something counted. earned: points by rule. refs: marks of what counted (see ``mark``).

    tried: daily quiz → tries. right: the daily quizzes whose question was answered right.
    """

    day: date
    earned: dict[str, int] = {}
    refs: tuple[str, ...] = ()
    tried: dict[str, int] = {}
    right: tuple[str, ...] = ()


class RunDay(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The metres that were run on a day."""

    day: date
    metres: int


class QuizDone(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A quiz. right: how many right answers counted. answered: ids of the questions that were answered right.

    answered is one text with spaces between, for it is read far more often than it is asked. tried: tries of questions
    that may not be tried for ever and are not right yet. Both are empty for a daily quiz.
    """

    quiz: str
    right: int = 0
    answered: str = ""
    tried: dict[str, int] = {}

    def has(self, question: str) -> bool:
        """Whether a question was answered right."""
        return question in self.answered.split()


class Doings(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """days: the newest days on which something counted. runs: the newest days with a run. attended: occasions.

    donations: fund → how many donations were made for the participant's steps.
    """

    days: tuple[DayDone, ...] = ()
    runs: tuple[RunDay, ...] = ()
    quizzes: tuple[QuizDone, ...] = ()
    attended: tuple[str, ...] = ()
    donations: dict[str, int] = {}

    def day(self, day: date) -> DayDone:
        """What counted on a day that is remembered."""
        return next((each for each in self.days if each.day == day), DayDone(day))

    def forgets(self, day: date) -> bool:
        """Whether a day is so old that nobody could tell any more what counted on it."""
        return len(self.days) == KEPT_DAYS and day < self.days[0].day

    def quiz(self, quiz: str) -> QuizDone:
        """How far a quiz is done."""
        return next((each for each in self.quizzes if each.quiz == quiz), QuizDone(quiz))

    def run(self, day: date) -> int:
        """The metres that were run on a day that is remembered."""
        return next((each.metres for each in self.runs if each.day == day), 0)


def mark(kind: str, ref: str) -> str:
    """A short stand-in for a reference, by which it is known again on its day. kind: ``comment``, ``article`` …"""
    return blake2b(f"{kind}\0{ref}".encode(), digest_size=8).hexdigest()


MARKS: dict[type[Event], str] = {CommentPosted: "comment", ArticleRead: "article", ContentCounted: "content"}


def evolve(doings: Doings, event: OfDoings) -> Doings:
    """The doings after one more event."""
    replace = msgspec.structs.replace
    match event:
        case RunRecorded():
            run = RunDay(event.day, event.total_m)
            runs = sorted(
                (run, *(each for each in doings.runs if each.day != event.day)), key=lambda r: r.day
            )
            return replace(doings, runs=tuple(runs[-RUN_DAYS:]))
        case QuizAnswered():
            return _answered(doings, event)
        case AttendanceRecorded():
            days = _on(doings, event.day, earned=event.earned)
            return replace(doings, days=days, attended=(*doings.attended, event.occasion))
        case DonationMade():
            fund = event.fund.partition(".")[0]
            return replace(doings, donations=doings.donations | {fund: event.donations})
    if not event.earned:
        return doings
    mark_of = mark(MARKS[type(event)], event.ref)
    return replace(doings, days=_on(doings, event.day, earned=event.earned, ref=mark_of))


def _on(
    doings: Doings, day: date, *, earned: dict[str, int], ref: str = "", **more: Any
) -> tuple[DayDone, ...]:
    """The days, with what one more doing has brought to a day; nothing new when it has brought nothing."""
    if not (earned or ref or more):
        return doings.days
    before = doings.day(day)
    sums = before.earned | {rule: before.earned.get(rule, 0) + points for rule, points in earned.items()}
    refs = (*before.refs, ref) if ref else before.refs
    after = msgspec.structs.replace(before, earned=sums, refs=refs, **more)
    days = sorted((after, *(each for each in doings.days if each.day != day)), key=lambda each: each.day)
    return tuple(days[-KEPT_DAYS:])


def _answered(doings: Doings, event: QuizAnswered) -> Doings:
    quiz, changes = doings.quiz(event.quiz), dict[str, Any]()
    of_day: dict[str, Any] = {}
    if event.daily:
        before = doings.day(event.day)
        if event.tried:
            of_day["tried"] = before.tried | {event.quiz: event.tried}
        if event.correct:
            of_day["right"] = (*before.right, event.quiz)
    elif event.correct:
        changes["answered"] = f"{quiz.answered} {event.question}".strip()
        changes["tried"] = {asked: tries for asked, tries in quiz.tried.items() if asked != event.question}
    elif event.tried:
        changes["tried"] = quiz.tried | {event.question: event.tried}
    if event.correct:
        changes["right"] = event.number
    days = _on(doings, event.day, earned=event.earned, **of_day)
    if not changes:
        return msgspec.structs.replace(doings, days=days)
    done = msgspec.structs.replace(quiz, **changes)
    quizzes = (*(each for each in doings.quizzes if each.quiz != event.quiz), done)
    return msgspec.structs.replace(doings, days=days, quizzes=quizzes)
