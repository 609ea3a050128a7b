"""A durable throwaway ledger with a real API process in front, and a lean HTTP/1.1 client to load it."""

import asyncio
import base64
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep

import httpx
import msgspec

from ledger import postgres

ROOT = Path(__file__).parents[2]
RULEBOOK = ROOT / "ledger" / "rulebooks" / "sx-2019.toml"
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
MASTER_KEY = base64.b64encode(secrets.token_bytes(32)).decode()
"""Of all ledgers of one run, so that their processes open each other's secrets."""


class Running(msgspec.Struct, frozen=True):
    """An API process under load. database_url: of the server behind it, for looking and for comparisons."""

    port: int
    key: str
    pid: int
    database_url: str

    def resident_mb(self) -> float:
        """Memory of the API process that is in RAM."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the API process is gone")


@contextmanager
def database() -> Iterator[str]:
    """The URL of a server that is as careful, and as slow, as the real one."""
    with postgres.throwaway(durable=True) as server:
        yield server.url


def environment(database_url: str, key: str, port: int) -> dict[str, str]:
    """The settings of a process on a database: its clock follows the events, its administrator's key is ``key``."""
    return {
        **os.environ,
        "JIFEN_DATABASE_URL": database_url,
        "JIFEN_BOOTSTRAP_KEY": key,
        "JIFEN_MASTER_KEY": MASTER_KEY,
        "JIFEN_CLOCK": "events",
        "JIFEN_ALLOW_TIME_TRAVEL": "1",
        "JIFEN_PORT": str(port),
    }


def start(what: str, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process of ours: ``api`` or ``worker``. An API is not ready yet."""
    command = [sys.executable, "-m", "api.cli.main", what]
    return subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, if it still runs."""
    process.terminate()
    process.wait(timeout=60)


@contextmanager
def running(database_url: str, rulebook: bytes | None = None) -> Iterator[Running]:
    """An API process on a database, a rulebook published (none = sx-2019), the clock following the events."""
    key = secrets.token_urlsafe(24)
    port = free_port()
    process = start("api", environment(database_url, key, port))
    try:
        with client(port, key) as asking:
            wait_until_ready(asking, process)
            publish(asking, RULEBOOK.read_bytes() if rulebook is None else rulebook)
        yield Running(port, key, process.pid, database_url)
    finally:
        stop(process)


def client(port: int, key: str) -> httpx.Client:
    """A client of an API process."""
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}, timeout=60
    )


def publish(asking: httpx.Client, rulebook: bytes) -> None:
    """Publish a rulebook."""
    answer = asking.post("/v1/campaigns", content=rulebook, headers={"Content-Type": "application/toml"})
    answer.raise_for_status()


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to connections, so that it stays free."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until_ready(asking: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    """Return once an API process answers. Raises RuntimeError when it has ended, or does not in a minute."""
    give_up = perf_counter() + 60
    while perf_counter() < give_up and process.poll() is None:
        try:
            if asking.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            sleep(0.05)
    raise RuntimeError("the API process did not start")


class Load(msgspec.Struct):
    """What came of a load. seconds: of each answer; accepted: events that were."""

    wall: float = 0.0
    accepted: int = 0
    seconds: list[float] = msgspec.field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def post_all(service: Running, bodies: Sequence[bytes], media_type: str, connections: int) -> Load:
    """Post bodies over that many connections, each sending its next body when the last was answered."""
    load = Load()
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {service.key}\r\n"
        f"Content-Type: {media_type}\r\nContent-Length: "
    ).encode()
    waiting = iter(bodies)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        for body in waiting:
            began = perf_counter()
            writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
            answer_head = (await reader.readuntil(b"\r\n\r\n")).lower()
            start = answer_head.index(b"content-length:") + 15
            answer = await reader.readexactly(int(answer_head[start : answer_head.index(b"\r", start)]))
            load.seconds.append(perf_counter() - began)
            load.accepted += answer.count(b'"status":"accepted"')
        writer.close()

    async def all_connections() -> None:
        await asyncio.gather(*(connection() for _ in range(connections)))

    began = perf_counter()
    asyncio.run(all_connections())
    load.wall = perf_counter() - began
    return load
