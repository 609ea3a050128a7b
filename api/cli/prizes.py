"""`jifen prizes`: the life of prizes, and voucher codes (奖品). Speaks with a running service."""

from typing import TextIO

import click
from rich.console import Console
from rich.table import Table

from api.cli.asking import CAMPAIGN, IDEMPOTENCY_KEY, TRIAL, asking, service

STATUSES = ("won", "issued", "delivered", "returned", "lapsed", "replaced", "redeemed")
FILE = click.File("r", encoding="utf-8-sig")
REASON = click.option("--reason", required=True, help="Why; it stays in the log for ever: no personal data.")
REF = click.option("--ref", default="", help="What the provider calls it.")


@click.group("prizes")
def prizes() -> None:
    """Prizes from winning to delivery, and voucher codes (奖品、券码)."""


@prizes.command("list")
@click.argument("pool")
@CAMPAIGN
@click.option("--status", type=click.Choice(STATUSES), help="Only those that stand there.")
@TRIAL
@asking
def list_prizes(*, pool: str, campaign: str, status: str | None, trial: bool, address: str, key: str) -> None:
    """List the prizes of a pool with their winners. Never a voucher's code.

    \b
    Examples:
      jifen prizes list grand-prize --campaign sx-2019 --status won
    """
    table = Table("prize 奖品", "winner 获奖者", "what", "status 状态", "due 最迟发出", "address", "ref")
    asked: dict[str, str | int] = {"limit": 500, "trial": str(trial).lower()}
    if status:
        asked["status"] = status
    with service(address, key) as jifen:
        for page in jifen.pages(f"/v1/campaigns/{campaign}/pools/{pool}/prizes", **asked):
            for each in page["prizes"]:
                where = each["address_ref"] or ""
                row = (each["prize"], each["participant"], each["outcome"], each["status"], each["due"] or "")
                table.add_row(*row, where, each["ref"] or "")
    Console().print(table)


@prizes.command("import")
@click.argument("file", type=FILE)
@CAMPAIGN
@click.option("--pool", required=True, help="The pool of the vouchers.")
@click.option("--prize", required=True, help="Id of the voucher in the rulebook.")
@click.option("--batch", required=True, help="What the delivery is called.")
@IDEMPOTENCY_KEY
@asking
def import_codes(
    *, file: TextIO, campaign: str, pool: str, prize: str, batch: str, idempotency_key: str,
    address: str, key: str,
) -> None:  # fmt: skip
    """Import voucher codes: a text file with one code a line, a header `code` or none. All of it, or nothing.

    An empty line, a code that comes twice and one that was imported before are named by their lines.

    \b
    Exit code: 0 imported; 1 refused; 2 no answer.

    \b
    Examples:
      jifen prizes import codes.csv --campaign js-2023 --pool movie-voucher \\
            --prize movie-voucher --batch "2023-11 first"
    """
    with service(address, key) as jifen:
        answer = jifen.write(
            f"/v1/campaigns/{campaign}/pools/{pool}/prizes/{prize}/vouchers",
            idempotency_key=idempotency_key,
            csv=file.read(),
            batch=batch,
        )
    last = answer["first"] + answer["count"] - 1
    click.echo(f"已导入 / Imported {answer['count']:,} codes, numbers {answer['first']} to {last}.")


@prizes.command("issue")
@click.argument("prize")
@CAMPAIGN
@REF
@TRIAL
@IDEMPOTENCY_KEY
@asking
def issue(**said: str) -> None:
    """Say that a prize is on its way; a voucher that waited gets its code.

    \b
    Examples:
      jifen prizes issue grand-prize.17 --campaign sx-2019 --ref SF1234567890
    """
    _step("issued", {"ref": said["ref"]}, **said)


@prizes.command("deliver")
@click.argument("prize")
@CAMPAIGN
@REF
@TRIAL
@IDEMPOTENCY_KEY
@asking
def deliver(**said: str) -> None:
    """Say that a prize has arrived.

    \b
    Examples:
      jifen prizes deliver grand-prize.17 --campaign sx-2019
    """
    _step("delivered", {"ref": said["ref"]}, **said)


@prizes.command("return")
@click.argument("prize")
@CAMPAIGN
@REASON
@TRIAL
@IDEMPOTENCY_KEY
@asking
def return_(**said: str) -> None:
    """Say that a prize came back; it is in its pool again.

    \b
    Examples:
      jifen prizes return grand-prize.17 --campaign sx-2019 --reason "nobody there"
    """
    _step("returned", {"reason": said["reason"]}, **said)


@prizes.command("lapse")
@click.argument("prize")
@CAMPAIGN
@REASON
@TRIAL
@IDEMPOTENCY_KEY
@asking
def lapse(**said: str) -> None:
    """Say that a prize can no longer be claimed; it is in its pool again.

    \b
    Examples:
      jifen prizes lapse grand-prize.17 --campaign sx-2019 --reason "no address in time"
    """
    _step("lapsed", {"reason": said["reason"]}, **said)


@prizes.command("replace")
@click.argument("prize")
@CAMPAIGN
@REASON
@TRIAL
@IDEMPOTENCY_KEY
@asking
def replace(**said: str) -> None:
    """Give another prize of the same kind for one that came back or lapsed.

    \b
    Examples:
      jifen prizes replace grand-prize.17 --campaign sx-2019 --reason "sent again"
    """
    _step("replaced", {"reason": said["reason"]}, **said)


@prizes.command("redeem")
@click.argument("file", type=FILE)
@CAMPAIGN
@IDEMPOTENCY_KEY
@asking
def redeem(*, file: TextIO, campaign: str, idempotency_key: str, address: str, key: str) -> None:
    """Take the outside mall's report of used codes: CSV with the header code,redeemed_at,ref.

    Each line is taken by itself; those that were not are named.

    \b
    Exit code: 0 every line was taken; 1 some were not; 2 no answer.

    \b
    Examples:
      jifen prizes redeem mall-2023-11.csv --campaign js-2023
    """
    with service(address, key) as jifen:
        answer = jifen.write(
            f"/v1/campaigns/{campaign}/vouchers/redeemed", idempotency_key=idempotency_key, csv=file.read()
        )
    results = answer["results"]
    left = [each for each in results if each["status"] != "accepted"]
    click.echo(f"已核销 / Taken: {len(results) - len(left):,} of {len(results):,} lines.")
    for each in left:
        click.echo(f"line {each['line']}: {each['detail']} ({each['code']})", err=True)
    if left:
        raise SystemExit(1)


def _step(
    step: str, body: dict[str, str], *, prize: str, campaign: str, trial: str, idempotency_key: str, address: str,
    key: str, **_: str,
) -> None:  # fmt: skip
    with service(address, key) as jifen:
        answer = jifen.write(
            f"/v1/campaigns/{campaign}/prizes/{prize}/{step}",
            idempotency_key=idempotency_key,
            json={name: value for name, value in body.items() if value},
            trial=str(trial).lower(),
        )
    click.echo(f"{prize}: {step}, position {answer['position']}.")
    for event in answer["events"][1:]:
        if event["type"] == "prize-won.v1":
            click.echo(f"{event['data']['prize']}: won 新奖品")
