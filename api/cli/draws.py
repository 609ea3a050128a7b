"""`jifen draws`: seal and hold batch draws, and check every draw of a pool from the log alone (抽奖).

`seal`, `run` and `status` speak with a running service; `verify` and `report` read the ledger's database themselves.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import click
from rich.console import Console
from rich.table import Table

from api.cli.asking import CAMPAIGN, IDEMPOTENCY_KEY, TRIAL, asking, progress_bar, service
from api.cli.campaign import moment

if TYPE_CHECKING:
    from projections.session import Connection

DRAND = "https://api.drand.sh"
SEEDS = 1_000_000
POOL_CAMPAIGN = click.option("--campaign", help="The campaign; needed when several have a pool of this id.")


class Untried(click.ClickException):
    """There is nothing of that name, or more than one: what was asked for could not even be tried."""

    exit_code = 2


@click.group("draws")
def draws() -> None:
    """Seal, hold, verify and report draws (抽奖)."""


@draws.command("seal")
@click.argument("pool")
@CAMPAIGN
@click.option("--round", "round_", type=click.IntRange(min=1), help="A round of drand's quicknet to come.")
@click.option("--announced", help="Or another number to be published: which, by whom, in what spelling.")
@click.option("--at", type=moment, help="When the announced number is known.")
@click.option("--prize", "prizes", multiple=True, metavar="ID=COUNT", help="Default: all that are left.")
@click.option("--reason", default="", help="Of a redraw.")
@click.option("--approver", default="", help="Of a redraw: another than who seals it.")
@TRIAL
@IDEMPOTENCY_KEY
@asking
def seal(
    *,
    pool: str,
    campaign: str,
    round_: int | None,
    announced: str | None,
    at: datetime | None,
    prizes: tuple[str, ...],
    reason: str,
    approver: str,
    trial: bool,
    idempotency_key: str,
    address: str,
    key: str,
) -> None:
    """Fix the tickets, the prizes and which public random number will decide, before it exists.

    \b
    Exit code: 0 sealed; 1 refused; 2 no answer.

    \b
    Examples:
      jifen draws seal movie-voucher --campaign js-2023 --round 4200000
      jifen draws seal grand-prize --campaign sx-2019 --at 2019-10-16T21:15:00+08:00 \\
            --announced "福彩3D 2019282, three digits without spaces"
    """
    if (round_ is None) == (announced is None) or (announced is None) != (at is None):
        raise click.UsageError("Say either --round, or --announced with --at.")
    beacon: dict[str, Any] = (
        {"kind": "drand", "round": round_}
        if at is None
        else {"kind": "announced", "source": announced, "at": at.isoformat()}
    )
    body = {"beacon": beacon, "prizes": [_counted(each) for each in prizes], "reason": reason}
    with service(address, key) as jifen:
        answer = jifen.write(
            f"/v1/campaigns/{campaign}/draws/{pool}/seal",
            idempotency_key=idempotency_key,
            json={**body, "approver": approver},
            trial=str(trial).lower(),
        )
    sealed = answer["events"][0]["data"]
    click.echo(
        f"已封存 / Sealed: draw {sealed['contest']} of {pool}, {sealed['tickets']} tickets, root {sealed['root']},"
        f" position {answer['position']}."
    )


@draws.command("run")
@click.argument("pool")
@click.argument("contest", type=click.IntRange(min=1), default=1)
@CAMPAIGN
@click.option("--signature", help="Of drand's round, in hex.")
@click.option("--text", help="The announced number, as published.")
@click.option("--file", type=click.File(), help="A round as drand answers it: JSON with its signature.")
@click.option("--drand", default=DRAND, show_default=True, help="Where the round is fetched from otherwise.")
@TRIAL
@IDEMPOTENCY_KEY
@asking
def run(
    *,
    pool: str,
    contest: int,
    campaign: str,
    signature: str | None,
    text: str | None,
    file: TextIO | None,
    drand: str,
    trial: bool,
    idempotency_key: str,
    address: str,
    key: str,
) -> None:
    """Hold a sealed draw with its public random number. The winners follow from it alone.

    Without --signature, --text or --file the round of drand is fetched. Wherever it comes from, its signature is
    verified.

    \b
    Exit code: 0 held; 1 refused, or the number does not hold; 2 no answer.

    \b
    Examples:
      jifen draws run movie-voucher --campaign js-2023
      jifen draws run grand-prize 2 --campaign sx-2019 --text "4 0 7"
    """
    if sum(each is not None for each in (signature, text, file)) > 1:
        raise click.UsageError("Say one of --signature, --text and --file.")
    trials = str(trial).lower()
    with service(address, key) as jifen:
        if signature is None and text is None:
            from api.cli.drand import fetched, read_round

            path = f"/v1/campaigns/{campaign}/draws/{pool}/contests/{contest}"
            promise = jifen.get(path, trial=trials)["sealed"]["beacon"]
            signature = read_round(file.read()) if file else fetched(drand, promise)
        body = {"text": text} if text is not None else {"signature": signature}
        answer = jifen.write(
            f"/v1/campaigns/{campaign}/draws/{pool}/contests/{contest}/run",
            idempotency_key=idempotency_key,
            json=body,
            trial=trials,
        )
    held = answer["events"][0]["data"]
    click.echo(f"已开奖 / Held: {len(held['winners'])} winners, position {answer['position']}.")
    for number, prize in held["winners"]:
        click.echo(f"{number}\t{prize}")


@draws.command("status")
@click.argument("pool")
@CAMPAIGN
@TRIAL
@asking
def status(*, pool: str, campaign: str, trial: bool, address: str, key: str) -> None:
    """Show a pool: its draws, commitment, contests, and what is left of its prizes.

    \b
    Examples:
      jifen draws status red-packet --campaign js-2023
    """
    with service(address, key) as jifen:
        found = jifen.get(f"/v1/campaigns/{campaign}/pools/{pool}", trial=str(trial).lower())
    click.echo(f"{found['stream']}: {found['draw']}, {found['draws']:,} draws or tickets")
    click.echo(f"{'closed 已结束' if found['closed'] else 'open 进行中'}, deadline {found['closes_at']}")
    click.echo(
        f"commitment {found['commitment'] or '-'}\nseed       {found['seed'] or 'not revealed 未公布'}"
    )
    for each in found["contests"]:
        held = "held 已开奖" if each["run"] else "sealed 已封存"
        click.echo(f"draw {each['contest']}: {each['tickets']} tickets, {held}, root {each['root']}")
    inside = found["inside"]
    if inside:
        table = Table("prize 奖品", "gone 已出", "left 剩余", "codes 券码", "handed 已发")
        for each in inside["prizes"]:
            left = "∞" if each["left"] is None else f"{each['left']:,}"
            codes = (f"{each['codes_imported']:,}", f"{each['codes_handed']:,}")
            table.add_row(each["prize"], f"{each['gone']:,}", left, *codes)
        Console().print(table)


@draws.command("verify")
@click.argument("pool")
@POOL_CAMPAIGN
@TRIAL
def verify(*, pool: str, campaign: str | None, trial: bool) -> None:
    """Do every draw of a pool again, from the log alone, and say what does not hold.

    Instant draws need the revealed seed; before that their shares and numbers are checked. Sealed draws: that the
    tickets in the log are those of the seal, that the random number is genuine, and that the winners follow from it.
    Prizes by rank: that they went to the first of the frozen board, which is computed again. Of all: that the
    participants' own streams say the same, and that each prize is worth what the rules give.

    \b
    Exit code: 0 all of it holds; 1 something does not, the first differing draw is named; 2 it could not be tried.

    \b
    Examples:
      jifen draws verify red-packet
      jifen draws verify movie-voucher --campaign js-2023
    """
    stream, checked = _checked(pool, campaign, trial=trial)
    click.echo(f"{stream}: {checked.draws:,} draws, {checked.tickets:,} tickets")
    if checked.draws:
        said = (
            "their outcomes computed again from the revealed seed 结果已按公布的种子重算"
            if checked.seed
            else "the seed is not revealed yet: shares and numbers checked 种子尚未公布"
        )
        click.echo(f"  {checked.draws:,} instant draws: {said}")
    if checked.contests:
        click.echo(
            f"  {checked.contests} sealed draws, {checked.held} of them held: tickets, number, winners"
        )
    if checked.places:
        click.echo(
            f"  {checked.places:,} prizes by rank: the frozen board {checked.board} computed again, its first compared"
        )
    for fault in checked.faults[:20]:
        click.echo(f"✗ {f'draw {fault.draw}' if fault.draw else pool}: {fault.detail}", err=True)
    if len(checked.faults) > 20:
        click.echo(f"… and {len(checked.faults) - 20} more", err=True)
    if checked.faults:
        first = min((each.draw for each in checked.faults if each.draw), default=0)
        click.echo(f"The first differing draw is {first}." if first else "The pool's log differs.", err=True)
        raise SystemExit(1)
    if checked.draws or checked.held or checked.places:
        click.echo("✓ 全部相符 / all of it holds")
    elif checked.tickets or checked.contests:
        click.echo("✓ 尚未开奖 / nothing has been drawn yet; the tickets so far hold")
    else:
        click.echo("尚无可验证 / nothing has been drawn or awarded yet: there is nothing to check")


@draws.command("report")
@click.argument("pool")
@POOL_CAMPAIGN
@TRIAL
@click.option("--seeds", type=click.IntRange(min=1000), default=SEEDS, show_default=True)
def report(*, pool: str, campaign: str | None, trial: bool, seeds: int) -> None:
    """Say how fair a pool is: what came out against its shares, and what comes out of many simulated seeds.

    The p-value is the probability of such a deviation, or a larger one, in a fair draw; look closely under 0.001.

    \b
    Exit code: 0 nothing to look at; 1 a p-value under 0.001; 2 it could not be tried.

    \b
    Examples:
      jifen draws report red-packet
      jifen draws report red-packet --seeds 100000
    """
    from api.cli.fairness import lines

    _, checked = _checked(pool, campaign, trial=trial)
    with progress_bar() as bar:
        task = bar.add_task("模拟 / simulating", total=seeds)
        shown, fair = lines(
            _pool(pool, campaign), checked, seeds, lambda done: bar.update(task, completed=done)
        )
    for line in shown:
        click.echo(line)
    if not fair:
        raise SystemExit(1)


def _checked(pool: str, campaign: str | None, *, trial: bool) -> tuple[str, Any]:
    from api.cli.local import database
    from api.cli.published import rulebooks, stream_of_pool
    from api.cli.verifying import verify as verify_pool
    from projections.session import connect

    with (
        database(existing=True) as (url, schema),
        connect(url, schema, "draws") as connection,
        progress_bar() as bar,
    ):
        found = _campaign(connection, pool, campaign)
        stream = stream_of_pool(connection, found, pool, trial=trial)
        rules = rulebooks(connection, found)
        task = bar.add_task("验证 / verifying", total=None)

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        return stream, verify_pool(connection, stream, pool, rules, show)


def _pool(pool: str, campaign: str | None) -> Any:
    from api.cli.local import database
    from api.cli.published import newest
    from projections.session import connect

    with database(existing=True) as (url, schema), connect(url, schema, "draws") as connection:
        return newest(connection, _campaign(connection, pool, campaign)).pool_ids[pool]


def _campaign(connection: "Connection", pool: str, campaign: str | None) -> str:
    """The campaign of a pool; without exactly one it cannot be tried: exit code 2."""
    from api.cli.published import campaign_of_pool

    try:
        return campaign_of_pool(connection, pool, campaign)
    except click.ClickException as reason:
        raise Untried(reason.message) from None


def _counted(text: str) -> dict[str, Any]:
    prize, _, count = text.rpartition("=")
    if not prize or not count.isdecimal():
        raise click.BadParameter(f"{text!r} is not like phone=2.")
    return {"prize": prize, "count": int(count)}
