"""``jifen projections``: the views that are derived from the log, and how far they have got."""

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.cli.local import database
from projections.rebuild import Report


@click.group()
def projections() -> None:
    """The views that are derived from the log: status, catching up, rebuilding, parked events."""


@projections.command()
def status() -> None:
    """How far each projection has got. Exit code 1 when events are parked.

    \b
    Examples:
      jifen projections status
    """
    from projections.runner import Runner

    with database(existing=True) as (url, schema), Runner(url, schema) as runner:
        found = runner.status()
    table = Table("projection", "position", "log head", "behind", "parked")
    for each in found:
        table.add_row(each.name, f"{each.position:,}", f"{each.head:,}", f"{each.lag:,}", f"{each.parked:,}")
    Console().print(table)
    if any(each.parked for each in found):
        raise SystemExit(1)


@projections.command()
@click.argument("names", nargs=-1)
@click.option("--start-over", is_flag=True, help="Throw away what an interrupted rebuild has built.")
def rebuild(names: tuple[str, ...], start_over: bool) -> None:
    """Build projections anew from the whole log, beside the live tables, then swap. All of them, or those named.

    Reading goes on meanwhile. Killed on the way, it goes on from where it was when it is called again. Says whether
    the rebuilt view holds what the live one held; exit code 1 when it did not.

    \b
    Examples:
      jifen projections rebuild
      jifen projections rebuild balances
    """
    from projections import PROJECTIONS
    from projections.rebuild import RebuildRunning
    from projections.rebuild import rebuild as rebuild_one

    unknown = set(names) - set(PROJECTIONS)
    if unknown:
        raise click.ClickException(f"no projection {', '.join(unknown)}; there are {', '.join(PROJECTIONS)}")
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with database(existing=True) as (url, schema), Progress(*columns, console=Console(stderr=True)) as bar:
        same = True
        for name in names or tuple(PROJECTIONS):
            task = bar.add_task(f"Rebuilding {name}", total=None)

            def show(done: int, of: int, task: int = task) -> None:
                bar.update(task, completed=done, total=of)  # type: ignore[arg-type]  # rich's own int type

            try:
                report = rebuild_one(url, schema, name, show, start_over=start_over)
            except RebuildRunning as fault:
                raise click.ClickException(str(fault)) from None
            same = same and report.same
            click.echo(f"{name}: rebuilt to position {report.position:,}; {_compared(report)}")
    if not same:
        raise SystemExit(1)


def _compared(report: Report) -> str:
    if report.same:
        return "it holds what the live view held"
    differing = ", ".join(table.table for table in report.tables if not table.same)
    parked = f"parked events {report.parked_live} → {report.parked_rebuilt}"
    return f"it differs from the live view in {differing or 'no table'}; {parked}"


@projections.command("retry-parked")
def retry_parked() -> None:
    """Try the parked events again, in order; those that fail again stay parked.

    \b
    Examples:
      jifen projections retry-parked
    """
    from projections.runner import Runner

    with database(existing=True) as (url, schema), Runner(url, schema) as runner:
        taken = runner.retry_parked()
        left = runner.parked()
    click.echo(f"{taken} events were taken, {len(left)} stay parked.")
    if left:
        raise SystemExit(1)


@projections.command()
def parked() -> None:
    """List the parked events: what a view could not take, and why.

    \b
    Examples:
      jifen projections parked
    """
    from projections.runner import Runner

    with database(existing=True) as (url, schema), Runner(url, schema) as runner:
        found = runner.parked()
    table = Table("projection", "position", "stream", "tried", "since", "why")
    for event in found:
        since = event.parked_at.isoformat(timespec="seconds")
        table.add_row(
            event.projection,
            f"{event.position:,}",
            event.originator_id,
            str(event.attempts),
            since,
            event.error,
        )
    Console().print(table)
