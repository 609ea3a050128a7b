"""Refusals about the union tree, in order of precedence. See refusals.py."""

from ledger.refusal import Refusal


class BranchNotInTree(Refusal):
    """The tree has no union of this id or name, or several of this name."""

    CODE = "branch_not_in_tree"
    CLAUSE = "SJ-07"


class BranchConflict(Refusal):
    """A union of this id stands in the tree with another name, kind or union above it."""

    CODE = "branch_conflict"
    CLAUSE = "SJ-07"


class BranchStepNotAllowed(Refusal):
    """The union is not where this step begins: not pending, merged already, or below what it would be merged into."""

    CODE = "branch_step_not_allowed"
    CLAUSE = "SJ-07"
