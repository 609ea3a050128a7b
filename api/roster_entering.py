"""Entering a roster: people into requests of the ledger, chunk by chunk, and what became of each line. Source: ZG-01.

A chunk is one request whose id follows from what it says: a killed import that is run again repeats its chunks, and
nothing is entered twice. What the vault keeps of each person travels beside the request, encrypted already.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from api.roster import Line, Listed, Reading, Remark
from ledger.branch import Branch
from ledger.codec import decode
from ledger.command import Request, request
from ledger.identity import Identity
from ledger.ledger import Ledger
from ledger.member_commands import EnterRoster, RosterEntry
from ledger.member_events import PersonErased, RosterEntered
from ledger.outcomes import Outcome
from ledger.states import decode_state
from ledger.store import LOAD_STATES
from ledger.streams import BRANCH, IDENTITY, identity_stream
from ledger.vault import Vault

CHUNK = 2_000
SOURCE = "//jifen/roster"

UNIONS = (
    "SELECT originator_id, state FROM aggregate_snapshots WHERE originator_id >= %s AND originator_id < %s"
)
HISTORY = """
    SELECT originator_id, notification_id, topic, state FROM stored_events
    WHERE originator_id = ANY(%s) AND topic = ANY(%s) ORDER BY notification_id
"""

History = Sequence[tuple[int, RosterEntered | PersonErased]]
"""What rosters have said of a person, and whether it was erased, with positions."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_encode = msgspec.json.Encoder(order="deterministic").encode


class Tally(msgspec.Struct):
    """How an import has gone so far. people: in lines that were read; entered: new on the roster; renewed: with another
    union or reference; same: there already as it is said; not_taken: lines that were turned down. entered_before,
    renewed_before: those of entered and renewed that the same import took before: their request is a repeat."""

    people: int = 0
    entered: int = 0
    renewed: int = 0
    same: int = 0
    not_taken: int = 0
    position: int = 0
    entered_before: int = 0
    renewed_before: int = 0


class UnionFault(Exception):
    """A union that cannot be told. code: stable."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


class Unions:
    """The union tree as it is now, for looking up ids and exact names.

    within: which ids whoever imports may enter people under; None for all.
    """

    def __init__(self, ledger: Ledger, within: Callable[[str], bool] | None = None) -> None:
        rows = ledger.recorder.read(
            UNIONS, (BRANCH, BRANCH[:-1] + "0")
        )  # in byte order, 0 comes right after /
        self._stands_for: dict[str, str] = {}
        self._called: dict[str, list[str]] = defaultdict(list)
        self._within = within
        for stream, encoded in rows:
            state = decode_state(stream, bytes(encoded))
            if isinstance(state, Branch) and state.name:
                union = stream.removeprefix(BRANCH)
                self._stands_for[union] = state.into or union
                self._called[_plain(state.name)].append(union)

    def find(self, said: str) -> str:
        """The id of the union that an id or an exact name says, mergers followed. Raises UnionFault."""
        found = self._stands_for.get(said) if _ID.fullmatch(said) else None
        if found is None:
            bearers = self._called.get(_plain(said), [])
            standing = {union for union in bearers if self._stands_for[union] == union}
            which = standing or {self._stands_for[union] for union in bearers}
            if len(which) > 1:
                says = f"Several unions bear this name; write the id of one: {', '.join(sorted(which)[:10])}."
                raise UnionFault("ambiguous_union", says)
            if not which:
                raise UnionFault(
                    "unknown_union", "The tree has no union of this id or exact name; add it first."
                )
            (found,) = which
        if self._within is not None and not self._within(found):
            raise UnionFault(
                "foreign_union", "The union is not in the branch of the tree that the key is for."
            )
        return found


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


class Sealed(NamedTuple):
    """A person of a roster, ready for the ledger: nothing in it is personal any more. union: as the roster writes it.

    identity: keyed hash. wrapped_key, fields: what the vault keeps.
    """

    line: int
    identity: str
    union: str
    reference: str
    wrapped_key: bytes
    fields: bytes


def sealed(vault: Vault, reading: Reading, lines: Iterable[Line]) -> list[Sealed | Remark]:
    """Lines of a roster as they go to the ledger, and what there is to remark of them; in order."""
    return [_sealed(vault, each) if isinstance(each, Listed) else each for each in reading.people(lines)]


def _sealed(vault: Vault, person: Listed) -> Sealed:
    identity = vault.identity("id_number", person.id_number)
    fields = {"id_number": person.id_number, "name": person.name, "phone": person.phone}
    kept = vault.keep(identity_stream(identity), {name: value for name, value in fields.items() if value})
    return Sealed(person.line, identity, person.union, person.reference, *kept)


def unions_of(ledger: Ledger, digests: Sequence[str]) -> dict[str, str]:
    """Under which union a roster has people, by keyed hash; without those who are on none."""
    streams = [identity_stream(digest) for digest in digests]
    states = {
        stream: decode_state(stream, state) for stream, state in ledger.recorder.read(LOAD_STATES, (streams,))
    }
    return {
        stream.removeprefix(IDENTITY): state.branch
        for stream, state in states.items()
        if isinstance(state, Identity) and state.branch
    }


class Chunk(NamedTuple):
    """Some people of a roster, whose unions are known. asked: the request; None when nobody is left."""

    people: tuple[Sealed, ...]
    asked: Request | None


class Entering:
    """One import. Order of use: for each ``chunk``, have the ledger decide ``asked``, then ``settle`` it.

    told: takes each remark. prefix: of the ids of requests; left out, they follow from what the chunks say.
    """

    def __init__(
        self,
        ledger: Ledger,
        batch: str,
        told: Callable[[Remark], None],
        *,
        actor: str = "",
        source: str = SOURCE,
        prefix: str = "",
        within: Callable[[str], bool] | None = None,
    ) -> None:
        self.tally = Tally()
        self._ledger = ledger
        self._batch = batch
        self._actor = actor
        self._source = source
        self._prefix = prefix
        self._within = within
        self._unions = Unions(ledger, within)
        self._number = 0
        self._began = 0
        self._told = told

    def _remark(self, remark: Remark) -> None:
        self.tally.not_taken += not remark.taken
        self._told(remark)

    def chunk(self, lines: Iterable[Sealed | Remark]) -> Chunk:
        """One request for these people; those whose union cannot be told are left out, and told."""
        people: list[Sealed] = []
        unions: list[str] = []
        known: dict[str, str | UnionFault] = {}
        for person in lines:
            if isinstance(person, Remark):
                self._remark(person)
                continue
            self.tally.people += 1
            if (union := known.get(person.union)) is None:
                union = known[person.union] = self._find(person.union)
            if isinstance(union, UnionFault):
                self._remark(Remark(person.line, union.code, False, str(union)))
            else:
                people.append(person)
                unions.append(union)
        return Chunk(tuple(people), self._request(people, unions) if people else None)

    def _find(self, said: str) -> str | UnionFault:
        try:
            return self._unions.find(said)
        except UnionFault as fault:
            return fault

    def _request(self, people: Sequence[Sealed], unions: Sequence[str]) -> Request:
        entries = [
            RosterEntry(person.identity, union, person.reference, person.line)
            for person, union in zip(people, unions, strict=True)
        ]
        self._number += 1
        command = EnterRoster(batch=self._batch, entries=tuple(entries))
        said = "" if self._prefix else blake2b(_encode(command), digest_size=16).hexdigest()
        return request(
            command,
            source=self._source,
            id=said or f"{self._prefix} {self._number}",
            campaign="",
            actor=self._actor,
            beside=tuple(part for person in people for part in (person.wrapped_key, person.fields)),
        )

    def settle(self, chunk: Chunk, outcome: Outcome) -> Chunk | None:
        """Write down what became of a chunk. Returns one to try in its place, when the tree has changed meanwhile."""
        assert chunk.asked is not None, "a chunk of nobody is not asked"
        if outcome.status == "refused" and outcome.code == "branch_not_in_tree":
            self._unions = Unions(self._ledger, self._within)
            self.tally.people -= len(chunk.people)
            again = self.chunk(chunk.people)
            if again.asked is None or again.asked.command != chunk.asked.command:
                return again
        if outcome.status != "accepted":
            for person in chunk.people:
                self._remark(Remark(person.line, outcome.code, False, outcome.detail))
            return None
        self.tally.position = max(self.tally.position, outcome.events[-1].position)
        entered, renewed = self.tally.entered, self.tally.renewed
        self._accepted(chunk, chunk.asked, outcome)
        if outcome.repeat:
            self.tally.entered_before += self.tally.entered - entered
            self.tally.renewed_before += self.tally.renewed - renewed
        return None

    def _accepted(self, chunk: Chunk, asked: Request, outcome: Outcome) -> None:
        command = asked.command
        assert isinstance(command, EnterRoster)
        versions = {each.stream: each.version for each in outcome.events if each.topic == RosterEntered.TOPIC}
        streams = [identity_stream(entry.identity) for entry in command.entries]
        twice = len(set(streams)) < len(streams)
        unusual = [stream for stream in streams if twice or versions.get(stream) != 1]
        histories = self._histories(unusual, outcome.events[-1].position) if unusual else {}
        first = outcome.events[0].position
        self._began = self._began or first
        for person, stream in zip(chunk.people, streams, strict=True):
            history = histories.get(stream)
            if history is None:
                self.tally.entered += 1
            else:
                self._tell(person.line, history, first)

    def _histories(self, streams: list[str], until: int) -> Mapping[str, History]:
        """What rosters have said of people up to a position, in order, and whether they were erased."""
        found: dict[str, list[tuple[int, RosterEntered | PersonErased]]] = {stream: [] for stream in streams}
        topics = [RosterEntered.TOPIC, PersonErased.TOPIC]
        for stream, position, topic, state in self._ledger.recorder.read(HISTORY, (streams, topics)):
            event = decode(topic, bytes(state))
            if position <= until and isinstance(event, RosterEntered | PersonErased):
                found[stream].append((position, event))
        return found

    def _tell(self, line: int, history: History, first: int) -> None:
        """What became of a line whose person a roster has named before. first: where what its chunk did begins."""
        before: tuple[int, RosterEntered] | None = None
        erased = False
        for position, event in history:
            erased = isinstance(event, PersonErased)
            if isinstance(event, PersonErased):
                before = None
            elif position >= first and event.line == line:
                self._entered(line, before)
                return
            else:
                before = position, event
        if erased:
            says = "The person was erased on request; a roster does not bring anybody back."
            self._remark(Remark(line, "erased", False, says))
            return
        self.tally.same += 1
        assert before is not None, "who was neither entered nor erased was on the roster before"
        if self._is_of_this(before):
            says = f"The same person as on line {before[1].line}, and nothing else said; delete one."
            self._told(Remark(line, "repeated", True, says))
        else:
            says = "The person is on the roster already, with the same union; there is nothing to do."
            self._told(Remark(line, "known", True, says))

    def _entered(self, line: int, before: tuple[int, RosterEntered] | None) -> None:
        if before is None:
            self.tally.entered += 1
            return
        self.tally.renewed += 1
        if self._is_of_this(before):
            says = f"The same person as on line {before[1].line}, with another union or reference; this line stands."
            self._told(Remark(line, "listed_again", True, says))
        else:
            says = "The person was on the roster already, with another union or reference; this line stands."
            self._told(Remark(line, "renewed", True, says))

    def _is_of_this(self, said: tuple[int, RosterEntered]) -> bool:
        """Whether this import has said it; another one of the same name may have, before."""
        position, event = said
        return position >= self._began and event.batch == self._batch
