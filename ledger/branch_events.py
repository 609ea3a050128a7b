"""Events of the union tree: streams ``branch/{id}`` and ``named/{digest of a name}``."""

from ledger.event import Event


class BranchRegistered(Event, frozen=True, kw_only=True):
    """A union stands in the tree. pending: an applicant typed it in; a union confirms or merges it.

    Source: SJ-07.

    Stream: branch. actor: who, or the campaign whose rulebook names it.
    """

    TOPIC = "branch-registered.v1"

    branch: str
    name: str
    kind: str
    parent: str | None = None
    pending: bool = False
    actor: str = ""


class BranchesListed(Event, frozen=True, kw_only=True):
    """A list of unions was entered. Stream: office. Source: SJ-07, SX-27.

    registered: how many are new; standing: stood there as they were said; twice: were said twice in the list.
    refused: those that could not be entered: line of the list, id, code and detail of the refusal.
    """

    TOPIC = "branches-listed.v1"

    registered: int
    standing: int
    actor: str
    twice: int = 0
    refused: tuple[tuple[int, str, str, str], ...] = ()


class BranchConfirmed(Event, frozen=True, kw_only=True):
    """A pending union is one. Stream: branch. Source: SJ-07."""

    TOPIC = "branch-confirmed.v1"

    branch: str
    name: str
    kind: str
    actor: str


class BranchMerged(Event, frozen=True, kw_only=True):
    """A union is part of another from now on, with all its history.

    Stream: branch (of the one that goes). Source: SJ-07.

    through: the union that was merged, when this one had been merged into it before.
    """

    TOPIC = "branch-merged.v1"

    branch: str
    into: str
    actor: str
    reason: str
    through: str = ""


class BranchAbsorbed(Event, frozen=True, kw_only=True):
    """Another union is part of this one. Stream: branch (of the one that stays). Source: SJ-07."""

    TOPIC = "branch-absorbed.v1"

    branch: str


class BranchNamed(Event, frozen=True, kw_only=True):
    """A union bears this name. Stream: named."""

    TOPIC = "branch-named.v1"

    branch: str
    name: str
    parent: str | None = None


class BranchUnnamed(Event, frozen=True, kw_only=True):
    """A union bears this name no more: it was confirmed under another. Stream: named.

    One that was merged keeps its name here: whoever still says it means what it is part of.
    """

    TOPIC = "branch-unnamed.v1"

    branch: str
