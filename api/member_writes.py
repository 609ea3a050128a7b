"""What unions do about persons: reviews, transfers, restrictions, suspensions, hardship, joining two client ids.

All keep the key's name as the actor, and the reason, for ever: no personal data belongs in one. Source: SJ-03, SJ-05,
SJ-06, SJ-09, GX-05, ZG-10.
"""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, post
from litestar.params import Parameter
from msgspec import Meta, Struct

from api.answers import Accepted
from api.auth import MEMBER_KEEPERS, may
from api.bodies import json_body, malformed, required_idempotency_key
from api.events import REPLAYED
from api.lines import PersonLine, deny_outside, submit_lines
from api.paths import ParticipantPath
from api.persons import checked_reason
from api.problems import problems
from api.scope import HANDLER, STANDING, TRANSFER, require_participants
from api.state import service_of
from api.writes import answer_one, asked_by
from ledger.command import Command, Participant
from ledger.command import Request as LedgerRequest
from ledger.keeping import seal_told
from ledger.member_commands import (
    FlagHardship,
    LiftRestriction,
    MergeMembers,
    ReleaseMember,
    RestrictMember,
    ReviewMembership,
    ReviewTransfer,
    SuspendMember,
)
from ledger.personal import CASE
from ledger.refusal import Malformed

SEALED = "sealed"
MAX_REVIEWS = 5_000
_NO_PERSONAL_DATA = "Stays in the log for ever: no personal data."

Why = Annotated[str, Meta(min_length=2, max_length=1000, description=f"Why. {_NO_PERSONAL_DATA}")]
WhyNot = Annotated[
    str,
    Meta(
        max_length=1000, description=f"Why; needed for a refusal, and told to the person. {_NO_PERSONAL_DATA}"
    ),
]
ReasonQuery = Annotated[
    str,
    Parameter(min_length=2, max_length=1000, pattern=r"^[^\x00]*\Z", description=f"Why. {_NO_PERSONAL_DATA}"),
]


class Verdict(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a union decides."""

    approved: bool
    reason: WhyNot = ""


class Review(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a union decides on one membership."""

    participant: Participant
    approved: bool
    reason: WhyNot = ""


class Reviews(Struct, forbid_unknown_fields=True):
    """What a union decides on many memberships."""

    reviews: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MAX_REVIEWS)]


class Restriction(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Why somebody may not re-join or transfer."""

    kind: Annotated[
        Literal["abuse", "identity_fraud"],
        Meta(description="identity_fraud is escalated, and the case sealed: its reason goes to the vault."),
    ]
    reason: Annotated[
        str,
        Meta(
            min_length=2,
            max_length=1000,
            description="Why. Of abuse it stays in the log for ever: no personal data. Of fraud it goes to the vault.",
        ),
    ]
    until: Annotated[date | None, Meta(description="The last day; left out: until it is lifted.")] = None


class Reasoned(Struct, forbid_unknown_fields=True):
    """Why it is done."""

    reason: Why


class HardshipFlag(Struct, forbid_unknown_fields=True):
    """Whether a member is in hardship."""

    hardship: bool
    reason: Why


class Merger(Struct, forbid_unknown_fields=True):
    """Who is the same person."""

    other: Annotated[
        Participant, Meta(description="The client id whose history becomes part of this member's.")
    ]
    reason: Why


class Reviewed(Struct):
    """What became of each review, in order."""

    results: list[PersonLine]


_decode_review = msgspec.json.Decoder(Review).decode


@post(
    "/v1/memberships/reviews",
    opt=may(MEMBER_KEEPERS, HANDLER),
    status_code=200,
    operation_id="reviewMemberships",
    tags=["members"],
    summary="Review many memberships",
    responses=problems(401, 403, 413, 415, 429),
)
async def review_memberships(request: Request[Any, Any, Any]) -> Response[Reviewed]:
    """Approve or refuse up to 5,000 memberships at once (SJ-03). A refusal ends it and queues a message to the person.

    Each review has its own result, in order; one bad review never sinks its neighbours: who is not in the branch of
    the key is denied, and the others go on. Sent again under the same
    Idempotency-Key it is a repeat, person by person.
    """
    id_ = required_idempotency_key(request)
    body = await json_body(request, Reviews)
    results: list[PersonLine] = []
    asked: list[tuple[PersonLine, LedgerRequest]] = []
    for number, raw in enumerate(body.reviews, start=1):
        line = PersonLine(line=number, status="invalid", http_status=400)
        results.append(line)
        try:
            review = _review(raw)
        except Malformed as fault:
            line.code, line.detail = "malformed", fault.detail
            line.pointer = f"/reviews/{number - 1}{fault.pointer}"
            continue
        line.participant = review.participant
        command = ReviewMembership(approved=review.approved, reason=review.reason)
        id_of_line = f"{id_} {review.participant}"
        asked.append((line, asked_by(request, id_of_line, command, participant=review.participant)))
    asked = await deny_outside(request, asked, "/reviews/{}/participant", STANDING)
    repeat = await submit_lines(request, asked) and len(asked) == len(results)
    return Response(Reviewed(results), headers=REPLAYED if repeat else {})


@post(
    "/v1/members/{participant:str}/review",
    opt=may(MEMBER_KEEPERS, STANDING),
    operation_id="reviewMembership",
    tags=["members"],
    summary="Review a membership",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def review_membership(
    request: Request[Any, Any, Any], participant: ParticipantPath
) -> Response[Accepted]:
    """Approve a membership that waits for it, or refuse it: it has ended then, and a message waits for the person."""
    said = await json_body(request, Verdict)
    require_reason_for(said.approved, said.reason)
    return await _write(request, participant, ReviewMembership(approved=said.approved, reason=said.reason))


@post(
    "/v1/members/{participant:str}/transfer/review",
    opt=may(MEMBER_KEEPERS, TRANSFER),
    operation_id="reviewTransfer",
    tags=["members"],
    summary="Review a transfer",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def review_transfer(
    request: Request[Any, Any, Any], participant: ParticipantPath
) -> Response[Accepted]:
    """Approve a transfer (转会) that waits for it: the membership is with the other union from then on."""
    said = await json_body(request, Verdict)
    require_reason_for(said.approved, said.reason)
    return await _write(request, participant, ReviewTransfer(approved=said.approved, reason=said.reason))


@post(
    "/v1/members/{participant:str}/restriction",
    opt=may(MEMBER_KEEPERS, STANDING),
    operation_id="restrictMember",
    tags=["members"],
    summary="Restrict a member",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def restrict_member(
    request: Request[Any, Any, Any], participant: ParticipantPath
) -> Response[Accepted]:
    """Refuse re-joining and transferring after abuse (SJ-05). Identity fraud is escalated, and the case sealed."""
    said = await json_body(request, Restriction)
    if said.kind == "identity_fraud":
        return await answer_one(request, _sealed(request, participant, said))
    command = RestrictMember(kind=said.kind, reason=checked_reason(said.reason), until=said.until)
    return await _write(request, participant, command)


@delete(
    "/v1/members/{participant:str}/restriction",
    opt=may(MEMBER_KEEPERS, STANDING),
    status_code=200,
    operation_id="liftRestriction",
    tags=["members"],
    summary="Lift a restriction",
    responses=problems(401, 403, 404, 409, 422, 429),
)
async def lift_restriction(
    request: Request[Any, Any, Any], participant: ParticipantPath, reason: ReasonQuery
) -> Response[Accepted]:
    """Let somebody re-join and transfer again."""
    return await _write(request, participant, LiftRestriction(reason=checked_reason(reason)))


@post(
    "/v1/members/{participant:str}/suspension",
    opt=may(MEMBER_KEEPERS, STANDING),
    operation_id="suspendMember",
    tags=["members"],
    summary="Suspend a member",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def suspend_member(request: Request[Any, Any, Any], participant: ParticipantPath) -> Response[Accepted]:
    """Suspend for fraud (GX-05): the history stays; earning, drawing and redeeming are refused in every campaign."""
    said = await json_body(request, Reasoned)
    return await _write(request, participant, SuspendMember(reason=checked_reason(said.reason)))


@delete(
    "/v1/members/{participant:str}/suspension",
    opt=may(MEMBER_KEEPERS, STANDING),
    status_code=200,
    operation_id="releaseMember",
    tags=["members"],
    summary="Release a suspended member",
    responses=problems(401, 403, 404, 409, 422, 429),
)
async def release_member(
    request: Request[Any, Any, Any], participant: ParticipantPath, reason: ReasonQuery
) -> Response[Accepted]:
    """End a suspension: it goes on where it stood."""
    return await _write(request, participant, ReleaseMember(reason=checked_reason(reason)))


@post(
    "/v1/members/{participant:str}/hardship",
    opt=may(MEMBER_KEEPERS, STANDING),
    operation_id="flagHardship",
    tags=["members"],
    summary="Flag hardship",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def flag_hardship(request: Request[Any, Any, Any], participant: ParticipantPath) -> Response[Accepted]:
    """Say that a member is in hardship, and can apply for help (帮扶), or is no longer (ZG-10)."""
    said = await json_body(request, HardshipFlag)
    return await _write(
        request, participant, FlagHardship(hardship=said.hardship, reason=checked_reason(said.reason))
    )


@post(
    "/v1/members/{participant:str}/merger",
    opt=may(MEMBER_KEEPERS, STANDING),
    operation_id="mergeMembers",
    tags=["members"],
    summary="Join two client ids",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def merge_members(request: Request[Any, Any, Any], participant: ParticipantPath) -> Response[Accepted]:
    """Say that another client id is the same person: its history becomes this member's, and nothing counts twice.

    It cannot be undone. Whatever the other client id posts from then on is this member's (EC-12, SJ-09).
    """
    said = await json_body(request, Merger)
    if said.other == participant:
        raise Malformed("/other", "A client id is itself already; name another one.")
    await require_participants(request, [said.other], STANDING)
    return await _write(
        request, participant, MergeMembers(other=said.other, reason=checked_reason(said.reason))
    )


async def _write(request: Request[Any, Any, Any], participant: str, command: Command) -> Response[Accepted]:
    """Have the ledger decide one command about a person, and answer what follows. Raises Problem."""
    id_ = required_idempotency_key(request)
    return await answer_one(request, asked_by(request, id_, command, participant=participant))


def _sealed(request: Request[Any, Any, Any], participant: str, said: Restriction) -> LedgerRequest:
    """A restriction whose reason travels sealed, into the vault; its digest is of the reason's fingerprint."""
    vault, id_ = service_of(request).ledger.vault, required_idempotency_key(request)
    command = RestrictMember(kind=said.kind, reason=vault.fingerprint(said.reason), until=said.until)
    asked = asked_by(request, id_, command, participant=participant)
    return msgspec.structs.replace(
        asked,
        command=msgspec.structs.replace(command, reason=SEALED),
        beside=seal_told(vault, {CASE: said.reason}),
    )


def _review(raw: msgspec.Raw) -> Review:
    """One review of a list. Raises Malformed."""
    try:
        review = _decode_review(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise malformed(str(fault)) from None
    if "\0" in review.reason:
        raise Malformed("/reason", "NUL characters cannot be stored; leave them out.")
    require_reason_for(review.approved, review.reason)
    return review


def require_reason_for(approved: bool, reason: str) -> None:
    """A refusal is told to the person, so it needs a reason; an approval may have one. Raises Malformed."""
    if reason or not approved:
        checked_reason(reason)
