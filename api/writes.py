"""One request of an operator to the ledger, and what is answered to it."""

from datetime import datetime
from typing import Any

from litestar import Request, Response

from api.answers import Accepted, accepted, outcome_problem
from api.events import REPLAYED
from api.problem_codes import CODES
from api.problems import RETRY_AFTER, Problem
from api.state import note
from ledger.command import Command
from ledger.command import Request as LedgerRequest
from ledger.command import request as ledger_request
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


def asked_by(
    request: Request[Any, Any, Any],
    id: str,
    command: Command,
    *,
    campaign: str = "",
    participant: str = "",
    occurred_at: datetime | None = None,
    beside: tuple[bytes, ...] = (),
) -> LedgerRequest:
    """A command of the caller's key, known by the Idempotency-Key that it was sent under. Raises Malformed."""
    key = caller(request)
    return ledger_request(
        command,
        source=source_of(key),
        id=id,
        campaign=campaign,
        participant=participant,
        occurred_at=occurred_at,
        actor=key.name,
        beside=beside,
    )


async def submit_one(request: Request[Any, Any, Any], command: LedgerRequest) -> Outcome:
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


async def answer_one(request: Request[Any, Any, Any], asked: LedgerRequest) -> Response[Accepted]:
    """Have the ledger decide one command, and answer what follows. Raises Problem."""
    outcome = await submit_one(request, asked)
    return Response(accepted(asked.id, outcome), headers=replayed(outcome))


def replayed(outcome: Outcome) -> dict[str, str]:
    """The header that tells a repeat."""
    return REPLAYED if outcome.repeat else {}
