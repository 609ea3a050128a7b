"""What an import has to say at its end: how many lines were taken, and for each that was not, why."""

import csv
from collections import Counter
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

_SHOWN = 20
_OUTCOMES = {
    "reader": "未读 / not readable",
    "service": "未收 / not accepted",
    "notice": "已收 / taken, with a notice",
}


class Remark(msgspec.Struct, frozen=True):
    """What there is to say of a line. by: reader or service when it was not taken; notice when it was.

    line: in the CSV; code, clause: stable; says: why, and what to do; text: what the line held.
    """

    line: int
    by: Literal["reader", "service", "notice"]
    code: str
    clause: str
    says: str
    text: str


class Tally(msgspec.Struct):
    """How an import went. taken: accepted now; repeats: in the ledger before; remarks: all else."""

    taken: int = 0
    repeats: int = 0
    remarks: list[Remark] = []

    @property
    def not_taken(self) -> list[Remark]:
        """The remarks on lines that did not get in, by line number."""
        return sorted((one for one in self.remarks if one.by != "notice"), key=lambda one: one.line)


def write_report(path: Path, tally: Tally) -> None:
    """Write every remark as CSV, by line number: line, by, code, clause, says, text."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow(Remark.__struct_fields__)
        table.writerows(
            msgspec.structs.astuple(one) for one in sorted(tally.remarks, key=lambda one: one.line)
        )


def show(console: Console, tally: Tally, *, planned: int | None, report: Path | None) -> None:
    """Print the summary and the first lines that were not taken.

    planned: lines that a dry run would have sent; None after a real one. report: the file with every line.
    """
    table = Table(title="导入结果 / Import", title_justify="left")
    table.add_column("结果 / outcome")
    table.add_column("原因 / code")
    table.add_column("条款 / clause")
    table.add_column("行 / lines", justify="right")
    if planned is None:
        table.add_row("已收 / taken", "", "", str(tally.taken))
        table.add_row("重复 / taken before", "", "", str(tally.repeats))
    else:
        table.add_row("试运行 / would be sent", "", "", str(planned))
    counts = Counter((one.by, one.code, one.clause) for one in tally.remarks)
    for (by, code, clause), lines in sorted(counts.items()):
        table.add_row(_OUTCOMES[by], code, clause, str(lines))
    console.print(table)
    missed = tally.not_taken
    for one in missed[:_SHOWN]:
        console.out(f"line {one.line}: {one.code}: {one.says}  [{one.text}]", highlight=False)
    if len(missed) > _SHOWN:
        where = str(report) if report else "--report FILE"
        console.out(f"… and {len(missed) - _SHOWN} more; {where} has every line.", highlight=False)
    if any(one.by == "service" for one in missed):
        console.out(
            "A first answer stands; when its cause is gone, import with another --source.", highlight=False
        )
