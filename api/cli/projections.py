"""``jifen projections``: the views that are derived from the log, and how far they have got."""

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.cli.local import database


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

    with database() as (url, schema):
        found = Runner(url, schema).status()
    table = Table("projection", "position", "log head", "behind", "parked")
    for each in found:
        table.add_row(each.name, f"{each.position:,}", f"{each.head:,}", f"{each.lag:,}", f"{each.parked:,}")
    Console().print(table)
    if any(each.parked for each in found):
        raise SystemExit(1)


@projections.command()
@click.argument("names", nargs=-1)
def rebuild(names: tuple[str, ...]) -> None:
    """Build projections anew from the whole log, beside the live tables, then swap. All of them, or those named.

    Reading goes on meanwhile. Killed on the way, it goes on from where it was when it is called again.

    \b
    Examples:
      jifen projections rebuild
      jifen projections rebuild balances
    """
    from projections import PROJECTIONS
    from projections.rebuild import rebuild as rebuild_one

    unknown = set(names) - set(PROJECTIONS)
    if unknown:
        raise click.ClickException(f"no projection {', '.join(unknown)}; there are {', '.join(PROJECTIONS)}")
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with database() as (url, schema), Progress(*columns, console=Console(stderr=True)) as bar:
        for name in names or tuple(PROJECTIONS):
            task = bar.add_task(f"Rebuilding {name}", total=None)

            def show(done: int, of: int, task: int = task) -> None:
                bar.update(task, completed=done, total=of)  # type: ignore[arg-type]  # rich's own int type

            result = rebuild_one(url, schema, name, show)
            click.echo(f"{name}: {result}")


@projections.command("retry-parked")
def retry_parked() -> None:
    """Try the parked events again, in order; those that fail again stay parked.

    \b
    Examples:
      jifen projections retry-parked
    """
    from projections.runner import Runner

    with database() as (url, schema):
        freed = Runner(url, schema).retry_parked()
    click.echo(f"{freed} streams go on.")
