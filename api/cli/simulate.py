"""`jifen campaign simulate`: play a rulebook file with real steps, and forecast what it costs. Needs no database."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ledger.rulebook import Rulebook

if TYPE_CHECKING:
    from api.forecast.forecast import Figure, Forecast, PoolForecast
    from api.forecast.people import Habits

HABITS = {
    "opens": (0.85, "of all days, on which somebody opens the app"),
    "teams": (0.6, "of all people, who are in a full team"),
    "draws": (0.95, "of all chances and points, that are used for draws"),
    "shops": (0.5, "of all people, who save for the shop rather than draw"),
    "buys": (0.2, "of all days, on which one of these looks for something to buy"),
    "right": (0.75, "of all quiz answers, that are right"),
    "posts": (0.3, "of days and passed checkpoints, that bring a comment, reading or a reflection"),
    "enters": (0.8, "of those with a place on a board, who enter its draw"),
}
"""What is assumed of people's habits, each an option."""


def _habits(command: Any) -> Any:
    for name, (share, what) in reversed(HABITS.items()):
        option = click.option(
            f"--{name}", type=click.FloatRange(0, 1), default=share, show_default=True, help=f"Share {what}."
        )
        command = option(command)
    return command


@click.command("simulate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--people", type=click.IntRange(1, 100_000_000), required=True, help="How many take part.")
@click.option(
    "--days", type=click.IntRange(1, 3660), required=True, help="The campaign's first days, so many."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same figures.")
@click.option(
    "--runs", type=click.IntRange(2, 100), default=5, show_default=True, help="How often it is played."
)
@click.option(
    "--sample",
    "played",
    type=click.IntRange(1, 1_000_000),
    help="People who are played in each run.  [default: as many as take a minute or two]",
)
@_habits
@click.option("--json", "as_json", is_flag=True, help="Print the forecast as JSON.")
@click.pass_context
def simulate(
    context: click.Context,
    /,
    *,
    file: Path,
    people: int,
    days: int,
    seed: int,
    runs: int,
    played: int | None,
    as_json: bool,
    **habits: float,
) -> None:
    """Play a rulebook file with real steps before it is published, and forecast points, prizes and money.

    People with the steps of the sample that ships with the program play it in memory, by the very decisions of the
    service. Of many people a sample plays, with stocks to match, and what comes of it is scaled up; each figure says by
    how much it may be off. Nobody's habits have been measured: those that are assumed are options, and are printed.

    \b
    Exit code: 0 forecast; 1 faults in the file; 2 the file could not be read.

    \b
    Examples:
      jifen campaign simulate autumn-walk.toml --people 10000 --days 7
      jifen campaign simulate autumn-walk.toml --people 1000000 --days 100 --opens 0.5 --json
    """
    from api.cli.asking import progress_bar
    from api.forecast.forecast import forecast
    from api.forecast.people import Habits

    rules = _read(context, file)
    assumed = Habits(**habits)
    most = min(days, rules.days_of(trial=False))
    with progress_bar() as bar:
        task = bar.add_task("playing", total=runs * most)
        found = forecast(
            rules,
            people,
            days,
            seed=seed,
            runs=runs,
            played=played,
            habits=assumed,
            tick=lambda: bar.advance(task),
        )
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    _print(rules, found)


def _read(context: click.Context, file: Path) -> Rulebook:
    """A file's rulebook; prints its faults and ends the command when it has any."""
    from ledger.rulebook_file import RulebookFaulty, load

    try:
        return load(file.read_bytes())
    except RulebookFaulty as faulty:
        for fault in faulty.faults:
            where = str(file) if fault.line is None else f"{file}:{fault.line}"
            click.echo(f"{where} {fault.path}: {fault.detail}" if fault.path else f"{where}: {fault.detail}")
        context.exit(1)


def _print(rules: Rulebook, found: "Forecast") -> None:
    """The forecast as tables, and before them how it came about."""
    from rich.console import Console
    from rich.table import Table

    out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    out.print(f"{rules.title.zh} / {rules.title.en}: {found.people:,} people, {_many(found.days, 'day')}.")
    out.print(_how(found))
    out.print(f"Assumed habits: {_assumed(found.habits)}.")
    table = Table("what", "of", box=None, pad_edge=False)
    for column in ("mean", "± 95 %", "high (1 in 20)", "stock", "needed (high)"):
        table.add_column(column, justify="right", no_wrap=True)
    for what, figures in (
        ("done", found.done),
        ("points", found.points),
        ("badges", found.badges),
        ("entitlements", found.entitlements),
        ("donations, yuan", {fund: _yuan(figure) for fund, figure in found.donations.items()}),
        ("refused", found.refused),
    ):
        for of, figure in figures.items():
            table.add_row(what, of, *_cells(figure))
    if found.spent.mean:
        table.add_row("points", "spent", *_cells(found.spent))
    for pool in found.pools:
        _add_pool(table, pool)
    out.print(table)
    if any(not prize.enough for pool in found.pools for prize in pool.prizes):
        out.print("! The stock is less than what would be needed for nobody to go without.")


def _how(found: "Forecast") -> str:
    if found.scale == 1:
        return f"All of them were played, {found.runs} times (seed {found.seed})."
    return (
        f"A sample of {found.played:,} people was played, {found.runs} times (seed {found.seed}); figures are scaled"
        f" up {found.scale:,.1f} times, stocks were scaled down as much."
    )


def _assumed(habits: "Habits") -> str:
    return ", ".join(f"{name} {share:g}" for name, share in msgspec.structs.asdict(habits).items())


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _yuan(figure: "Figure") -> "Figure":
    parts = (part / 100 for part in msgspec.structs.astuple(figure))
    return type(figure)(*parts)


def _cells(figure: "Figure") -> tuple[str, str, str]:
    mean, error, high = (f"{part:,.0f}" for part in msgspec.structs.astuple(figure))
    return mean, error, high


def _add_pool(table: Any, pool: "PoolForecast") -> None:
    what = {"batch": "entries", "shop": "items sold", "places": "prizes", "gift": "gifts"}.get(
        pool.draw, "draws"
    )
    table.add_section()
    table.add_row(pool.pool, what, *_cells(pool.draws))
    if pool.unserved.mean:
        table.add_row(pool.pool, "refused, nothing was left", *_cells(pool.unserved))
    if pool.cost.mean:
        table.add_row(pool.pool, "cost, yuan", *_cells(_yuan(pool.cost)))
    for prize in pool.prizes:
        if prize.kind != "nothing":
            stock = "" if prize.stock is None else f"{prize.stock:,}"
            needed = f"{prize.needed.high:,.0f}" + ("" if prize.enough else " !")
            table.add_row("", prize.name, *_cells(prize.given), stock, needed)
