"""What a group of requests does to the personal fields in the vault: read, compared, kept and erased under the lock.

Values come sealed by the master key in ``Request.beside``, so that no request can show them by being printed. They are
open here for as long as they are compared and put together, and nowhere else in the writer.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from ledger.command import Request
from ledger.decide import resolved
from ledger.decision import Decision
from ledger.events import ActivityRefused
from ledger.fold import State
from ledger.identity import Identity
from ledger.member import Member
from ledger.member_commands import EnterRoster, ErasePerson, KeepDetails, RestrictMember
from ledger.member_events import DetailsKept, MemberRestricted, PersonErased
from ledger.personal import CASE
from ledger.states import NotLoaded, States
from ledger.store import Group, PersonalRow
from ledger.streams import identity_stream, member_stream
from ledger.vault import Kept, Vault

TOLD = "details"
"""What sealed values are sealed about, on their way to the writer."""

KEEPING = (KeepDetails, ErasePerson, EnterRoster)
NOBODY: frozenset[str] = frozenset()

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


def seal_told(vault: Vault, values: dict[str, str]) -> tuple[bytes, ...]:
    """Values on their way to the writer, for ``Request.beside``."""
    return (vault.seal(_encode(values), TOLD),)


def _seals(request: Request) -> bool:
    """Whether a request brings what a case is about, that is to be sealed."""
    return isinstance(request.command, RestrictMember) and bool(request.beside)


class Keeping:
    """The personal rows of one group. In this order: ``learn``; for each request ``changes``, ``follow``; ``write``."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._found: dict[str, PersonalRow | None] = {}
        self._changed: dict[str, PersonalRow | None] = {}

    def learn(self, group: Group, requests: Iterable[Request], states: States) -> None:
        """Read what is kept of the persons whose fields may be kept now. requests: resolved."""
        wanted = {
            person
            for request in requests
            if isinstance(request.command, KeepDetails) or _seals(request)
            for person in self._persons(request, states)
        }
        if wanted:
            self._found = dict.fromkeys(wanted) | {row.person: row for row in group.personal(sorted(wanted))}

    def changes(self, request: Request, states: States) -> frozenset[str]:
        """Which fields that a request tells, or removes, stand already with another value.

        Raises NotLoaded when an earlier request of the group has made somebody else the same person.
        """
        command = request.command
        if _seals(request):
            self._fields(member_stream(resolved(request, states).participant))
        if not isinstance(command, KeepDetails):
            return NOBODY
        stand: dict[str, str] = {}
        for person in reversed(self._persons(resolved(request, states), states)):
            stand |= self._fields(person)
        told = self._told(request)
        changed = {field for field, value in told.items() if stand.get(field, value) != value}
        return frozenset(changed | (set(command.removed) & stand.keys()))

    def follow(self, request: Request, decision: Decision) -> None:
        """Note what a decision does to the rows."""
        if not isinstance(request.command, KEEPING) and not _seals(request):
            return
        for stream, _, event in decision.events:
            if isinstance(event, DetailsKept):
                fields = {name: v for name, v in self._fields(stream).items() if name not in event.removed}
                self._changed[stream] = self._row(stream, fields | self._told(request))
            elif isinstance(event, MemberRestricted):
                self._seal_case(stream, self._told(request), decision)
            elif isinstance(event, PersonErased):
                self._changed[stream] = None
                state: State = decision.changed[stream]
                if isinstance(state, Member):
                    self._changed |= {member_stream(alias): None for alias in state.aliases}
        refused = isinstance(decision.events[0].event, ActivityRefused)
        if isinstance(request.command, EnterRoster) and request.beside and not refused:
            self._enter(request.command, request.beside, decision)

    def write(self, group: Group, at: datetime) -> None:
        """Write all of it, in the transaction of the group."""
        erased = [person for person, row in self._changed.items() if row is None]
        if erased:
            group.erase_personal(erased)
        if rows := [row for row in self._changed.values() if row is not None]:
            group.keep_personal(rows, at)

    def _seal_case(self, person: str, told: dict[str, str], decision: Decision) -> None:
        """Keep what a case is about, beneath those before it; of somebody who was erased nothing is kept."""
        state: State = decision.changed[person]
        if isinstance(state, Member) and not state.erased:
            kept = self._fields(person)
            cases = "\n".join(filter(None, (kept.get(CASE), told[CASE])))
            self._changed[person] = self._row(person, kept | {CASE: cases})

    def _enter(self, command: EnterRoster, beside: tuple[bytes, ...], decision: Decision) -> None:
        """Of a roster each entry brings a row that is ready, also when the log has nothing new of it.

        Who was erased is not brought back, and of who has activated a roster changes nothing; then the row is dropped.
        """
        for entry, wrapped, fields in zip(command.entries, beside[::2], beside[1::2], strict=True):
            stream = identity_stream(entry.identity)
            known = decision.state(stream, Identity)
            if wrapped and not known.erased and not known.activated:
                self._changed[stream] = PersonalRow(stream, wrapped, fields, entry.reference or None)

    def _persons(self, request: Request, states: States) -> list[str]:
        """The person of a request and all client ids that are the same one, the person itself first."""
        stream = member_stream(request.participant)
        state = states[stream]
        assert isinstance(state, Member)
        return [stream, *map(member_stream, state.aliases)]

    def _fields(self, person: str) -> dict[str, str]:
        if person not in self._changed and person not in self._found:
            raise NotLoaded(person)
        row = self._changed[person] if person in self._changed else self._found[person]
        return self._vault.kept(person, Kept(row.wrapped_key, row.fields)) if row else {}

    def _told(self, request: Request) -> dict[str, str]:
        return _decode(self._vault.open(request.beside[0], TOLD)) if request.beside else {}

    def _row(self, person: str, fields: dict[str, str]) -> PersonalRow:
        return PersonalRow(person, *self._vault.keep(person, fields))
