"""One request of an operator to the ledger, and what is answered to it."""

from typing import Any

from litestar import Request

from api.answers import outcome_problem
from api.events import REPLAYED
from api.problem_codes import CODES
from api.problems import RETRY_AFTER, Problem
from api.state import note
from ledger import command as commands
from ledger.keys import Key
from ledger.outcomes import Outcome


def caller(request: Request[Any, Any, Any]) -> Key:
    """The key of a request to a handler that needs one."""
    key = note(request.scope).key
    assert key is not None, "the guard lets nobody in without a key"
    return key


def source_of(key: Key) -> str:
    """The source under which a key's Idempotency-Keys are unique."""
    return f"//jifen/api/{key.id}"


async def submit_one(request: Request[Any, Any, Any], command: commands.Request) -> Outcome:
    """The outcome of a command that was accepted, now or before. Raises Problem for any other."""
    noted = note(request.scope)
    (outcome,) = await noted.service.submit([command])
    noted.events, noted.first, noted.position = 1, command.id, outcome.position
    if outcome.status == "accepted":
        return outcome
    headers = REPLAYED if outcome.repeat else RETRY_AFTER if outcome.status == "unavailable" else {}
    said = outcome_problem(command.id, outcome)
    usual = {"type", "title", "status", "detail", "code"}
    members = {name: value for name, value in said.items() if name not in usual}
    raise Problem(CODES[outcome.code].status, outcome.code, outcome.detail, headers=headers, **members)


def replayed(outcome: Outcome) -> dict[str, str]:
    """The header that tells a repeat."""
    return REPLAYED if outcome.repeat else {}
