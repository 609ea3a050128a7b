"""What persons have done in a campaign, read from all their events: what joining two of them has to look at.

States keep sums and the newest days only; whether a day, a sign-in or a right answer would count twice is told by the
events themselves. Pure; reads histories as decision.Given has them. Source: EC-12.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from ledger.activity_events import RunRecorded
from ledger.enrolment import Enrolment, Play, evolve
from ledger.events import (
    BadgeAwarded,
    ChanceGranted,
    CheckpointLit,
    CheckpointPassed,
    CorrectionMade,
    DrawEntered,
    DrawMade,
    Enrolled,
    Event,
    ReflectionPosted,
    StepsSynced,
    TeamGoalLost,
)
from ledger.join_events import HistoryGiven, HistoryJoined, JoinedBadge, JoinedEnrolment
from ledger.member_events import Activated
from ledger.posting import POINTS
from ledger.rulebook import Rulebook
from ledger.shop_events import RedemptionCancelled

Rules = Callable[[int], Rulebook]
"""Number of a version → the rules of the campaign in that version."""
Place = tuple[str, int]
"""A stream and a version in it: where an event stands."""
Key = tuple[object, ...]
"""What a person can do only once: two doings with the same key count once."""

TAKES_BACK = (StepsSynced, CorrectionMade, TeamGoalLost)
"""What takes back something that was earned; what else leaves an account was spent."""


class Earning(msgspec.Struct, frozen=True, gc=False):
    """Points of an event by a rule of the rulebook; rule is empty where the event does not say which."""

    rule: str
    clause: str
    points: int


class Doing(msgspec.Struct, frozen=True, gc=False):
    """An event that counts for something. key: what it is that counts once; None for what counts each time."""

    place: Place
    event: Event
    key: Key | None
    day: date | None
    earned: tuple[Earning, ...]

    @property
    def points(self) -> int:
        """All that it earned."""
        return sum(each.points for each in self.earned)


class Sync(msgspec.Struct, frozen=True, gc=False):
    """The sync that stands for a day, and what counts of it and is earned by now."""

    place: Place
    event: StepsSynced
    counted: int
    attained: bool
    earned: dict[str, int]
    reversed: bool = False


class Past:
    """What one person has done in a campaign, or in its trial: of the client id itself and of those joined to it.

    own: the stream of the client id; streams: all of the person. syncs, provisional: by day. doings: all that earned,
    or is done once, by its place.
    runs: metres and number of runs by day. lit_at, passed_at, reflected_at: by campaign checkpoint.
    accounts: (account, asset) → balance, of the own stream.
    """

    def __init__(
        self, own: str, histories: Mapping[str, tuple[Event, ...]], trial: bool, rules: Rules
    ) -> None:
        self.own = own
        self.streams = frozenset(histories)
        self.trial = trial
        self._rules = rules
        self.play = Play()
        self.enrolment: JoinedEnrolment | None = None
        self.viewed: tuple[str, ...] = ()
        self.syncs: dict[date, Sync] = {}
        self.provisional: dict[date, tuple[int, datetime]] = {}
        self.runs: dict[date, tuple[int, int]] = {}
        self.doings: dict[Place, Doing] = {}
        self.lit_at: dict[int, datetime] = {}
        self.passed_at: dict[int, datetime] = {}
        self.reflected_at: dict[int, datetime] = {}
        self.badges: dict[str, JoinedBadge] = {}
        self.granted: dict[tuple[str, str], ChanceGranted] = {}
        self.used_at: dict[tuple[str, str], tuple[datetime, int]] = {}
        self.accounts: dict[tuple[str, str], int] = {}
        self.spent: dict[str, int] = {}
        self._reversed: set[Place] = set()
        self._taken: list[HistoryJoined] = []
        for stream, events in histories.items():
            for version, event in enumerate(events, start=1):
                self._note(stream, version, event)
        self._of_stream(histories.get(own, ()))
        self._settle()

    def _of_stream(self, events: Iterable[Event]) -> None:
        """What only the own stream tells: the state, the accounts, how it had enrolled."""
        state = Enrolment()
        for event in events:
            if event.trial == self.trial or isinstance(event, Enrolled | Activated):
                state = evolve(state, event)
                if state.trial == self.trial and event.trial == self.trial:
                    self.play = state.play
                self._follow_accounts(event)
            if isinstance(event, Enrolled):
                self.enrolment = JoinedEnrolment(
                    event.branch, event.occurred_at, event.recorded_at, event.unit, event.department
                )
            elif isinstance(event, Activated) and self.enrolment is None:
                self.enrolment = JoinedEnrolment(event.branch, event.occurred_at, event.recorded_at)
            elif isinstance(event, HistoryJoined) and event.enrolment:
                self.enrolment = event.enrolment
            if event.trial == self.trial:
                self._follow_runs(event)
        whole = Enrolment()
        for event in events:
            whole = evolve(whole, event)
        self.viewed = whole.viewed

    def _follow_runs(self, event: Event) -> None:
        """An event tells the metres of its day so far; a joining those of both."""
        if isinstance(event, RunRecorded):
            _, runs = self.runs.get(event.day, (0, 0))
            self.runs[event.day] = (event.total_m or event.distance_m, runs + 1)
        elif isinstance(event, HistoryJoined):
            for day in event.days:
                if day.metres is not None:
                    _, runs = self.runs.get(day.day, (0, 0))
                    self.runs[day.day] = (day.metres, runs + day.runs)

    def _follow_accounts(self, event: Event) -> None:
        if event.trial != self.trial:
            return
        moved = isinstance(event, HistoryJoined | HistoryGiven)
        for leg in event.postings:
            if leg.balance_after is not None:
                self.accounts[leg.account, leg.asset] = leg.balance_after
                paid = leg.amount < 0 and not isinstance(event, TAKES_BACK)
                if not moved and (paid or (isinstance(event, RedemptionCancelled) and leg.asset == POINTS)):
                    self.spent[leg.asset] = self.spent.get(leg.asset, 0) - leg.amount
        if isinstance(event, HistoryJoined):
            for asset, amount in event.spent.items():
                self.spent[asset] = self.spent.get(asset, 0) + amount

    def _note(self, stream: str, version: int, event: Event) -> None:
        """One more event of any of the person's streams, if it is of this book."""
        if event.trial != self.trial:
            return
        place = (stream, version)
        match event:
            case StepsSynced(standing="counted"):
                self._synced(place, event)
            case StepsSynced(standing="provisional"):
                before = self.provisional.get(event.day)
                if before is None or event.occurred_at >= before[1]:
                    self.provisional[event.day] = (event.steps, event.occurred_at)
            case CheckpointLit():
                self.lit_at[event.checkpoint] = event.occurred_at
            case CheckpointPassed():
                self.passed_at.setdefault(event.checkpoint, event.occurred_at)
            case BadgeAwarded():
                badge = JoinedBadge(event.badge, event.occurred_at, event.clause)
                self.badges.setdefault(event.badge, badge)
            case ChanceGranted():
                self.granted.setdefault((event.pool, event.chance), event)
            case DrawMade() | DrawEntered() if event.chance is not None:
                self.used_at[event.pool, event.chance] = (event.occurred_at, event.number)
            case TeamGoalLost():
                self.doings.pop((stream, event.reverses_version), None)
            case CorrectionMade():
                self._reversed.add((event.reverses_stream or stream, event.reverses_version))
            case HistoryJoined():
                self._taken.append(event)
        if isinstance(event, ReflectionPosted):
            self.reflected_at.setdefault(event.checkpoint, event.occurred_at)
        key = _once(event)
        if key or (getattr(event, "earned", None) and not isinstance(event, StepsSynced)):
            day = getattr(event, "day", None)
            self.doings[place] = Doing(place, event, key, day, tuple(self._earned(event)))

    def _synced(self, place: Place, event: StepsSynced) -> None:
        """In one stream the newest in the log stands; of two streams the newest by its own time (SX-05, JS-03)."""
        stands = self.syncs.get(event.day)
        if stands is None or place[0] == stands.place[0] or event.occurred_at > stands.event.occurred_at:
            self.syncs[event.day] = Sync(place, event, event.counted, event.attained, event.earned)

    def _earned(self, event: Event) -> Iterator[Earning]:
        """Points of an event. Those of a wallet's campaign are not among its postings, but follow from its rules."""
        rules = self._rules(event.rules)
        if earned := getattr(event, "earned", None):
            for rule, points in earned.items():
                yield Earning(rule, rules.clauses.get(rule, ""), points)
            return
        given = [rule for rule in rules.points if rule.on == EARNED_ON.get(event.TOPIC)]
        legs = [leg for leg in event.postings if leg.balance_after is not None and leg.asset == POINTS]
        if legs:
            ids = {rule.clause: rule.id for rule in given}
            yield from (Earning(ids.get(leg.clause, ""), leg.clause, leg.amount) for leg in legs)
        elif rules.wallet is not None:
            yield from (Earning(rule.id, rule.clause, rule.amount) for rule in given)

    def _settle(self) -> None:
        """Put over it what corrections took back, and what earlier joinings have settled."""
        for joined in self._taken:
            for day in joined.days:
                stands = self.syncs.get(day.day)
                if stands and day.counted is not None and stands.place == (day.stream, day.version):
                    self.syncs[day.day] = msgspec.structs.replace(
                        stands, counted=day.counted, attained=day.attained, earned=day.earned
                    )
            for each in joined.twice:
                self.take_back((each.stream, each.version), each.points)
        for place in self._reversed:
            if place in self.doings:
                self.doings[place] = msgspec.structs.replace(self.doings[place], earned=())
        for of, sync in self.syncs.items():
            if sync.place in self._reversed:
                self.syncs[of] = msgspec.structs.replace(sync, reversed=True)
        once: dict[Key, Doing] = {}
        for doing in list(self.doings.values()):
            if doing.key is None:
                continue
            other = once.setdefault(doing.key, doing)
            if other is not doing:
                once[doing.key] = max(other, doing, key=lambda each: each.points)
                del self.doings[min(other, doing, key=lambda each: each.points).place]

    def take_back(self, place: Place, points: int) -> None:
        """Note that some of what an event earned is gone: it is taken from its last rules first."""
        doing = self.doings.get(place)
        if doing is None:
            return
        left = doing.points - points
        kept = []
        for each in doing.earned:
            amount = min(each.points, left)
            left -= amount
            if amount:
                kept.append(msgspec.structs.replace(each, points=amount))
        self.doings[place] = msgspec.structs.replace(doing, earned=tuple(kept))


EARNED_ON: dict[str, str] = {
    "signed-in.v1": "sign_in",
    "reflection-posted.v1": "reflection",
    "team-goal-met.v1": "team_goal",
    "captain-rewarded.v1": "team_filled",
    "activated.v1": "activation",
}
"""Topic → what the points rules say that it earns on, for events that do not say their rules themselves."""


def _once(event: Any) -> Key | None:  # noqa: PLR0911 - a table
    """What it is in this that a person can do only once; None for all else."""
    match event.TOPIC:
        case "signed-in.v1":
            return ("signed-in", event.day)
        case "reflection-posted.v1":
            return ("reflection", event.checkpoint)
        case "team-goal-met.v1":
            return ("team-goal", event.day)
        case "captain-rewarded.v1":
            return ("captain",)
        case "activated.v1":
            return ("activated",)
        case "attendance-recorded.v1":
            return ("attended", event.occasion)
        case "article-read.v1":
            return ("article", event.day, event.ref)
        case "content-counted.v1":
            return ("content", event.day, event.ref)
        case "comment-posted.v1":
            return ("comment", event.day, event.ref)
        case "quiz-answered.v1" if event.correct:
            return ("answered", event.quiz, event.day if event.daily else event.question)
    return None
