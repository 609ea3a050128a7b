"""The embedded server is killed under a running service: it comes back by itself, and nothing answered is lost."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ledger.audit import audit
from ledger.postgres import start
from tests.api.conftest import SX, TOML

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KEY = "a-key-for-this-test-only"
EVENTS = {"Content-Type": "application/cloudevents-batch+json"}


def said(kind: str, n: int, **data: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"{kind}-{n}",
        "source": "//test",
        "type": f"jifen.{kind}",
        "subject": f"p-{n}",
        "time": "2019-07-01T21:00:00+08:00",
        "campaign": "sx-2019",
        "data": data,
    }


def test_a_server_that_is_killed_comes_back_and_has_lost_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environ = {
        **os.environ,
        "JIFEN_HOME": str(home),
        "JIFEN_PORT": "0",
        "JIFEN_BOOTSTRAP_KEY": KEY,
        "JIFEN_CLOCK": "events",
        "JIFEN_ALLOW_TIME_TRAVEL": "1",
        "PYTHONUNBUFFERED": "1",
    }
    environ.pop("JIFEN_DATABASE_URL", None)
    with subprocess.Popen(
        [sys.executable, "-m", "api.cli.main", "serve"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            assert service.stdout is not None
            address = next(m[0] for line in service.stdout if (m := re.search(r"http://[0-9.:]+", line)))
            with httpx.Client(
                base_url=address, headers={"Authorization": f"Bearer {KEY}"}, timeout=60
            ) as client:
                client.post("/v1/campaigns", content=SX, headers=TOML).raise_for_status()
                enrolled = client.post(
                    "/v1/events",
                    json=[said("enrolled", n, branch="xian") for n in range(300)],
                    headers=EVENTS,
                )
                positions = [result["position"] for result in enrolled.json()["results"]]
                pid_file = (home / "postgres").resolve() / "data" / "postmaster.pid"
                os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)
                # The writer asks again until the server is back; the client only has to wait for its answer.
                signed = client.post(
                    "/v1/events", json=[said("signed_in", n) for n in range(300)], headers=EVENTS
                )
                assert {result["status"] for result in signed.json()["results"]} == {"accepted"}
                again = client.post(
                    "/v1/events",
                    json=[said("enrolled", n, branch="xian") for n in range(300)],
                    headers=EVENTS,
                )
                assert [result["position"] for result in again.json()["results"]] == positions
        finally:
            service.terminate()
    assert service.returncode == 0, "SIGTERM ends it cleanly"
    assert not pid_file.exists(), "the last to leave stops the server"
    with start(home) as server:
        report = audit(server.url, "jifen")
    assert report.sound, report.faults
    assert report.postings == 600, "two for each sign-in; the scheduler's own events have none"
