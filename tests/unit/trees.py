"""A small union tree for tests: a province, two cities, and units."""

from typing import Any

from ledger.branch_commands import BranchEntry, ConfirmBranch, MergeBranch, RegisterBranches
from tests.given import Story


def entry(id: str, parent: str | None = None, kind: str = "unit") -> BranchEntry:
    """A union that is called after its id."""
    return BranchEntry(id=id, name=f"{id}工会", parent=parent, kind=kind)


CITY = (
    BranchEntry(id="jiangsu", name="江苏省总工会", kind="province"),
    BranchEntry(id="zhenjiang", name="镇江市总工会", parent="jiangsu", kind="city"),
    BranchEntry(id="zj-1", name="一厂工会", parent="zhenjiang", kind="unit"),
    BranchEntry(id="zj-2", name="二厂工会", parent="zhenjiang", kind="unit"),
    BranchEntry(id="nanjing", name="南京市总工会", parent="jiangsu", kind="city"),
)


def register(story: Story, *entries: BranchEntry) -> Story:
    """An operator enters a list."""
    return story.post(RegisterBranches(branches=entries), who="")


def confirm(story: Story, branch: str, **how: Any) -> Story:
    """An operator confirms a union that was typed in."""
    return story.post(ConfirmBranch(branch=branch, **how), who="")


def merge(story: Story, branch: str, into: str) -> Story:
    """An operator makes a union part of another."""
    return story.post(MergeBranch(branch=branch, into=into, reason="the same unit"), who="")


def tree() -> Story:
    """CITY, besides the unions of the campaign."""
    return register(Story(), *CITY)
