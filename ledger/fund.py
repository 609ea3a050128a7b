"""A fund: what it holds, and its projects. The stream is ``fund/{book}/{fund}``. Amounts in fen."""

import msgspec

from ledger.event import Event
from ledger.fund_events import (
    FundCredited,
    GrantPaid,
    ProjectPaid,
    ProjectPublished,
    ProjectPutForward,
    ProjectReviewed,
)


class Project(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """status: put_forward, approved, turned_down, published. amount: asked for; paid: so far."""

    id: str
    name: str
    amount: int
    status: str = "put_forward"
    paid: int = 0


class Fund(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """collected: all that ever came in; paid: all that went out. It never pays more than it holds."""

    version: int = 0
    collected: int = 0
    paid: int = 0
    projects: tuple[Project, ...] = ()

    @property
    def balance(self) -> int:
        """What it holds."""
        return self.collected - self.paid

    def project(self, id: str) -> Project | None:
        """A project by its id."""
        return next((each for each in self.projects if each.id == id), None)


def _with(state: Fund, id: str, **changes: object) -> tuple[Project, ...]:
    return tuple(
        msgspec.structs.replace(each, **changes) if each.id == id else each for each in state.projects
    )


def evolve(state: Fund, event: Event) -> Fund:
    """The state after one more event of its stream."""
    replace, version = msgspec.structs.replace, state.version + 1
    match event:
        case FundCredited():
            return replace(state, version=version, collected=state.collected + event.amount)
        case GrantPaid():
            return replace(state, version=version, paid=state.paid + event.amount)
        case ProjectPaid():
            projects = _with(state, event.project, paid=event.paid)
            return replace(state, version=version, paid=state.paid + event.amount, projects=projects)
        case ProjectPutForward():
            added = Project(event.project, event.name, event.amount)
            return replace(state, version=version, projects=(*state.projects, added))
        case ProjectReviewed():
            status = "approved" if event.approved else "turned_down"
            return replace(state, version=version, projects=_with(state, event.project, status=status))
        case ProjectPublished():
            return replace(state, version=version, projects=_with(state, event.project, status="published"))
        case _:
            return replace(state, version=version)
