"""One event of every type of the union tree, with every member that it can have."""

from ledger.branch_events import (
    BranchAbsorbed,
    BranchConfirmed,
    BranchesListed,
    BranchMerged,
    BranchNamed,
    BranchRegistered,
    BranchUnnamed,
)
from ledger.event import Event
from tests.unit.golden_rewards import SAID

EXAMPLES: list[Event] = [
    BranchRegistered(
        **SAID,
        branch="p-9f2c4be1a7d05e63",
        name="镇江顺丰速运工会",
        kind="unit",
        parent="zhenjiang",
        pending=True,
        actor="sj",
    ),
    BranchesListed(
        **SAID,
        registered=3,
        standing=2,
        twice=1,
        refused=(
            (7, "zj-9", "branch_not_in_tree", "nowhere, which zj-9 is to stand under, is not in the tree"),
        ),
        actor="li.wei",
    ),
    BranchConfirmed(
        **SAID, branch="p-9f2c4be1a7d05e63", name="镇江市顺丰速运工会", kind="company", actor="li.wei"
    ),
    BranchMerged(
        **SAID,
        branch="p-9f2c4be1a7d05e63",
        into="zj-express",
        actor="li.wei",
        reason="the same unit",
        through="p-0c8e5b2a19d7f346",
    ),
    BranchAbsorbed(**SAID, branch="p-9f2c4be1a7d05e63"),
    BranchNamed(**SAID, branch="p-9f2c4be1a7d05e63", name="镇江市顺丰速运工会", parent="zhenjiang"),
    BranchUnnamed(**SAID, branch="p-9f2c4be1a7d05e63"),
]
