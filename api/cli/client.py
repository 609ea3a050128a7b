"""The service as the command line sees it: a small HTTP client that repeats what is safe to repeat.

Whatever it sends carries an identity (event id or Idempotency-Key), so a request whose answer got lost is
sent again without harm (GX-01).
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

_LATER = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, as it is posted. time: RFC 3339 with an offset. campaign: unset for none."""

    specversion: str = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: str
    campaign: str | msgspec.UnsetType = msgspec.UNSET
    data: dict[str, Any] = {}


class EventResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one event of a batch.

    status: accepted, refused, invalid or conflict. replayed: it was here before; this is its first answer.
    id: None when the service could not read it. code, clause, detail, pointer: why it was not accepted.
    events: what the ledger recorded for it. postings: what moved on the participant's accounts.
    """

    status: str
    id: str | None = None
    replayed: bool = False
    position: int | None = None
    code: str = ""
    clause: str = ""
    detail: str = ""
    pointer: str = ""
    events: list[dict[str, Any]] = []
    postings: list[dict[str, Any]] = []


class _Results(msgspec.Struct, frozen=True):
    results: list[EventResult]


class ServiceProblem(Exception):
    """The service answered with an error (RFC 9457). Its text is for people; members: all that was said."""

    def __init__(self, status: int, members: dict[str, Any]) -> None:
        self.status = status
        self.members = members
        self.code = str(members.get("code", ""))
        self.detail = str(members.get("detail") or members.get("title") or "no explanation given")
        self.pointer = str(members.get("pointer", ""))
        code = f" ({self.code})" if self.code else ""
        where = f" At {self.pointer}." if self.pointer else ""
        super().__init__(f"The service answered {status}{code}: {self.detail}{where}")


class ServiceUnreachable(Exception):
    """No answer, also not after several tries. Sending the same again later is safe."""


class Service:
    """One running service. url: its address; key: the bearer key; tries: how often a request is sent at most.

    Between two tries it waits pause seconds, then twice as long each time, 8 at the most.
    """

    def __init__(
        self, url: str, key: str, *, tries: int = 6, pause: float = 0.25, timeout: float = 60.0
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        try:
            # A proxy of the environment is for the world outside, and the key is not for the proxy.
            near = httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")
            self._http = httpx.Client(
                base_url=url.rstrip("/"), headers=headers, timeout=timeout, trust_env=not near
            )
        except httpx.InvalidURL as error:
            raise ServiceUnreachable(f"{url!r} is not the address of a service: {error}") from error
        if self._http.base_url.scheme not in ("http", "https"):
            raise ServiceUnreachable(
                f"{url!r} is not the address of a service: it begins with http:// or https://."
            )
        self._tries = tries
        self._pause = pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._http.close()

    def post_events(self, batch: Sequence[CloudEvent]) -> list[EventResult]:
        """Post up to 5,000 events; one result for each, in order. Durable when it returns.

        Raises ServiceProblem when the whole batch is refused, ServiceUnreachable when nobody answers.
        """
        answers: dict[int, EventResult] = {}
        open_ones = list(range(len(batch)))
        for _ in self._attempts():
            answers |= zip(open_ones, self._post([batch[number] for number in open_ones]), strict=True)
            open_ones = [number for number in open_ones if answers[number].status == "unavailable"]
            if not open_ones:
                break
        else:
            raise ServiceUnreachable(f"No answer after {self._tries} tries: {answers[open_ones[0]].detail}")
        return [answers[number] for number in range(len(batch))]

    def publish(self, rulebook: bytes, *, idempotency_key: str) -> dict[str, Any]:
        """Publish a campaign's rulebook (TOML); the same text again is a repeat. Answers id and version."""
        headers = {"Content-Type": "application/toml", "Idempotency-Key": idempotency_key}
        request = self._http.build_request("POST", "/v1/campaigns", content=rulebook, headers=headers)
        return self._members(self._send(request))

    def set_clock(self, now: str, *, idempotency_key: str) -> dict[str, Any]:
        """Move the clock of a service that lets it be moved. now: RFC 3339."""
        headers = {"Idempotency-Key": idempotency_key}
        return self._members(
            self._send(self._http.build_request("PUT", "/v1/clock", json={"now": now}, headers=headers))
        )

    def get(self, path: str, **params: str | int) -> dict[str, Any]:
        """Read one page or thing, such as get("/v1/campaigns/sx-2019/participants/p-1", at_least=812)."""
        return self._members(self._send(self._http.build_request("GET", path, params=params)))

    def pages(self, path: str, **params: str | int) -> Iterator[dict[str, Any]]:
        """The pages of a list, each when it is needed."""
        request = self._http.build_request("GET", path, params=params)
        while True:
            answer = self._send(request)
            yield self._members(answer)
            if "next" not in answer.links:
                return
            request = self._http.build_request("GET", answer.links["next"]["url"])

    def write(
        self,
        path: str,
        *,
        idempotency_key: str,
        json: object = None,
        csv: str | None = None,
        method: str = "POST",
        **params: str | int,
    ) -> dict[str, Any]:
        """Write to a path, with a JSON or a CSV body or none; the same key again is a repeat. Answers the body."""
        headers = {"Idempotency-Key": idempotency_key}
        content = b""
        if csv is not None:
            headers["Content-Type"], content = "text/csv", csv.encode()
        elif json is not None:
            headers["Content-Type"], content = "application/json", msgspec.json.encode(json)
        request = self._http.build_request(method, path, content=content, headers=headers, params=params)
        return self._members(self._send(request))

    def wait_until_ready(self, seconds: float, still_there: Callable[[], bool]) -> None:
        """Return once the service says that it is ready. Raises ServiceUnreachable after that many seconds.

        still_there: asked between two tries; when it says no, nobody needs to wait longer.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until and still_there():
            try:
                if self._http.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise ServiceUnreachable(f"The service at {self._http.base_url} did not become ready.")

    def _post(self, batch: Sequence[CloudEvent]) -> list[EventResult]:
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        content = msgspec.json.encode(batch)
        answer = self._send(self._http.build_request("POST", "/v1/events", content=content, headers=headers))
        results = msgspec.json.decode(answer.content, type=_Results).results
        if len(results) != len(batch):
            raise ServiceProblem(
                answer.status_code, {"detail": f"{len(results)} results for {len(batch)} events"}
            )
        if answer.headers.get("Idempotency-Replayed") == "true":  # it stands for every event of the batch
            results = [msgspec.structs.replace(result, replayed=True) for result in results]
        return results

    def _attempts(self) -> Iterator[int]:
        """Count the tries, waiting longer before each."""
        for attempt in range(self._tries):
            if attempt:
                time.sleep(min(self._pause * 2 ** (attempt - 1), 8.0))
            yield attempt

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Send a request, again when nothing answers or the answer asks for patience."""
        last = ""
        for _ in self._attempts():
            try:
                answer = self._http.send(request)
            except httpx.TransportError as error:
                last = str(error) or type(error).__name__
                continue
            if answer.is_success:
                return answer
            problem = ServiceProblem(answer.status_code, self._members(answer))
            if answer.status_code not in _LATER:
                raise problem
            last = str(problem)
        raise ServiceUnreachable(f"No answer from {self._http.base_url} after {self._tries} tries: {last}")

    @staticmethod
    def _members(answer: httpx.Response) -> dict[str, Any]:
        try:
            return msgspec.json.decode(answer.content, type=dict[str, Any])
        except msgspec.MsgspecError:
            return {"detail": f"an answer that is not a JSON object: {answer.text[:200]!r}"}


def default_url() -> str:
    """Where the service is, as far as the environment says: JIFEN_URL, else JIFEN_HOST and JIFEN_PORT."""
    host, port = os.environ.get("JIFEN_HOST", "127.0.0.1"), os.environ.get("JIFEN_PORT", "8000")
    return os.environ.get("JIFEN_URL") or f"http://{host}:{port}"
