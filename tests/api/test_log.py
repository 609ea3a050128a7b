"""The log over HTTP: every event in order, as CloudEvents, with the stored bytes."""

import asyncio
import time

import httpx
import msgspec
import psycopg
import pytest

from tests.api.conftest import SX, TOML, Service

UNIONS = 23
OWN = 4 + 2 * UNIONS
HEAD = OWN + 3
WAIT = 30
"""Seconds: the longest that a reader can wait for news."""


@pytest.fixture(scope="module")
def service(of_this_file: Service) -> Service:
    """A service with three events of one participant after the campaign's own: its rules, twice, two pools, its unions.

    It is the trial's first day, so that nothing is due and the scheduler writes nothing.
    """
    headers = {**TOML, "Idempotency-Key": "a-1"}
    amended = of_this_file.client.post(
        "/v1/campaigns/sx-2019/amendments", content=SX.encode(), headers=headers
    )
    amended.raise_for_status()
    of_this_file.post("enrolled", "p-1", "2019-06-18T08:00:00", branch="xian")
    of_this_file.post("signed_in", "p-1", "2019-06-18T08:00:01")
    of_this_file.post("signed_in", "p-1", "2019-06-18T08:00:02")
    return of_this_file


@pytest.mark.rule("GX-06")
def test_each_event_is_a_cloudevent_with_the_stored_json_word_for_word(service: Service) -> None:
    page = service.client.get("/v1/events", params={"after": OWN})
    assert page.json()["head"] == HEAD
    with psycopg.connect(service.database.url) as connection:
        rows = connection.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state FROM jifen.stored_events"
            " WHERE notification_id > %s ORDER BY notification_id",
            [OWN],
        ).fetchall()
    raw = msgspec.json.decode(page.content, type=dict[str, msgspec.Raw])["events"]
    stored = [bytes(event["data"]) for event in msgspec.json.decode(raw, type=list[dict[str, msgspec.Raw]])]
    assert stored == [row[4] for row in rows]
    for event, (position, stream, version, topic, _) in zip(page.json()["events"], rows, strict=True):
        assert event["specversion"] == "1.0"
        assert event["id"] == f"{stream}/{version}"
        assert event["source"] == "//jifen/jifen"
        assert event["type"] == topic
        assert event["subject"] == event["originatorid"] == stream
        assert (event["position"], event["originatorversion"]) == (position, version)
        assert event["time"] == event["data"]["occurred_at"]
        assert event["recordedat"] == event["data"]["recorded_at"]
        assert event["datacontenttype"] == "application/json"
        assert all(name.isalnum() and name.islower() for name in event)
        assert service.client.get(f"/v1/events/{position}").json() == event


def test_pages_follow_each_other_without_gap_or_overlap(service: Service) -> None:
    seen: list[int] = []
    page = service.client.get("/v1/events", params={"limit": 6, "at_least": HEAD})
    while "next" in page.links:
        assert page.json()["head"] == HEAD
        seen += [event["position"] for event in page.json()["events"]]
        page = service.client.get(page.links["next"]["url"])
    assert [*seen, *(event["position"] for event in page.json()["events"])] == list(range(1, HEAD + 1))


def test_the_text_of_a_rulebook_is_left_out_and_said_to_be(service: Service) -> None:
    events = service.client.get("/v1/events", params={"limit": HEAD}).json()["events"]
    events = [event for event in events if event["type"].startswith(("campaign-", "pool-"))]
    types = [event["type"] for event in events]
    assert types == ["campaign-published.v1", "pool-opened.v1", "pool-opened.v1", "campaign-amended.v1"]
    for event in (events[0], events[3]):
        assert event["withheld"] == "text"
        assert "text" not in event["data"]
        assert event["data"]["digest"]


def test_an_event_that_is_not_there_is_404_and_says_where_the_log_ends(service: Service) -> None:
    answer = service.client.get(f"/v1/events/{HEAD + 1}")
    assert answer.status_code == 404
    assert f"position {HEAD}" in answer.json()["detail"]


def test_a_reader_that_waits_in_vain_gets_an_empty_page(service: Service) -> None:
    answer = service.client.get("/v1/events", params={"after": HEAD, "wait": 0.2})
    assert answer.json() == {"events": [], "head": HEAD}
    assert answer.headers["jifen-position"] == str(HEAD)


def test_a_reader_that_waits_is_answered_by_the_next_event(service: Service) -> None:
    headers = {"Authorization": f"Bearer {service.key}"}

    async def wait_and_post() -> tuple[httpx.Response, float]:
        async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=60) as client:
            began = time.monotonic()
            waiting = asyncio.create_task(client.get("/v1/events", params={"after": HEAD, "wait": WAIT}))
            while not waiting.done():
                # Only a request that came after the waiting one tells that it has begun: each is a new event.
                await asyncio.to_thread(service.post, "signed_in", "p-1", "2019-06-18T08:00:00")
            return await waiting, time.monotonic() - began

    answer, seconds = asyncio.run(wait_and_post())
    assert answer.json()["events"][0]["position"] == HEAD + 1
    assert seconds < WAIT, "it did not wait to the end"
