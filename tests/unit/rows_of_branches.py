"""For every refusal about the union tree a request that meets it, and its clause; in order of precedence."""

from collections.abc import Callable

from ledger import branch_refusals as refusals
from ledger.branch_commands import BranchEntry
from ledger.refusal import Refusal
from tests.given import Story
from tests.unit.trees import confirm, entry, merge, register, tree

ROWS: list[tuple[type[Refusal], Callable[[], Story], str]] = [
    (refusals.BranchNotInTree, lambda: register(Story(), entry("zj-9", "nowhere")), "SJ-07"),
    (
        refusals.BranchConflict,
        lambda: register(tree(), BranchEntry(id="zj-1", name="别的名字", parent="zhenjiang", kind="unit")),
        "SJ-07",
    ),
    (refusals.BranchStepNotAllowed, lambda: merge(tree(), "zhenjiang", "zj-1"), "SJ-07"),
]

PRECEDENCE: list[tuple[tuple[type[Refusal], type[Refusal]], Callable[[], Story]]] = [
    (
        (refusals.BranchNotInTree, refusals.BranchStepNotAllowed),
        lambda: merge(merge(tree(), "zj-1", "zj-2"), "zj-1", "nowhere"),
    ),
    (
        (refusals.BranchConflict, refusals.BranchStepNotAllowed),
        lambda: confirm(tree(), "zj-2", name="一厂工会"),
    ),
]
