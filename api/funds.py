"""Funds, their projects and movements, and applications for help. Source: EC-07, EC-13, ZG-10."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol, TypeVar

from litestar import Request, Response, get
from litestar.params import Parameter
from msgspec import Meta, Struct
from psycopg import AsyncConnection

from api.auth import FUND_WATCHERS, READERS, may
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.paths import CampaignPath, FundPath
from api.problems import Problem, problems
from api.programme_views import TwoLanguages
from api.reading import Trial, is_trial, reached, rules_at
from api.scope import HANDLER, OPEN, Tree, require_branches
from api.state import Service, note, service_of
from api.writes import caller
from ledger.fund_refusals import FundUnknown
from ledger.refusals import NotPlayed
from ledger.rulebook import Rulebook
from ledger.rulebook_lookups import fund_named, fund_names
from projections import fund_reads, reads
from projections.fund_reads import EntryRow, FundRow, HelpRow, ProjectRow

HelpStatus = Annotated[
    Literal["applied", "approved", "refused"] | None, Parameter(description="Only those that stand there.")
]
Moment = Annotated[datetime, Meta(tz=True)]


class FundView(Struct, kw_only=True):
    """A fund. Amounts in fen."""

    fund: Annotated[
        str, Meta(description="Its name; of a union's own it ends in a point and the union's id.")
    ]
    name: TwoLanguages
    union: Annotated[str | None, Meta(description="Id of the union whose fund it is; null for one of all.")]
    union_name: str | None
    clause: str
    donated: Annotated[int, Meta(description="What sponsors gave for steps (EC-07).")]
    deposited: Annotated[int, Meta(description="What else came in.")]
    collected: Annotated[int, Meta(description="All that came in.")]
    paid: Annotated[int, Meta(description="What projects and members got; never more than came in.")]
    balance: Annotated[int, Meta(description="What it holds.")]
    donations: Annotated[int, Meta(description="How often a sponsor gave something.")]


class ProjectView(Struct, kw_only=True):
    """A volunteer project of a fund. Amounts in fen."""

    project: str
    name: str
    amount: Annotated[int, Meta(description="What was asked for.")]
    paid: Annotated[int, Meta(description="What it got.")]
    status: Literal["put_forward", "approved", "turned_down", "published"]
    reason: Annotated[str, Meta(description="Of the review.")]
    put_forward_at: Moment
    reviewed_at: Moment | None
    published_at: Moment | None


class FundDetail(FundView, kw_only=True):
    """A fund with its projects."""

    projects: Annotated[
        list[ProjectView], Meta(description="In their order; keys of clients see those that are published.")
    ]


class Funds(Struct):
    """The funds of a campaign: a common one first, then those of the unions."""

    funds: list[FundView]


class FundEntry(Struct, kw_only=True):
    """A movement of a fund's money."""

    position: Annotated[int, Meta(description="The event in the fund's stream.")]
    kind: Literal["donation", "deposit", "project", "grant"]
    amount: Annotated[int, Meta(description="Fen; below zero for what was paid out.")]
    balance: Annotated[int, Meta(description="What the fund held afterwards.")]
    participant: Annotated[str, Meta(description="For whose steps it was given, or whom a grant helps.")]
    project: str
    actor: str
    ref: Annotated[str, Meta(description="Of the bank's statement.")]
    occurred_at: Moment


class FundEntries(Struct):
    """A page of a fund's movements, newest first."""

    entries: list[FundEntry]


class HelpView(Struct, kw_only=True):
    """An application for help (帮扶). Amounts in fen."""

    participant: str
    number: Annotated[int, Meta(description="Of the member's application, from 1.")]
    ref: Annotated[str, Meta(description="Where it is set out.")]
    asked: Annotated[int | None, Meta(description="Null leaves it to the union.")]
    granted: int | None
    status: Literal["applied", "approved", "refused"]
    actor: Annotated[str, Meta(description="Who decided.")]
    reason: str
    applied_at: Moment
    decided_at: Moment | None


class HelpApplications(Struct):
    """A page of applications for help, oldest first."""

    applications: list[HelpView]


@get(
    "/v1/campaigns/{campaign:str}/funds",
    opt=may(READERS, OPEN),
    operation_id="listFunds",
    tags=["funds"],
    summary="List a campaign's funds",
    responses=problems(401, 403, 404),
)
async def list_funds(
    request: Request[Any, Any, Any], campaign: CampaignPath, trial: Trial = None, at_least: AtLeast = 0
) -> Response[Funds]:
    """What each fund has collected, paid and holds."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        position = await reads.position(connection, ["funds"])
        rows = await fund_reads.funds(connection, book.book(is_trial(book, now, trial)))
    funds = [_fund(book, name, rows.get(name, FundRow(name))) for name in fund_names(book)]
    return Response(Funds(funds), headers={"Jifen-Position": str(position)})


@get(
    "/v1/campaigns/{campaign:str}/funds/{fund:str}",
    opt=may(READERS, OPEN),
    operation_id="getFund",
    tags=["funds"],
    summary="Show a fund",
    responses=problems(401, 403, 404),
)
async def get_fund(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    fund: FundPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[FundDetail]:
    """A fund with its projects (EC-13)."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        require_fund(book, fund)
        name = book.book(is_trial(book, now, trial))
        position = await reads.position(connection, ["funds"])
        rows = await fund_reads.funds(connection, name, fund)
        projects = await fund_reads.projects(connection, name, fund)
    if caller(request).role == "client":
        projects = [each for each in projects if each.status == "published"]
    seen = _fund(book, fund, rows.get(fund, FundRow(fund)))
    answer = FundDetail(
        **{member: getattr(seen, member) for member in seen.__struct_fields__},
        projects=[_project(each) for each in projects],
    )
    return Response(answer, headers={"Jifen-Position": str(position)})


@get(
    "/v1/campaigns/{campaign:str}/funds/{fund:str}/entries",
    opt=may(FUND_WATCHERS, HANDLER),
    operation_id="listFundEntries",
    tags=["funds"],
    summary="List a fund's movements",
    responses=problems(401, 403, 404),
)
async def list_fund_entries(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    fund: FundPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[FundEntries]:
    """Every donation, deposit, payment and grant, newest first, each with the balance after it and its event."""
    service = service_of(request)
    before = read_cursor(cursor, int)
    await require_union_of(request, fund)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        require_fund(book, fund)
        position = await reads.position(connection, ["funds"])
        name = book.book(is_trial(book, now, trial))
        rows = await fund_reads.entries(connection, name, fund, before=before, limit=limit + 1)
    place = rows[limit - 1].position if len(rows) > limit else None
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(FundEntries([_entry(row) for row in rows[:limit]]), headers=headers)


@get(
    "/v1/campaigns/{campaign:str}/help",
    opt=may(FUND_WATCHERS, HANDLER),
    operation_id="listHelp",
    tags=["funds"],
    summary="List applications for help",
    responses=problems(401, 403, 404),
)
async def list_help(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    status: HelpStatus = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[HelpApplications]:
    """Applications for help, oldest first (ZG-10). A key of a branch sees those of its own members; a page may then
    be shorter than asked for, and is followed by others as long as there is a `next` link."""
    service = service_of(request)
    after = read_cursor(cursor, int) or 0
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, _ = await rules_at(service, connection, campaign)
        if book.hardship is None:
            raise Problem(404, NotPlayed.CODE, f"{campaign} gives no help.", clause=book.clause)
        position = await reads.position(connection, ["funds"])
        rows = await fund_reads.help_applications(connection, book.id, status, after=after, limit=limit + 1)
        place = rows[limit - 1].position if len(rows) > limit else None
        seen = await inside(request, connection, rows[:limit])
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(HelpApplications([_help(row) for row in seen]), headers=headers)


class OfParticipant(Protocol):
    """A row about somebody."""

    @property
    def participant(self) -> str:
        """Who."""


R = TypeVar("R", bound=OfParticipant)


async def inside(
    request: Request[Any, Any, Any], connection: AsyncConnection, rows: Sequence[R]
) -> Sequence[R]:
    """The rows about people whom the request's key sees: all, but for a key that is for a branch (ZG-09)."""
    key, service = note(request.scope).key, service_of(request)
    if key is None or key.branch is None:
        return rows
    tree = Tree(service, connection, key.branch)
    return [row for row in rows if await tree.has_participant(row.participant)]


async def require_union_of(request: Request[Any, Any, Any], fund: str) -> None:
    """Refuse a key of a branch that a fund is not of; a fund of all is of none (ZG-09). Raises Problem."""
    await require_branches(request, [fund.partition(".")[2]])


def require_fund(book: Rulebook, fund: str) -> None:
    """Raise a Problem, 404, for a fund that a campaign does not have."""
    if fund_named(book, fund) is None:
        raise Problem(404, FundUnknown.CODE, f"{book.id} has no fund {fund}.", clause=book.clause)


async def rules_with_fund(service: Service, campaign: str, fund: str) -> Rulebook:
    """The rules of a campaign that are in force, if they have the fund. Raises Problem: 404."""
    async with service.pool.connection() as connection:
        book, _ = await rules_at(service, connection, campaign)
    require_fund(book, fund)
    return book


def _fund(book: Rulebook, name: str, row: FundRow) -> FundView:
    rules = fund_named(book, name)
    assert rules is not None
    union = name.partition(".")[2] or None
    return FundView(
        fund=name,
        name=TwoLanguages(rules.name.zh, rules.name.en),
        union=union,
        union_name=next((each.name for each in book.enrolment.branches if each.id == union), None),
        clause=rules.clause,
        donated=row.donated,
        deposited=row.deposited,
        collected=row.donated + row.deposited,
        paid=row.paid,
        balance=row.balance,
        donations=row.donations,
    )


def _project(row: ProjectRow) -> ProjectView:
    return ProjectView(**{name: getattr(row, name) for name in ProjectView.__struct_fields__})


def _entry(row: EntryRow) -> FundEntry:
    return FundEntry(**{name: getattr(row, name) for name in FundEntry.__struct_fields__})


def _help(row: HelpRow) -> HelpView:
    return HelpView(**{name: getattr(row, name) for name in HelpView.__struct_fields__})
