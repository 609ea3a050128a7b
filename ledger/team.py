"""A team (团队): the state that decisions need, and how events fold into it. The stream is ``team/{book}/{team}``."""

from datetime import date

import msgspec

from ledger.enrolment import OPEN_DAYS
from ledger.events import (
    Event,
    MemberAdded,
    MemberRemoved,
    TeamDayAttained,
    TeamDayLost,
    TeamFilled,
    TeamGoalSet,
)
from ledger.join_events import MemberReplaced


class Member(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A member and the first day that counts."""

    id: str
    joined_on: date


class AttainedDay(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A day that the team has attained, and who is entitled to its points."""

    day: date
    members: tuple[str, ...]


class Team(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """members: in the order of joining. days: the newest attained days; attained: how many there are in all.

    filled: the team has been full once. goal: that the captain has set, in steps a day; 0 = none.
    """

    version: int = 0
    captain: str = ""
    members: tuple[Member, ...] = ()
    goal: int = 0
    filled: bool = False
    days: tuple[AttainedDay, ...] = ()
    attained: int = 0

    def day(self, day: date) -> AttainedDay | None:
        """A day, if it is attained and one of the newest."""
        return next((each for each in self.days if each.day == day), None)

    def has(self, participant: str) -> bool:
        """Whether somebody is a member."""
        return any(member.id == participant for member in self.members)


def _replaced(state: Team, event: MemberReplaced, version: int) -> Team:
    """The same team, in which one participant is called by another id."""

    def called(id: str) -> str:
        return event.by if id == event.member else id

    return msgspec.structs.replace(
        state,
        version=version,
        captain=called(state.captain),
        members=tuple(Member(called(member.id), member.joined_on) for member in state.members),
        days=tuple(AttainedDay(each.day, tuple(map(called, each.members))) for each in state.days),
    )


def evolve(state: Team, event: Event) -> Team:
    """The state after one more event of its stream."""
    replace, version = msgspec.structs.replace, state.version + 1
    match event:
        case MemberAdded():
            members = (*state.members, Member(event.member, event.joined_on))
            captain = state.captain if state.members else event.member
            return replace(state, version=version, members=members, captain=captain)
        case MemberRemoved():
            left = tuple(member for member in state.members if member.id != event.member)
            return replace(state, version=version, members=left, captain=event.captain or state.captain)
        case MemberReplaced():
            return _replaced(state, event, version)
        case TeamFilled():
            return replace(state, version=version, filled=True)
        case TeamGoalSet():
            return replace(state, version=version, goal=event.goal)
        case TeamDayAttained():
            known = state.day(event.day)
            days = (*(d for d in state.days if d is not known), AttainedDay(event.day, event.members))
            days = tuple(sorted(days, key=lambda d: d.day))[-OPEN_DAYS:]
            return replace(state, version=version, days=days, attained=state.attained + (known is None))
        case TeamDayLost():
            days = tuple(each for each in state.days if each.day != event.day)
            return replace(state, version=version, days=days, attained=state.attained - 1)
        case _:
            return replace(state, version=version)
