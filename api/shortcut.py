"""``POST /v1/events`` without the framework's machinery: the same authentication, limit, answers and problems.

At some thousands of requests a second Litestar's request, argument and response objects cost more than the write.
The route stays declared in events.py, for everything that asks which routes there are.
"""

from litestar.types import HTTPScope, Receive, Send
from structlog import get_logger

from api.answers import encode
from api.auth import POSTERS, require
from api.events import Taken, take
from api.problems import PROBLEM_JSON, Problem, as_problem
from api.state import Note

log = get_logger("api")

PATH = "/v1/events"
LIMIT = "A body has at most 8 MiB."


async def answer_post(scope: HTTPScope, receive: Receive, send: Send, visit: Note, max_body: int) -> None:
    """Answer one post; every exception becomes a problem."""
    try:
        await require(scope, POSTERS)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        taken = await take(visit, headers, await _body(receive, headers, max_body))
    except Exception as fault:
        problem = as_problem(fault)
        if problem.code == "fault":
            log.exception("fault", request_id=visit.request_id)
        taken = Taken(problem.status, PROBLEM_JSON, encode(problem.body(visit.request_id)), problem.headers)
    head = [
        (b"content-type", taken.media_type.encode()),
        (b"content-length", str(len(taken.content)).encode()),
    ]
    head += [(name.lower().encode(), value.encode("latin-1")) for name, value in taken.headers.items()]
    await send({"type": "http.response.start", "status": taken.status, "headers": head})
    await send({"type": "http.response.body", "body": taken.content, "more_body": False})


async def _body(receive: Receive, headers: dict[str, str], limit: int) -> bytes:
    """The whole body. Raises Problem above the limit, as soon as it is known."""
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise Problem(413, "too_large", LIMIT)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem(400, "malformed", "The body ended too early.")
        parts.append(message["body"])
        size += len(message["body"])
        if size > limit:
            raise Problem(413, "too_large", LIMIT)
        if not message["more_body"]:
            return b"".join(parts)
