"""Errors as RFC 9457 problem details, whoever noticed them: a rule, a handler, or the framework."""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from eventsourcing import persistence
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Meta
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from structlog import get_logger

from api.problem_codes import CODES
from api.state import note
from ledger.refusal import Malformed
from ledger.writer import Overloaded, Stopped
from projections.waiting import ViewBehind

log = get_logger("api")

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER = {"Retry-After": "1"}

_CODE_OF = {
    400: "malformed",
    401: "key_missing",
    403: "role_not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_fast",
    503: "unavailable",
}
_PHRASES = {status.phrase for status in HTTPStatus} | {"Request Entity Too Large"}
"""What the framework says when it has nothing to say."""


class Fault(msgspec.Struct, omit_defaults=True):
    """One of several things that are wrong."""

    detail: Annotated[str, Meta(description="What is wrong, in a sentence.")]
    pointer: Annotated[
        str, Meta(description="Which member: a JSON pointer, or /query/…, /path/…, /headers/….")
    ] = ""
    path: Annotated[str, Meta(description="Which member of a rulebook, such as points[2].amount.")] = ""
    line: Annotated[int | None, Meta(description="Line of the rulebook file, from 1.")] = None
    code: Annotated[str, Meta(description="Kind of fault of a rulebook.")] = ""


class ProblemDetails(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What went wrong (RFC 9457). `code` is for programs and never changes; `detail` is for people and may."""

    type: Annotated[str, Meta(description="Reference to a page that explains the code.")]
    title: Annotated[str, Meta(description="The code in a few words.")]
    status: Annotated[int, Meta(description="The HTTP status again.")]
    detail: Annotated[str, Meta(description="What went wrong this time.")]
    code: Annotated[str, Meta(description="Stable name of the kind of problem.")]
    instance: Annotated[
        str, Meta(description="This occurrence: the request id, as in the header X-Request-Id.")
    ] = ""
    id: Annotated[str, Meta(description="Id of the event or the Idempotency-Key.")] = ""
    clause: Annotated[str, Meta(description="The rule that refuses, such as SX-09.")] = ""
    pointer: Annotated[str, Meta(description="The member at fault.")] = ""
    position: Annotated[
        int, Meta(description="Where the refusal, or the earlier event, stands in the log.")
    ] = 0
    errors: Annotated[
        list[Fault], Meta(description="All that is wrong, where it is more than one thing.")
    ] = []


class Problem(Exception):
    """Raised by a handler to answer with a problem. members: those of ProblemDetails beside the usual five."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def body(self, request_id: str = "") -> dict[str, Any]:
        """The problem document."""
        members = {"instance": f"urn:uuid:{request_id}", **self.members} if request_id else self.members
        return problem_body(self.status, self.code, self.detail, **members)


def problem_body(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """A problem document; its type is a page of ours that explains the code."""
    title = CODES[code].title
    return {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **members,
    }


def not_found(what: str) -> Problem:
    """A 404 that says what is not there."""
    return Problem(404, "not_found", what)


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The `responses` of a handler: these statuses, and those that any operation can have. See openapi.py."""
    spec = ResponseSpec(ProblemDetails, generate_examples=False, media_type=PROBLEM_JSON)
    return dict.fromkeys(sorted({400, 500, 503, *statuses}), spec)


def on_exception(request: Request[Any, Any, Any], fault: Exception) -> Response[bytes]:
    """The app's only exception handler: every fault becomes a problem, and only our own mistakes are logged."""
    problem = as_problem(fault)
    request_id = note(request.scope).request_id
    if problem.code == "fault":
        log.error("fault", request_id=request_id, exc_info=fault)
    body = msgspec.json.encode(problem.body(request_id))
    return Response(body, status_code=problem.status, media_type=PROBLEM_JSON, headers=problem.headers)


def as_problem(fault: Exception) -> Problem:
    """What to answer to any exception."""
    match fault:
        case Problem():
            return fault
        case Malformed():
            return Problem(400, "malformed", fault.detail, pointer=fault.pointer)
        case ValidationException(extra=list(extra)) if extra:
            return _parameters(extra)
        case HTTPException(status_code=int(status)) if status in _CODE_OF:
            code = _CODE_OF[status]
            detail = CODES[code].advice if fault.detail in _PHRASES else fault.detail
            return Problem(status, code, detail, headers=dict(fault.headers or {}))
        case ViewBehind():
            headers = {**RETRY_AFTER, "Jifen-Position": str(fault.reached)}
            return Problem(503, "view_behind", str(fault), headers=headers)
        case Overloaded():
            return Problem(429, "too_fast", str(fault), headers=RETRY_AFTER)
        case (
            OperationalError() | PoolTimeout() | persistence.OperationalError() | persistence.InterfaceError()
        ):
            return Problem(
                503, "unavailable", "The database does not answer at the moment.", headers=RETRY_AFTER
            )
        case Stopped():
            return Problem(
                503, "unavailable", "The service is stopping; another may answer.", headers=RETRY_AFTER
            )
    return Problem(500, "fault", "Something broke here; it is in the log under this request's id.")


def _parameters(extra: list[dict[str, str]]) -> Problem:
    """Litestar's complaints about parameters, each with a pointer."""
    places = {"query": "query", "path": "path", "header": "headers", "cookie": "cookies"}
    errors = []
    for each in extra:
        source = str(getattr(each.get("source"), "value", each.get("source") or "query"))
        pointer = f"/{places.get(source, source)}/{each.get('key', '')}"
        errors.append(Fault(detail=each["message"], pointer=pointer))
    detail = "; ".join(f"{error.pointer}: {error.detail}" for error in errors)
    several: dict[str, Any] = {"errors": errors} if len(errors) > 1 else {}
    return Problem(400, "malformed", detail, pointer=errors[0].pointer, **several)
