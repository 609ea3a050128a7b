"""A union in the tree, and who bears a name: streams ``branch/{id}`` and ``named/{digest of a name}``."""

import msgspec

from ledger.branch_events import (
    BranchAbsorbed,
    BranchConfirmed,
    BranchMerged,
    BranchNamed,
    BranchRegistered,
    BranchUnnamed,
)
from ledger.event import Event


class Branch(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """name: empty for none. status: confirmed, pending or merged; into: what it was merged into, never a merged one.

    parent: the union above it, as it was registered; that may have been merged since. absorbed: the unions that were
    merged into this one.
    """

    version: int = 0
    name: str = ""
    kind: str = ""
    parent: str = ""
    status: str = ""
    into: str = ""
    absorbed: tuple[str, ...] = ()


class Named(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Who bears a name: (id, the union above it)."""

    version: int = 0
    branches: tuple[tuple[str, str], ...] = ()


def evolve(state: Branch, event: Event) -> Branch:
    """The state after one more event of its stream."""
    replace, version = msgspec.structs.replace, state.version + 1
    match event:
        case BranchRegistered():
            status = "pending" if event.pending else "confirmed"
            return replace(
                state,
                version=version,
                name=event.name,
                kind=event.kind,
                parent=event.parent or "",
                status=status,
            )
        case BranchConfirmed():
            return replace(state, version=version, name=event.name, kind=event.kind, status="confirmed")
        case BranchMerged():
            return replace(state, version=version, status="merged", into=event.into)
        case BranchAbsorbed():
            return replace(state, version=version, absorbed=(*state.absorbed, event.branch))
        case _:
            return replace(state, version=version)


def evolve_named(state: Named, event: Event) -> Named:
    """The state of a name after one more event of its stream."""
    match event:
        case BranchNamed():
            branches = (*state.branches, (event.branch, event.parent or ""))
        case BranchUnnamed():
            branches = tuple(each for each in state.branches if each[0] != event.branch)
        case _:
            branches = state.branches
    return Named(state.version + 1, branches)
