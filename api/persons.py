"""What the vault keeps of a person, at the edge: values are made ready for it, and opened for whoever may see them.

Nothing here is logged, and no fault repeats a value.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec
from psycopg import AsyncConnection

from ledger.command import Identities, Request, request
from ledger.fold import State
from ledger.keeping import seal_told
from ledger.member import Member
from ledger.member_commands import KeepDetails
from ledger.personal import ADDRESS, KINDS, Unfit, names_somebody, normalised
from ledger.refusal import Malformed
from ledger.states import decode_state
from ledger.store import LOAD_STATES
from ledger.streams import identity_stream, member_stream
from ledger.vault import Kept, Vault

PERSONAL = "SELECT person, wrapped_key, fields FROM personal WHERE person = ANY(%s)"

_ADDRESS = re.compile(re.escape(ADDRESS) + "[0-9a-f]{24}")
_encode = msgspec.json.Encoder(order="deterministic").encode


def ready(values: Mapping[str, str | None], inside: str = "") -> tuple[dict[str, str], tuple[str, ...]]:
    """The fields that are told, as they are kept, and the names of those that are to be removed (told as empty).

    Raises Malformed: with a pointer, and without the value.
    """
    told: dict[str, str] = {}
    removed: list[str] = []
    for field, value in values.items():
        if value is None:
            continue
        if not value.strip():
            removed.append(field)
            continue
        try:
            told[field] = normalised(field, value)
        except Unfit as fault:
            raise Malformed(f"{inside}/{field}", str(fault)) from None
    return told, tuple(removed)


def identities_of(vault: Vault, told: Mapping[str, str]) -> Identities:
    """The keyed hashes of those fields that identify."""
    return {kind: vault.identity(kind, told[kind]) for kind in KINDS if kind in told}


def keeping(
    vault: Vault,
    told: dict[str, str],
    removed: tuple[str, ...],
    *,
    participant: str,
    source: str,
    id: str,
    actor: str,
) -> Request:
    """The request that has the ledger keep these fields. Its digest is of the values; they travel beside, sealed."""
    command = KeepDetails(
        fields=tuple(sorted(told)),
        removed=tuple(sorted(removed)),
        identities=identities_of(vault, told),
        values=vault.fingerprint(_encode(told).decode()),
    )
    asked = request(
        command,
        source=source,
        id=id,
        campaign="",
        participant=participant,
        actor=actor,
        beside=seal_told(vault, told),
    )
    return msgspec.structs.replace(asked, command=msgspec.structs.replace(command, values=""))


def checked_reason(reason: str) -> str:
    """A reason that may stay in the log for ever. Raises Malformed for one that names somebody."""
    if len(reason.strip()) < 2:
        raise Malformed("/reason", "Say why, in 2 characters or more.")
    if names_somebody(reason):
        raise Malformed(
            "/reason",
            "An identity number or a phone number stands in it; a reason stays in the log for ever.",
        )
    return reason


async def states_of(connection: AsyncConnection, streams: Sequence[str]) -> dict[str, State]:
    """The newest states of those of these streams that have one."""
    rows = await connection.execute(LOAD_STATES, (list(streams),), binary=True)
    return {stream: decode_state(stream, bytes(state)) async for stream, state in rows}


async def person_of(connection: AsyncConnection, participant: str) -> tuple[str, Member]:
    """The participant that a client id is of now, and its state."""
    state = await _member(connection, participant)
    if state.became:
        return state.became, await _member(connection, state.became)
    return participant, state


async def _member(connection: AsyncConnection, participant: str) -> Member:
    stream = member_stream(participant)
    state = (await states_of(connection, [stream])).get(stream, Member())
    assert isinstance(state, Member)
    return state


async def kept_of(connection: AsyncConnection, vault: Vault, participant: str) -> dict[str, str]:
    """All that the vault keeps of a person: by itself, by its other client ids, and by the roster.

    What the person told last of itself goes before what a roster says.
    """
    participant, state = await person_of(connection, participant)
    own = [member_stream(each) for each in (participant, *state.aliases)]
    members = await states_of(connection, own)
    listed = [
        identity_stream(digest)
        for member in members.values()
        if isinstance(member, Member)
        for digest in member.identities.get("id_number", ())
    ]
    rows = await connection.execute(PERSONAL, ([*own, *listed],), binary=True)
    found = {person: Kept(bytes(key), bytes(fields)) async for person, key, fields in rows}
    kept: dict[str, str] = {}
    for person in reversed([*own, *listed]):
        if person in found:
            kept |= vault.kept(person, found[person])
    return kept


def is_address(field: str) -> bool:
    """Whether a field is the handle of a postal address."""
    return _ADDRESS.fullmatch(field) is not None
