"""The thin layer around the app: a request id, one line of log and one count for each request, and HEAD."""

import time
from typing import cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from structlog import get_logger

from api import shortcut
from api.state import NOTE, Note, Service

log = get_logger("api")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that are asked every few seconds: counted, and logged only when they fail."""
UNKNOWN = "unknown"


class Edge:
    """Wraps the app's handler of requests. What a client wrote never reaches the log, but for the first event's id.

    The path stands in the log and in the metrics as its template: the parts that name people are left out.
    """

    def __init__(self, app: ASGIApp, service: Service, max_body: int) -> None:
        self._app = app
        self._service = service
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == ScopeType.HTTP:
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        noted = scope["state"][NOTE] = Note(self._service)
        method: str = scope["method"]
        if method == "HEAD":
            # Answered like GET; the server, which keeps the first scope, leaves out the body.
            scope = cast(HTTPScope, {**scope, "method": "GET"})
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", noted.request_id.encode())]
            await send(message)

        try:
            if method == "POST" and scope["path"] == shortcut.PATH:
                scope["path_template"] = shortcut.PATH
                await shortcut.answer_post(scope, receive, answer, noted, self._max_body)
            else:
                await self._app(scope, receive, answer)
        finally:
            self._finish(scope, noted, method, status)

    def _finish(self, scope: HTTPScope, noted: Note, method: str, status: int) -> None:
        """Count the request and write its line."""
        seconds = time.perf_counter() - noted.started
        route = str(scope.get("path_template") or UNKNOWN)
        method = method if method in METHODS else UNKNOWN
        self._service.metrics.answered(method, route, status, seconds)
        if route in QUIET and status < 400:
            return
        line: dict[str, object] = {
            "request_id": noted.request_id,
            "method": method,
            "route": route,
            "status": status,
        }
        line["ms"] = round(seconds * 1000, 2)
        if noted.key:
            line["caller"] = noted.key.id
        if noted.events is not None:
            line |= {"events": noted.events, "first": noted.first, "position": noted.position}
        log.info("request", **line)
