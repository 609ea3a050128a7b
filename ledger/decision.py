"""What follows from one request: events for one or more streams, in order, and the states after them."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from ledger.events import Event
from ledger.fold import State, evolve
from ledger.posting import check_balanced
from ledger.rulebook import Rulebook
from ledger.streams import member_stream, participant_of

S = TypeVar("S", bound=State)


class Placed(NamedTuple):
    """An event and its place in a stream."""

    stream: str
    version: int
    event: Event


class Given(NamedTuple):
    """What a decision is told besides states and rules, because it stands elsewhere or must not be in the log.

    seeds: stream of a pool → the secret seed of its draws. known: fingerprints of voucher codes that are here already.
    histories: of participants who may turn out to be one: stream → its events, in order.
    changes: the personal fields of the request that stand in the vault already, with another value.
    rulebooks: digest of the text → the rules, of all campaigns that are loaded.
    """

    seeds: Mapping[str, bytes] = {}
    known: frozenset[str] = frozenset()
    histories: Mapping[str, tuple[Event, ...]] = {}
    changes: frozenset[str] = frozenset()
    rulebooks: Mapping[str, Rulebook] = {}


Divert = Callable[["Decision", str, Event], tuple[Event, Event | None]]
"""Of an event of a stream: the event without the points that belong in a wallet, and the event that moves those there.

The second stands in the member's stream; it is made after the first, and may tell its version."""


class Decision:
    """Collects events. Each is checked, and folded into its stream's state at once, so the next can see it.

    events: in the order in which they will stand in the log. changed: the states after them, by stream.
    """

    __slots__ = ("_states", "changed", "divert", "events")

    def __init__(self, states: Mapping[str, State], divert: Divert | None = None) -> None:
        self._states = states
        self.divert = divert
        self.changed: dict[str, State] = {}
        self.events: list[Placed] = []

    def state(self, stream: str, kind: type[S]) -> S:
        """The state of a stream, as it is after the events so far."""
        state = self[stream]
        assert isinstance(state, kind)
        return state

    def __getitem__(self, stream: str) -> State:
        """The state of a stream, of whatever kind."""
        return self.changed.get(stream) or self._states[stream]

    def add(self, stream: str, event: Event) -> int:
        """One more event. Returns its version in the stream. Raises InvariantBroken if its postings do not balance."""
        moved: Event | None = None
        if event.postings:
            check_balanced(event.postings)
            if self.divert is not None:
                event, moved = self.divert(self, stream, event)
        state = evolve(self[stream], event)
        self.changed[stream] = state
        self.events.append(Placed(stream, state.version, event))
        if moved is not None:
            divert, self.divert = self.divert, None
            self.add(member_stream(participant_of(stream)), moved)
            self.divert = divert
        return state.version

    def add_all(self, stream: str, events: Iterable[Event]) -> None:
        """More events of one stream."""
        for event in events:
            self.add(stream, event)
