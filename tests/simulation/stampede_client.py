"""Many clients in one process: each sends its next request when the last has its final answer, come what may.

A connection that breaks, or an answer that says to come back later, is followed by the same request again, at another
server, until there is a final answer: 201 or 422.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterator, Sequence
from hashlib import blake2b
from itertools import cycle
from typing import Any, NamedTuple, cast

import uvloop

FINAL = (201, 422)
PAUSE = 0.05
"""Seconds before a request goes to a server that was not there."""
STAY = 200
"""Answers after which a client goes to another server, so that one that was restarted finds clients again."""
HEAD = (
    "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n"
    "Content-Type: application/cloudevents+json\r\nContent-Length: "
)


class Final(NamedTuple):
    """A final answer. number: which request it is of; said: the prize that was won, or the code of the refusal.

    digest: of the whole body. tries: how often the request was sent until it was answered so.
    """

    number: int
    status: int
    said: str
    digest: bytes
    tries: int


class Servers(NamedTuple):
    """Where to send to. ports: of servers of one ledger."""

    ports: Sequence[int]
    key: str


def attempt_all(servers: Servers, requests: Sequence[tuple[int, bytes]], connections: int) -> list[Final]:
    """The final answers to requests, each (number, body), sent over so many connections at once.

    The same number can stand twice: then it is sent twice, as likely as not at the same time.
    """
    waiting = deque(requests)
    found: list[Final] = []
    head = HEAD.format(servers.key).encode()

    async def everything() -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def fault(_: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
            if not done.done():
                done.set_exception(what.get("exception") or RuntimeError(what["message"]))

        loop.set_exception_handler(fault)  # a fault of ours ends it, or everybody would wait for ever
        ports = cycle(servers.ports)
        clients = [_Client(waiting, found, head, ports, done, len(requests)) for _ in range(connections)]
        await asyncio.gather(*(client.reach() for client in clients))
        await done
        for client in clients:
            client.leave()

    uvloop.run(everything())
    return found


def _said(body: bytes, status: int) -> str:
    """What stands after the first ``"outcome":`` of a win, or ``"code":`` of a refusal."""
    name = b'"outcome":"' if status == 201 else b'"code":"'
    at = body.index(name) + len(name)
    return body[at : body.index(b'"', at)].decode()


class _Client(asyncio.Protocol):
    """One connection at a time, one request at a time."""

    def __init__(
        self,
        waiting: deque[tuple[int, bytes]],
        found: list[Final],
        head: bytes,
        ports: Iterator[int],
        done: asyncio.Future[None],
        of: int,
    ) -> None:
        self.waiting = waiting
        self.found = found
        self.head = head
        self.ports = ports
        self.done = done
        self.of = of
        self.current: tuple[int, bytes] | None = None
        self.tries = 0
        self.answered = 0
        self.heard = b""
        self.transport: asyncio.Transport | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    async def reach(self) -> None:
        """Connect to some server that is there."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.create_connection(lambda: self, "127.0.0.1", next(self.ports))
            except OSError:
                await asyncio.sleep(PAUSE)
            else:
                return

    def leave(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one, but does not say so
        self.heard = b""
        self.send()

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        if self.current is not None or self.waiting:
            self.later(self.reach())

    def later(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def send(self) -> None:
        """Send the current request again, or the next."""
        if self.current is None:
            if not self.waiting:
                return
            self.current, self.tries = self.waiting.popleft(), 0
        self.tries += 1
        body = self.current[1]
        assert self.transport is not None
        self.transport.write(self.head + str(len(body)).encode() + b"\r\n\r\n" + body)

    def data_received(self, data: bytes) -> None:
        self.heard = self.heard + data if self.heard else data
        end = self.heard.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.heard[:end].lower()
        at = head.index(b"content-length:") + 15
        stop = head.find(b"\r", at)
        length = int(head[at:stop] if stop > 0 else head[at:])
        if len(self.heard) < end + 4 + length:
            return
        body, self.heard = self.heard[end + 4 :], b""
        status = int(head[9:12])
        if status not in FINAL:
            self.later(self.again(self.transport))
            return
        assert self.current is not None
        assert self.transport is not None
        digest = blake2b(body, digest_size=16).digest()
        self.found.append(Final(self.current[0], status, _said(body, status), digest, self.tries))
        self.current = None
        self.answered += 1
        if len(self.found) == self.of:
            self.done.set_result(None)
        elif self.answered % STAY == 0:
            self.transport.close()
        else:
            self.send()

    async def again(self, transport: asyncio.Transport | None) -> None:
        """Send once more, unless the connection has gone and its successor has done so."""
        await asyncio.sleep(PAUSE)
        if self.transport is not None and self.transport is transport:
            self.send()
