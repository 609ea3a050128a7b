"""What a part of the rules brings to the table in decide.py: its decisions, and the streams that they need."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from ledger.command import Command, Request
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.fold import State
from ledger.rulebook import Rulebook

S = TypeVar("S", bound=State)
States = Mapping[str, State]
"""The states that are loaded, by stream."""


class Seen(Protocol):
    """States by stream, where others may be missing: those that are loaded, or those of a decision by now."""

    def __getitem__(self, stream: str, /) -> State:
        """Raises KeyError for a state that is not at hand."""


def loaded(stream: str, kind: type[S], states: Seen) -> S | None:
    """A state, if it was loaded; what is not there yet is asked for first."""
    try:
        state = states[stream]
    except KeyError:
        return None
    return state if isinstance(state, kind) else None


Wide = Callable[[Any, Context, Decision], None]
Secret = Callable[[Any, Context, Decision, Given], None]
Named = Callable[[Request], Iterable[str]]
More = Callable[[Request, States, Iterable[Rulebook]], Iterable[str]]


def nothing(*_: object) -> Iterable[str]:
    """No streams."""
    return ()


class Area(NamedTuple):
    """One part of the rules. Everything is pure.

    wide: command → decision that may touch many streams. secret: the same, of what stands outside of the log too.
    named: the streams that a command names by itself. more: those that follow once the first are loaded; it is asked
    again after they are, and may then name more. Both are asked for every request of this area's commands.
    free: commands that belong to no campaign; their Context has the rules of none (context.NO_RULES).
    serves: command → the service of a standing programme that decides it when no campaign is named.
    """

    wide: Mapping[type[Command], Wide] = {}
    secret: Mapping[type[Command], Secret] = {}
    named: Named = nothing
    more: More = nothing
    free: frozenset[type[Command]] = frozenset()
    serves: Mapping[type[Command], str] = {}
