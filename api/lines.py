"""Lists whose lines have results of their own: one bad line never sinks its neighbours."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from litestar import Request
from msgspec import Meta, Struct

from api.answers import STATUS
from api.scope import PARTICIPANT, About, those_outside
from api.state import note
from ledger.command import Request as LedgerRequest
from ledger.outcomes import Outcome


class Line(Struct, kw_only=True, omit_defaults=True):
    """What became of one line of a list."""

    line: Annotated[int, Meta(description="Of the list, from 1.")]
    status: Annotated[str, Meta(description="accepted, refused, invalid, conflict or denied.")]
    http_status: Annotated[int, Meta(description="The status that the line alone would have got.")]
    position: int = 0
    replayed: bool = False
    code: str = ""
    clause: str = ""
    detail: str = ""

    def decided(self, outcome: Outcome) -> None:
        """Write down what the ledger has decided."""
        self.status, self.http_status = outcome.status, STATUS[outcome.status]
        self.position, self.replayed = outcome.position, outcome.repeat
        self.code, self.clause, self.detail = outcome.code, outcome.clause, outcome.detail


class PersonLine(Line, kw_only=True, omit_defaults=True):
    """What became of one line of a list of people."""

    participant: str = ""
    pointer: Annotated[str, Meta(description="The member at fault.")] = ""

    def decided(self, outcome: Outcome) -> None:
        """Write down what the ledger has decided."""
        super().decided(outcome)
        self.pointer = outcome.pointer


L = TypeVar("L", bound=Line)


async def deny_outside(
    request: Request[Any, Any, Any],
    asked: Sequence[tuple[PersonLine, LedgerRequest]],
    pointer: str,
    about: About = PARTICIPANT,
) -> list[tuple[PersonLine, LedgerRequest]]:
    """Deny the lines about people who are not in the branch of the request's key; the others.

    pointer: where the body names the person of a line, with {} for the line's place, from 0.
    """
    outside, refusal = await those_outside(request, [line.participant for line, _ in asked], about)
    if refusal is None:
        return list(asked)
    for line, _ in asked:
        if line.participant in outside:
            line.status, line.http_status = "denied", refusal.status
            line.code, line.detail = refusal.code, refusal.detail
            line.pointer = pointer.format(line.line - 1)
    return [(line, said) for line, said in asked if line.participant not in outside]


async def submit_lines(request: Request[Any, Any, Any], asked: Sequence[tuple[L, LedgerRequest]]) -> bool:
    """Have the ledger decide the lines that could be read, and write down what became of each.

    Whether there are any, and all of them were decided before.
    """
    visit = note(request.scope)
    outcomes = await visit.service.submit([said for _, said in asked]) if asked else []
    visit.events = len(asked)
    for (line, _), outcome in zip(asked, outcomes, strict=True):
        line.decided(outcome)
        visit.position = max(visit.position, outcome.position)
    return bool(asked) and all(line.replayed for line, _ in asked)
