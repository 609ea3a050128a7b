"""``jifen audit``: proofs over the whole log."""

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.cli.local import database
from ledger.audit import Report
from ledger.audit import audit as audit_log

SHOWN = 50


@click.group()
def audit() -> None:
    """Prove that the books are right, from the events alone."""


@audit.command()
def balance() -> None:
    """Prove that the whole book sums to zero and equals the fold of all events.

    Every event balances, every running balance follows from the one before, no version and no position is missing,
    and every kept state is the fold of its events. Exit code 0: all of it holds; 1: something does not.

    \b
    Examples:
      jifen audit balance
      JIFEN_DATABASE_URL=postgresql://replica/… jifen audit balance
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with database(existing=True) as (url, schema), Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Reading the log 读取日志", total=None)
        report = audit_log(url, schema, lambda done, of: bar.update(task, completed=done, total=of))
    _show(report)
    if not report.sound:
        raise SystemExit(1)


def _show(report: Report) -> None:
    console = Console()
    table = Table(
        "asset 资产", "issued 发放", "held 持有", "sum 合计", title=f"The book at position {report.head}"
    )
    for asset in sorted(report.totals):
        held = sum(b for (_, a), b in report.balances.items() if a == asset and b > 0)
        issued = sum(b for (_, a), b in report.balances.items() if a == asset and b < 0)
        table.add_row(asset, f"{issued:,}", f"{held:,}", f"{report.totals[asset]:,}")
    console.print(table)
    console.print(
        f"{report.events:,} events, {report.postings:,} postings, {report.streams:,} streams, "
        f"{len(report.balances):,} accounts"
    )
    for fault in report.faults[:SHOWN]:
        where = f"position {fault.position}" if fault.position else fault.stream or "the log"
        console.print(f"[red]✗[/red] {where}: {fault.detail}", highlight=False)
    if len(report.faults) > SHOWN:
        console.print(f"… and {len(report.faults) - SHOWN} more")
    if report.sound:
        console.print("[green]✓[/green] The book sums to zero and equals the fold of all events. 账目平衡。")
