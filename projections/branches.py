"""The union tree: every union, where it stands, and its name as it is searched. Source: SJ-07.

Each row is made from the union's own stream alone. Where it stands follows from the rows: its path leads from the top
of the tree to what it is part of today, so the unions below one are a range of paths, and a merger moves that range.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from ledger.branch_events import BranchConfirmed, BranchMerged, BranchRegistered
from projections.projection import Fact, Projection, Rows, Stage

CHANGED_BRANCHES = Stage(
    "changed_branches",
    {
        "id": "text",
        "name": "text",
        "folded": "text",
        "kind": "text",
        "first_kind": "text",
        "parent": "text",
        "pending": "bool",
        "confirmed_at": "timestamptz",
        "merged_into": "text",
        "merged_at": "timestamptz",
        "position": "int8",
    },
)


class Changed:
    """What a batch of events says of a union. None is: nothing; what stood before stays. position: of its beginning."""

    __slots__ = (
        "confirmed_at",
        "first_kind",
        "kind",
        "merged_at",
        "merged_into",
        "name",
        "parent",
        "pending",
        "position",
    )

    def __init__(self) -> None:
        self.name: str | None = None
        self.kind: str | None = None
        self.first_kind: str | None = None
        self.parent: str | None = None
        self.pending: bool | None = None
        self.confirmed_at: datetime | None = None
        self.merged_into: str | None = None
        self.merged_at: datetime | None = None
        self.position: int | None = None


def folded(text: str) -> str:
    """A name, or what is searched for, as they are compared: full-width letters are letters, case does not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


class Branches(Projection):
    """A union that was merged keeps its row, and points at what it was itself merged into.

    That those merged into it before are pointed on is left out here: the way up from them leads there anyway.
    """

    NAME = "branches"
    TABLES = ("branches",)
    STAGES = (CHANGED_BRANCHES,)
    STATEMENTS = ("branches_merge", "branches_place")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each union that changed."""
        changed: dict[str, Changed] = {}
        for fact in facts:
            match fact.event:
                case BranchRegistered() as event:
                    branch = changed.setdefault(event.branch, Changed())
                    branch.position, branch.name, branch.parent = fact.position, event.name, event.parent
                    branch.kind = branch.first_kind = event.kind
                    branch.pending = event.pending
                case BranchConfirmed() as event:
                    branch = changed.setdefault(event.branch, Changed())
                    branch.name, branch.kind = event.name, event.kind
                    branch.pending, branch.confirmed_at = False, event.occurred_at
                case BranchMerged() as event if not event.through:
                    branch = changed.setdefault(event.branch, Changed())
                    branch.merged_into, branch.merged_at = event.into, event.occurred_at
        return (
            [
                (
                    id,
                    each.name,
                    None if each.name is None else folded(each.name),
                    each.kind,
                    each.first_kind,
                    each.parent,
                    each.pending,
                    each.confirmed_at,
                    each.merged_into,
                    each.merged_at,
                    each.position,
                )
                for id, each in changed.items()
            ],
        )
