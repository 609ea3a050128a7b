"""Answers to posted events: bytes that depend only on the request and on what stands in the log for it."""

from datetime import datetime
from typing import Any

import msgspec

from api.problems import problem_body
from ledger.events import DrawEntered, DrawMade
from ledger.outcomes import Outcome
from ledger.posting import Posting
from ledger.refusal import Malformed

STATUS = {"accepted": 201, "refused": 422, "invalid": 400, "conflict": 409, "unavailable": 503, "fault": 500}


class AnsweredEvent(msgspec.Struct, frozen=True, gc=False):
    """An event that followed. data: as it stands in the log, byte for byte."""

    position: int
    type: str
    data: msgspec.Raw


class AnsweredPosting(msgspec.Struct, frozen=True, gc=False):
    """A posting on one of the participant's accounts."""

    account: str
    asset: str
    amount: int
    balance_after: int | None
    clause: str


class AnsweredDraw(msgspec.Struct, frozen=True, gc=False):
    """What came out of a draw; ``entered`` for a ticket of a draw that is held later.

    number: of the draw, or of the ticket, in its pool. amount: the prize's worth in unit. prize: what this one is
    called from now on; empty for a blank. A ticket has none of these three.
    """

    pool: str
    number: int
    outcome: str = "entered"
    amount: int | msgspec.UnsetType = msgspec.UNSET
    unit: str | msgspec.UnsetType = msgspec.UNSET
    prize: str | msgspec.UnsetType = msgspec.UNSET


class _Drawn(msgspec.Struct, frozen=True, gc=False):
    """The members of ``draw-made`` and ``draw-entered`` that are answered."""

    pool: str
    number: int
    outcome: str = ""
    amount: int = 0
    unit: str = ""
    prize: str = ""


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """The answer to an accepted event. replayed: only in a batch; a single answer says it by a header.

    draw: of a draw that was asked for.
    """

    id: str
    status: str
    position: int
    recorded_at: datetime | None
    events: list[AnsweredEvent]
    postings: list[AnsweredPosting]
    draw: AnsweredDraw | msgspec.UnsetType = msgspec.UNSET
    replayed: bool | msgspec.UnsetType = msgspec.UNSET


class Batch(msgspec.Struct, frozen=True):
    """The answer to a batch: one result for each event, in order."""

    results: list[Any]


encode = msgspec.json.Encoder().encode
_decode_drawn = msgspec.json.Decoder(_Drawn).decode


def accepted(id: str, outcome: Outcome, *, replayed: bool | msgspec.UnsetType = msgspec.UNSET) -> Accepted:
    """What is answered to an accepted event."""
    return Accepted(
        id,
        "accepted",
        outcome.position,
        outcome.recorded_at,
        [AnsweredEvent(event.position, event.topic, msgspec.Raw(event.state)) for event in outcome.events],
        [_answered(leg) for leg in outcome.postings],
        _draw(outcome),
        replayed,
    )


def _draw(outcome: Outcome) -> AnsweredDraw | msgspec.UnsetType:
    """What the events of a draw say of its outcome; nothing for all other events, at the price of a comparison."""
    for event in outcome.events:
        if event.topic == DrawMade.TOPIC:
            drawn = _decode_drawn(event.state)
            return AnsweredDraw(
                drawn.pool, drawn.number, drawn.outcome, drawn.amount, drawn.unit, drawn.prize
            )
        if event.topic == DrawEntered.TOPIC:
            drawn = _decode_drawn(event.state)
            return AnsweredDraw(drawn.pool, drawn.number)
    return msgspec.UNSET


def _answered(leg: Posting) -> AnsweredPosting:
    return AnsweredPosting(leg.account, leg.asset, leg.amount, leg.balance_after, leg.clause)


def outcome_problem(id: str | None, outcome: Outcome) -> dict[str, Any]:
    """The problem document of an outcome that is not accepted."""
    members: dict[str, Any] = {"id": id} if id is not None else {}
    if outcome.status == "refused":
        members |= {"clause": outcome.clause}
    if outcome.position:
        members |= {"position": outcome.position}
    if outcome.status == "invalid":
        members |= {"pointer": outcome.pointer}
    return problem_body(STATUS[outcome.status], outcome.code, outcome.detail, **members)


def malformed_problem(id: str | None, fault: Malformed) -> dict[str, Any]:
    """The problem document of an event that could not be read."""
    members = {"id": id} if id is not None else {}
    return problem_body(400, "malformed", fault.detail, pointer=fault.pointer, **members)


def result(id: str | None, answer: Outcome | Malformed) -> Accepted | dict[str, Any]:
    """One event's part of the answer to a batch: as the single answer, its status a word, a repeat marked."""
    if isinstance(answer, Malformed):
        return {**malformed_problem(id, answer), "id": id, "status": "invalid", "http_status": 400}
    if answer.status == "accepted":
        return accepted(id or "", answer, replayed=True if answer.repeat else msgspec.UNSET)
    problem = outcome_problem(id, answer)
    replayed = {"replayed": True} if answer.repeat else {}
    return {**problem, "id": id, "status": answer.status, "http_status": STATUS[answer.status], **replayed}
