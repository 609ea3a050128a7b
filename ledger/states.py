"""The newest state of each stream, as encoded bytes: kept between groups while nobody else has written.

Bytes, not objects: a hundred thousand states fit in some tens of megabytes, and decoding one takes a microsecond.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ledger.campaign import Campaign
from ledger.codec import decode
from ledger.decide import CAMPAIGN, State, initial
from ledger.enrolment import Enrolment
from ledger.events import CampaignAmended, CampaignPublished
from ledger.rulebook import Rulebook
from ledger.rulebook_file import reread
from ledger.store import Group, LedgerRecorder

MAX_CACHED = 200_000

encode_state: Callable[[State], bytes] = msgspec.json.Encoder().encode
_decode_campaign: Callable[[bytes], Any] = msgspec.json.Decoder(Campaign).decode
_decode_enrolment: Callable[[bytes], Any] = msgspec.json.Decoder(Enrolment).decode


def decode_state(stream: str, encoded: bytes) -> State:
    """The state of stored bytes."""
    state: State = (_decode_campaign if stream.startswith(CAMPAIGN) else _decode_enrolment)(encoded)
    return state


class StateCache:
    """States as of ``head``, and the rulebooks that they name. Used by the writer's thread alone.

    Rulebooks are kept by the digest of their text and never change, so they outlive ``drop``.
    """

    def __init__(self, recorder: LedgerRecorder) -> None:
        self.recorder = recorder
        self.head = -1
        self.rulebooks: dict[str, Rulebook] = {}
        self._encoded: dict[str, bytes] = {}

    def drop(self) -> None:
        """Forget all states: somebody else may have written."""
        self._encoded.clear()
        self.head = -1

    def states(self, group: Group, streams: Iterable[str]) -> dict[str, State]:
        """The state of each stream as of the group's head: from here, or from the database in one query."""
        if group.head != self.head:
            self.drop()
            self.head = group.head
        wanted = dict.fromkeys(streams)
        missing = [stream for stream in wanted if stream not in self._encoded]
        if missing:
            self._encoded.update(group.load_states(missing))
        states = {}
        for stream in wanted:
            encoded = self._encoded.get(stream)
            states[stream] = decode_state(stream, encoded) if encoded else initial(stream)
            if isinstance(states[stream], Campaign):
                self._learn_rulebooks(group, stream, states[stream])
        return states

    def keep(self, head: int, encoded: dict[str, bytes]) -> None:
        """Take over the states that a committed group has left, and its head."""
        self.head = head
        for stream, state in encoded.items():
            self._encoded.pop(stream, None)  # so that what was used last stands last
            self._encoded[stream] = state
        while len(self._encoded) > MAX_CACHED:
            del self._encoded[next(iter(self._encoded))]

    def _learn_rulebooks(self, group: Group, stream: str, state: State) -> None:
        assert isinstance(state, Campaign)
        if all(version.digest in self.rulebooks for version in state.versions):
            return
        for topic, stored in group.events_of(stream):
            event = decode(topic, stored)
            if isinstance(event, CampaignPublished | CampaignAmended) and event.digest not in self.rulebooks:
                self.rulebooks[event.digest] = reread(event.text)
