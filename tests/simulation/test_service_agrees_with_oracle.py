"""The running service and the oracle play the same campaign over HTTP and agree, answer by answer and at the end."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Protocol

import httpx
import pytest

from tests.oracle import RULEBOOK, Answer, Day, Event, Standing, play
from tests.simulation.workload import batches, generate

CAMPAIGN = "/v1/campaigns/sx-2019"
Json = dict[str, Any]


class Service(Protocol):
    """A server process of a test's own, with JIFEN_CLOCK=events. key: an administrator's."""

    url: str
    key: str


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """A client with the administrator's key."""
    headers = {"Authorization": f"Bearer {service.key}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=120) as client:
        yield client


def publish(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/campaigns",
        content=RULEBOOK.read_bytes(),
        headers={"Content-Type": "application/toml", "Idempotency-Key": "publish"},
    )
    assert answer.status_code == 201, answer.text


def post(client: httpx.Client, batch: list[Event]) -> list[Json]:
    """The results of a batch, one for each event."""
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    answer = client.post("/v1/events", content=json.dumps(batch), headers=headers)
    assert answer.status_code == 200, answer.text
    results: list[Json] = answer.json()["results"]
    assert len(results) == len(batch)
    return results


def answered(result: Json) -> Answer:
    """A result as the oracle says it; that it is a repeat cannot be told from it, and that is the point."""
    refused = result["status"] == "refused"
    return Answer(result["status"], result["code"] if refused else "")


def standing(client: httpx.Client, who: str, position: int) -> Standing:
    """What the service tells of a participant, once its views have come as far as a position."""
    answer = client.get(f"{CAMPAIGN}/participants/{who}", params={"at_least": position})
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert view["trial"] is False, "the campaign has begun, so the trial is not shown any more (SX-01)"
    return Standing(
        points=view["points"]["balance"],
        total_steps=view["total_steps"],
        days_attained=view["days_attained"],
        sign_in_days=view["sign_in_days"],
        lit=[each["number"] for each in view["checkpoints"] if each["lit_at"]],
        passed=[each["number"] for each in view["checkpoints"] if each["passed_at"]],
        badges=sorted(badge["id"] for badge in view["badges"]),
        days=worth_telling(dict(days(client, who))),
    )


def days(client: httpx.Client, who: str) -> Iterator[tuple[date, Day]]:
    """The rows of a participant's days, page by page."""
    address: str | None = f"{CAMPAIGN}/participants/{who}/days?limit=40"
    while address:
        answer = client.get(address)
        for row in answer.json()["days"]:
            counted = 0 if row["provisional"] else row["steps"]
            yield date.fromisoformat(row["day"]), Day(counted, row["attained"], row["signed_in"])
        address = answer.links.get("next", {}).get("url")


def worth_telling(rows: dict[date, Day]) -> dict[date, Day]:
    """The rows without those that say nothing; whether such a day has a row is the service's own business."""
    return {day: row for day, row in sorted(rows.items()) if row.steps or row.attained or row.signed_in}


@pytest.mark.slow
@pytest.mark.rule("SX-01", "SX-05", "SX-06", "SX-08", "SX-09", "SX-11", "SX-12", "SX-13", "SX-15", "GX-01")
def test_a_campaign_over_http_ends_as_the_oracle_says(client: httpx.Client) -> None:
    seed, people, length = 2019, 200, 100
    events = generate(seed, people, length)
    expected = play(events)
    publish(client)
    results: list[Json] = []
    for batch in batches(events, 500):
        results += post(client, batch)
    first: dict[str, Json] = {}
    for number, (event, result, answer) in enumerate(zip(events, results, expected.answers, strict=True)):
        where = f"seed {seed}: event {number} of {people} × {length}: {event}\n{result}"
        assert answered(result) == answer._replace(repeat=False), where
        if answer.repeat:
            assert result == {**first[event["id"]], "replayed": True}, where
        elif answer.status in ("accepted", "refused"):
            first[event["id"]] = result
    position = max(result.get("position") or 0 for result in results)
    for who, said in expected.participants.items():
        told = standing(client, who, position)
        assert told == said._replace(days=worth_telling(said.days)), (
            f"seed {seed}: {who} of {people} × {length}"
        )
