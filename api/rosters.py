"""Rosters over HTTP: up to a body of people at once; `jifen import roster` takes files of any size. Source: ZG-01."""

import asyncio
import io
from typing import Annotated, Any, BinaryIO

from litestar import Request, Response, post
from litestar.exceptions import InternalServerException
from litestar.params import Parameter
from msgspec import Meta, Struct

from api.answers import STATUS
from api.auth import MEMBER_KEEPERS, may
from api.bodies import required_idempotency_key
from api.events import REPLAYED
from api.problems import RETRY_AFTER, Problem, problems
from api.roster import Listed, Reading, Remark, UnreadableFile, chunks, reading_of
from api.roster_entering import CHUNK, Entering, Sealed, UnionFault, Unions, sealed, unions_of
from api.scope import HANDLER, require_branches, unions_outside
from api.state import note, service_of
from api.writes import caller, source_of
from ledger.ledger import Ledger
from ledger.outcomes import Outcome
from ledger.refusal import Malformed

CSV = "text/csv"
MOST_REMARKS = 5_000
OUTSIDE = "A roster has the person under a union outside of the key's branch; a key of a branch above both can move it."

BatchName = Annotated[
    str,
    Parameter(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]*\Z",
        description="What the list is called in the log.",
    ),
]


class RosterLine(Struct):
    """What there is to say of a line. No personal data is in it."""

    line: Annotated[int, Meta(description="Of the file, from 1.")]
    code: Annotated[str, Meta(description="Stable name of what is wrong, or worth knowing.")]
    taken: Annotated[bool, Meta(description="Whether the person was taken all the same.")]
    says: Annotated[str, Meta(description="What to do about it.")]


class EnteredRoster(Struct):
    """How an import went."""

    batch: str
    entered: Annotated[int, Meta(description="People who are new on the roster.")]
    renewed: Annotated[int, Meta(description="People whose union or reference is another one now.")]
    same: Annotated[int, Meta(description="People who were there already, as it is said.")]
    not_taken: Annotated[int, Meta(description="Lines that were turned down.")]
    lines: Annotated[list[RosterLine], Meta(description=f"The first {MOST_REMARKS:,} remarks.")]
    remarks: Annotated[int, Meta(description="How many remarks there are.")]
    position: Annotated[int, Meta(description="Where the newest of it stands in the log; 0 for nothing.")]


@post(
    "/v1/rosters",
    opt=may(MEMBER_KEEPERS, HANDLER),
    status_code=200,
    operation_id="enterRoster",
    tags=["members"],
    summary="Import a roster",
    responses=problems(401, 403, 409, 413, 415, 422, 429),
)
async def enter_roster(request: Request[Any, Any, Any], batch: BatchName) -> Response[EnteredRoster]:
    """Take in people who may activate: text/csv, UTF-8 or GB18030, one person on a line, told by its own result.

    The first line names the columns: 身份证号 and 单位 or 工会 (an id of the tree, or an exact name); 姓名,
    手机号, 编号. One bad line never sinks its neighbours. Personal data go encrypted into the vault; the log has keyed
    hashes.
    """
    id_ = required_idempotency_key(request)
    file = io.BytesIO(await _body(request))
    try:
        reading = reading_of(file)
    except UnreadableFile as fault:
        raise Malformed("", str(fault)) from None
    service, key, visit = service_of(request), caller(request), note(request.scope)
    remarks: list[Remark] = []
    ledger: Ledger = service.ledger
    within = None
    if key.branch is not None:
        unions = await asyncio.to_thread(_unions, ledger, reading, file)
        await require_branches(request, unions)
        within = unions.__contains__
    entering = await asyncio.to_thread(
        Entering,
        ledger,
        batch,
        remarks.append,
        actor=key.name,
        source=source_of(key),
        prefix=id_,
        within=within,
    )
    repeats: list[bool] = []
    for lines in chunks(file, CHUNK):
        people = await asyncio.to_thread(sealed, ledger.vault, reading, lines)
        if key.branch is not None:
            people = await _without_those_of_others(request, ledger, people)
        chunk = entering.chunk(people)
        while chunk.asked is not None:
            (outcome,) = await service.submit([chunk.asked])
            _require_answer(outcome)
            repeats.append(outcome.repeat)
            again = await asyncio.to_thread(entering.settle, chunk, outcome)
            if again is None:
                break
            chunk = again
    tally = entering.tally
    visit.events, visit.position = tally.people, tally.position
    answer = EnteredRoster(
        batch=batch,
        entered=tally.entered,
        renewed=tally.renewed,
        same=tally.same,
        not_taken=tally.not_taken,
        lines=[RosterLine(*each) for each in sorted(remarks)[:MOST_REMARKS]],
        remarks=len(remarks),
        position=tally.position,
    )
    return Response(answer, headers=REPLAYED if repeats and all(repeats) else {})


def _unions(ledger: Ledger, reading: Reading, file: BinaryIO) -> frozenset[str]:
    """The ids of all unions that a roster names; the file is at its beginning again."""
    tree = Unions(ledger)
    named: dict[str, str | None] = {}
    for lines in chunks(file, CHUNK):
        for each in reading.people(lines):
            if isinstance(each, Listed) and each.union not in named:
                try:
                    named[each.union] = tree.find(each.union)
                except UnionFault:
                    named[each.union] = None  # told when its line comes
    file.seek(0)
    return frozenset(filter(None, named.values()))


async def _without_those_of_others(
    request: Request[Any, Any, Any], ledger: Ledger, people: list[Sealed | Remark]
) -> list[Sealed | Remark]:
    """Whom a roster has under a union outside of the key's branch, only that union may list anew. Source: ZG-09."""
    digests = [each.identity for each in people if isinstance(each, Sealed)]
    listed = await asyncio.to_thread(unions_of, ledger, digests)
    outside = await unions_outside(request, listed.values())
    return [
        Remark(each.line, "outside_branch", False, OUTSIDE)
        if isinstance(each, Sealed) and listed.get(each.identity) in outside
        else each
        for each in people
    ]


def _require_answer(outcome: Outcome) -> None:
    """Go on with what was decided. Raises Problem for what was not: sent again, the whole is a repeat so far."""
    if outcome.status not in ("accepted", "refused"):
        headers = RETRY_AFTER if outcome.status == "unavailable" else {}
        raise Problem(STATUS[outcome.status], outcome.code, outcome.detail, headers=headers)


async def _body(request: Request[Any, Any, Any]) -> bytes:
    """The body, in whatever encoding it is. Raises Problem: 415 for another media type."""
    given, _ = request.content_type
    if given.lower() != CSV or request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(
            415,
            "unsupported_media_type",
            f"Send {CSV}, without Content-Encoding.",
            headers={"Accept-Post": CSV},
        )
    try:
        return await request.body()
    except InternalServerException:
        raise Malformed("", "The connection ended before the body did.") from None
