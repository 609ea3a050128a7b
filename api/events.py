"""``POST /v1/events``: what happened, one event or many. The hot path: decode, submit, answer.

The body is read and answered as bytes, because the framework's own decoding would be done before we know whether it
is one event or many, and would sink a whole batch for one bad event. Described for OpenAPI in openapi.py.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Request, Response, post

from api import cloudevents
from api.answers import STATUS, Batch, accepted, encode, malformed_problem, outcome_problem, result
from api.auth import POSTERS, may
from api.open_data import Unopened
from api.problems import PROBLEM_JSON, RETRY_AFTER, Problem
from api.session_keys import opened
from api.state import Note, note
from ledger.command import Request as LedgerRequest
from ledger.outcomes import Outcome
from ledger.refusal import Malformed

JSON = "application/json"
REPLAYED = {"Idempotency-Replayed": "true"}
NO_HEADERS: dict[str, str] = {}
Read = list[tuple[str | None, LedgerRequest | Unopened | Malformed]]


class Taken(NamedTuple):
    """What is answered to a post: ready to be sent."""

    status: int
    media_type: str
    content: bytes
    headers: Mapping[str, str] = NO_HEADERS


@post("/v1/events", opt=may(POSTERS), include_in_schema=False)
async def post_events(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take one event or a batch, as published in the contract. Durable when it is answered; safe to repeat."""
    taken = await take(note(request.scope), request.headers, await request.body())
    return Response(
        taken.content,
        status_code=taken.status,
        media_type=taken.media_type,
        headers=dict(taken.headers),
    )


async def take(visit: Note, headers: Mapping[str, str], body: bytes) -> Taken:
    """Have the ledger take what a body says. headers: by lower-case name. Raises Problem."""
    if headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "unsupported_media_type", "Send the body as it is, without a Content-Encoding.")
    try:
        kind = cloudevents.media_type(headers.get("content-type", ""))
        if cloudevents.is_batch(kind, body):
            return await _batch(visit, body)
        one = _single(headers, kind, body)
        if isinstance(one, Unopened):
            one = await _opened(visit, one)
    except Malformed as fault:
        return _problem(400, malformed_problem(cloudevents.readable_id(body), fault))
    except cloudevents.TooMany as fault:
        raise Problem(413, "too_large", str(fault)) from None
    except cloudevents.UnsupportedMediaType:
        known = f"{cloudevents.STRUCTURED}, {cloudevents.BATCHED} or {cloudevents.JSON}"
        raise Problem(415, "unsupported_media_type", f"Send {known}.") from None
    visit.events, visit.first = 1, one.id
    (outcome,) = await visit.service.submit([one])
    visit.position = outcome.position
    if outcome.status == "accepted":
        return Taken(201, JSON, encode(accepted(one.id, outcome)), REPLAYED if outcome.repeat else NO_HEADERS)
    more = REPLAYED if outcome.repeat else RETRY_AFTER if outcome.status == "unavailable" else NO_HEADERS
    return _problem(STATUS[outcome.status], outcome_problem(one.id, outcome), more)


def _single(headers: Mapping[str, str], kind: str, body: bytes) -> LedgerRequest | Unopened:
    if kind == cloudevents.STRUCTURED:
        return cloudevents.read_event(body)
    if "ce-specversion" in headers or "ce-type" in headers or "ce-id" in headers:
        return cloudevents.read_binary(headers, kind, body)
    if kind == cloudevents.JSON:
        return cloudevents.read_event(body)
    raise cloudevents.UnsupportedMediaType(kind)


async def _batch(visit: Note, body: bytes) -> Taken:
    read = await _all_opened(visit, cloudevents.read_batch(body))
    good = [item for _, item in read if isinstance(item, LedgerRequest)]
    visit.events, visit.first = len(read), good[0].id if good else ""
    outcomes = iter(await visit.service.submit(good) if good else [])
    answers = [(id, item if isinstance(item, Malformed) else next(outcomes)) for id, item in read]
    given = [answer for _, answer in answers if isinstance(answer, Outcome)]
    visit.position = max((outcome.position for outcome in given), default=0)
    repeats = bool(given) and len(given) == len(answers) and all(outcome.repeat for outcome in given)
    results = Batch([result(id, answer) for id, answer in answers])
    return Taken(200, JSON, encode(results), REPLAYED if repeats else NO_HEADERS)


async def _opened(visit: Note, event: Unopened) -> LedgerRequest:
    """The request of an event whose data are encrypted. Raises Malformed."""
    (found,) = await opened(visit.service, [event])
    if isinstance(found, Malformed):
        raise found
    return found


async def _all_opened(visit: Note, read: Read) -> list[tuple[str | None, LedgerRequest | Malformed]]:
    """A batch as it was read, with the data of WeChat's events decrypted; most batches have none."""
    unopened = [item for _, item in read if isinstance(item, Unopened)]
    found = iter(await opened(visit.service, unopened) if unopened else [])
    return [(id, next(found) if isinstance(item, Unopened) else item) for id, item in read]


def _problem(status: int, members: object, headers: Mapping[str, str] = NO_HEADERS) -> Taken:
    return Taken(status, PROBLEM_JSON, encode(members), headers)
