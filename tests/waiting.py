"""Waiting for what a background process brings about in its own time. How long it takes is not tested."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx

Answer = TypeVar("Answer")

PATIENCE = 60.0
"""Seconds after which it is taken as not coming; many times what a loaded machine needs."""
PAUSE = 0.05


def until(
    question: Callable[[], Answer],
    holds: Callable[[Answer], object] = bool,
    patience: float = PATIENCE,
) -> Answer:
    """What a question answers once it is as expected: something, unless ``holds`` says otherwise.

    patience: in seconds.
    """
    give_up = time.monotonic() + patience
    while not holds(answer := question()):
        assert time.monotonic() < give_up, f"it did not come about; the last answer was {answer!r}"
        time.sleep(PAUSE)
    return answer


class Patient(httpx.HTTPTransport):
    """Asks again while a service says that its views are not as far as ``at_least``.

    On a loaded machine a worker may need longer to start than a service lets its readers wait.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, or the last one that says so."""
        give_up = time.monotonic() + PATIENCE
        while True:
            answer = super().handle_request(request)
            if "at_least" not in request.url.params or answer.status_code != 503:
                return answer
            behind = b'"view_behind"' in answer.read()
            if not behind or time.monotonic() > give_up:
                return answer
