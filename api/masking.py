"""What participants must not see of their own events, and others not of sealed cases.

Steps above the cap (SX-06), right answers of questions, keyed hashes by which persons are known, and what a sealed case
is about (SJ-05).
"""

import msgspec
from psycopg import AsyncConnection

from api.state import Service
from ledger.activity_events import QuizAnswered
from ledger.commands import SyncSteps
from ledger.events import ActivityRefused, QuestionAnswered, StepsSynced
from ledger.member_commands import RestrictMember
from ledger.member_events import Activated, IdentitiesAdded, MemberJoined, MemberRestricted

HASHES = {Activated.TOPIC: ("identity",), IdentitiesAdded.TOPIC: ("identities",)}
"""Events that tell keyed hashes → the members that do."""
IN_COMMANDS = ("identity_hash", "identities", "identity")
"""The members of commands that tell keyed hashes."""
FRAUD = "identity_fraud"
OF_A_CASE = ("kind", "actor", "reason", "source")


class _Seen(msgspec.Struct):
    """The members of an event that decide what is hidden."""

    rules: int = 0
    steps: int = 0
    correct: bool = False
    sealed: bool = False
    activity: str = ""
    kind: str = ""
    after: dict[str, msgspec.Raw] = {}
    data: msgspec.Raw = msgspec.Raw(b"{}")


_seen = msgspec.json.Decoder(_Seen).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Mask:
    """Hides members of stored events, by the rules that each was decided under. For one answer of the API."""

    def __init__(self, service: Service, connection: AsyncConnection) -> None:
        self._service = service
        self._connection = connection
        self._caps: dict[tuple[str, int], int | None] = {}

    async def hide(self, campaign: str, topic: str, state: bytes) -> bytes:
        """The event as a participant may see it; word for word where there is nothing to hide."""
        if topic in (QuestionAnswered.TOPIC, QuizAnswered.TOPIC) and _seen(state).correct:
            return _without(state, "answer")
        if topic in HASHES:
            return _without(state, *HASHES[topic])
        if topic == MemberJoined.TOPIC:
            return _without_after(hide_case(topic, state), "identities")
        if (masked := hide_case(topic, state)) != state:
            return masked
        if topic == StepsSynced.TOPIC:
            return await self._capped(campaign, _seen(state).rules, state)
        if topic == ActivityRefused.TOPIC:
            seen = _seen(state)
            if seen.activity == SyncSteps.TYPE:
                data = await self._capped(campaign, seen.rules, bytes(seen.data))
                return _with(state, "data", data)
            return _with(state, "data", _without(bytes(seen.data), *IN_COMMANDS))
        return state

    async def _capped(self, campaign: str, version: int, state: bytes) -> bytes:
        cap = await self._cap(campaign, version)
        if cap is None or _seen(state).steps <= cap:
            return state
        return _with(state, "steps", b"%d" % cap)

    async def _cap(self, campaign: str, version: int) -> int | None:
        """The most steps of a day that a version of the rules shows; None for no limit."""
        key = (campaign, version)
        if key not in self._caps:
            self._caps[key] = None
            known = (await self._service.moment(self._connection, campaign)).campaign
            if known and 1 <= version <= len(known.versions):
                book = await self._service.rulebook(self._connection, campaign, known.versions[version - 1])
                if book.steps and not book.steps.show_above_cap:
                    self._caps[key] = book.steps.daily_cap
        return self._caps[key]


def hide_case(topic: str, state: bytes) -> bytes:
    """The event without what a sealed case is about, which only administrators see (SJ-05).

    A case that was not taken is known by its kind: such a refusal keeps what was asked.
    """
    if topic == MemberRestricted.TOPIC and _seen(state).sealed:
        return _without(state, *OF_A_CASE)
    if topic == MemberJoined.TOPIC:
        told = bytes(_seen(state).after.get("restricted", b""))
        return _without_after(state, "restricted", "restricted_until") if FRAUD.encode() in told else state
    if topic == ActivityRefused.TOPIC and (seen := _seen(state)).activity == RestrictMember.TYPE:
        asked = bytes(seen.data)
        return _with(state, "data", _without(asked, *OF_A_CASE)) if _seen(asked).kind == FRAUD else state
    return state


def _with(state: bytes, name: str, value: bytes) -> bytes:
    """With another value of a member; word for word where it has that already."""
    members = _members(state)
    if bytes(members.get(name, b"{}")) == value:
        return state
    members[name] = msgspec.Raw(value)
    return msgspec.json.encode(members)


def _without_after(state: bytes, *names: str) -> bytes:
    """Without some members of what is different after a joining."""
    after = _seen(state).after
    left = {name: value for name, value in after.items() if name not in names}
    return state if len(left) == len(after) else _with(state, "after", msgspec.json.encode(left))


def _without(state: bytes, *names: str) -> bytes:
    """Without some members; word for word where it has none of them."""
    members = _members(state)
    left = {name: value for name, value in members.items() if name not in names}
    return state if len(left) == len(members) else msgspec.json.encode(left)
