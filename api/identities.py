"""Keyed hashes for apps that name people by them, and the session keys of phones. Source: ZG-02, EC-12, SX-05."""

import asyncio
import base64
import binascii
from typing import Annotated, Any

from litestar import Request, Response, post, put
from msgspec import Meta, Struct

from api.auth import DETAIL_KEEPERS, POSTERS, may
from api.bodies import json_body, required_idempotency_key
from api.open_data import key_ref
from api.paths import ParticipantPath
from api.problems import Problem, problems
from api.scope import PARTICIPANT, WHOLE
from api.session_keys import keep_session_key
from api.state import service_of
from ledger.personal import KINDS, Unfit, normalised
from ledger.refusal import Malformed


class Identifying(Struct, forbid_unknown_fields=True):
    """Something by which a person is known."""

    kind: Annotated[str, Meta(description=f"One of {', '.join(KINDS)}.")]
    value: Annotated[str, Meta(description="The number or the account, however it is written.")]


class Hashed(Struct):
    """What stands for it everywhere else."""

    hash: Annotated[str, Meta(description="For `identity_hash` and `identities` of events.")]


class SessionKey(Struct, forbid_unknown_fields=True):
    """What WeChat's code2Session gave."""

    session_key: Annotated[str, Meta(description="16 bytes in base64.")]


class KeptSessionKey(Struct):
    """A session key in the vault."""

    key_ref: Annotated[str, Meta(description="For `key_ref` of jifen.steps_synced_encrypted.")]


@post(
    "/v1/identities",
    opt=may(DETAIL_KEEPERS, WHOLE),
    status_code=200,
    operation_id="hashIdentity",
    tags=["members"],
    summary="Keyed hash of an identity number, a phone number or an account",
    responses=problems(401, 403, 413, 415, 429),
)
async def hash_identity(request: Request[Any, Any, Any]) -> Response[Hashed]:
    """The keyed hash by which a person is known in the log. Nothing is stored and nothing is logged."""
    told = await json_body(request, Identifying)
    if told.kind not in KINDS:
        raise Malformed("/kind", f"It is one of {', '.join(KINDS)}.")
    try:
        value = normalised(told.kind, told.value)
    except Unfit as fault:
        raise Malformed("/value", str(fault)) from None
    vault = service_of(request).ledger.vault
    return Response(Hashed(vault.identity(told.kind, value)), headers={"Cache-Control": "no-store"})


@put(
    "/v1/members/{participant:str}/session-key",
    opt=may(POSTERS, PARTICIPANT),
    operation_id="keepSessionKey",
    tags=["members"],
    summary="Keep the session key of a phone",
    responses=problems(401, 403, 413, 415, 422, 429),
)
async def put_session_key(
    request: Request[Any, Any, Any], participant: ParticipantPath
) -> Response[KeptSessionKey]:
    """Keep the newest session key of a WeChat user in the vault, in place of the one before.

    Then open data can be posted with `key_ref`, and the key itself travels once.
    """
    required_idempotency_key(request)  # of all writes; this one is the same however often it comes
    told = await json_body(request, SessionKey)
    try:
        key = base64.b64decode(told.session_key, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 16:
        raise Malformed("/session_key", "A session key is 16 bytes in base64.")
    ledger = service_of(request).ledger
    if not await asyncio.to_thread(keep_session_key, ledger, participant, key):
        raise Problem(422, "person_erased", "The person was erased; nothing is kept.", clause="GX-07")
    return Response(KeptSessionKey(key_ref(ledger.vault, key)), headers={"Cache-Control": "no-store"})
