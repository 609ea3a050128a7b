"""Teams (团队), who is in them, and the days that they have attained (SX-03, SX-16, SX-17)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ledger.events import (
    MemberAdded,
    MemberRemoved,
    TeamDayAttained,
    TeamDayLost,
    TeamFilled,
    TeamGoalSet,
)
from ledger.join_events import MemberReplaced
from projections.projection import Fact, Projection, Row, Rows, Stage

TEAM_EVENTS = frozenset(
    {MemberAdded, MemberRemoved, MemberReplaced, TeamDayAttained, TeamDayLost, TeamFilled, TeamGoalSet}
)

CHANGED_TEAMS = Stage(
    "changed_teams",
    {
        "book": "text",
        "team": "text",
        "name": "text",
        "captain": "text",
        "created_at": "timestamptz",
        "recorded_at": "timestamptz",
        "goal": "int4",
        "filled_at": "timestamptz",
        "passed_to": "text",
    },
)
MEMBERS = Stage(
    "team_members",
    {
        "book": "text",
        "team": "text",
        "position": "int8",
        "participant": "text",
        "captain": "bool",
        "joined_on": "date",
        "joined_at": "timestamptz",
        "recorded_at": "timestamptz",
    },
    temporary=False,
)
LEFT_MEMBERS = Stage(
    "left_members",
    {
        "book": "text",
        "team": "text",
        "participant": "text",
        "position": "int8",
        "left_at": "timestamptz",
        "left_recorded_at": "timestamptz",
    },
)
REPLACED_MEMBERS = Stage("replaced_members", {"book": "text", "team": "text", "was": "text", "now": "text"})
CHANGED_TEAM_DAYS = Stage(
    "changed_team_days", {"book": "text", "team": "text", "day": "date", "steps": "int4"}
)


class Team:
    """What a batch of events says of a team beside its members and days. None is: nothing; what stood before stays."""

    __slots__ = ("captain", "created_at", "filled_at", "goal", "name", "passed_to", "recorded_at")

    def __init__(self) -> None:
        self.name: str | None = None
        self.captain: str | None = None
        self.created_at: datetime | None = None
        self.recorded_at: datetime | None = None
        self.goal: int | None = None
        self.filled_at: datetime | None = None
        self.passed_to: str | None = None


class Called:
    """By which id the members of a team are called at the end of a batch, who were called otherwise before (EC-12)."""

    def __init__(self) -> None:
        self.now: dict[str, str] = {}

    def replace(self, was: str, now: str) -> None:
        """One is another from here on."""
        self.now = {id: now if called == was else called for id, called in self.now.items()} | {was: now}

    def at_last(self, id: str) -> str:
        """What somebody is called at the end."""
        return self.now.get(id, id)


class Teams(Projection):
    """All from the team's own stream, so that a member's parked stream does not stop the team.

    A day that was attained again, with one more member entitled, is one day; the steps are those of the newest event.
    """

    NAME = "teams"
    TABLES = ("teams", "team_members", "team_days")
    STAGES = (CHANGED_TEAMS, MEMBERS, LEFT_MEMBERS, REPLACED_MEMBERS, CHANGED_TEAM_DAYS)
    STATEMENTS = (
        "teams_merge",
        "team_members_replace",
        "team_members_merge",
        "team_captains",
        "team_days_merge",
    )

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each team that changed, each member who came, went or is another now, each day that changed."""
        called: dict[tuple[str, str], Called] = {}
        teams: dict[tuple[str, str], Team] = {}
        came: list[Row] = []
        went: list[Row] = []
        days: dict[tuple[str, str, date], int | None] = {}
        for fact in facts:
            if type(fact.event) not in TEAM_EVENTS:
                continue
            event: Any = fact.event
            key = (fact.book, event.team)
            match event:
                case MemberAdded():
                    if event.name:
                        team = teams.setdefault(key, Team())
                        team.name, team.captain = event.name, event.member
                        team.created_at, team.recorded_at = event.occurred_at, event.recorded_at
                    elif event.captain:
                        teams.setdefault(key, Team()).passed_to = event.member
                    came.append(
                        (
                            *key,
                            fact.position,
                            event.member,
                            bool(event.name),
                            event.joined_on,
                            event.occurred_at,
                            event.recorded_at,
                        )
                    )
                case MemberRemoved():
                    went.append((*key, event.member, fact.position, event.occurred_at, event.recorded_at))
                    if event.captain:
                        teams.setdefault(key, Team()).passed_to = event.captain
                case MemberReplaced():
                    called.setdefault(key, Called()).replace(event.member, event.by)
                case TeamFilled():
                    teams.setdefault(key, Team()).filled_at = event.occurred_at
                case TeamGoalSet():
                    teams.setdefault(key, Team()).goal = event.goal
                case TeamDayAttained():
                    days[*key, event.day] = event.steps
                case TeamDayLost():
                    days[*key, event.day] = None
        changed = [
            (*key, t.name, t.captain, t.created_at, t.recorded_at, t.goal, t.filled_at, t.passed_to)
            for key, t in teams.items()
        ]
        went = [
            (*row[:2], called[row[:2]].at_last(row[2]) if row[:2] in called else row[2], *row[3:])
            for row in went
        ]
        replaced = [(*key, *each) for key, of in called.items() for each in of.now.items()]
        return changed, sorted(came), went, replaced, [(*key, steps) for key, steps in days.items()]
