"""What two participants who are one person have reached together: nothing is counted twice. Source: EC-12.

Arithmetic over what both have done (past.py): who stays is ``a``, who is joined is ``b``. Where the order of arrival
would have mattered to one person, what was recorded first counts, and what the later one earned beyond it is taken
back. What was really given (draws, prizes, donations) is added up and never taken back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any, TypeVar

import msgspec

from ledger import tally
from ledger.enrolment import OPEN_DAYS, MetGoal, OpenDay, Play
from ledger.events import TeamGoalMet
from ledger.join_events import JoinedChance, JoinedCheckpoint, JoinedDay, Twice
from ledger.past import Doing, Past, Rules, Sync
from ledger.rewards import Chance, Drawn, Rewards
from ledger.rulebook import Rulebook
from ledger.steps import day_points, reached
from ledger.tally import DayDone, Doings, QuizDone, RunDay

T = TypeVar("T")

STRENGTH = ("expired", "open", "forfeited", "used")
"""Of two chances that are one, the state that stands is the later one here: what is used is used."""


class Joined:
    """What comes of two pasts. version: that the joining event will have in the stream of who stays.

    keeps_own_team: who stays has a team of its own; then days of the other's team that are still open (``open_days``)
    bring nothing any more, for a person is in one team.
    """

    def __init__(
        self, a: Past, b: Past, rules: Rulebook, rules_of: Rules, version: int, open_days: Iterable[date],
        *, keeps_own_team: bool,
    ) -> None:  # fmt: skip
        self.a, self.b = a, b
        self._rules, self._rules_of, self._version = rules, rules_of, version
        self.twice: list[Twice] = []
        self._lost: dict[tuple[date, str], int] = {}
        self.syncs = self._standing()
        self._cap()
        self.doings = self._counted_once(set(open_days) if keeps_own_team else set())
        self._cap_days()

    def _standing(self) -> dict[date, Sync]:
        """For each day the newest sync by its own time; of two at one moment the one that was recorded later."""
        syncs = dict(self.a.syncs)
        for day, theirs in self.b.syncs.items():
            ours = syncs.get(day)
            if ours is None:
                syncs[day] = theirs
                continue
            newer = max(ours, theirs, key=lambda each: (each.event.occurred_at, each.event.recorded_at))
            syncs[day] = newer
            self._drop(theirs if newer is ours else ours, {})
        return dict(sorted(syncs.items()))

    def _cap(self) -> None:
        """Apply the cap on all counted steps to the sum: the newest days give way. Source: JS-04."""
        if self._rules.steps is None:
            return
        left = self._rules.steps.total_cap
        for day, sync in self.syncs.items():
            if sync.counted > left:
                earned = day_points(self._rules_of(sync.event.rules), left, sync.attained)
                kept = {rule: min(points, earned.get(rule, 0)) for rule, points in sync.earned.items()}
                kept = {rule: points for rule, points in kept.items() if points}
                self._drop(sync, kept)
                self.syncs[day] = msgspec.structs.replace(sync, counted=left, earned=kept)
            left -= self.syncs[day].counted

    def _drop(self, sync: Sync, kept: Mapping[str, int]) -> None:
        """Take back what a sync has earned beyond ``kept``; of one that was corrected nothing is left to take."""
        clauses = self._rules_of(sync.event.rules).clauses
        lost = {rule: points - kept.get(rule, 0) for rule, points in sync.earned.items()}
        told = {rule: points for rule, points in lost.items() if points and not sync.reversed}
        stream, version = sync.place
        for rule, points in (told or {"": 0}).items():
            self.twice.append(
                Twice(stream, version, sync.event.TOPIC, points, clauses.get(rule, ""), sync.event.day)
            )

    def _counted_once(self, open_days: set[date]) -> list[Doing]:
        """What both have done, each thing once: the one that was recorded first."""
        ours = {doing.key: doing for doing in self.a.doings.values() if doing.key is not None}
        kept = list(self.a.doings.values())
        for theirs in sorted(self.b.doings.values(), key=_when):
            if isinstance(theirs.event, TeamGoalMet) and theirs.day in open_days:
                self._take(theirs, theirs.points)
                continue
            mine = ours.get(theirs.key) if theirs.key is not None else None
            if mine is None:
                kept.append(theirs)
                continue
            first, second = sorted((mine, theirs), key=_when)
            self._take(second, second.points)
            kept[kept.index(mine)] = first
        return sorted(kept, key=_when)

    def _cap_days(self) -> None:
        """Apply the daily caps of the rules to the sums of both: what was recorded first counts. Source: ZG-05."""
        sums: dict[tuple[str, date], int] = {}
        for doing in self.doings:
            day = doing.day
            if day is None:
                continue
            maxima = {rule.id: rule.daily_max for rule in self._rules_of(doing.event.rules).points}
            for each in reversed(doing.earned):
                most = maxima.get(each.rule)
                if most is None:
                    continue
                sums[each.rule, day] = so_far = sums.get((each.rule, day), 0) + each.points
                if (over := min(each.points, so_far - most)) > 0:
                    sums[each.rule, day] -= over
                    self._tell(doing, over, each.clause)
                    self._lose(doing, each.rule, over)

    def _take(self, doing: Doing, points: int) -> None:
        """Take back what a doing has earned; told also when that is nothing, for it counts no more."""
        if not points:
            self._tell(doing, 0, "")
        for each in doing.earned:
            self._tell(doing, each.points, each.clause)
            self._lose(doing, each.rule, each.points)

    def _tell(self, doing: Doing, points: int, clause: str) -> None:
        stream, version = doing.place
        self.twice.append(Twice(stream, version, doing.event.TOPIC, points, clause, doing.day))

    def _lose(self, doing: Doing, rule: str, points: int) -> None:
        if doing.day is not None and rule and isinstance(doing.event, tally.OfDoings):
            self._lost[doing.day, rule] = self._lost.get((doing.day, rule), 0) + points

    @property
    def points_back(self) -> dict[str, int]:
        """Points that are taken back, by the clause that gave them."""
        sums: dict[str, int] = {}
        for each in self.twice:
            if each.points:
                sums[each.clause] = sums.get(each.clause, 0) + each.points
        return sums

    def days(self) -> tuple[JoinedDay, ...]:
        """The days that are different for who stays."""
        mine = {doing.day for doing in self.a.doings.values() if doing.event.TOPIC == "signed-in.v1"}
        signed = {
            doing.day: doing.event.recorded_at
            for doing in self.b.doings.values()
            if doing.event.TOPIC == "signed-in.v1" and doing.day not in mine
        }
        days = {*self.syncs, *self.b.provisional, *self.b.runs, *(day for day in signed if day)}
        found = (self._day(day, signed.get(day)) for day in sorted(days))
        return tuple(each for each in found if each != JoinedDay(each.day))

    def _day(self, day: date, signed_in_at: datetime | None) -> JoinedDay:
        sync, before = self.syncs.get(day), self.a.syncs.get(day)
        changes: dict[str, Any] = {"signed_in_at": signed_in_at}
        if sync and sync != before:
            stream, version = sync.place
            changes |= {
                "counted": sync.counted,
                "was": before.counted if before else 0,
                "attained": sync.attained,
                "synced_at": sync.event.occurred_at,
                "stream": stream,
                "version": version,
                "earned": sync.earned,
            }
        if day in self.b.runs:
            changes |= {"metres": self.metres()[day], "runs": self.b.runs[day][1]}
        ours, theirs = self.a.provisional.get(day), self.b.provisional.get(day)
        if theirs and (ours is None or theirs[1] > ours[1]):
            changes |= {"provisional": theirs[0], "provisional_at": theirs[1]}
        return JoinedDay(day, **changes)

    def metres(self) -> dict[date, int]:
        """What both have run together, on the days on which the other has."""
        return {day: self.a.runs.get(day, (0, 0))[0] + metres for day, (metres, _) in self.b.runs.items()}

    def checkpoints(self) -> tuple[JoinedCheckpoint, ...]:
        """What only the other had lit, passed or written about."""
        a, b = self.a.play, self.b.play
        numbers = {*range(a.lit + 1, b.lit + 1), *b.passed, *b.reflected} - (
            set(range(1, a.lit + 1)) & set(a.passed) & set(a.reflected)
        )
        found = []
        for number in sorted(numbers):
            lit = self.b.lit_at.get(number) if a.lit < number <= b.lit else None
            passed = self.b.passed_at.get(number) if number not in a.passed else None
            reflected = self.b.reflected_at.get(number) if number not in a.reflected else None
            if lit or passed or reflected:
                found.append(JoinedCheckpoint(number, lit, passed, reflected))
        return tuple(found)

    def chances(self) -> tuple[JoinedChance, ...]:
        """The chances of the other, where they are new or say something new."""
        ours, theirs = self.a.play.rewards, self.b.play.rewards
        found = []
        for chance in theirs.chances:
            mine = ours.chance(chance.pool, chance.id)
            stands = _stronger(mine, chance) if mine else chance
            if stands != mine:
                granted = self.b.granted[chance.pool, chance.id]
                _, number = self.b.used_at.get((chance.pool, chance.id), (None, None))
                told = (stands.state, granted.occurred_at, stands.expires_at, granted.rank, number)
                found.append(JoinedChance(chance.pool, chance.id, *told))
        for (pool, id), (used_at, number) in self.b.used_at.items():  # badges need no grant
            if theirs.chance(pool, id) is None and (pool, id) not in self.a.used_at:
                found.append(JoinedChance(pool, id, "used", used_at, number=number))
        return tuple(found)

    def play(self, met: tuple[MetGoal, ...]) -> Play:
        """The state of who stays, but for the balance, which the postings move. met: as ``met`` says."""
        a, b = self.a.play, self.b.play
        signed = bytes(x | y for x, y in zip(*_padded(a.signed_in, b.signed_in), strict=True))
        return msgspec.structs.replace(
            a,
            signed_in=signed,
            sign_ins=int.from_bytes(signed).bit_count(),
            total=sum(sync.counted for sync in self.syncs.values()),
            attained=sum(sync.attained for sync in self.syncs.values()),
            days=self._open_days(),
            lit=max(a.lit, b.lit),
            passed=_union(a.passed, b.passed),
            reflected=_union(a.reflected, b.reflected),
            badges=_union(a.badges, b.badges),
            team=a.team or b.team,
            met=met,
            captain_rewarded=a.captain_rewarded or b.captain_rewarded,
            rewards=_rewards(a.rewards, b.rewards),
            doings=self._doings(a.doings, b.doings),
        )

    def met(self, *, keeps_own_team: bool) -> tuple[MetGoal, ...]:
        """The newest days whose team goal was met, by whose event the points are here now."""
        a, b = self.a.play.met, self.b.play.met
        ours = {each.day: each for each in a}
        if not keeps_own_team:
            for each in b:
                ours.setdefault(each.day, msgspec.structs.replace(each, version=self._version))
        return tuple(sorted(ours.values(), key=lambda each: each.day)[-OPEN_DAYS:])

    def target(self, play: Play) -> int:
        """How many checkpoints are lit together. What an older text has lit stays lit (GX-08)."""
        if self._rules.route is None:
            return play.lit
        by_days = self._rules.route.lit_by == "attained_days"
        thresholds = self._rules.thresholds
        lit = reached(thresholds, play.attained if by_days else play.total)
        for each in (self.a.play, self.b.play):
            if each.lit > reached(thresholds, each.attained if by_days else each.total):
                lit = max(lit, each.lit)
        return lit

    def _open_days(self) -> tuple[OpenDay, ...]:
        days = []
        for day, sync in list(self.syncs.items())[-OPEN_DAYS:]:
            known, event = self.a.play.open_day(day), sync.event
            ours = known is not None and sync.place[0] in self.a.streams
            version = known.version if ours and known else self._version
            stands = (sync.counted, sync.attained, event.occurred_at, version, sync.earned)
            days.append(OpenDay(day, event.steps, *stands))
        return tuple(days)

    def _doings(self, a: Doings, b: Doings) -> Doings:
        days = {each.day: each for each in a.days}
        for each in b.days:
            days[each.day] = _day_done(days[each.day], each) if each.day in days else each
        for (day, rule), points in self._lost.items():
            if day in days:
                earned = days[day].earned
                days[day] = msgspec.structs.replace(
                    days[day], earned=earned | {rule: earned.get(rule, 0) - points}
                )
        runs = _summed({each.day: each.metres for each in a.runs}, {each.day: each.metres for each in b.runs})
        return Doings(
            days=tuple(days[day] for day in sorted(days)[-tally.KEPT_DAYS :]),
            runs=tuple(RunDay(day, runs[day]) for day in sorted(runs)[-tally.RUN_DAYS :]),
            quizzes=tuple(self._quizzes(a, b)),
            attended=_union(a.attended, b.attended),
            donations=_summed(a.donations, b.donations),
        )

    def _quizzes(self, a: Doings, b: Doings) -> Iterator[QuizDone]:
        for quiz in _union([each.quiz for each in a.quizzes], [each.quiz for each in b.quizzes]):
            ours, theirs = a.quiz(quiz), b.quiz(quiz)
            right = sum(
                1 for doing in self.doings if doing.key is not None and doing.key[:2] == ("answered", quiz)
            )
            answered = _union(ours.answered.split(), theirs.answered.split())
            tried = _summed(ours.tried, theirs.tried)
            yield QuizDone(
                quiz,
                right,
                " ".join(answered),
                {question: tries for question, tries in tried.items() if question not in answered},
            )


JOINED_MEMBERS = frozenset(Play.__struct_fields__) - {"balance", "reversed"}
"""What ``Joined.play`` joins. Postings move the balance; what was reversed is told by versions of the own stream."""


def _when(doing: Doing) -> datetime:
    return doing.event.recorded_at


def _union(a: Iterable[T], b: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain(a, b)))


def _summed(a: Mapping[T, int], b: Mapping[T, int]) -> dict[T, int]:
    return {key: a.get(key, 0) + b.get(key, 0) for key in _union(a, b)}


def _padded(a: bytes, b: bytes) -> tuple[bytes, bytes]:
    length = max(len(a), len(b))
    return a.ljust(length, b"\0"), b.ljust(length, b"\0")


def _stronger(a: Chance, b: Chance) -> Chance:
    return max(a, b, key=lambda chance: STRENGTH.index(chance.state))


def _rewards(a: Rewards, b: Rewards) -> Rewards:
    theirs = {(chance.pool, chance.id): chance for chance in b.chances}
    ours = [_stronger(chance, theirs.pop((chance.pool, chance.id), chance)) for chance in a.chances]
    pools = _union((each.pool for each in a.drawn), (each.pool for each in b.drawn))
    return Rewards(
        chances=(*ours, *theirs.values()),
        exchanged=_union(a.exchanged, b.exchanged),
        drawn=tuple(_drawn(a.drawn_from(pool), b.drawn_from(pool)) for pool in pools),
        prizes=(*a.prizes, *b.prizes),
        holdings=_summed(a.holdings, b.holdings),
        bought=(*a.bought, *b.bought),
    )


def _drawn(a: Drawn, b: Drawn) -> Drawn:
    return Drawn(a.pool, a.total + b.total, _summed(a.days, b.days))


def _day_done(a: DayDone, b: DayDone) -> DayDone:
    return DayDone(
        a.day,
        _summed(a.earned, b.earned),
        _union(a.refs, b.refs),
        _summed(a.tried, b.tried),
        _union(a.right, b.right),
    )
