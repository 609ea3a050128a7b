"""The session keys of phones in the vault: sealed, the newest of each person, gone when the person is erased.

They are no events: a key is worth nothing an hour later, and the log keeps everything for ever.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection, Cursor
from psycopg.rows import tuple_row

from api.open_data import EncryptedSteps, Unopened, key_ref, session_key
from api.state import Service
from ledger.command import Request
from ledger.ledger import Ledger
from ledger.member import Member
from ledger.refusal import Malformed
from ledger.states import decode_state
from ledger.streams import member_stream
from ledger.vault import SESSION_KEY, Vault

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
STATE = "SELECT state FROM aggregate_snapshots WHERE originator_id = %s"
KEEP = """
    INSERT INTO secrets (stream, kind, number, sealed, fingerprint) VALUES (%s, %s, 0, %s, NULL)
    ON CONFLICT (stream, kind, number) DO UPDATE SET sealed = EXCLUDED.sealed
"""
FIND = "SELECT stream, sealed FROM secrets WHERE stream = ANY(%s) AND kind = %s AND number = 0"


def keep_session_key(ledger: Ledger, participant: str, key: bytes) -> bool:
    """Keep a session key in place of the one before; durable when this returns. False: the person was erased.

    An erasure takes the same lock (store.py), so whichever comes second sees the first.
    """
    stream = member_stream(participant)
    with (
        ledger.recorder.datastore.get_connection() as connection,
        connection.transaction(),
        connection.cursor(row_factory=tuple_row) as cursor,
    ):
        cursor.execute(LOCK, (stream,))
        state = _member(cursor, stream)
        if state.erased or (state.became and _member(cursor, member_stream(state.became)).erased):
            return False
        sealed = ledger.vault.seal(key, f"{SESSION_KEY} {stream}")
        cursor.execute(KEEP, (stream, SESSION_KEY, sealed))
    return True


def _member(cursor: Cursor[Any], stream: str) -> Member:
    row = cursor.execute(STATE, (stream,)).fetchone()
    state = Member() if row is None else decode_state(stream, bytes(row[0]))
    assert isinstance(state, Member)
    return state


async def session_keys_of(
    connection: AsyncConnection, vault: Vault, participants: Iterable[str]
) -> dict[str, bytes]:
    """The newest session key of each of these client ids that has one."""
    streams = {member_stream(each): each for each in participants}
    rows = await connection.execute(FIND, (list(streams), SESSION_KEY), binary=True)
    return {
        streams[stream]: vault.open(bytes(sealed), f"{SESSION_KEY} {stream}") async for stream, sealed in rows
    }


async def opened(service: Service, unopened: Sequence[Unopened]) -> list[Request | Malformed]:
    """The requests of events whose data are encrypted, or why there is none. Keys are looked up at once for all."""
    wanted = {each.participant for each in unopened if each.data.key_ref}
    keys: dict[str, bytes] = {}
    if wanted:
        async with service.pool.connection() as connection:
            keys = await session_keys_of(connection, service.ledger.vault, wanted)
    found: list[Request | Malformed] = []
    for each in unopened:
        try:
            key = _key(each.data, keys.get(each.participant), service.ledger.vault)
            found.append(each.opened(key, service.wechat_appids))
        except Malformed as fault:
            found.append(fault)
    return found


def _key(data: EncryptedSteps, kept: bytes | None, vault: Vault) -> bytes:
    """The key that an event's data are encrypted with. Raises Malformed."""
    if (data.session_key is None) == (data.key_ref is None):
        raise Malformed("/data/session_key", "Send either session_key or key_ref.")
    if data.session_key is not None:
        return session_key(data.session_key)
    if kept is None or key_ref(vault, kept) != data.key_ref:
        raise Malformed("/data/key_ref", "The vault has no such session key of this participant any more.")
    return kept
