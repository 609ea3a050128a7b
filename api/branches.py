"""The union tree: search, one union, what stands below it; entering lists, confirming, merging. Source: SJ-07, SX-27.

An operator whose key is for one union sees and changes that part of the tree only (ZG-09).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter
from msgspec import Meta, Struct

from api.answers import Accepted
from api.auth import BRANCH_KEEPERS, READERS, may
from api.bodies import json_body, required_idempotency_key
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.problems import Problem, not_found, problems
from api.reading import reached
from api.scope import BRANCH, HANDLER, require_branches, subtree
from api.state import service_of
from api.writes import answer_one, asked_by, replayed, submit_one
from ledger.branch_commands import BranchEntry, ConfirmBranch, MergeBranch, RegisterBranches
from ledger.branch_events import BranchesListed
from ledger.branch_refusals import BranchNotInTree
from ledger.codec import decode
from ledger.refusal import Malformed
from projections import branch_reads, reads
from projections.branch_reads import SHORTEST, BranchRow
from projections.branches import folded

MAX_ENTRIES = 5_000
MOST_ABSORBED = 500

BranchPath = Annotated[
    str,
    Parameter(description="Id of a union, such as xian.", pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z"),
]
BranchQuery = Annotated[
    str, Parameter(pattern=r"^([a-z0-9][a-z0-9-]{0,39})?\Z", description="Id of a union.")
]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Reason = Annotated[
    str, Meta(min_length=2, max_length=1000, description="Why. Stays in the log for ever: no personal data.")
]


class UnionNode(Struct, kw_only=True):
    """A union of the tree."""

    id: str
    name: str
    kind: Annotated[
        str, Meta(description="city, industry, unit …: groups of rulebooks are kinds of the tree.")
    ]
    parent: Annotated[str | None, Meta(description="The union above it today; null at the top.")]
    status: Annotated[
        Literal["confirmed", "pending", "merged"],
        Meta(description="pending: an applicant typed it in, and nobody has confirmed it yet."),
    ]
    has_children: bool


class UnionList(Struct, kw_only=True):
    """A page of unions."""

    branches: list[UnionNode]


class UnionAbove(Struct, kw_only=True):
    """A union above another."""

    id: str
    name: str
    kind: str


class UnionAbsorbed(Struct, kw_only=True):
    """A union that was merged into another."""

    id: str
    name: str
    merged_at: Annotated[datetime, Meta(tz=True)]


class UnionDetail(UnionNode, kw_only=True):
    """A union, where it stands, and what has become part of it."""

    merged_into: Annotated[str | None, Meta(description="What stands for it since it was merged.")]
    ancestors: Annotated[
        list[UnionAbove], Meta(description="The unions above it, the top of the tree first.")
    ]
    children: Annotated[
        list[UnionNode], Meta(description="The first 100 right below it; `?parent=` lists all.")
    ]
    merged_from: list[UnionAbsorbed]


class Entry(Struct, forbid_unknown_fields=True, kw_only=True):
    """A union to be entered."""

    id: Slug
    name: Name
    parent: Annotated[Slug | None, Meta(description="Id of the union above it; null at the top.")] = None
    kind: Slug = "union"
    line: Annotated[int, Meta(ge=0, description="Of your list, for the answer.")] = 0


class Entries(Struct, forbid_unknown_fields=True):
    """A list of unions, in any order."""

    branches: Annotated[list[Entry], Meta(min_length=1, max_length=MAX_ENTRIES)]


class EntryRefused(Struct, kw_only=True):
    """An entry that could not be entered, and why."""

    line: int
    id: str
    code: str
    detail: str


class Entered(Struct, kw_only=True):
    """What became of a list."""

    position: int
    registered: Annotated[int, Meta(description="Unions that are new in the tree.")]
    standing: Annotated[int, Meta(description="Unions that stood there already, just as the list has them.")]
    twice: Annotated[int, Meta(description="Entries whose id the list has again; the last of them counts.")]
    refused: Annotated[
        list[EntryRefused], Meta(description="Entries that could not be entered; the others are.")
    ]


class Confirmation(Struct, forbid_unknown_fields=True):
    """How a union that was typed in is to stand in the tree. Left out: as it was typed."""

    name: Name | None = None
    kind: Slug | None = None


class UnionMerger(Struct, forbid_unknown_fields=True):
    """What a union is to become part of, and why."""

    into: Slug
    reason: Reason


@get(
    "/v1/branches",
    opt=may(READERS, HANDLER),
    operation_id="listBranches",
    tags=["branches"],
    summary="Search the union tree",
    responses=problems(401, 403, 404),
)
async def list_branches(
    request: Request[Any, Any, Any],
    q: Annotated[
        str, Parameter(max_length=200, description="Part of a name, of two characters or more.")
    ] = "",
    parent: BranchQuery = "",
    status: Annotated[
        Literal["pending"] | None, Parameter(description="Only unions that wait to be confirmed or merged.")
    ] = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[UnionList]:
    """Unions by part of their name, names that begin with it first; merged ones are left out (SJ-07).

    With `parent`, those anywhere below it. Without `q`, those right below it, or at the top of the tree; a key that
    is for one union begins there.
    """
    if q and len(folded(q.strip())) < SHORTEST:
        raise Malformed("/query/q", f"A search takes {SHORTEST} characters or more.")
    if "\0" in q:
        raise Malformed("/query/q", "No name has a NUL character.")
    if q and status:
        raise Malformed("/query/status", "Search, or list those that are pending, not both.")
    if parent:
        await require_branches(request, [parent])
    service = service_of(request)
    await reached(service, at_least)
    place: object = None
    async with service.pool.connection() as connection:
        position = await reads.position(connection, branch_reads.VIEWS)
        under = await subtree(request, connection)
        if parent:
            under = await branch_reads.path_of(connection, parent)
            if under is None:
                raise _unknown(parent)
        if q:
            after: branch_reads.Found | None = read_cursor(cursor, tuple[bool, str, str])
            found = await branch_reads.search(connection, q.strip(), under, after, limit + 1)
            shown = [row for _, row in found[:limit]]
            if len(found) > limit:
                begins, last = found[limit - 1]
                place = (begins, last.folded, last.id)
        elif status:
            shown = await branch_reads.pending(connection, under, read_cursor(cursor, str) or "", limit + 1)
            place = shown[limit - 1].path if len(shown) > limit else None
        else:
            above = under.rstrip("/").rpartition("/")[2] if under else None
            named = read_cursor(cursor, tuple[str, str]) or ("", "")
            shown = await branch_reads.below(connection, above, named, limit + 1)
            place = (shown[limit - 1].folded, shown[limit - 1].id) if len(shown) > limit else None
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(UnionList(branches=[_node(row) for row in shown[:limit]]), headers=headers)


@get(
    "/v1/branches/{branch:str}",
    opt=may(READERS, BRANCH),
    operation_id="getBranch",
    tags=["branches"],
    summary="Show a union",
    responses=problems(401, 403, 404),
)
async def get_branch(
    request: Request[Any, Any, Any], branch: BranchPath, at_least: AtLeast = 0
) -> Response[UnionDetail]:
    """A union, those above it, those right below it, and those that were merged into it.

    Of a union that was merged it says what it is part of; that one's place is its place.
    """
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        position = await reads.position(connection, branch_reads.VIEWS)
        found = await branch_reads.branch(connection, branch)
        if found is None:
            raise _unknown(branch)
        row, ancestors = found
        children = [] if row.merged else await branch_reads.below(connection, branch, ("", ""), 100)
        absorbed = [] if row.merged else await branch_reads.absorbed(connection, branch, MOST_ABSORBED)
    answer = UnionDetail(
        **msgspec.structs.asdict(_node(row)),
        merged_into=row.stands if row.merged else None,
        ancestors=[UnionAbove(id=each.id, name=each.name, kind=each.kind) for each in ancestors],
        children=[_node(each) for each in children],
        merged_from=[UnionAbsorbed(id=id, name=name, merged_at=at) for id, name, at in absorbed],
    )
    return Response(answer, headers={"Jifen-Position": str(position)})


@post(
    "/v1/branches",
    opt=may(BRANCH_KEEPERS, HANDLER),
    operation_id="registerBranches",
    tags=["branches"],
    summary="Enter unions into the tree",
    responses=problems(401, 403, 409, 413, 415, 422, 429),
)
async def register_branches(request: Request[Any, Any, Any]) -> Response[Entered]:
    """Enter up to 5,000 unions, in any order. What stands in the tree just as the list has it is left alone.

    An entry that cannot be entered does not sink the others: the answer names it. Alone it is refused with 422.
    """
    id_ = required_idempotency_key(request)
    body = await json_body(request, Entries)
    named = {id for entry in body.branches for id in (entry.id, entry.parent) if id}
    await require_branches(request, named, {entry.id for entry in body.branches if entry.parent})
    command = RegisterBranches(
        branches=tuple(
            BranchEntry(id=each.id, name=each.name, parent=each.parent, kind=each.kind, line=each.line)
            for each in body.branches
        )
    )
    outcome = await submit_one(request, asked_by(request, id_, command))
    listed = decode(outcome.events[0].topic, outcome.events[0].state)
    assert isinstance(listed, BranchesListed)
    answer = Entered(
        position=outcome.position,
        registered=listed.registered,
        standing=listed.standing,
        twice=listed.twice,
        refused=[
            EntryRefused(line=line, id=id, code=code, detail=detail)
            for line, id, code, detail in listed.refused
        ],
    )
    return Response(answer, headers=replayed(outcome))


@post(
    "/v1/branches/{branch:str}/confirmation",
    opt=may(BRANCH_KEEPERS, BRANCH),
    operation_id="confirmBranch",
    tags=["branches"],
    summary="Confirm a union",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def confirm_branch(request: Request[Any, Any, Any], branch: BranchPath) -> Response[Accepted]:
    """Confirm a union that an applicant typed in, under another name or kind if you like (SJ-07)."""
    id_ = required_idempotency_key(request)
    body = await json_body(request, Confirmation)
    return await _write(request, id_, ConfirmBranch(branch=branch, name=body.name, kind=body.kind))


@post(
    "/v1/branches/{branch:str}/merger",
    opt=may(BRANCH_KEEPERS, BRANCH),
    operation_id="mergeBranch",
    tags=["branches"],
    summary="Merge a union into another",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def merge_branch(request: Request[Any, Any, Any], branch: BranchPath) -> Response[Accepted]:
    """Make a union part of another: its members, history, figures and the unions below it follow. It cannot be undone.

    Whoever names the merged union from then on, by id or by name, means the other (SJ-07).
    """
    id_ = required_idempotency_key(request)
    body = await json_body(request, UnionMerger)
    await require_branches(request, [body.into])
    return await _write(request, id_, MergeBranch(branch=branch, into=body.into, reason=body.reason))


async def _write(
    request: Request[Any, Any, Any], id: str, command: ConfirmBranch | MergeBranch
) -> Response[Accepted]:
    try:
        return await answer_one(request, asked_by(request, id, command))
    except Problem as problem:
        if problem.code == BranchNotInTree.CODE:
            problem.status = 404
        raise


def _node(row: BranchRow) -> UnionNode:
    status: Any = row.status
    return UnionNode(
        id=row.id, name=row.name, kind=row.kind, parent=row.above, status=status, has_children=row.parts
    )


def _unknown(branch: str) -> Problem:
    return not_found(f"The tree has no union {branch!r}.")
