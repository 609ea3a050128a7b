"""A participant in a campaign: the state that decisions need, and how events fold into it.

The stream is ``{participant}@{campaign}``. ``evolve`` never judges: every stored event is taken as it is.
"""

from datetime import date, datetime

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
from ledger.changed import read
from ledger.events import (
    BadgeAwarded,
    CaptainRewarded,
    CheckpointDimmed,
    CheckpointLit,
    CheckpointPassed,
    ContentViewed,
    CorrectionMade,
    Enrolled,
    Event,
    ReflectionPosted,
    SignedIn,
    StepsSynced,
    TeamCreated,
    TeamGoalLost,
    TeamGoalMet,
    TeamJoined,
    TeamLeft,
)
from ledger.join_events import HistoryGiven, HistoryJoined
from ledger.member_events import Activated
from ledger.posting import POINTS, Posting
from ledger.rewards import Rewards
from ledger.rewards import evolve as evolve_rewards
from ledger.tally import Doings
from ledger.tally import evolve as evolve_doings

OfRoute = CheckpointLit | CheckpointDimmed | CheckpointPassed | ReflectionPosted
OfTeam = TeamCreated | TeamJoined | TeamLeft | TeamGoalMet | TeamGoalLost | CaptainRewarded

OPEN_DAYS = 2
"""The days that can be open at once: today, and yesterday until the grace for delivery is over."""


class OpenDay(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What stands for a day whose last sync may still change. steps: as the phone counted; version: of its event."""

    day: date
    steps: int
    counted: int
    attained: bool
    at: datetime
    version: int
    earned: dict[str, int]


class MetGoal(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A team's day that gave this member points. version: of the event that did."""

    day: date
    version: int
    points: int


class Play(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What was reached in the trial, or in the campaign. Amounts in points and steps.

    signed_in: one bit for each day from the first. total: counted steps. lit: how many checkpoints are lit.
    days: the newest days with a counted sync, at most two; older ones are closed and only their sums matter.
    reversed: versions of the own stream that were corrected; of other client ids' events, the negative position.
    team: that the participant is in, or empty. met: the newest days whose team goal was met. captain_rewarded: the
    captain's task is done, once ever. rewards: chances, draws and prizes. doings: quizzes, reading, running and so on.
    """

    balance: int = 0
    sign_ins: int = 0
    signed_in: bytes = b""
    total: int = 0
    attained: int = 0
    days: tuple[OpenDay, ...] = ()
    lit: int = 0
    passed: tuple[int, ...] = ()
    reflected: tuple[int, ...] = ()
    badges: tuple[str, ...] = ()
    reversed: tuple[int, ...] = ()
    team: str = ""
    met: tuple[MetGoal, ...] = ()
    captain_rewarded: bool = False
    rewards: Rewards = Rewards()
    doings: Doings = Doings()

    def open_day(self, day: date) -> OpenDay | None:
        """What stands for a day, if it is one of the newest two."""
        for open_day in self.days:
            if open_day.day == day:
                return open_day
        return None

    def has_signed_in(self, number: int) -> bool:
        """Whether the bit of day ``number`` (0 = the first) is set."""
        byte, bit = divmod(number, 8)
        return byte < len(self.signed_in) and bool(self.signed_in[byte] >> bit & 1)


class Enrolment(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """version: of the stream's last event. branch: empty until enrolled; enrolled_at: when that happened.

    trial: whether ``play`` is still that of the trial; false from the first fact of the campaign proper on.
    viewed: the contents that were viewed (JS-13). became: the participant who has all of it now, as another client id.
    """

    version: int = 0
    branch: str = ""
    trial: bool = True
    play: Play = Play()
    enrolled_at: datetime | None = None
    viewed: tuple[str, ...] = ()
    became: str = ""

    def takes(self, trial: bool) -> bool:
        """Whether something of the trial, or of the campaign, still counts for the participant (SX-01)."""
        return self.trial or not trial

    def play_of(self, trial: bool) -> Play:
        """The play of the trial or of the campaign; a part that has not begun is empty (SX-01)."""
        return self.play if self.trial == trial else Play()


def with_day(signed_in: bytes, number: int) -> bytes:
    """The bits with that of day ``number`` set."""
    byte, bit = divmod(number, 8)
    bits = bytearray(signed_in.ljust(byte + 1, b"\0"))
    bits[byte] |= 1 << bit
    return bytes(bits)


def _moved(postings: tuple[Posting, ...]) -> int:
    return sum(leg.amount for leg in postings if leg.balance_after is not None and leg.asset == POINTS)


def _on_route(play: Play, event: OfRoute) -> dict[str, object]:
    match event:
        case CheckpointLit():
            return {"lit": event.checkpoint}
        case CheckpointDimmed():
            return {"lit": event.checkpoint - 1}
        case CheckpointPassed():
            return {"passed": (*play.passed, event.checkpoint)}
        case ReflectionPosted():
            return {"reflected": (*play.reflected, event.checkpoint)}


def _in_team(play: Play, event: OfTeam, version: int) -> dict[str, object]:
    match event:
        case TeamCreated() | TeamJoined():
            return {"team": event.team}
        case TeamLeft():
            return {"team": ""}
        case TeamGoalMet():
            met = MetGoal(event.day, version, event.points or _moved(event.postings))
            met_days = (*(each for each in play.met if each.day != event.day), met)
            return {"met": tuple(sorted(met_days, key=lambda each: each.day)[-OPEN_DAYS:])}
        case TeamGoalLost():
            return {"met": tuple(each for each in play.met if each.day != event.day)}
        case CaptainRewarded():
            return {"captain_rewarded": True}


def _joined(state: Enrolment, event: HistoryJoined) -> Enrolment:
    """With what another client id of the same person had. Of the trial, once it is over, only that it is there."""
    replace, enrolled = msgspec.structs.replace, event.enrolment
    viewed = tuple(dict.fromkeys((*state.viewed, *event.viewed)))
    state = replace(state, version=state.version + 1, viewed=viewed)
    if enrolled is not None:
        state = replace(state, branch=enrolled.branch, enrolled_at=enrolled.enrolled_at)
    if not state.takes(event.trial):
        return state
    play = state.play_of(event.trial)
    changes = read(Play, event.play) | {"balance": play.balance + _moved(event.postings)}
    return replace(state, trial=event.trial, play=replace(play, **changes))


def evolve(state: Enrolment, event: Event) -> Enrolment:
    """The state after one more event of its stream."""
    version = state.version + 1
    if isinstance(event, HistoryJoined):
        return _joined(state, event)
    if isinstance(event, HistoryGiven):
        return Enrolment(version, became=event.to)
    if event.trial and not state.trial:  # told by others of the trial's team: it counts for nothing any more
        return msgspec.structs.replace(state, version=version)
    play = state.play if state.trial == event.trial else Play()
    changes: dict[str, object] = {}
    if event.postings:
        changes["balance"] = play.balance + _moved(event.postings)
    match event:
        case StepsSynced(standing="counted"):
            before = play.open_day(event.day)
            stands = OpenDay(
                day=event.day,
                steps=event.steps,
                counted=event.counted,
                attained=event.attained,
                at=event.occurred_at,
                version=version,
                earned=event.earned,
            )
            days = sorted((stands, *(d for d in play.days if d is not before)), key=lambda d: d.day)
            changes["days"] = tuple(days[-OPEN_DAYS:])
            changes["total"] = play.total + event.counted - event.was
            changes["attained"] = play.attained + event.attained - (before.attained if before else False)
        case SignedIn():
            changes["sign_ins"] = play.sign_ins + 1
            changes["signed_in"] = with_day(play.signed_in, event.number)
        case CheckpointLit() | CheckpointDimmed() | CheckpointPassed() | ReflectionPosted():
            changes |= _on_route(play, event)
        case BadgeAwarded():
            changes["badges"] = (*play.badges, event.badge)
        case CorrectionMade():
            mark = -event.reverses if event.reverses_stream else event.reverses_version
            changes["reversed"] = (*play.reversed, mark)
        case TeamCreated() | TeamJoined() | TeamLeft() | TeamGoalMet() | TeamGoalLost() | CaptainRewarded():
            changes |= _in_team(play, event, version)
        case ContentViewed():
            viewed = tuple(dict.fromkeys((*state.viewed, event.ref)))
            return msgspec.structs.replace(state, version=version, viewed=viewed)
        case (
            RunRecorded()
            | QuizAnswered()
            | CommentPosted()
            | ArticleRead()
            | ContentCounted()
            | AttendanceRecorded()
            | DonationMade()
        ):
            changes["doings"] = evolve_doings(play.doings, event)
        case Enrolled():
            return msgspec.structs.replace(
                state, version=version, branch=event.branch, enrolled_at=event.occurred_at
            )
        case Activated():  # who had enrolled before is still under the same union
            return msgspec.structs.replace(
                state,
                version=version,
                branch=state.branch or event.branch,
                trial=event.trial,
                play=msgspec.structs.replace(play, **changes),
                enrolled_at=state.enrolled_at or event.occurred_at,
            )
        case _:
            rewards = evolve_rewards(play.rewards, event)
            if rewards is None:
                return msgspec.structs.replace(state, version=version)
            changes["rewards"] = rewards
    after = msgspec.structs.replace(play, **changes)
    return Enrolment(version, state.branch, event.trial, after, state.enrolled_at, state.viewed)
