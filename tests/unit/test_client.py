"""The command line's HTTP client: it repeats what got no answer, and says what the service said."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from api.cli.client import CloudEvent, Service, ServiceProblem, ServiceUnreachable

EVENT = CloudEvent(
    id="e-1",
    source="//test",
    type="jifen.signed_in",
    subject="p-1",
    time="2019-07-01T08:00:00+08:00",
    campaign="c",
)
TAKEN = b'{"results": [{"id": "e-1", "status": "accepted", "position": 7, "more": true}]}'

Answer = tuple[int, bytes] | None
"""Status and body; None: the connection breaks instead."""


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[Service, list[bytes]]]:
    """A client of a server that gives these answers one after the other, and the bodies that it was sent."""
    waiting = list(answers)
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            answer = waiting.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, body = answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Service(f"http://127.0.0.1:{server.server_port}", "k", tries=3, pause=0) as service:
            yield service, bodies
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.rule("GX-01")
def test_a_batch_whose_answer_was_lost_is_sent_again_unchanged() -> None:
    with answering(None, (503, b"{}"), (200, TAKEN)) as (service, bodies):
        (result,) = service.post_events([EVENT])
    assert (result.status, result.position) == ("accepted", 7)
    assert len(bodies) == 3
    assert set(bodies) == {msgspec.json.encode([EVENT])}


def test_only_events_without_an_answer_are_sent_again() -> None:
    second = msgspec.structs.replace(EVENT, id="e-2")
    busy = b'{"results": [{"id": "e-1", "status": "unavailable"}, {"id": "e-2", "status": "accepted", "position": 5}]}'
    with answering((200, busy), (200, TAKEN)) as (service, bodies):
        results = service.post_events([EVENT, second])
    assert [result.position for result in results] == [7, 5]
    assert bodies[1] == msgspec.json.encode([EVENT])


def test_it_gives_up_after_a_few_tries_and_says_where() -> None:
    with (
        answering(None, None, None) as (service, _),
        pytest.raises(ServiceUnreachable, match=r"127\.0\.0\.1.*3 tries"),
    ):
        service.post_events([EVENT])


def test_an_error_is_not_repeated_and_speaks_as_the_service_did() -> None:
    problem = b'{"code": "malformed", "detail": "expected an array", "pointer": "/0/data"}'
    with answering((400, problem)) as (service, bodies), pytest.raises(ServiceProblem) as raised:
        service.post_events([EVENT])
    assert len(bodies) == 1
    assert str(raised.value) == "The service answered 400 (malformed): expected an array At /0/data."
    assert (raised.value.code, raised.value.pointer) == ("malformed", "/0/data")


def test_an_answer_that_is_not_ours_is_an_error_too() -> None:
    with answering((404, b"<html>"), (200, b'{"results": []}')) as (service, _):
        with pytest.raises(ServiceProblem, match="not a JSON object"):
            service.post_events([EVENT])
        with pytest.raises(ServiceProblem, match="0 results for 1 events"):
            service.post_events([EVENT])
