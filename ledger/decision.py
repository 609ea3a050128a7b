"""What follows from one request: events for one or more streams, in order, and the states after them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from ledger.events import Event
from ledger.fold import State, evolve
from ledger.posting import check_balanced

S = TypeVar("S", bound=State)


class Placed(NamedTuple):
    """An event and its place in a stream."""

    stream: str
    version: int
    event: Event


class Given(NamedTuple):
    """What a decision is told besides states and rules, because it stands elsewhere or must not be in the log.

    seeds: stream of a pool → the secret seed of its draws. known: fingerprints of voucher codes that are here already.
    """

    seeds: Mapping[str, bytes] = {}
    known: frozenset[str] = frozenset()


class Decision:
    """Collects events. Each is checked, and folded into its stream's state at once, so the next can see it.

    events: in the order in which they will stand in the log. changed: the states after them, by stream.
    """

    __slots__ = ("_states", "changed", "events")

    def __init__(self, states: Mapping[str, State]) -> None:
        self._states = states
        self.changed: dict[str, State] = {}
        self.events: list[Placed] = []

    def state(self, stream: str, kind: type[S]) -> S:
        """The state of a stream, as it is after the events so far."""
        state = self.changed.get(stream) or self._states[stream]
        assert isinstance(state, kind)
        return state

    def add(self, stream: str, event: Event) -> int:
        """One more event. Returns its version in the stream. Raises InvariantBroken if its postings do not balance."""
        if event.postings:
            check_balanced(event.postings)
        state = evolve(self.changed.get(stream) or self._states[stream], event)
        self.changed[stream] = state
        self.events.append(Placed(stream, state.version, event))
        return state.version

    def add_all(self, stream: str, events: Iterable[Event]) -> None:
        """More events of one stream."""
        for event in events:
            self.add(stream, event)
