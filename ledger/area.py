"""What a part of the rules brings to the table in decide.py: its decisions, and the streams that they need."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ledger.command import Command, Request
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.fold import State
from ledger.rulebook import Rulebook

States = Mapping[str, State]
"""The states that are loaded, by stream."""
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
