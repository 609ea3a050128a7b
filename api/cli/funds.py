"""`jifen funds`: what funds hold, their projects, and help for members. Source: EC-07, EC-13, ZG-10."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from api.cli.asking import CAMPAIGN, IDEMPOTENCY_KEY, TRIAL, asking, service

FUND = click.argument("fund")
PROJECT = click.argument("project")
AMOUNT = click.option("--amount", type=click.IntRange(1), required=True, help="In fen (分).")
REF = click.option("--ref", required=True, help="Of the bank's statement.")


@click.group("funds")
def funds() -> None:
    """Funds, volunteer projects and hardship help (基金、公益项目、帮扶). Amounts in fen."""


@funds.command("list")
@CAMPAIGN
@TRIAL
@asking
def list_funds(*, campaign: str, trial: bool, address: str, key: str) -> None:
    """List what each fund has collected, paid and holds.

    \b
    Examples:
      jifen funds list --campaign ec-2018
    """
    with service(address, key) as jifen:
        answer = jifen.get(f"/v1/campaigns/{campaign}/funds", trial=str(trial).lower())
    table = Table("fund 基金", "union 工会", "collected 收入", "paid 支出", "balance 余额")
    for each in answer["funds"]:
        sums = (str(each[name]) for name in ("collected", "paid", "balance"))
        table.add_row(each["fund"], each["union_name"] or "", *sums)
    Console().print(table)


@funds.command("show")
@FUND
@CAMPAIGN
@TRIAL
@asking
def show(*, fund: str, campaign: str, trial: bool, address: str, key: str) -> None:
    """Show a fund: its projects, and its newest movements.

    \b
    Examples:
      jifen funds show projects.nanjing --campaign ec-2018
    """
    path, of_trial = f"/v1/campaigns/{campaign}/funds/{fund}", str(trial).lower()
    with service(address, key) as jifen:
        found = jifen.get(path, trial=of_trial)
        entries = jifen.get(f"{path}/entries", trial=of_trial, limit=20)["entries"]
    click.echo(f"{fund}: {found['balance']} fen")
    projects = Table("project 项目", "name", "asked 申请", "paid 已付", "status 状态")
    for each in found["projects"]:
        name, asked, paid = each["name"], str(each["amount"]), str(each["paid"])
        projects.add_row(each["project"], name, asked, paid, each["status"])
    moved = Table("position", "what", "amount 金额", "balance 余额", "who")
    for each in entries:
        who = each["project"] or each["participant"] or each["actor"]
        moved.add_row(str(each["position"]), each["kind"], str(each["amount"]), str(each["balance"]), who)
    Console().print(projects, moved)


@funds.command("deposit")
@FUND
@CAMPAIGN
@AMOUNT
@REF
@IDEMPOTENCY_KEY
@asking
def deposit(*, fund: str, amount: int, ref: str, **asked: str) -> None:
    """Say that money came into a fund.

    \b
    Examples:
      jifen funds deposit hardship --campaign zg --amount 5000000 --ref bank/77
    """
    _write(f"funds/{fund}/deposits", {"amount": amount, "ref": ref}, **asked)


@funds.command("propose")
@FUND
@PROJECT
@CAMPAIGN
@click.option("--name", required=True, help="What the project is called.")
@AMOUNT
@IDEMPOTENCY_KEY
@asking
def propose(*, fund: str, project: str, name: str, amount: int, **asked: str) -> None:
    """Put a project forward for a fund.

    \b
    Examples:
      jifen funds propose projects.nanjing river-trees --campaign ec-2018 --name 秦淮河植树 --amount 20000
    """
    _write(f"funds/{fund}/projects", {"project": project, "name": name, "amount": amount}, **asked)


@funds.command("review")
@FUND
@PROJECT
@CAMPAIGN
@click.option("--approve/--turn-down", required=True, help="What the review says.")
@click.option("--reason", default="", help="Why; it stays in the log for ever: no personal data.")
@IDEMPOTENCY_KEY
@asking
def review(*, fund: str, project: str, approve: bool, reason: str, **asked: str) -> None:
    """Approve a project that was put forward, or turn it down.

    \b
    Examples:
      jifen funds review projects.nanjing river-trees --campaign ec-2018 --approve
    """
    said = {"approved": approve, "reason": reason}
    _write(f"funds/{fund}/projects/{project}/review", said, **asked)


@funds.command("publish")
@FUND
@PROJECT
@CAMPAIGN
@IDEMPOTENCY_KEY
@asking
def publish(*, fund: str, project: str, **asked: str) -> None:
    """Publish an approved project.

    \b
    Examples:
      jifen funds publish projects.nanjing river-trees --campaign ec-2018
    """
    _write(f"funds/{fund}/projects/{project}/publication", None, **asked)


@funds.command("pay")
@FUND
@PROJECT
@CAMPAIGN
@AMOUNT
@REF
@IDEMPOTENCY_KEY
@asking
def pay(*, fund: str, project: str, amount: int, ref: str, **asked: str) -> None:
    """Pay a published project; never more than the fund holds, nor than was asked for.

    \b
    Examples:
      jifen funds pay projects.nanjing river-trees --campaign ec-2018 --amount 20000 --ref bank/12
    """
    _write(f"funds/{fund}/projects/{project}/payments", {"amount": amount, "ref": ref}, **asked)


@funds.command("help-list")
@CAMPAIGN
@click.option("--status", type=click.Choice(["applied", "approved", "refused"]), help="Only these.")
@asking
def help_list(*, campaign: str, status: str | None, address: str, key: str) -> None:
    """List applications for help (帮扶), oldest first.

    \b
    Examples:
      jifen funds help-list --campaign zg --status applied
    """
    table = Table("participant", "number", "ref", "asked 申请", "granted 批准", "status 状态")
    asked: dict[str, str | int] = {"limit": 500, **({"status": status} if status else {})}
    with service(address, key) as jifen:
        for page in jifen.pages(f"/v1/campaigns/{campaign}/help", **asked):
            for each in page["applications"]:
                sums = (str(each[name] if each[name] is not None else "") for name in ("asked", "granted"))
                number = str(each["number"])
                table.add_row(each["participant"], number, each["ref"], *sums, each["status"])
    Console().print(table)


@funds.command("help-decide")
@click.argument("participant")
@click.argument("number", type=click.IntRange(1))
@CAMPAIGN
@click.option("--grant", type=click.IntRange(1), help="Approve it with so many fen; left out: refuse it.")
@click.option("--reason", required=True, help="Why; it stays in the log for ever: no personal data.")
@IDEMPOTENCY_KEY
@asking
def help_decide(*, participant: str, number: int, grant: int | None, reason: str, **asked: str) -> None:
    """Grant an application for help, which is paid at once, or refuse it.

    \b
    Examples:
      jifen funds help-decide p-000123 1 --campaign zg --grant 200000 --reason "reviewed at home"
    """
    said = {"approved": grant is not None, "reason": reason, **({"amount": grant} if grant else {})}
    _write(f"participants/{participant}/help/{number}", said, **asked)


def _write(
    path: str, said: dict[str, Any] | None, *, campaign: str, idempotency_key: str, address: str, key: str
) -> None:
    with service(address, key) as jifen:
        answer = jifen.write(f"/v1/campaigns/{campaign}/{path}", idempotency_key=idempotency_key, json=said)
    click.echo(f"Position {answer['position']}.")
