"""`jifen branches`: the union tree (工会组织): lists, search, units typed in, mergers. `jifen campaign report`, too."""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from uuid import uuid4

import click
import msgspec
from rich.console import Console
from rich.table import Table

from api.cli.asking import IDEMPOTENCY_KEY, asking, progress_bar, service
from api.cli.client import Service, ServiceProblem, ServiceUnreachable
from api.cli.import_report import Remark, Tally, show, write_report
from api.cli.steps_csv import UnreadableFile, judge_encoding
from ledger.branch_commands import BranchEntry
from ledger.branches import parents_first

if TYPE_CHECKING:
    from api.unit_reports import UnitView

AT_ONCE = 1_000
COLUMNS = {
    "id": ("id", "编号"),
    "name": ("name", "名称"),
    "parent": ("parent", "上级"),
    "kind": ("kind", "类别"),
}
"""Member → what a file may call its column."""
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LONGEST_NAME = 200
WORDS = {"confirmed": "confirmed 已确认", "pending": "pending 待确认", "merged": "merged 已合并"}


@click.group("branches")
def branches() -> None:
    """The union tree (工会组织): enter lists, search, confirm and merge."""


@branches.command("import", context_settings={"show_default": True})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--batch", type=click.IntRange(1, 5000), default=AT_ONCE, help="Unions in one request.")
@click.option("--dry-run", is_flag=True, help="Read and report, but send nothing.")
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="CSV of remarks."
)
@asking
@click.pass_context
def import_branches(
    context: click.Context,
    *,
    file: Path,
    batch: int,
    dry_run: bool,
    report: Path | None,
    address: str,
    key: str,
) -> None:
    """Enter a list of unions into the tree.

    FILE is CSV with the header id,name,parent,kind (or 编号,名称,上级,类别), its lines in any order.
    parent is the id of the union above, empty at the top; kind may be left out. A union that stands in the tree just
    as the line has it is left alone, so the same file can be imported again. Every line that is not taken is named.

    \b
    Exit code: 0 every line was taken; 1 some were not; 2 the import could not run or not to its end.

    \b
    Examples:
      jifen branches import unions.csv --dry-run
      jifen branches import unions.csv --report not-taken.csv
    """
    tally, console, aside = Tally(), Console(), Console(stderr=True)
    failure, entries = "", list[BranchEntry]()
    try:
        with file.open("rb") as raw:
            encoding, remark = judge_encoding(iter(partial(raw.read, 1 << 16), b""))
        if remark:
            aside.print(remark, markup=False, highlight=False)
        with file.open(encoding=encoding, newline="") as lines:
            entries = parents_first(read(lines, tally))
        if not dry_run:
            with Service(address, key) as jifen, progress_bar() as progress:
                task = progress.add_task("导入 / importing", total=len(entries))
                for part in (entries[start : start + batch] for start in range(0, len(entries), batch)):
                    send(part, jifen, tally)
                    progress.advance(task, len(part))
    except (UnreadableFile, UnicodeError) as error:
        failure = str(error)
    except (ServiceProblem, ServiceUnreachable) as error:
        failure = f"{error} Run the same import again: what was entered before is left alone."
    if report:
        write_report(report, tally)
    if entries or tally.remarks or not failure:
        show(console, tally, planned=len(entries) if dry_run else None, report=report)
    if failure:
        aside.print(f"Stopped: {failure}", markup=False, highlight=False)
        context.exit(2)
    context.exit(1 if tally.not_taken else 0)


def read(lines: TextIO, tally: Tally) -> Iterator[BranchEntry]:
    """The unions of a file, by line; what cannot be read, or comes twice, goes into tally. Raises UnreadableFile."""
    rows = csv.reader(lines)
    header = [name.strip().lower() for name in next(rows, [])]
    places = {
        member: header.index(name) for member, names in COLUMNS.items() for name in names if name in header
    }
    if not {"id", "name"} <= places.keys():
        raise UnreadableFile(
            "The first line has to name the columns: id,name,parent,kind (编号,名称,上级,类别)."
        )
    seen: dict[str, int] = {}
    try:
        for row in rows:
            line = rows.line_num
            said = {
                member: row[place].strip() if place < len(row) else "" for member, place in places.items()
            }
            if not any(said.values()):
                continue
            says = _wrong(said, seen)
            if says:
                tally.remarks.append(Remark(line, "reader", "unreadable_line", "", says, ",".join(row)[:200]))
                continue
            seen[said["id"]] = line
            yield BranchEntry(
                id=said["id"],
                name=said["name"],
                parent=said.get("parent") or None,
                kind=said.get("kind") or "union",
                line=line,
            )
    except csv.Error as error:
        raise UnreadableFile(f"Line {rows.line_num} is no CSV: {error}.") from None


def _wrong(said: dict[str, str], seen: dict[str, int]) -> str:
    """What is wrong with a line; empty for nothing."""
    for member in ("id", "parent", "kind"):
        given = said.get(member, "")
        if (given or member == "id") and not ID.fullmatch(given):
            return (
                f"{member} is {given!r}: small letters, digits and hyphens, at most 40, not a hyphen first."
            )
    if not said["name"] or len(said["name"]) > LONGEST_NAME or "\0" in said["name"]:
        return f"name has 1 to {LONGEST_NAME} characters."
    if said["id"] in seen:
        return f"{said['id']} stands on line {seen[said['id']]} already."
    return ""


def send(part: Sequence[BranchEntry], jifen: Service, tally: Tally) -> None:
    """Enter some unions and write down in tally what became of each. Raises ServiceProblem, ServiceUnreachable."""
    of = {entry.line: entry for entry in part}
    try:
        body = {"branches": [msgspec.structs.asdict(entry) for entry in part]}
        answer = jifen.write("/v1/branches", idempotency_key=str(uuid4()), json=body)
    except ServiceProblem as problem:
        if problem.status != 422:
            raise
        _remark(part[0], problem.code, problem.detail, tally)  # one alone is refused as a whole
        return
    tally.taken += answer["registered"]
    tally.repeats += answer["standing"]
    for refused in answer["refused"]:
        _remark(of[refused["line"]], refused["code"], refused["detail"], tally)


def _remark(entry: BranchEntry, code: str, says: str, tally: Tally) -> None:
    tally.remarks.append(Remark(entry.line, "service", code, "SJ-07", says, f"{entry.id} {entry.name}"))


@branches.command("list")
@click.argument("parent", default="")
@click.option("--pending", is_flag=True, help="Those that applicants typed in and nobody has confirmed.")
@click.option("--first", type=click.IntRange(1), default=100, show_default=True, help="So many.")
@asking
def list_branches(*, parent: str, pending: bool, first: int, address: str, key: str) -> None:
    """List the unions right below PARENT, an id, or at the top of the tree.

    \b
    Examples:
      jifen branches list
      jifen branches list zhenjiang-federation
      jifen branches list --pending
    """
    asked = {"parent": parent, "status": "pending" if pending else ""}
    _list(address, key, first, {name: value for name, value in asked.items() if value})


@branches.command("search")
@click.argument("text")
@click.option("--under", default="", help="Only below this union, by id.")
@click.option("--first", type=click.IntRange(1), default=50, show_default=True, help="So many.")
@asking
def search(*, text: str, under: str, first: int, address: str, key: str) -> None:
    """Search unions by part of their name, two characters or more.

    \b
    Examples:
      jifen branches search 机械
      jifen branches search 机械 --under zhenjiang-federation
    """
    _list(address, key, first, {"q": text} | ({"parent": under} if under else {}))


def _list(address: str, key: str, first: int, asked: dict[str, str]) -> None:
    table = Table("id", "name 名称", "kind 类别", "parent 上级", "status 状态")
    shown = 0
    with service(address, key) as jifen:
        for page in jifen.pages("/v1/branches", **asked, limit=min(first, 500)):
            for each in page["branches"][: first - shown]:
                row = (each["id"], each["name"], each["kind"], each["parent"] or "", WORDS[each["status"]])
                table.add_row(*row)
                shown += 1
            if shown >= first:
                break
    Console().print(table)


@branches.command("confirm")
@click.argument("branch")
@click.option("--name", help="Its right name, if it was typed in otherwise.")
@click.option("--kind", help="Its kind in the tree.")
@IDEMPOTENCY_KEY
@asking
def confirm(
    *, branch: str, name: str | None, kind: str | None, idempotency_key: str, address: str, key: str
) -> None:
    """Confirm a union that an applicant typed in.

    \b
    Examples:
      jifen branches confirm p-9f2c4be1a7d05e63 --name 镇江市顺丰速运工会
    """
    with service(address, key) as jifen:
        answer = jifen.write(
            f"/v1/branches/{branch}/confirmation",
            idempotency_key=idempotency_key,
            json={"name": name, "kind": kind},
        )
    event = answer["events"][0]["data"]
    click.echo(f"已确认 / Confirmed: {branch} is {event['name']} ({event['kind']}).")


@branches.command("merge")
@click.argument("branch")
@click.argument("into")
@click.option("--reason", required=True, help="Why; it stays in the log for ever: no personal data.")
@IDEMPOTENCY_KEY
@asking
def merge(*, branch: str, into: str, reason: str, idempotency_key: str, address: str, key: str) -> None:
    """Make BRANCH part of INTO, both by id: members, history, figures and unions below follow. It cannot be undone.

    \b
    Examples:
      jifen branches merge p-9f2c4be1a7d05e63 zj-express --reason "the same unit"
    """
    with service(address, key) as jifen:
        jifen.write(
            f"/v1/branches/{branch}/merger",
            idempotency_key=idempotency_key,
            json={"into": into, "reason": reason},
        )
    click.echo(f"已合并 / Merged: {branch} is part of {into}.")


@click.command("report")
@click.argument("campaign")
@click.option("--csv", "table", is_flag=True, help="As CSV on the standard output.")
@asking
def report(*, campaign: str, table: bool, address: str, key: str) -> None:
    """Report a campaign's unions: quota, enrolled, active, attained, rates, score (通报).

    A parent's figures include its children's.

    \b
    Examples:
      jifen campaign report sx-2019
      jifen campaign report sx-2019 --csv > units.csv
    """
    from api.unit_reports import UnitReport, as_csv

    rows: list[UnitView] = []
    totals = None
    with service(address, key) as jifen:
        for page in jifen.pages(f"/v1/campaigns/{campaign}/branches", limit=1000):
            found = msgspec.convert(page, UnitReport)
            totals = totals or found.totals
            rows += found.branches
    if table:
        click.echo(as_csv(rows), nl=False)
        return
    shown = Table(
        "工会 union",
        "指标 quota",
        "报名 enrolled",
        "%",
        "参与 active",
        "达标 attained",
        "参与率",
        "达标率",
        "得分",
    )
    for each in rows:
        rates = (each.participation_rate, each.attainment_rate, each.score)
        shown.add_row(
            f"{'  ' if each.parent else ''}{each.name}",
            "" if each.quota is None else f"{each.quota:,}",
            f"{each.enrolled:,}",
            each.progress.percent if each.progress else "",
            f"{each.active:,}",
            f"{each.attained:,}",
            *(rate.percent if rate else "" for rate in rates),
        )
    Console().print(shown)
    if totals:
        quota = f" of {totals.quota:,}" if totals.quota else ""
        click.echo(
            f"合计 / in all: {totals.enrolled:,}{quota} enrolled, {totals.active:,} active,"
            f" {totals.attained:,} attained member-days."
        )
