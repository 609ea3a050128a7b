"""The newest state of each stream, as encoded bytes: kept between groups while nobody else has written.

Bytes, not objects: a hundred thousand states fit in some tens of megabytes, and decoding one takes a microsecond.
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, get_args

import msgspec

from ledger.campaign import Campaign
from ledger.codec import decode
from ledger.events import CampaignAmended, CampaignPublished
from ledger.fold import State, initial, kind_of
from ledger.identity import Referenced
from ledger.rulebook import Rulebook
from ledger.rulebook_file import reread
from ledger.store import Group, LedgerRecorder
from ledger.streams import CAMPAIGN, IDENTITY, REFERENCE, reference_stream

MAX_CACHED = 300_000
KEPT = MAX_CACHED * 3 // 4
"""So many, the newest, are left when there are more than MAX_CACHED."""

encode_state: Callable[[State], bytes] = msgspec.json.Encoder().encode
_DECODERS: dict[type[State], Callable[[bytes], Any]] = {
    kind: msgspec.json.Decoder(kind).decode for kind in get_args(State)
}


def decode_state(stream: str, encoded: bytes) -> State:
    """The state of stored bytes."""
    state: State = _DECODERS[kind_of(stream)](encoded)
    return state


class NotLoaded(KeyError):
    """A decision looks at a stream that was not loaded: what an earlier one of its group did has led there."""


class States(dict[str, State]):
    """The states that a group can touch, each decoded when somebody looks at it: of a team's mates, most never are."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: dict[str, bytes] = {}

    def forget(self, begins: str) -> None:
        """What was loaded of the streams whose names begin so does not hold any more."""
        for stream in [stream for stream in self.encoded if stream.startswith(begins)]:
            del self.encoded[stream]
            self.pop(stream, None)

    def __missing__(self, stream: str) -> State:
        """Decode a state that was loaded. Raises NotLoaded for one that was not."""
        if (encoded := self.encoded.get(stream)) is None:
            raise NotLoaded(stream)
        state = self[stream] = decode_state(stream, encoded) if encoded else initial(stream)
        return state


class StateCache:
    """States as of ``head``, and the rulebooks that they name. Used by the writer's thread alone.

    Rulebooks, by the digest of their text, and the seeds of pools, by stream, never change, so they outlive ``drop``.
    """

    def __init__(self, recorder: LedgerRecorder) -> None:
        self.recorder = recorder
        self.head = -1
        self.rulebooks: dict[str, Rulebook] = {}
        self.seeds: dict[str, bytes] = {}
        self._encoded: dict[str, bytes] = {}

    def __len__(self) -> int:
        """How many states are kept."""
        return len(self._encoded)

    def drop(self) -> None:
        """Forget all states: somebody else may have written."""
        self._encoded.clear()
        self.head = -1

    def load(self, group: Group, streams: Iterable[str], into: States) -> None:
        """Load the state of each stream as of the group's head: from here, or from the database in one query.

        Whom a reference leads to is looked up each time: it has no events of its own, so nothing here would follow.
        """
        if group.head != self.head:
            self.drop()
            self.head = group.head
        wanted = {stream for stream in streams if stream not in into.encoded}
        if references := {stream for stream in wanted if stream.startswith(REFERENCE)}:
            wanted -= references
            self._load_references(group, references, into)
        missing = [stream for stream in wanted if stream not in self._encoded]
        if missing:
            # Those that have no events yet are remembered as well, or each group would ask for them again.
            self._encoded.update(dict.fromkeys(missing, b""))
            self._encoded.update(group.load_states(missing))
        for stream in wanted:
            into.encoded[stream] = self._encoded[stream]
            if stream.startswith(CAMPAIGN):
                self._learn_rulebooks(group, stream, into[stream])

    def _load_references(self, group: Group, streams: Iterable[str], into: States) -> None:
        people: dict[str, list[str]] = {stream.removeprefix(REFERENCE): [] for stream in streams}
        for reference, person in group.called(list(people)):
            people[reference].append(person.removeprefix(IDENTITY))
        for reference, found in people.items():
            into.encoded[reference_stream(reference)] = encode_state(Referenced(people=tuple(found)))

    def keep(self, head: int, encoded: dict[str, bytes]) -> None:
        """Take over the states that a committed group has left, and its head."""
        self.head = head
        for stream, state in encoded.items():
            self._encoded.pop(stream, None)  # so that what was used last stands last
            self._encoded[stream] = state
        if len(self._encoded) > MAX_CACHED:
            # Many at once: to find the first key, a dict steps over all that were deleted before it, each time.
            for stream in list(islice(self._encoded, len(self._encoded) - KEPT)):
                del self._encoded[stream]

    def _learn_rulebooks(self, group: Group, stream: str, state: State) -> None:
        assert isinstance(state, Campaign)
        if all(version.digest in self.rulebooks for version in state.versions):
            return
        for topic, stored in group.events_of(stream):
            event = decode(topic, stored)
            if isinstance(event, CampaignPublished | CampaignAmended) and event.digest not in self.rulebooks:
                self.rulebooks[event.digest] = reread(event.text)
