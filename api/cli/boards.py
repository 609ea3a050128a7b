"""`jifen boards`: show a ranking, freeze it when its time is over, and compute a frozen one again (排行榜).

`show` speaks with a running service; `freeze` and `verify` work on the ledger's database themselves.
"""

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from api.cli.asking import CAMPAIGN, asking, service
from api.cli.draws import Untried
from ledger.rulebook import Board, Rulebook

if TYPE_CHECKING:
    from projections.session import Connection


@click.group("boards")
def boards() -> None:
    """Show, freeze and verify rankings (排行榜)."""


@boards.command("show")
@click.argument("board")
@CAMPAIGN
@click.option("--first", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many rows.")
@asking
def show(*, board: str, campaign: str, first: int, address: str, key: str) -> None:
    """Show the published rows of a board, and as of when they are.

    \b
    Examples:
      jifen boards show teams --campaign sx-2019
      jifen boards show participants --campaign js-2023 --first 600
    """
    with service(address, key) as jifen:
        found = jifen.get(f"/v1/campaigns/{campaign}/rankings/{board}", limit=first)
    keys = list(found["rows"][0]["keys"]) if found["rows"] else []
    final = "final 最终" if found["frozen"] else "so far 目前"
    table = Table("#", "entrant 参赛者", *keys, title=f"{found['name']['zh']} / {found['name']['en']}")
    for row in found["rows"][:first]:
        who = f"{row['name']} ({row['entrant']})" if row.get("name") else row["entrant"]
        table.add_row(str(row["rank"]), who, *(_figure(row["keys"].get(each)) for each in keys))
    Console().print(table)
    click.echo(f"{found['entrants']:,} entrants, as of {found['as_of'] or 'never'}, {final}")


@boards.command("freeze")
@click.argument("board")
@CAMPAIGN
def freeze(*, board: str, campaign: str) -> None:
    """Make a ranking final whose time is over. The service does it by itself; doing it again changes nothing.

    \b
    Exit code: 0 frozen, now or before; 1 refused, or the views are not ready; 2 it could not be tried.

    \b
    Examples:
      jifen boards freeze teams --campaign sx-2019
    """
    from api import scheduling
    from api.cli.local import settings
    from api.opening import open_ledger
    from projections import boards as standings
    from projections.runner import Runner
    from projections.session import connect

    with open_ledger(settings()) as ledger, connect(ledger.url, ledger.schema, "boards") as connection:
        rules, found = _board(connection, campaign, board)
        if found.freezes_at is None:
            raise click.ClickException(f"{board} is never frozen.")
        if not standings.freeze_due(rules, found, rules.id, None, ledger.now()):
            raise click.ClickException(
                f"{board} can be frozen from {found.freezes_at.isoformat()} on, and its grace."
            )
        with Runner(ledger.url, ledger.schema) as runner:
            runner.catch_up()
        try:
            made = standings.freeze(connection, rules, found, rules.id, ledger.head())
        except standings.NotReady as reason:
            raise click.ClickException(str(reason)) from None
        asked = scheduling.to_freeze(rules, found, made.position, made.root, made.entrants)
        (outcome,) = ledger.writer.submit_now([asked])
    if outcome.status not in ("accepted", "refused") or outcome.code not in ("", "board_frozen_already"):
        raise click.ClickException(f"{outcome.detail} ({outcome.code})")
    click.echo(f"已冻结 / Frozen: {made.entrants:,} entrants, root {made.root}.")


@boards.command("verify")
@click.argument("board")
@CAMPAIGN
def verify(*, board: str, campaign: str) -> None:
    """Compute a frozen board again from nothing, event by event, and compare its root.

    \b
    Exit code: 0 it is the same; 1 it differs, or is not frozen; 2 it could not be tried.

    \b
    Examples:
      jifen boards verify teams --campaign sx-2019
    """
    from api.cli.local import database
    from projections.replay import verify as replayed
    from projections.session import connect

    aside = Console(stderr=True)
    with database(existing=True) as (url, schema), connect(url, schema, "boards") as connection:
        rules, found = _board(connection, campaign, board)
        with aside.status("重算 / replaying"):
            verified = replayed(connection, rules, found, rules.id)
    if verified is None:
        raise click.ClickException(f"{board} is not frozen yet.")
    recorded = verified.recorded
    click.echo(
        f"frozen at position {recorded.position}: {recorded.entrants:,} entrants, root {recorded.root}"
    )
    click.echo(f"replayed from the log:  {verified.entrants:,} entrants, root {verified.root}")
    click.echo(f"kept for the API:       root {verified.kept or '-'}")
    if not verified.same:
        raise click.ClickException("✗ 不一致 / they differ")
    click.echo("✓ 一致 / they are the same")


def _board(connection: "Connection", campaign: str, board: str) -> tuple[Rulebook, Board]:
    """The newest rules and a board of theirs; without it nothing can be tried: exit code 2."""
    from api.cli.published import newest

    try:
        rules = newest(connection, campaign)
    except click.ClickException as reason:
        raise Untried(reason.message) from None
    if board not in rules.board_ids:
        raise Untried(f"Campaign {campaign} has no board {board}.")
    return rules, rules.board_ids[board]


def _figure(figure: object) -> str:
    """A key of a row in a cell: of a fraction what it comes to."""
    if isinstance(figure, dict):
        return f"{figure['percent']} %" if "percent" in figure else f"{figure['rounded']:,}"
    return f"{figure:,}" if isinstance(figure, int) else str(figure or "-")
