"""The demo's story, played against a running service and counted by hand; and the command itself, piped."""

import datetime as dt
import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib.resources import files
from typing import Protocol

import pytest

from api.cli.client import CloudEvent, Service
from api.cli.demo import sample
from api.cli.demo_story import Plan, Story

DAYS = 12


class Running(Protocol):
    """A running service of the test's own: a fresh ledger, JIFEN_CLOCK=events, sx-2019 published."""

    url: str
    key: str


def plan() -> Plan:
    return Plan.of(tomllib.loads((files("ledger") / "rulebooks" / "sx-2019.toml").read_text("utf-8")))


def in_window(sync: CloudEvent) -> bool:
    """Whether a sync was made between 20:00 and 24:00 of the day that it is about."""
    return sync.time[:10] == sync.data["day"] and dt.datetime.fromisoformat(sync.time).hour >= 20


def test_a_seed_tells_the_same_story_every_time() -> None:
    def told(seed: int) -> list[CloudEvent]:
        story = Story(plan(), sample(plan(), DAYS), seed)
        return [event for day in story.days for part in (story.morning, story.evening) for event in part(day)]

    assert told(7) == told(7)
    assert told(7) != told(8)


@pytest.mark.rule("SX-05", "SX-06", "SX-11", "SX-13")
def test_the_service_counts_the_story_as_one_would_by_hand(service: Running) -> None:
    story = Story(plan(), sample(plan(), DAYS), seed=7)
    last_sync: dict[tuple[str, str], int] = {}
    signed_in: dict[str, set[str]] = defaultdict(set)
    position = 0

    def post(client: Service, told: list[CloudEvent]) -> None:
        nonlocal position
        results = client.post_events(told)
        story.hear(told, results)
        position = max(position, *(event["position"] for result in results for event in result.events))
        for event in told:
            if event.type == "jifen.signed_in":
                signed_in[event.subject].add(event.time[:10])
            elif event.type == "jifen.steps_synced" and in_window(event):
                last_sync[event.subject, event.data["day"]] = min(event.data["steps"], 10_000)

    with Service(service.url, service.key) as client:
        post(client, story.enrolments())
        for day in story.days:
            post(client, story.morning(day))
            post(client, story.afternoon(day))
            post(client, story.evening(day))
        for person in story.people:
            standing = client.get(f"/v1/campaigns/sx-2019/participants/{person}", at_least=position)
            counted = [steps for (who, _), steps in last_sync.items() if who == person]
            assert standing["total_steps"] == sum(counted)
            assert standing["days_attained"] == sum(1 for steps in counted if steps >= 6000)
            assert standing["sign_in_days"] == len(signed_in[person])


@pytest.mark.slow
def test_the_demo_runs_in_a_pipe_and_prints_where_everybody_stands() -> None:
    command = [sys.executable, "-m", "api.cli.main", "demo", "--days", "5", "--seed", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for person in {row.person for row in sample(plan(), 5)}:
        assert person in done.stdout
    assert "day_closed" in done.stdout
    for said in (
        "m-wang",
        "not_on_roster",
        "not_enough_points",
        "web-courier",
        "fund_short",
        "person_erased",
    ):
        assert said in done.stdout
    assert "\x1b" not in done.stdout
