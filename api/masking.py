"""What participants must not see of their own events: steps above the cap (SX-06), and right answers of questions."""

import msgspec
from psycopg import AsyncConnection

from api.state import Service
from ledger.commands import SyncSteps
from ledger.events import ActivityRefused, QuestionAnswered, StepsSynced


class _Seen(msgspec.Struct):
    """The members of an event that decide what is hidden."""

    rules: int = 0
    steps: int = 0
    correct: bool = False
    activity: str = ""
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
        if topic == QuestionAnswered.TOPIC and _seen(state).correct:
            return _without(state, "answer")
        if topic == StepsSynced.TOPIC:
            return await self._capped(campaign, _seen(state).rules, state)
        if topic == ActivityRefused.TOPIC:
            seen = _seen(state)
            if seen.activity == SyncSteps.TYPE:
                data = await self._capped(campaign, seen.rules, bytes(seen.data))
                return _with(state, "data", data)
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


def _with(state: bytes, name: str, value: bytes) -> bytes:
    members = _members(state)
    members[name] = msgspec.Raw(value)
    return msgspec.json.encode(members)


def _without(state: bytes, name: str) -> bytes:
    members = _members(state)
    del members[name]
    return msgspec.json.encode(members)
