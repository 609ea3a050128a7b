"""POST /v1/events through a real HTTP client: every answer of the contract."""

import itertools
import signal
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.audit import audit
from tests.api.conftest import Service, cloned, running
from tests.conftest import Server

SINGLE = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
JSON = {"Content-Type": "application/json"}

_numbers = itertools.count(1)


def event(kind: str, person: str, time: str = "2019-07-01T21:00:00+08:00", **data: Any) -> dict[str, Any]:
    """A CloudEvent with an id of its own."""
    return {
        "specversion": "1.0",
        "id": f"ev-{next(_numbers)}",
        "source": "//app.example/miniprogram",
        "type": f"jifen.{kind}",
        "subject": person,
        "time": time,
        "campaign": "sx-2019",
        "data": data,
    }


def synced(person: str, steps: int = 8312, time: str = "2019-07-01T21:14:09+08:00") -> dict[str, Any]:
    """A step sync of the first day."""
    return event("steps_synced", person, time, day="2019-07-01", steps=steps, provider="werun", device="d-77")


@pytest.fixture
def person(shared: Service) -> str:
    """Somebody who has enrolled and done nothing yet."""
    name = f"p-{next(_numbers)}"
    enrolled = event("enrolled", name, "2019-07-01T08:00:00+08:00", branch="西安市总工会")
    assert shared.client.post("/v1/events", json=enrolled, headers=SINGLE).status_code == 201
    return name


def post(service: Service, body: Any, headers: dict[str, str] = SINGLE) -> httpx.Response:
    return service.client.post("/v1/events", json=body, headers=headers)


def test_an_accepted_event_is_answered_as_the_contract_says(shared: Service, person: str) -> None:
    said = synced(person)
    answer = post(shared, said)
    assert answer.status_code == 201
    body = answer.json()
    assert body["id"] == said["id"]
    assert body["status"] == "accepted"
    assert body["events"][0]["position"] == body["position"]
    assert body["events"][0]["type"] == "steps-synced.v1"
    assert body["events"][0]["data"]["counted"] == 8312
    account = f"points:sx-2019:{person}"
    assert body["postings"] == [
        {"account": account, "asset": "points", "amount": 4, "balance_after": 4, "clause": "SX-12"},
        {"account": account, "asset": "points", "amount": 1, "balance_after": 5, "clause": "SX-13"},
    ]


@pytest.mark.rule("GX-01")
def test_a_repeat_gets_the_same_status_and_the_same_bytes(shared: Service, person: str) -> None:
    for said, status in ((synced(person), 201), (event("signed_in", "p-nobody"), 422)):
        first, again = post(shared, said), post(shared, said)
        assert first.status_code == again.status_code == status
        assert first.content == again.content
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.rule("GX-01")
def test_the_same_event_in_another_mode_or_spelling_is_a_repeat(shared: Service, person: str) -> None:
    said = synced(person)
    first = post(shared, said)
    in_utc = {**said, "time": "2019-07-01T13:14:09Z"}
    assert post(shared, dict(reversed(in_utc.items())), JSON).content == first.content
    attributes = {f"ce-{name}": value for name, value in said.items() if name != "data"}
    binary = post(shared, said["data"], {**JSON, **attributes})
    assert binary.content == first.content
    assert binary.headers["idempotency-replayed"] == "true"


@pytest.mark.rule("GX-01")
def test_the_same_id_with_other_content_is_a_conflict(shared: Service, person: str) -> None:
    said = synced(person, 8000)
    position = post(shared, said).json()["position"]
    answer = post(shared, {**said, "data": {**said["data"], "steps": 8001}})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "event_id_reused"
    assert answer.json()["position"] == position


def test_a_refusal_says_code_clause_and_position(shared: Service) -> None:
    answer = post(shared, event("signed_in", "p-stranger"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["clause"], problem["status"]) == ("not_enrolled", "SX-02", 422)
    stored = shared.client.get(f"/v1/events/{problem['position']}").json()
    assert stored["type"] == "activity-refused.v1"


def test_a_batch_answers_each_event_in_order_and_one_bad_event_sinks_no_other(
    shared: Service, person: str
) -> None:
    good, other = synced(person, 6000), synced(person, 9000, "2019-07-01T21:20:00+08:00")
    body = [
        good,
        {**synced(person), "time": "2019-02-30T21:00:00Z"},
        event("signed_in", "p-x"),
        good,
        other,
        7,
    ]
    body.append({**other, "data": {**other["data"], "steps": 1}})
    answer = post(shared, body, BATCH)
    assert answer.status_code == 200
    results = answer.json()["results"]
    statuses = ["accepted", "invalid", "refused", "accepted", "accepted", "invalid", "conflict"]
    assert [result["status"] for result in results] == statuses
    assert [result["id"] for result in results[:3]] == [said["id"] for said in body[:3]]  # type: ignore[index]
    assert results[3] == {**results[0], "replayed": True}
    assert results[1]["pointer"] == "/time"
    assert results[2]["code"] == "not_enrolled"
    assert results[5]["id"] is None
    assert post(shared, [good, other], JSON).headers["idempotency-replayed"] == "true"


def test_an_empty_batch_is_answered_with_no_results(shared: Service) -> None:
    assert post(shared, [], BATCH).json() == {"results": []}


MALFORMED = [
    pytest.param({"specversion": "0.3"}, "/specversion", id="another version of CloudEvents"),
    pytest.param({"id": ""}, "/id", id="an empty id"),
    pytest.param({"id": 7}, "/id", id="an id that is a number"),
    pytest.param({"id": "x" * 257}, "/id", id="an id that is too long"),
    pytest.param({"source": ""}, "/source", id="an empty source"),
    pytest.param({"type": "jifen.flown"}, "/type", id="an unknown type"),
    pytest.param({"subject": "p 1"}, "/subject", id="a space in the subject"),
    pytest.param({"subject": "p-1\n"}, "/subject", id="a line break in the subject"),
    pytest.param({"subject": "x" * 65}, "/subject", id="a subject that is too long"),
    pytest.param({"subject": "赵一"}, "/subject", id="a name as the subject"),
    pytest.param({"time": "2019-02-30T21:00:00+08:00"}, "/time", id="a day that is none"),
    pytest.param({"time": "2019-07-01T21:00:00"}, "/time", id="a time without an offset"),
    pytest.param({"time": "0001-01-01T00:00:00+14:00"}, "/time", id="a time before all years"),
    pytest.param({"time": 1561986849}, "/time", id="a time as a number"),
    pytest.param({"campaign": "SX 2019"}, "/campaign", id="no campaign id"),
    pytest.param({"campaign": None}, "/campaign", id="no campaign"),
    pytest.param({"campaign": "nowhere"}, "/campaign", id="a campaign that is not published"),
    pytest.param({"datacontenttype": "text/xml"}, "/datacontenttype", id="data that is not JSON"),
    pytest.param({"data": None}, "/data/day", id="no data"),
    pytest.param({"data": []}, "/data", id="data that is a list"),
    pytest.param({"data.steps": -1}, "/data/steps", id="less than no steps"),
    pytest.param({"data.steps": 10**400}, "/data/steps", id="a number of 401 digits"),
    pytest.param({"data.steps": 8312.5}, "/data/steps", id="half a step"),
    pytest.param({"data.steps": True}, "/data/steps", id="a truth value as steps"),
    pytest.param({"data.steps": "8312"}, "/data/steps", id="steps as a text"),
    pytest.param({"data.day": "2019-02-30"}, "/data/day", id="30 February"),
    pytest.param({"data.day": "2019-07-01T00:00:00"}, "/data/day", id="a day with a time"),
    pytest.param({"data.provider": ""}, "/data/provider", id="an empty provider"),
    pytest.param({"data.provider": "we\0run"}, "/data", id="a NUL in the data"),
    pytest.param({"data.step": 5}, "/data/step", id="a member that does not exist"),
    pytest.param({"id": "a\0b"}, "/id", id="a NUL in the id"),
]


@pytest.mark.parametrize(("change", "pointer"), MALFORMED)
def test_a_malformed_event_names_the_member_and_is_not_recorded(
    change: dict[str, Any], pointer: str, shared: Service, person: str
) -> None:
    said = synced(person)
    for member, value in change.items():
        if member.startswith("data."):
            said["data"][member[5:]] = value
        else:
            said[member] = value
    before = shared.client.get("/v1/events", params={"limit": 1}).json()["head"]
    answer = post(shared, said)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["pointer"]) == ("malformed", pointer)
    later = shared.client.get("/v1/events", params={"after": before}).json()["events"]
    assert {event["data"]["source"] for event in later} <= {"//jifen/scheduler"}, (
        "time may have passed, no more"
    )


@pytest.mark.parametrize("member", ["specversion", "id", "source", "type", "subject", "time"])
def test_a_missing_member_is_named(member: str, shared: Service, person: str) -> None:
    said = synced(person)
    del said[member]
    assert post(shared, said).json()["pointer"] == f"/{member}"


BODIES = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"{", id="half an object"),
    pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
    pytest.param(b"[" * 100_000 + b"]" * 100_000, id="nested 100,000 deep"),
    pytest.param(b'{"data":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, id="objects 100,000 deep"),
    pytest.param('{"id":"步"}'.encode("gb18030"), id="GB18030"),
    pytest.param('{"id":"步"}'.encode("utf-16"), id="UTF-16"),
    pytest.param(b'{"id":"\xff"}', id="not UTF-8"),
    pytest.param(b'{"id":"\\ud800"}', id="half a surrogate pair"),
    pytest.param(b'{"id":"a\x00b"}', id="a bare NUL"),
    pytest.param(b'{"id":NaN}', id="not a number"),
    pytest.param(b"<event/>", id="XML"),
]


@pytest.mark.parametrize("content_type", [SINGLE, BATCH, JSON], ids=["single", "batch", "json"])
@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_cannot_be_read_is_malformed(
    body: bytes, content_type: dict[str, str], shared: Service
) -> None:
    answer = shared.client.post("/v1/events", content=body, headers=content_type)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "malformed"


def test_another_character_set_or_media_type_is_named(shared: Service) -> None:
    in_gbk = {"Content-Type": "application/json; charset=gbk"}
    assert shared.client.post("/v1/events", content=b"{}", headers=in_gbk).status_code == 400
    as_text = {"Content-Type": "text/plain"}
    answer = shared.client.post("/v1/events", content=b"{}", headers=as_text)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_too_large_a_body_and_too_many_events_are_refused_whole(shared: Service, person: str) -> None:
    large = b'[{"id":"' + b"x" * (8 * 1024 * 1024) + b'"}]'
    answer = shared.client.post("/v1/events", content=large, headers=BATCH)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    many = shared.client.post("/v1/events", content=b"[" + b",".join([b"{}"] * 5_001) + b"]", headers=BATCH)
    assert (many.status_code, many.json()["code"]) == (413, "too_large")


def test_no_key_and_a_key_that_may_not_are_told_apart(shared: Service, person: str) -> None:
    assert shared.nobody.post("/v1/events", json=synced(person), headers=SINGLE).status_code == 401
    auditor = {**SINGLE, **shared.as_role("auditor")}
    assert shared.client.post("/v1/events", json=synced(person), headers=auditor).status_code == 403


def test_escaped_backslashes_before_u0000_are_text(shared: Service, person: str) -> None:
    said = synced(person)
    said["data"]["device"] = "d\\u0000"
    assert post(shared, said).status_code == 201


def test_a_megabyte_of_backslashes_holds_nobody_up(shared: Service, person: str) -> None:
    said = {**synced(person), "note": "\\" * 1_000_000 + "\\u0000"}
    assert post(shared, said).status_code == 201


def test_sources_of_the_ledger_itself_are_reserved(shared: Service, person: str) -> None:
    answer = post(shared, {**synced(person), "source": "//jifen/campaigns"})
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/source")


def test_a_malformed_percent_encoding_of_a_header_is_malformed(shared: Service, person: str) -> None:
    said = synced(person)
    attributes = {f"ce-{name}": value for name, value in said.items() if name not in ("data", "id")}
    answer = post(shared, said["data"], {**JSON, **attributes, "ce-id": "%ff"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_right_answer_never_comes_back(shared: Service, person: str) -> None:
    answer = post(shared, event("question_answered", person, question="cp-02", answer="B"))
    assert answer.status_code == 422
    assert "耀州窑" not in answer.text
    shown = shared.client.get("/v1/campaigns/sx-2019")
    assert '"answer"' not in shown.text


def test_kill_nine_in_the_middle_of_a_load_loses_nothing_that_was_answered(
    server: Server, template: str, tmp_path: Path
) -> None:
    people = [f"k-{n}" for n in range(20)]
    answered: dict[str, int] = {}
    with cloned(server, template) as database:
        with running(database, tmp_path) as service:
            enrolments = [event("enrolled", p, "2019-07-01T08:00:00+08:00", branch="xian") for p in people]
            assert post(service, enrolments, BATCH).status_code == 200
            enough = threading.Event()

            def load(worker: int) -> None:
                headers = dict(service.client.headers)
                with httpx.Client(base_url=service.url, headers=headers, timeout=60) as client:
                    for n in itertools.count():
                        minute, second = divmod(n % 3600, 60)
                        at = f"2019-07-01T21:{minute:02}:{second:02}+08:00"
                        said = [synced(p, 100 * n % 9000, at) for p in people[worker::4]]
                        try:
                            results = client.post("/v1/events", json=said, headers=BATCH).json()["results"]
                        except httpx.TransportError:
                            return
                        answered.update((result["id"], result["position"]) for result in results)
                        if len(answered) > 1_000:
                            enough.set()

            workers = [threading.Thread(target=load, args=(n,)) for n in range(4)]
            for worker in workers:
                worker.start()
            assert enough.wait(timeout=60)
            service.process.send_signal(signal.SIGKILL)
            for worker in workers:
                worker.join()
        with running(database, tmp_path, service.key) as service:
            found: dict[str, list[int]] = {}
            after = 0
            while page := service.client.get("/v1/events", params={"after": after, "limit": 1000}).json()[
                "events"
            ]:
                for stored in page:
                    found.setdefault(stored["data"]["id"], []).append(stored["position"])
                    assert stored["position"] == after + 1
                    after += 1
        assert {id: [position] for id, position in answered.items()} == {id: found[id] for id in answered}
        report = audit(database.url, database.schema)
        assert report.sound, report.faults
