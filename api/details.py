"""Personal details: kept in the vault, shown to whoever says why, erased. Source: SX-02, SX-25, SJ-01, SJ-06, GX-07.

No value is in the log, in a log line, in a problem or in a stored request: docs/vault.md.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post, put
from litestar.params import Parameter
from msgspec import Meta, Struct

from api.auth import CASE_SEERS, DETAIL_KEEPERS, DETAIL_SEERS, ERASERS, may
from api.bodies import json_body, required_idempotency_key
from api.paths import ParticipantPath
from api.persons import checked_reason, identities_of, is_address, keeping, kept_of, ready, states_of
from api.problems import Problem, problems
from api.scope import PARTICIPANT, STANDING, WHOLE, require_participants
from api.state import service_of
from api.writes import asked_by, caller, replayed, source_of, submit_one
from ledger.command import Identities
from ledger.identity import Identity
from ledger.member_commands import ErasePerson, ViewDetails
from ledger.personal import ADDRESS, CASE, FIELDS, LONGEST, Unfit, normalised
from ledger.refusal import Malformed
from ledger.streams import identity_stream

SHOWN_AGAIN = 300
"""Seconds for which a view that is asked for again under its key is shown again; each later look is noted anew."""

Details = msgspec.defstruct(
    "Details",
    [(field, Annotated[str | None, Meta(description=says)], None) for field, says in FIELDS.items()],
    forbid_unknown_fields=True,
    module=__name__,
    namespace={
        "__doc__": "Personal fields. What is left out stays as it is; an empty text removes a field that is not fixed."
    },
)

Why = Annotated[
    str,
    Meta(min_length=2, max_length=1000, description="Why. Stays in the log for ever: no personal data."),
]
DigestPath = Annotated[
    str, Parameter(pattern=r"^[0-9a-f]{32}\Z", description="The keyed hash of somebody of a roster.")
]


class KeptDetails(Struct):
    """What the vault keeps from now on."""

    participant: str
    fields: Annotated[list[str], Meta(description="The fields that were told.")]
    removed: list[str]
    identities: Annotated[
        Identities, Meta(description="Keyed hashes of those that identify: for `identities` of events.")
    ]
    position: Annotated[int, Meta(description="Where it stands in the log.")]


class View(Struct, forbid_unknown_fields=True):
    """What is to be shown, and why."""

    reason: Why
    fields: Annotated[
        list[str],
        Meta(min_length=1, max_length=40, description="Names of fields, or handles of addresses."),
    ]


class ShownDetails(Struct):
    """What the vault keeps of a person."""

    participant: str
    fields: Annotated[
        dict[str, str | None], Meta(description="Each field that was asked for; null for none.")
    ]
    position: Annotated[int, Meta(description="Where the log says that it was looked at.")]


class PostalAddress(Struct, forbid_unknown_fields=True):
    """Where something is to be sent. It is kept as it is given: another address is another handle."""

    recipient: Annotated[str, Meta(min_length=1, max_length=LONGEST, description="收件人.")]
    phone: Annotated[str, Meta(min_length=1, max_length=LONGEST, description="收件人电话.")]
    address: Annotated[str, Meta(min_length=1, max_length=LONGEST, description="省市区街道门牌.")]
    postcode: Annotated[str, Meta(max_length=20, description="邮编.")] = ""


class KeptAddress(Struct):
    """An address in the vault."""

    participant: str
    address_ref: Annotated[str, Meta(description="For `address_ref` of jifen.address_submitted.")]
    position: Annotated[int, Meta(description="Where it stands in the log.")]


class Erasure(Struct, forbid_unknown_fields=True):
    """Why a person is erased."""

    reason: Why


class Erased(Struct):
    """A person whose data are gone."""

    position: Annotated[int, Meta(description="Where it stands in the log.")]


@put(
    "/v1/members/{participant:str}/details",
    opt=may(DETAIL_KEEPERS, STANDING),
    operation_id="keepDetails",
    tags=["members"],
    summary="Keep personal details",
    responses=problems(401, 403, 409, 413, 415, 422, 429),
)
async def keep_details(
    request: Request[Any, Any, Any], participant: ParticipantPath
) -> Response[KeptDetails]:
    """Keep personal fields in the vault, encrypted by a key of the person's own; the log has their names only.

    name and id_number are fixed once they stand. Who is known by the same identity number, phone, WeChat or Weibo
    account already is the same person from now on (SJ-09).
    """
    id_ = required_idempotency_key(request)
    body = await json_body(request, Details)
    told, removed = ready(msgspec.structs.asdict(body))
    if not told and not removed:
        raise Malformed("", "Tell at least one field.")
    key, vault = caller(request), service_of(request).ledger.vault
    identities = identities_of(vault, told)
    if key.branch is not None:
        known = await _known(request, identities.values())
        await require_participants(request, [each.member for each in known if each.member], STANDING)
    asked = keeping(
        vault, told, removed, participant=participant, source=source_of(key), id=id_, actor=key.name
    )
    outcome = await submit_one(request, asked)
    answer = KeptDetails(participant, sorted(told), sorted(removed), identities, outcome.position)
    return Response(answer, headers=replayed(outcome))


@post(
    "/v1/members/{participant:str}/details/views",
    opt=may(DETAIL_SEERS, PARTICIPANT),
    status_code=200,
    operation_id="viewDetails",
    tags=["members"],
    summary="Look at personal details",
    responses=problems(401, 403, 409, 413, 415, 422, 429),
)
async def view_details(
    request: Request[Any, Any, Any], participant: ParticipantPath
) -> Response[ShownDetails]:
    """Show fields of a person. Who looks, at what and why is in the log for ever before anything is shown."""
    id_ = required_idempotency_key(request)
    view = await json_body(request, View)
    _require_fields(view.fields, sees_cases=caller(request).role in CASE_SEERS)
    service = service_of(request)
    command = ViewDetails(fields=tuple(dict.fromkeys(view.fields)), reason=checked_reason(view.reason))
    outcome = await submit_one(request, asked_by(request, id_, command, participant=participant))
    async with service.pool.connection() as connection:
        now = (await service.moment(connection)).now
        looked_at = outcome.recorded_at or now
        if outcome.repeat and (now - looked_at).total_seconds() > SHOWN_AGAIN:
            over = "This look is over; look again under a new Idempotency-Key."
            raise Problem(409, "event_id_reused", over, position=outcome.position)
        kept = await kept_of(connection, service.ledger.vault, participant)
    shown = ShownDetails(participant, {field: kept.get(field) for field in command.fields}, outcome.position)
    return Response(shown, headers={"Cache-Control": "no-store", **replayed(outcome)})


def _require_fields(fields: list[str], *, sees_cases: bool) -> None:
    """Take names of fields and handles of addresses alone, for they stand in the log. Raises Malformed."""
    for number, field in enumerate(fields):
        if not (field in FIELDS or is_address(field) or (field == CASE and sees_cases)):
            known = f"{', '.join(FIELDS)} and the handles of addresses"
            raise Malformed(f"/fields/{number}", f"The vault has no such field; there are {known}.")


@post(
    "/v1/members/{participant:str}/addresses",
    opt=may(DETAIL_KEEPERS, STANDING),
    operation_id="keepAddress",
    tags=["members"],
    summary="Keep a postal address",
    responses=problems(401, 403, 409, 413, 415, 422, 429),
)
async def keep_address(
    request: Request[Any, Any, Any], participant: ParticipantPath
) -> Response[KeptAddress]:
    """Keep an address in the vault; the answer has its handle, which a winner's `address_submitted` names (SX-25).

    An address never changes: another one has another handle, and a prize takes one once.
    """
    id_ = required_idempotency_key(request)
    body = await json_body(request, PostalAddress)
    values, _ = ready({"name": body.recipient, "address": body.address})
    for field, member in (("name", "recipient"), ("address", "address")):
        if field not in values:
            raise Malformed(f"/{member}", "it is blank")
    try:
        phone = normalised("phone", body.phone)
    except Unfit as fault:
        raise Malformed("/phone", str(fault)) from None
    key, service = caller(request), service_of(request)
    source = source_of(key)
    handle = ADDRESS + blake2b(f"{source}\0{id_}".encode(), digest_size=12).hexdigest()
    parts = {
        "recipient": values["name"], "phone": phone, "address": values["address"], "postcode": body.postcode.strip()
    }  # fmt: skip
    asked = keeping(
        service.ledger.vault,
        {handle: msgspec.json.encode(parts).decode()},
        (),
        participant=participant,
        source=source,
        id=id_,
        actor=key.name,
    )
    outcome = await submit_one(request, asked)
    return Response(KeptAddress(participant, handle, outcome.position), headers=replayed(outcome))


@post(
    "/v1/members/{participant:str}/erasure",
    opt=may(ERASERS, STANDING),
    operation_id="erasePerson",
    tags=["members"],
    summary="Erase a person",
    responses=problems(401, 403, 409, 413, 415, 422, 429),
)
async def erase_person(request: Request[Any, Any, Any], participant: ParticipantPath) -> Response[Erased]:
    """Destroy what the vault keeps of a person, with its key, addresses and what rosters told. Cannot be undone.

    The log, totals and boards stay as they are, under the same ids. Nothing new is recorded of the person.
    """
    return await _erase(request, participant, None)


@post(
    "/v1/identities/{identity:str}/erasure",
    opt=may(ERASERS, WHOLE),
    operation_id="eraseIdentity",
    tags=["members"],
    summary="Erase somebody of a roster",
    responses=problems(401, 403, 409, 413, 415, 422, 429),
)
async def erase_identity(request: Request[Any, Any, Any], identity: DigestPath) -> Response[Erased]:
    """Destroy what the vault keeps of somebody who is on a roster and has not activated. Cannot be undone."""
    return await _erase(request, "", identity)


async def _known(request: Request[Any, Any, Any], digests: Iterable[str]) -> list[Identity]:
    """What is known of keyed hashes; nothing of those that nobody has told."""
    async with service_of(request).pool.connection() as connection:
        states = await states_of(connection, [identity_stream(digest) for digest in digests])
    return [state for state in states.values() if isinstance(state, Identity)]


async def _erase(request: Request[Any, Any, Any], participant: str, identity: str | None) -> Response[Erased]:
    id_ = required_idempotency_key(request)
    body = await json_body(request, Erasure)
    command = ErasePerson(reason=checked_reason(body.reason), identity=identity)
    outcome = await submit_one(request, asked_by(request, id_, command, participant=participant))
    return Response(Erased(outcome.position), headers=replayed(outcome))
