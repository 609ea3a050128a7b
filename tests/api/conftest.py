"""A service that really runs: a process of its own on a loopback port, with a database, a worker and sx-2019."""

import itertools
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger import keys
from ledger.keys import Role
from tests.conftest import SCHEMA, Database, Server
from tests.waiting import Patient, until

ROOT = Path(__file__).parents[2]
SX = (files("ledger") / "rulebooks" / "sx-2019.toml").read_text("utf-8")
TOML = {"Content-Type": "application/toml"}

WECHAT_APPID = "wx4f4bc4dec97d474b"
"""Of the demo in WeChat's documentation."""
_numbers = itertools.count(1)


class Service:
    """A running service. key: an administrator's; client: speaks with that key."""

    def __init__(
        self, url: str, key: str, database: Database, process: subprocess.Popen[str], log: Path
    ) -> None:
        self.url = url
        self.key = key
        self.database = database
        self.process = process
        self._log = log
        self._keys: dict[Role, str] = {}
        keyed = {"Authorization": f"Bearer {key}"}
        self.client = httpx.Client(base_url=url, headers=keyed, timeout=60, transport=Patient())
        self.nobody = httpx.Client(base_url=url, timeout=60, transport=Patient())

    def key_of(self, role: Role) -> str:
        """A key of a role."""
        if role not in self._keys:
            self._keys[role] = keys.create(self.database.url, self.database.schema, role, f"the {role}")[1]
        return self._keys[role]

    def as_role(self, role: Role) -> dict[str, str]:
        """The header for asking in a role."""
        return {"Authorization": f"Bearer {self.key_of(role)}"}

    def publish(self, text: str, **headers: str) -> httpx.Response:
        """Publish a rulebook."""
        return self.client.post("/v1/campaigns", content=text.encode(), headers={**TOML, **headers})

    def post(
        self, kind: str, participant: str, time: str, *, campaign: str = "sx-2019", **data: Any
    ) -> httpx.Response:
        """Post one event; its time is on Shanghai's clock."""
        event = {
            "specversion": "1.0",
            "id": f"e-{next(_numbers)}",
            "source": "//test",
            "type": f"jifen.{kind}",
            "subject": participant,
            "time": f"{time}+08:00",
            "campaign": campaign,
            "data": data,
        }
        return self.client.post(
            "/v1/events", json=event, headers={"Content-Type": "application/cloudevents+json"}
        )

    def set_clock(self, now: str) -> None:
        """Move the ledger's clock; the time is on Shanghai's."""
        self.client.put("/v1/clock", json={"now": f"{now}+08:00"}).raise_for_status()

    def head(self) -> int:
        """The newest position of the log."""
        return int(self.client.get("/v1/events", params={"limit": 1}).raise_for_status().json()["head"])

    def settle(self) -> None:
        """Wait until all views have what the log has now, for readers that cannot ask for it."""
        self.client.get("/v1/branches", params={"at_least": self.head()}).raise_for_status()

    def log_lines(self) -> list[dict[str, Any]]:
        """What the service has logged."""
        return [json.loads(line) for line in self.log_text().splitlines()]

    def log_text(self) -> str:
        """What the service has logged until now, as it is. It keeps lines back for a moment, in their order."""
        last = self.nobody.get("/v1/campaigns").headers["x-request-id"]
        return until(lambda: self._log.read_text("utf-8"), lambda text: last in text)


@contextmanager
def running(database: Database, folder: Path, key: str = "") -> Iterator[Service]:
    """A service on a database, its clock following the events, sx-2019 published. Ends with the block.

    key: of the administrator; on a ledger that has keys already, the one that it was made with.
    """
    key = key or secrets.token_urlsafe(24)
    environ = {
        **os.environ,
        "JIFEN_DATABASE_URL": database.url,
        "JIFEN_BOOTSTRAP_KEY": key,
        "JIFEN_CLOCK": "events",
        "JIFEN_ALLOW_TIME_TRAVEL": "1",
        "JIFEN_PORT": "0",
        "JIFEN_WECHAT_APPIDS": WECHAT_APPID,
        "PYTHONUNBUFFERED": "1",
    }
    log = folder / "service.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli.main", "serve"],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        service = Service(_address(process, log), key, database, process, log)
        with service.client, service.nobody:
            service.publish(SX).raise_for_status()
            yield service
    finally:
        process.terminate()
        process.wait(timeout=60)
        assert process.stdout is not None
        process.stdout.close()


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """Where the service says it is, once it answers."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://[0-9.:]+", line):
            return found[0]
    raise AssertionError(f"the service did not start: {log.read_text()}")


@contextmanager
def cloned(server: Server, template: str) -> Iterator[Database]:
    """An empty, migrated ledger for longer than one test."""
    name = f"jifen_api_{os.getpid()}_{next(_numbers)}"
    server.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
    yield Database(server.address(name), SCHEMA)
    server.execute("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    """A running service of the test's own."""
    with running(database, tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def of_this_file(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A running service for the tests of one file, in the order in which they stand there."""
    with cloned(server, template) as database, running(database, tmp_path_factory.mktemp("file")) as started:
        yield started


@pytest.fixture(scope="session")
def shared(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service for tests that leave nothing behind that others would notice."""
    with (
        cloned(server, template) as database,
        running(database, tmp_path_factory.mktemp("shared")) as started,
    ):
        yield started
