"""Teams (团队) as everybody may see them: who is in, how far they are, and the figures that they are ranked by."""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from msgspec import Meta, Struct

from api.auth import READERS, may
from api.paging import AtLeast
from api.paths import CampaignPath, TeamPath
from api.problems import Problem, problems
from api.ranking_views import Average, Rate
from api.reading import Trial, is_trial, reached, rules_at
from api.scope import HANDLER, require_team
from api.state import service_of
from ledger.refusals import TeamUnknown
from ledger.rulebook import Rulebook
from projections import team_reads
from projections.standing import percent

NEWEST_DAYS = 31
"""So many of the attained days are listed."""


class TeamMemberView(Struct, kw_only=True):
    """A member of a team."""

    participant: str
    captain: Annotated[bool, Meta(description="The captain (团长).")]
    joined_on: Annotated[date, Meta(description="The first day that counts for the team.")]
    steps: Annotated[int, Meta(description="Counted steps since then.")]


class TeamView(Struct, kw_only=True):
    """A team."""

    campaign: str
    team: Annotated[str, Meta(description="Its id.")]
    name: str
    captain: Annotated[str, Meta(description="The captain (团长).")]
    goal: Annotated[
        int | None, Meta(description="What the captain set, in steps a day; nothing is decided by it.")
    ]
    members: Annotated[list[TeamMemberView], Meta(description="In the order of joining.")]
    size: Annotated[int, Meta(description="How many members a full team has.")]
    created_at: datetime
    filled_at: Annotated[datetime | None, Meta(description="When the last place was taken first.")]
    days_attained: int
    rate: Annotated[Rate, Meta(description="Attained days / days of the campaign, exactly.")]
    average_steps: Annotated[Average, Meta(description="Steps of the team / members, exactly.")]
    attained_days: Annotated[
        list[date], Meta(description="The newest days that the team has attained (团队达标), newest first.")
    ]


@get(
    "/v1/campaigns/{campaign:str}/teams/{team:str}",
    opt=may(READERS, HANDLER),
    operation_id="getTeam",
    tags=["teams"],
    summary="Show a team",
    responses=problems(401, 403, 404),
)
async def get_team(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    team: TeamPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[TeamView]:
    """A team's members, captain, goal, attained days, and the rate and average that it is ranked by (SX-23)."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        of_trial = is_trial(book, now, trial)
        name = book.book(of_trial)
        await require_team(request, connection, book, name, team)
        page = await team_reads.team(connection, name, team)
        if page is None:
            clause = book.teams.clause if book.teams else book.clause
            raise Problem(404, TeamUnknown.CODE, f"{campaign} has no team {team}.", clause=clause)
        days = await team_reads.team_days(connection, name, team)
    answer = _view(book, page, days, of_trial)
    return Response(answer, headers={"Jifen-Position": str(page.position)})


def _view(
    book: Rulebook, page: team_reads.TeamPage, days: list[tuple[date, int]], of_trial: bool
) -> TeamView:
    steps, members = page.average
    rounded = (
        (2 * steps + members) // (2 * members) if members else 0
    )  # a joining of two ids can leave a team empty
    length = book.days_of(of_trial)
    return TeamView(
        campaign=book.id,
        team=page.team,
        name=page.name,
        captain=page.captain,
        goal=page.goal,
        members=[
            TeamMemberView(
                participant=member.participant,
                captain=member.captain,
                joined_on=member.joined_on,
                steps=member.steps,
            )
            for member in page.members
        ],
        size=book.teams.size if book.teams else len(page.members),
        created_at=page.created_at,
        filled_at=page.filled_at,
        days_attained=page.days_attained,
        rate=Rate(
            numerator=page.days_attained, denominator=length, percent=percent(page.days_attained, length)
        ),
        average_steps=Average(steps=steps, members=members, rounded=rounded),
        attained_days=[day for day, _ in reversed(days[-NEWEST_DAYS:])],
    )
