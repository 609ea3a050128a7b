"""Persons: lists and the review queue, the member's page, its history, and messages that wait. Source: SJ-03, SJ-08."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import Parameter
from psycopg import AsyncConnection

from api.auth import CASE_SEERS, MEMBER_WATCHERS, MESSENGERS, READERS, may
from api.member_views import (
    MemberHistory,
    MemberList,
    MemberView,
    MessageQueue,
    UnionView,
    member_view,
    message_view,
    step_view,
    summary,
    unions_in,
)
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.paths import ParticipantPath
from api.persons import person_of, states_of
from api.problems import Problem, not_found, problems
from api.reading import reached
from api.scope import HANDLER, PARTICIPANT, WHOLE, require_branches, subtree
from api.state import Service, service_of
from api.writes import caller
from ledger.branch import Branch
from ledger.branch_refusals import BranchNotInTree
from ledger.context import NO_RULES
from ledger.posting import POINTS, points_account
from ledger.rulebook import Rulebook
from ledger.streams import BRANCH, branch_stream
from projections import branch_reads, member_reads, reads
from projections.member_reads import MemberRow, Standing

WALLET = "member"
"""The book that wallets are kept in."""
VIEWS = ["members", "balances", "progress", "prizes"]

NOBODY = MemberRow(
    participant="", campaign="", branch="", status="none", position=0, applied_at=None, reviewed_at=None,
    ended_at=None, employment="", trade=None, unit=None, department=None, transfer="", transfer_at=None,
    restricted="", sealed=False, restricted_until=None, suspended=False, hardship=False, activated_at=None,
    activated_in=None, activated_branch=None, identities=0, became="", erased_at=None,
)  # fmt: skip
"""Somebody of whom nothing is known but what campaigns know."""


@get(
    "/v1/members",
    opt=may(MEMBER_WATCHERS, HANDLER),
    operation_id="listMembers",
    tags=["members"],
    summary="List members",
    responses=problems(401, 403, 404),
)
async def list_members(
    request: Request[Any, Any, Any],
    branch: Annotated[
        str,
        Parameter(
            pattern=r"^[a-z0-9-]{0,40}\Z", description="Only members of this union and of those below it."
        ),
    ] = "",
    status: Annotated[
        Standing | None,
        Parameter(
            description="applied: they wait for a review; reviewed; ended; transferring: a transfer waits for one."
        ),
    ] = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[MemberList]:
    """Members, the one whose membership changed longest ago first; so `status=applied` is the queue of reviews.

    A member whose membership changes while you read comes again at the end; none is left out.
    """
    service = service_of(request)
    after = read_cursor(cursor, int) or 0
    if branch:
        await require_branches(request, [branch])
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        position = await reads.position(connection, ["members", "branches"])
        rows = await member_reads.members(
            connection,
            standing=status,
            under=await (_under(connection, branch) if branch else subtree(request, connection)),
            after=after,
            limit=limit + 1,
        )
        names = await _names(connection, rows[:limit])
        today = _today((await service.moment(connection)).now)
    sees_cases = caller(request).role in CASE_SEERS
    place = rows[limit - 1].position if len(rows) > limit else None
    members = [summary(row, names, today, sees_cases=sees_cases) for row in rows[:limit]]
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(MemberList(members), headers=headers)


@get(
    "/v1/members/{participant:str}",
    opt=may(READERS, PARTICIPANT),
    operation_id="getMember",
    tags=["members"],
    summary="Show the member's page",
    responses=problems(401, 403, 404),
)
async def get_member(
    request: Request[Any, Any, Any], participant: ParticipantPath, at_least: AtLeast = 0
) -> Response[MemberView]:
    """The card with the union, the membership, points, rights, coupons, activities, and what there is to take up.

    A client id that was joined to another participant shows that one's page.
    """
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        who, known = await person_of(connection, participant)
        rules, now = await _rules(service, connection)
        position = await reads.position(connection, VIEWS)
        row = await member_reads.member(connection, who)
        activities = await member_reads.activities(connection, who, list(rules))
        if row is None and not activities:
            raise not_found(f"Nothing is known of {participant}: no membership, no campaign.")
        account = points_account(WALLET, who)
        balances = await reads.balances(connection, who)
        answer = member_view(
            summary(
                row or msgspec.structs.replace(NOBODY, participant=who),
                await _names(connection, [row] if row else []),
                _today(now),
                sees_cases=caller(request).role in CASE_SEERS,
            ),
            aliases=known.aliases,
            wallet=next((b for b in balances if b.account == account and b.asset == POINTS), None),
            rights=await member_reads.rights(connection, who, known.aliases),
            coupons=await member_reads.coupons(connection, [who, *known.aliases], list(rules)),
            activities=activities,
            consents=await member_reads.consents(connection, [who, *known.aliases]),
            rules=rules,
            now=now,
        )
    return Response(answer, headers={"Jifen-Position": str(position)})


@get(
    "/v1/members/{participant:str}/history",
    opt=may(READERS, PARTICIPANT),
    operation_id="listMemberHistory",
    tags=["members"],
    summary="List what became of a member",
    responses=problems(401, 403),
)
async def list_member_history(
    request: Request[Any, Any, Any],
    participant: ParticipantPath,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[MemberHistory]:
    """Applications, reviews, transfers, restrictions, rights and joinings of a person: who, when, why; newest first.

    Of a sealed case only administrators see more than that there is one.
    """
    service = service_of(request)
    before = read_cursor(cursor, int)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        who, known = await person_of(connection, participant)
        position = await reads.position(connection, ["members"])
        rows = await member_reads.history(connection, [who, *known.aliases], before=before, limit=limit + 1)
    sees_cases = caller(request).role in CASE_SEERS
    steps = [step_view(row, sees_cases=sees_cases) for row in rows[:limit]]
    place = steps[-1].position if len(rows) > limit else None
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(MemberHistory(steps), headers=headers)


@get(
    "/v1/messages",
    opt=may(MESSENGERS, WHOLE),
    operation_id="listMessages",
    tags=["members"],
    summary="List messages that wait",
    responses=problems(401, 403),
)
async def list_messages(
    request: Request[Any, Any, Any],
    after: Annotated[
        int, Parameter(ge=0, le=2**62, description="The position that the channel has got to.")
    ] = 0,
    limit: Limit = 100,
    at_least: AtLeast = 0,
) -> Response[MessageQueue]:
    """What is to be told to persons, in the order in which it was queued, for the channel that delivers it.

    The channel remembers how far it has got, and asks for what stands after it. Nothing personal is in a message.
    """
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        position = await reads.position(connection, ["members"])
        rows = await member_reads.messages(connection, after=after, limit=limit)
    queue = MessageQueue([message_view(row) for row in rows])
    return Response(queue, headers={"Jifen-Position": str(position)})


async def _names(connection: AsyncConnection, rows: Iterable[MemberRow]) -> dict[str, UnionView]:
    """The unions that rows name, as they are now: what was merged is what it is part of."""
    named = {branch for row in rows for branch in unions_in(row)}
    found = await _unions(connection, named)
    found |= await _unions(connection, {union.into for union in found.values() if union.into} - set(found))
    return {id_: _shown(id_, found) for id_ in named}


async def _unions(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, Branch]:
    states = await states_of(connection, [branch_stream(id_) for id_ in ids])
    return {
        stream.removeprefix(BRANCH): state for stream, state in states.items() if isinstance(state, Branch)
    }


async def _under(connection: AsyncConnection, branch: str) -> str:
    """The path of a union in the tree. Raises Problem: 404."""
    path = await branch_reads.path_of(connection, branch)
    if path is None:
        raise Problem(404, BranchNotInTree.CODE, f"The tree has no union {branch!r}.")
    return path


def _shown(id: str, found: Mapping[str, Branch]) -> UnionView:
    stands = found[id].into if id in found and found[id].into else id
    return UnionView(id=stands, name=found[stands].name if stands in found else stands)


def _today(now: datetime) -> date:
    """The day that it is for persons, who belong to no campaign."""
    return now.astimezone(NO_RULES.tz).date()


async def _rules(service: Service, connection: AsyncConnection) -> tuple[dict[str, Rulebook], datetime]:
    """The rules in force of all published campaigns, and what time it is for the ledger."""
    now = (await service.moment(connection)).now
    campaigns = await service.campaigns(connection)
    found = {}
    for id_, campaign in campaigns.items():
        if (version := campaign.at(now)) is not None:
            found[id_] = await service.rulebook(connection, id_, version)
    return found, now
