"""Creating and joining teams, and what only their captains can do (SX-03, SX-04)."""

from datetime import datetime
from typing import Any

from tests.oracle.counting import over
from tests.oracle.facts import CHINA, Book, Member, Part, Refused


def act(
    book: Book, part: Part, who: str, kind: str, data: dict[str, Any], when: datetime, now: datetime
) -> None:
    """Do something with a team, or refuse it."""
    if "teams" not in book:
        raise Refused("not_played")
    team, members = data["team"], part.teams.get(data["team"])
    if kind == "jifen.team_created":
        if members:
            raise Refused("team_exists")
        if part.people[who].team:
            raise Refused("already_in_team")
        _join(book, part, who, team, when, now)
        return
    if not members:
        raise Refused("team_unknown")
    if kind == "jifen.team_joined":
        if part.people[who].team:
            raise Refused("already_in_team")
        if len(members) == book["teams"]["size"]:
            raise Refused("team_full")
        _join(book, part, who, team, when, now)
        return
    if members[0].id != who:
        raise Refused("not_captain")
    if kind == "jifen.team_member_removed":
        raise Refused("captain_cannot_remove")


def _join(book: Book, part: Part, who: str, team: str, when: datetime, now: datetime) -> None:
    """A member counts from the day of joining; for the days that stand already nobody can join any more."""
    day = when.date()
    joined_on = day if now < over(book, day) else now.astimezone(CHINA).date()
    part.teams.setdefault(team, []).append(Member(who, joined_on, when))
    part.people[who].team = team
