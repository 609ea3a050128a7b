"""`jifen members`: memberships, reviews, restrictions, suspensions, joining client ids (会员)."""

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

import click
from rich.console import Console
from rich.table import Table

from api.cli.asking import IDEMPOTENCY_KEY, asking, progress_bar, service

STATUSES = ("applied", "reviewed", "ended", "transferring")
AT_ONCE = 1_000
REASON = click.option("--reason", required=True, help="Why; it stays in the log for ever: no personal data.")
WORDS = {
    "none": "none 未入会",
    "applied": "applied 待审核",
    "reviewed": "reviewed 已审核",
    "ended": "ended 已终止",
}
YES = {"approve": True, "yes": True, "true": True, "1": True, "通过": True}
NO = {"refuse": False, "no": False, "false": False, "0": False, "不通过": False}


@click.group("members")
def members() -> None:
    """Members, their reviews and what becomes of them (会员)."""


@members.command("list")
@click.option("--branch", default="", help="Only members of this union and of those below it.")
@click.option("--status", type=click.Choice(STATUSES), help="applied: the queue of reviews.")
@click.option("--first", type=click.IntRange(1), default=100, show_default=True, help="So many.")
@asking
def list_members(*, branch: str, status: str | None, first: int, address: str, key: str) -> None:
    """List members, the one whose membership changed longest ago first.

    \b
    Examples:
      jifen members list --status applied
      jifen members list --branch nanjing-federation --status transferring
    """
    asked: dict[str, str | int] = {"limit": min(first, 500)}
    asked |= {name: value for name, value in (("branch", branch), ("status", status)) if value}
    table = Table(
        "participant 会员", "status 状态", "union 工会", "employment 就业类型", "since 自", "to 转往", "notes"
    )
    shown = 0
    with service(address, key) as jifen:
        for page in jifen.pages("/v1/members", **asked):
            for each in page["members"][: first - shown]:
                union, transfer = (_name(each[part]) for part in ("union", "transfer"))
                since = (each["reviewed_at"] or each["applied_at"] or "")[:10]
                work = " ".join(filter(None, (each["employment"], each["trade"])))
                table.add_row(
                    each["participant"], WORDS[each["status"]], union, work, since, transfer, _notes(each)
                )
                shown += 1
            if shown >= first:
                break
    Console().print(table)


@members.command("show")
@click.argument("participant")
@click.option("--history", is_flag=True, help="What became of the person: who, when, why.")
@asking
def show(*, participant: str, history: bool, address: str, key: str) -> None:
    """Show a member's page: union, membership, points, rights, coupons, activities.

    \b
    Exit code: 0 shown; 1 nobody knows the person; 2 no answer.

    \b
    Examples:
      jifen members show p-000123
      jifen members show p-000123 --history
    """
    with service(address, key) as jifen:
        page = jifen.get(f"/v1/members/{participant}")
        steps = jifen.get(f"/v1/members/{participant}/history", limit=500)["history"] if history else []
    table = Table(title=f"{page['participant']}", title_justify="left", show_header=False)
    points = page["points"]
    rows = [
        ("工会 union", _name(page["union"])),
        ("会籍 membership", WORDS[page["status"]]),
        ("就业类型 employment", " ".join(filter(None, (page["employment"], page["trade"])))),
        ("转会 transfer to", _name(page["transfer"])),
        ("积分 points", f"{points['balance']:,} (earned {points['earned']:,}, spent {points['spent']:,})"),
        ("备注 notes", _notes(page)),
        ("账号 other client ids", " ".join(page["aliases"])),
        *(
            (
                "权益 right",
                f"{each['name'].get('zh', each['entitlement'])} {each['starts']} – {each['ends']}",
            )
            for each in page["rights"]
        ),
        *(
            ("卡券 coupon", f"{each['name'].get('zh', '')} {each['prize']} {each['status']}")
            for each in page["coupons"]
        ),
        *(
            ("活动 activity", f"{each['title']['zh']} {each['campaign']} {each['state']}")
            for each in page["activities"]
        ),
    ]
    for name, said in rows:
        if said:
            table.add_row(name, said)
    Console().print(table)
    for step in steps:
        who = f" by {step['actor']}" if step["actor"] else ""
        where = " → ".join(filter(None, (step["from_branch"], step["branch"], step["about"])))
        why = f": {step['reason']}" if step["reason"] else ""
        click.echo(f"{step['occurred_at']}  {step['what']}  {where}{who}{why}")


@members.command("review")
@click.argument("participant", required=False)
@click.option("--approve/--refuse", default=None, help="What the union decides on PARTICIPANT.")
@click.option("--reason", default="", help="Needed for a refusal, and told to the person: no personal data.")
@click.option("--transfer", is_flag=True, help="It is the transfer (转会) that is reviewed.")
@click.option(
    "--file",
    type=click.File("r", encoding="utf-8-sig"),
    help="Many at once: CSV with the header participant,decision,reason; the decision is approve or refuse.",
)
@IDEMPOTENCY_KEY
@asking
def review(
    *, participant: str | None, approve: bool | None, reason: str, transfer: bool, file: TextIO | None,
    idempotency_key: str, address: str, key: str,
) -> None:  # fmt: skip
    """Approve or refuse a membership, a transfer, or a file of memberships (批量审核).

    Each line of a file is decided by itself; those that were not taken are named.

    \b
    Exit code: 0 all was taken; 1 something was refused; 2 no answer, or wrong options.

    \b
    Examples:
      jifen members review p-000123 --approve
      jifen members review p-000123 --refuse --reason "works elsewhere"
      jifen members review p-000123 --transfer --approve
      jifen members review --file reviews.csv
    """
    if (file is None) == (participant is None):
        raise click.UsageError("Name one participant, or a --file.")
    if file is not None:
        if transfer or approve is not None or reason:
            raise click.UsageError("A --file says by itself what is decided.")
        _review_file(file, idempotency_key, address, key)
        return
    if approve is None:
        raise click.UsageError("Say --approve or --refuse.")
    path = "transfer/review" if transfer else "review"
    _write(str(participant), path, {"approved": approve, "reason": reason}, idempotency_key, address, key)


@members.command("restrict")
@click.argument("participant")
@click.option("--kind", type=click.Choice(["abuse", "identity_fraud"]), default="abuse", show_default=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; left out: until lifted.")
@click.option("--lift", is_flag=True, help="Let the person re-join and transfer again.")
@REASON
@IDEMPOTENCY_KEY
@asking
def restrict(
    *, participant: str, kind: str, until: Any, lift: bool, reason: str, idempotency_key: str, address: str,
    key: str,
) -> None:  # fmt: skip
    """Refuse re-joining and transferring after abuse (限制). A case of identity fraud is sealed.

    \b
    Examples:
      jifen members restrict p-000123 --reason "brushing" --until 2024-12-31
      jifen members restrict p-000123 --lift --reason "time is over"
    """
    if lift:
        _lift(participant, "restriction", reason, idempotency_key, address, key)
        return
    said = {"kind": kind, "reason": reason} | ({"until": f"{until:%Y-%m-%d}"} if until else {})
    _write(participant, "restriction", said, idempotency_key, address, key)


@members.command("suspend")
@click.argument("participant")
@REASON
@IDEMPOTENCY_KEY
@asking
def suspend(*, participant: str, reason: str, idempotency_key: str, address: str, key: str) -> None:
    """Suspend a person for fraud (停用): the history stays; earning, drawing and redeeming are refused.

    \b
    Examples:
      jifen members suspend p-000123 --reason "one phone for forty people"
    """
    _write(participant, "suspension", {"reason": reason}, idempotency_key, address, key)


@members.command("release")
@click.argument("participant")
@REASON
@IDEMPOTENCY_KEY
@asking
def release(*, participant: str, reason: str, idempotency_key: str, address: str, key: str) -> None:
    """Release a suspended person (恢复): it goes on where it stood.

    \b
    Examples:
      jifen members release p-000123 --reason "was cleared"
    """
    _lift(participant, "suspension", reason, idempotency_key, address, key)


@members.command("merge")
@click.argument("participant")
@click.argument("other")
@REASON
@IDEMPOTENCY_KEY
@click.confirmation_option(prompt="It cannot be undone. Go on?")
@asking
def merge(*, participant: str, other: str, reason: str, idempotency_key: str, address: str, key: str) -> None:
    """Join OTHER to PARTICIPANT: two client ids of one person (合并). It cannot be undone; --yes does not ask.

    \b
    Examples:
      jifen members merge p-000123 wx-778 --reason "same phone number" --yes
    """
    _write(participant, "merger", {"other": other, "reason": reason}, idempotency_key, address, key)


@members.command("erase")
@click.argument("participant")
@REASON
@IDEMPOTENCY_KEY
@click.confirmation_option(prompt="What the vault keeps of the person is destroyed for ever. Go on?")
@asking
def erase(*, participant: str, reason: str, idempotency_key: str, address: str, key: str) -> None:
    """Erase a person (注销): what the vault keeps is destroyed with its key; the log and its totals stay.

    It cannot be undone, and nothing new is recorded of the person; --yes does not ask.

    \b
    Examples:
      jifen members erase p-000123 --reason "asked for it on 2024-03-01" --yes
    """
    with service(address, key) as jifen:
        answer = jifen.write(
            f"/v1/members/{participant}/erasure", idempotency_key=idempotency_key, json={"reason": reason}
        )
    click.echo(f"已注销 / {participant} is erased, position {answer['position']}.")


def _write(
    participant: str, path: str, said: dict[str, Any], idempotency_key: str, address: str, key: str
) -> None:
    """Post what is said of a person, and tell what followed."""
    with service(address, key) as jifen:
        answer = jifen.write(f"/v1/members/{participant}/{path}", idempotency_key=idempotency_key, json=said)
    _tell(participant, answer)


def _lift(participant: str, path: str, reason: str, idempotency_key: str, address: str, key: str) -> None:
    """Take back what was said of a person, and tell what followed."""
    with service(address, key) as jifen:
        answer = jifen.write(
            f"/v1/members/{participant}/{path}",
            idempotency_key=idempotency_key,
            method="DELETE",
            reason=reason,
        )
    _tell(participant, answer)


def _tell(participant: str, answer: dict[str, Any]) -> None:
    topics = ", ".join(dict.fromkeys(event["type"] for event in answer["events"]))
    click.echo(f"{participant}: {topics}, position {answer['position']}.")


def _review_file(file: TextIO, idempotency_key: str, address: str, key: str) -> None:
    """Send a file of reviews, some at a time, and name what was not taken."""
    read = list(_rows(file))
    taken, left = 0, []
    with service(address, key) as jifen, progress_bar() as progress:
        task, rows = progress.add_task("审核 / reviewing", total=len(read)), iter(read)
        part = 0
        while some := list(islice(rows, AT_ONCE)):
            part += 1
            answer = jifen.write(
                "/v1/memberships/reviews",
                idempotency_key=f"{idempotency_key}.{part}",
                json={"reviews": [review for _, review in some]},
            )
            for (line, _), each in zip(some, answer["results"], strict=True):
                if each["status"] == "accepted":
                    taken += 1
                else:
                    left.append(f"line {line}: {each['detail']} ({each['code']})")
            progress.advance(task, len(some))
    click.echo(f"已审核 / Taken: {taken:,} of {len(read):,} lines.")
    for each in left:
        click.echo(each, err=True)
    if left:
        raise SystemExit(1)


def _rows(file: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """The reviews of a file, each with its line. Raises click.UsageError for what is none, before anything is sent."""
    rows = csv.DictReader(file)
    if not {"participant", "decision"} <= set(rows.fieldnames or ()):
        raise click.UsageError("The first line names the columns: participant,decision,reason.")
    for row in rows:
        decision = (row["decision"] or "").strip().lower()
        if decision not in YES | NO:
            raise click.UsageError(
                f"Line {rows.line_num}: the decision is approve or refuse, not {decision!r}."
            )
        said = {"participant": (row["participant"] or "").strip(), "approved": (YES | NO)[decision]}
        yield rows.line_num, said | ({"reason": row["reason"]} if row.get("reason") else {})


def _name(union: dict[str, str] | None) -> str:
    return f"{union['name']} ({union['id']})" if union else ""


def _notes(member: dict[str, Any]) -> str:
    """What else is true of a member, in a few words."""
    restriction = member["restriction"]
    notes = [
        f"restricted 限制 {restriction['kind']}" if restriction else "",
        "suspended 停用" if member["suspended"] else "",
        "hardship 困难" if member["hardship"] else "",
        "activated 已激活" if member["activated_at"] else "",
        "erased 已删除" if member["erased"] else "",
    ]
    return ", ".join(filter(None, notes))
