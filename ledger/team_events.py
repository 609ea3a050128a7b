"""Events of teams (团队), and of what must be viewed before taking part. See events.py."""

from datetime import date

from ledger.event import Event


class ContentViewed(Event, frozen=True, kw_only=True):
    """A participant has viewed a content, such as the safety video. ref: which. Source: JS-13."""

    TOPIC = "content-viewed.v1"

    ref: str


class TeamCreated(Event, frozen=True, kw_only=True):
    """A participant created a team (团队) and is its captain (团长). In the captain's stream. Source: SX-03."""

    TOPIC = "team-created.v1"

    team: str
    name: str


class TeamJoined(Event, frozen=True, kw_only=True):
    """A participant joined a team. In the member's stream. Source: SX-03, SX-04."""

    TOPIC = "team-joined.v1"

    team: str
    invited_by: str | None = None


class TeamLeft(Event, frozen=True, kw_only=True):
    """A captain removed a member, where the rulebook lets captains. In the member's stream. Source: SX-04."""

    TOPIC = "team-left.v1"

    team: str
    removed_by: str


class MemberAdded(Event, frozen=True, kw_only=True):
    """A team has one member more. In the team's stream; the first member is its captain. Source: SX-03.

    joined_on: the first day that the member counts for the team. name: of the team, from its captain. captain: a team
    that a joining of two ids had left empty has its first member in this one.
    """

    TOPIC = "member-added.v1"

    team: str
    member: str
    joined_on: date
    name: str = ""
    captain: bool = False


class MemberRemoved(Event, frozen=True, kw_only=True):
    """A team has one member fewer. In the team's stream. Source: SX-04, EC-12.

    captain: who is the captain from now on, when that was the one who is removed; empty when nothing changes in that.
    """

    TOPIC = "member-removed.v1"

    team: str
    member: str
    captain: str = ""


class TeamFilled(Event, frozen=True, kw_only=True):
    """A team has all its members. In the team's stream. Source: SX-16."""

    TOPIC = "team-filled.v1"

    team: str
    captain: str


class CaptainRewarded(Event, frozen=True, kw_only=True):
    """The captain's task is done: a team was created and filled, once ever. In the captain's stream. Source: SX-16.

    cause: stream of the event that brought it, and cause_version its version there.
    """

    TOPIC = "captain-rewarded.v1"

    team: str
    cause: str
    cause_version: int


class TeamGoalSet(Event, frozen=True, kw_only=True):
    """The captain set the team's goal, in steps a day. In the team's stream. Source: SX-04."""

    TOPIC = "team-goal-set.v1"

    team: str
    goal: int
    by: str


class TeamAnnounced(Event, frozen=True, kw_only=True):
    """The captain posted an announcement (公告). ref: where its text lies. In the team's stream. Source: SX-04."""

    TOPIC = "team-announced.v1"

    team: str
    ref: str
    by: str


class TeamDayAttained(Event, frozen=True, kw_only=True):
    """All members and the team have reached their daily goals (团队达标). In the team's stream. Source: SX-17.

    steps: of all members on that day. members: who is entitled to the day's points. A member who joins later on the
    same day and has reached the goal leads to the same event again, with one more entitled.
    """

    TOPIC = "team-day-attained.v1"

    team: str
    day: date
    steps: int
    members: tuple[str, ...]


class TeamDayLost(Event, frozen=True, kw_only=True):
    """A lower last sync, or a new member, took a day's goal away again. In the team's stream. Source: SX-05, SX-17."""

    TOPIC = "team-day-lost.v1"

    team: str
    day: date
    steps: int


class TeamGoalMet(Event, frozen=True, kw_only=True):
    """A member's points for a day that the team has attained. In the member's stream. Source: SX-14.

    cause: stream of the event that brought it, and cause_version its version there. points: where they went to a
    wallet, and so are not among the postings.
    """

    TOPIC = "team-goal-met.v1"

    team: str
    day: date
    cause: str
    cause_version: int
    points: int = 0


class TeamGoalLost(Event, frozen=True, kw_only=True):
    """The reversal of ``team-goal-met`` for a day that the team has lost. In the member's stream. Source: SX-14.

    reverses_version: originator version of the event that it reverses (GX-03).
    """

    TOPIC = "team-goal-lost.v1"

    team: str
    day: date
    cause: str
    cause_version: int
    reverses_version: int
