"""Commands about the union tree."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ledger.command import BranchId, Command, Name, Reason


class BranchEntry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A union for the tree. kind: city, industry, unit …; groups of rulebooks are kinds of the tree."""

    id: BranchId
    name: Name
    parent: BranchId | None = None
    kind: BranchId = "union"
    line: int = 0


class RegisterBranches(Command, frozen=True, kw_only=True):
    """Put unions into the tree, parents before children. One that stands there already as it is said is left alone."""

    TYPE = "jifen.branches_registered"
    POSTED = False

    branches: Annotated[tuple[BranchEntry, ...], Meta(min_length=1, max_length=10_000)]


class ConfirmBranch(Command, frozen=True, kw_only=True):
    """Confirm a union that an applicant has typed in. name, kind: if they are to be others.

    Source: SJ-07.
    """

    TYPE = "jifen.branch_confirmed"
    POSTED = False

    branch: BranchId
    name: Name | None = None
    kind: BranchId | None = None


class MergeBranch(Command, frozen=True, kw_only=True):
    """Make a union part of another: members, history and figures follow. Source: SJ-07."""

    TYPE = "jifen.branch_merged"
    POSTED = False

    branch: BranchId
    into: BranchId
    reason: Reason
