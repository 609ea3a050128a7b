"""How `jifen demo` ends: the board of the teams, the red packets, and one draw that is verified before the user's eyes.

The verification shares no code with the ledger: it is docs/draws.md in ten lines of the standard library.
"""

import hashlib
import hmac
import time
from collections import Counter
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from api.cli.client import Service, ServiceProblem, ServiceUnreachable
from api.cli.demo_story import POOL, Plan

PATIENCE = 60.0


def end(plan: Plan, service: Service, out: Console, position: int, drawn: Counter[str], newest: int) -> None:
    """Let the campaign end, then show the frozen board, what was drawn, and that one draw is what it had to be.

    drawn: outcomes by the prize's id. newest: the number of the last draw, 0 when there was none.
    """
    day_after = f"{plan.ends.isoformat()}T12:00:00+08:00"
    service.set_clock(day_after, idempotency_key="demo-ending")
    out.print(_board(plan, service, position))
    if not newest:
        out.print("没有人攒够一次抽奖 / nobody had the points for a draw yet", highlight=False)
        return
    packets = ", ".join(f"{prize} × {count}" for prize, count in sorted(drawn.items()))
    out.print(f"抽红包 / red packets drawn: {packets}", highlight=False)
    _verify(_revealed(service, newest), out)


def _board(plan: Plan, service: Service, position: int) -> Table:
    """The teams' board, once it is frozen (SX-23)."""
    path = f"/v1/campaigns/{plan.campaign}/rankings/teams"
    board = _awaited(lambda: service.get(path, at_least=position), lambda answer: bool(answer["frozen"]))
    as_of = datetime.fromisoformat(board["as_of"]).astimezone(plan.zone)
    title = f"团队排行榜 / teams, frozen as of {as_of:%Y-%m-%d %H:%M}"
    table = Table(title=title, title_justify="left")
    for heading in ("名次\nrank", "团队\nteam", "达标率\nattainment rate", "人均步数\naverage steps"):
        table.add_column(heading, justify="right")
    for row in board["rows"]:
        rate, average = row["keys"]["attainment_rate"], row["keys"]["average_steps"]
        attained = f"{rate['numerator']}/{rate['denominator']} = {rate['percent']} %"
        table.add_row(str(row["rank"]), row.get("name", row["entrant"]), attained, f"{average['rounded']:,}")
    return table


def _revealed(service: Service, number: int) -> dict[str, Any]:
    """The proof of a draw, once the pool is closed and its seed revealed."""
    return _awaited(lambda: service.get(f"/v1/draws/{POOL}/{number}"), lambda proof: bool(proof["seed"]))


def _awaited(ask: Any, is_there: Any) -> dict[str, Any]:
    """What is asked for, once it is there. Raises ServiceUnreachable when it does not come."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            answer: dict[str, Any] = ask()
        except ServiceProblem as problem:
            if problem.status not in (404, 503):
                raise
        else:
            if is_there(answer):
                return answer
        time.sleep(0.1)
    raise ServiceUnreachable("The service runs, but its worker did not end the campaign in time.")


def _verify(proof: dict[str, Any], out: Console) -> None:
    """Compute a draw again from its proof, saying each step."""
    seed = bytes.fromhex(proof["seed"])
    said = "\n".join(
        (proof["algorithm"], proof["stream"], str(proof["number"]), proof["source"], proof["id"])
    )
    digest = hmac.new(seed, said.encode(), hashlib.sha256).hexdigest()
    total = sum(share["weight"] for share in proof["shares"])
    point = rest = int(digest, 16) % total
    outcome = ""
    for share in proof["shares"]:
        if rest < share["weight"]:
            outcome = share["prize"]
            break
        rest -= share["weight"]
    committed = hashlib.sha256(seed).hexdigest()
    kept, same = committed == proof["commitment"], outcome == proof["outcome"]
    lines = (
        f"验证第 {proof['number']} 次抽奖 / verifying draw {proof['number']}, of {proof['participant']}",
        f"  SHA-256(seed) = {committed}",
        f"  承诺 / committed {proof['commitment']} {_mark(kept)}",
        f"  HMAC-SHA256(seed, {said!r})",
        f"    = {digest}",
        f"  mod {total} = {point} → {outcome}",
        f"  账本 / the ledger says {proof['outcome']} {_mark(same)}",
    )
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    if not kept or not same:
        raise ServiceUnreachable("The draw is not what its seed leads to: this ledger cannot be trusted.")


def _mark(holds: bool) -> str:
    return "✓" if holds else "✗"
