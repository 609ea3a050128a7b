"""What the API asks of teams. Like reads.py: one statement a call, nothing waits."""

from datetime import date, datetime

import msgspec

from projections.reads import Connection, TeamOf, rows

VIEWS = ("teams", "progress")
"""What a team's page is made of; for ``at_least``."""


class TeamMember(msgspec.Struct, frozen=True):
    """A member. joined_on: the first day that counts for the team; steps: counted ones since then."""

    participant: str
    captain: bool
    joined_on: date
    joined_at: datetime
    steps: int


class TeamPage(msgspec.Struct, frozen=True):
    """A team in a book, as of a position. members: in the order of joining.

    goal: what the captain set, in steps a day. days_attained: divided by the days of the campaign it is the rate.
    """

    position: int
    team: str
    name: str
    captain: str
    goal: int | None
    created_at: datetime
    filled_at: datetime | None
    days_attained: int
    members: tuple[TeamMember, ...]

    @property
    def average(self) -> tuple[int, int]:
        """Steps of the team, and by how many members to divide them: the average as an exact fraction (SX-23)."""
        return sum(member.steps for member in self.members), len(self.members)


_page = msgspec.json.Decoder(TeamPage).decode


async def team(conn: Connection, book: str, team: str) -> TeamPage | None:
    """A team with its members, in one round trip; None when there is no such team."""
    parameters = {"book": book, "team": team, "names": list(VIEWS)}
    for (page,) in await rows(conn, "team_page", parameters):
        return _page(page)
    return None


async def team_days(conn: Connection, book: str, team: str) -> list[tuple[date, int]]:
    """The days that a team has attained, oldest first, each with its steps."""
    return [(day, steps) for day, steps in await rows(conn, "team_days", {"book": book, "team": team})]


async def team_of(conn: Connection, book: str, participant: str) -> TeamOf | None:
    """The team that a participant is in; None for one without."""
    for row in await rows(conn, "team_of", {"book": book, "participant": participant}):
        return TeamOf(*row)
    return None
