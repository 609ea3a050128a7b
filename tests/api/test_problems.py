"""Every shape of error that the API has, provoked. All are RFC 9457 problems, whoever noticed them."""

import asyncio
import itertools
import re
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from eventsourcing import persistence

from api.app import ROUTES
from api.openapi import openapi_document
from api.problem_codes import CODES
from api.problems import as_problem
from ledger.refusals import REFUSALS
from ledger.writer import Overloaded, Stopped
from tests.api.conftest import SX, TOML, Service

JSON = {"Content-Type": "application/json"}
CLOCK = "/v1/clock"
PEOPLE = "/v1/campaigns/sx-2019/participants"
DEEP = b'{"now":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

_numbers = itertools.count(1)


def fresh() -> dict[str, str]:
    """Headers with an Idempotency-Key that was never used."""
    return {"Idempotency-Key": f"problem-{next(_numbers)}"}


def check(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, after checking everything that all of them have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"] == CODES[code].title
    assert problem["detail"]
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    return problem


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        pytest.param(b"", "", id="no body"),
        pytest.param(b"{", "", id="half an object"),
        pytest.param(b"[]", "", id="a list"),
        pytest.param(b'{"now": 7}', "/now", id="a number"),
        pytest.param(b"{}", "/now", id="nothing in it"),
        pytest.param(b'{"now": "2019-02-30T08:00:00Z"}', "/now", id="a day that is none"),
        pytest.param(b'{"now": "2019-02-03T08:00:00"}', "/now", id="a time without an offset"),
        pytest.param(b'{"now": "0001-01-01T00:00:00+14:00"}', "/now", id="a time before all years"),
        pytest.param(b'{"now": "2019-02-03T08:00:00Z", "more": 1}', "/more", id="a member too many"),
        pytest.param(DEEP, "/now", id="nested 100,000 deep"),
        pytest.param(b"[" * 100_000, "", id="100,000 brackets"),
        pytest.param(b'{"now": "\xff"}', "", id="not UTF-8"),
        pytest.param('{"now": "现在"}'.encode("gbk"), "", id="another character set"),
        pytest.param(b'{"now": "\\ud800"}', "", id="half a surrogate pair"),
        pytest.param(b'\x00{"now": "2019-02-03T08:00:00Z"}', "", id="a NUL"),
    ],
)
def test_json_that_cannot_be_read_is_400(shared: Service, content: bytes, pointer: str) -> None:
    problem = check(shared.client.put(CLOCK, content=content, headers=JSON), 400, "malformed")
    assert problem["pointer"] == pointer


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b'{"reverses": 1}', "/reason"),
        (b'{"reverses": 0, "reason": "wrong"}', "/reverses"),
        (b'{"reverses": 1.5, "reason": "wrong"}', "/reverses"),
        (b'{"reverses": 9223372036854775808, "reason": "wrong"}', "/reverses"),
        (b'{"reverses": 1, "reason": "NUL \\u0000 inside"}', "/reason"),
        (b'{"reverses": 1, "reason": "x"}', "/reason"),
    ],
)
def test_a_member_at_fault_is_pointed_at(shared: Service, content: bytes, pointer: str) -> None:
    answer = shared.client.post(f"{PEOPLE}/p-1/corrections", content=content, headers={**JSON, **fresh()})
    assert check(answer, 400, "malformed")["pointer"] == pointer


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/v1/campaigns?limit=x", "/query/limit"),
        ("/v1/campaigns?limit=x&limit=2", "/query/limit"),
        ("/v1/campaigns?limit=2&limit=2", "/query/limit"),
        ("/v1/campaigns?limit=0", "/query/limit"),
        ("/v1/campaigns?limit=501", "/query/limit"),
        ("/v1/campaigns?limit=", "/query/limit"),
        ("/v1/campaigns?at_least=-1", "/query/at_least"),
        ("/v1/campaigns?at_least=99999999999999999999", "/query/at_least"),
        ("/v1/campaigns?at_least=1e5", "/query/at_least"),
        ("/v1/campaigns?at_least=", "/query/at_least"),
        ("/v1/events?limit=5.0", "/query/limit"),
        ("/v1/campaigns?cursor=%00", "/query/cursor"),
        ("/v1/campaigns?cursor=abc", "/query/cursor"),
        ("/v1/campaigns?cursor=" + "a" * 501, "/query/cursor"),
        ("/v1/events?after=-1", "/query/after"),
        ("/v1/events?limit=1001", "/query/limit"),
        ("/v1/events?wait=31", "/query/wait"),
        ("/v1/events?wait=nan", "/query/wait"),
        ("/v1/events/0", "/path/position"),
        ("/v1/campaigns/%00", "/path/campaign"),
        ("/v1/campaigns/SX-2019", "/path/campaign"),
        ("/v1/campaigns/sx-2019%0A/participants/p-1", "/path/campaign"),
        ("/v1/participants/p-1/statement?account=%00", "/query/account"),
        (f"{PEOPLE}/p%00", "/path/participant"),
        (f"{PEOPLE}/p-1%0A", "/path/participant"),
        (f"{PEOPLE}/{'p' * 65}/days", "/path/participant"),
        (f"{PEOPLE}/p-1?trial=perhaps", "/query/trial"),
        (f"{PEOPLE}/p-1/days?cursor=2019-02-30", "/query/cursor"),
    ],
)
def test_a_parameter_at_fault_is_pointed_at(shared: Service, path: str, pointer: str) -> None:
    assert check(shared.client.get(path), 400, "malformed")["pointer"] == pointer


def test_several_parameters_at_fault_are_all_listed(shared: Service) -> None:
    problem = check(shared.client.get("/v1/campaigns?limit=x&at_least=y"), 400, "malformed")
    assert {error["pointer"] for error in problem["errors"]} == {"/query/limit", "/query/at_least"}


def declared(of: Callable[[Any], bool]) -> list[Any]:
    """All operations with a parameter of the query that is such: method, path and the parameter's name."""
    document = msgspec.json.decode(msgspec.json.encode(openapi_document(ROUTES)))
    return [
        pytest.param(
            method.upper(), path, parameter["name"], id=f"{operation['operationId']} {parameter['name']}"
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and of(parameter)
    ]


@pytest.mark.parametrize(
    ("method", "path", "name"), declared(lambda parameter: parameter["schema"].get("type") == "integer")
)
def test_an_integer_of_the_query_is_written_as_one(
    shared: Service, method: str, path: str, name: str
) -> None:
    for written in ("1e0", "1.0"):
        answer = shared.client.request(method, re.sub("{.*?}", "1", path), params={name: written})
        assert check(answer, 400, "malformed")["pointer"] == f"/query/{name}"


@pytest.mark.parametrize(
    ("method", "path", "name"), declared(lambda parameter: parameter.get("required", False))
)
def test_a_parameter_that_is_missing_is_pointed_at(
    shared: Service, method: str, path: str, name: str
) -> None:
    answer = shared.client.request(method, re.sub("{.*?}", "1", path), headers=fresh())
    problem = check(answer, 400, "malformed")
    assert f"/query/{name}" in {problem["pointer"]} | {
        error["pointer"] for error in problem.get("errors", [])
    }


@pytest.mark.parametrize(
    "moment", ["tomorrow", "2019-02-30T00:00:00Z", "2019-08-01T00:00:00", "0001-01-01T00:00:00+14:00", "%00"]
)
def test_an_amendment_needs_a_moment_that_is_one(shared: Service, moment: str) -> None:
    path = f"/v1/campaigns/sx-2019/amendments?effective_at={moment}"
    answer = shared.client.post(path, content=SX.encode(), headers={**TOML, **fresh()})
    assert check(answer, 400, "malformed")["pointer"] == "/query/effective_at"


@pytest.mark.parametrize("key", [b"", b"x" * 201, b"tab\there", "é".encode()])
def test_an_idempotency_key_is_visible_ascii(shared: Service, key: bytes) -> None:
    path = "/v1/campaigns/sx-2019/amendments"
    headers = [(b"Content-Type", b"application/toml"), (b"Idempotency-Key", key)]
    answer = shared.client.post(path, content=SX.encode(), headers=headers)
    assert check(answer, 400, "malformed")["pointer"] == "/headers/Idempotency-Key"


def test_two_idempotency_keys_are_one_too_many(shared: Service) -> None:
    headers = [("Content-Type", "application/toml"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = shared.client.post("/v1/campaigns", content=SX.encode(), headers=headers)
    assert check(answer, 400, "malformed")["pointer"] == "/headers/Idempotency-Key"


@pytest.mark.parametrize("path", ["/v1/campaigns/sx-2019/amendments", f"{PEOPLE}/p-1/corrections"])
def test_what_is_to_be_done_once_needs_an_idempotency_key(shared: Service, path: str) -> None:
    check(shared.client.post(path, content=b"", headers=TOML), 400, "idempotency_key_missing")


OTHER_TYPES = [
    {},
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "nonsense"},
    {"Content-Type": "{type}; charset=gbk"},
    {"Content-Type": "{type}", "Content-Encoding": "gzip"},
]


@pytest.mark.parametrize("headers", OTHER_TYPES)
@pytest.mark.parametrize(
    ("method", "path", "taken"),
    [
        ("PUT", CLOCK, "application/json"),
        ("POST", "/v1/campaigns", "application/toml"),
        ("POST", "/v1/campaigns/check", "application/toml"),
    ],
)
def test_other_media_types_are_415(
    shared: Service, method: str, path: str, taken: str, headers: dict[str, str]
) -> None:
    given = {name: value.format(type=taken) for name, value in headers.items()}
    answer = shared.client.request(method, path, content=b"{}", headers=given)
    assert taken in check(answer, 415, "unsupported_media_type")["detail"]


@pytest.mark.parametrize("path", ["/v1/campaigns", "/v1/events"])
def test_more_than_8_mib_are_413(shared: Service, path: str) -> None:
    content = b"#" * (8 * 1024 * 1024 + 1)
    check(shared.client.post(path, content=content, headers=TOML), 413, "too_large")


def test_more_than_8_mib_in_chunks_are_413(shared: Service) -> None:
    chunks = (b"#" * 65536 for _ in range(129))
    check(shared.client.post("/v1/campaigns", content=chunks, headers=TOML), 413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/v1",
        "/v1/nothing",
        "/v1/events/x",
        "/v2/events",
        "/docs/none.js",
        "/problems/none",
        "/%00",
    ],
)
def test_what_is_not_there_is_404(shared: Service, path: str) -> None:
    check(shared.nobody.get(path, headers={"Authorization": f"Bearer {shared.key}"}), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/campaigns/none",
        "/v1/campaigns/none/participants/p-1",
        "/v1/campaigns/none/participants/p-1/days",
    ],
)
def test_an_unknown_campaign_is_404(shared: Service, path: str) -> None:
    assert "'none'" in check(shared.client.get(path), 404, "not_found")["detail"]


def test_a_correction_in_an_unknown_campaign_is_404(shared: Service) -> None:
    path = "/v1/campaigns/none/participants/p-1/corrections"
    answer = shared.client.post(path, json={"reverses": 1, "reason": "none"}, headers=fresh())
    check(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", CLOCK, {"GET", "PUT"}),
        ("GET", "/v1/campaigns/check", {"POST"}),
        ("PUT", "/v1/events", {"GET", "POST"}),
        ("POST", "/healthz", {"GET"}),
        ("PATCH", "/v1/campaigns", {"GET", "POST"}),
    ],
)
def test_other_methods_are_405_and_say_which_are_allowed(
    shared: Service, method: str, path: str, allowed: set[str]
) -> None:
    answer = shared.client.request(method, path)
    check(answer, 405, "method_not_allowed")
    assert allowed <= set(answer.headers["allow"].split(", "))


def test_a_rulebook_with_faults_is_400_with_every_path_and_line(shared: Service) -> None:
    text = SX.replace("daily_goal = 6000", "daily_goal = 0").replace("daily_cap =", "dayly_cap =")
    problem = check(shared.publish(text), 400, "rulebook_faulty")
    lines = dict(enumerate(text.splitlines(), start=1))
    assert [error["path"] for error in problem["errors"]] == ["steps.daily_goal", "steps.dayly_cap"]
    assert all(error["path"].rpartition(".")[2] in lines[error["line"]] for error in problem["errors"])


@pytest.mark.parametrize("content", [b"\xff\xfe", b'format = 1\nid = "\x00"', "id = '与'".encode("gbk")])
def test_a_rulebook_that_is_no_text_is_400(shared: Service, content: bytes) -> None:
    answer = shared.client.post("/v1/campaigns", content=content, headers=TOML)
    assert answer.status_code == 400
    assert answer.json()["code"] in ("malformed", "rulebook_faulty")


@pytest.mark.rule("GX-01")
def test_an_id_that_was_used_for_something_else_is_409(shared: Service) -> None:
    headers = {**JSON, **fresh()}
    first = shared.client.post(
        f"{PEOPLE}/p-9/corrections", json={"reverses": 1, "reason": "first"}, headers=headers
    )
    second = shared.client.post(
        f"{PEOPLE}/p-9/corrections", json={"reverses": 1, "reason": "other"}, headers=headers
    )
    assert (
        check(second, 409, "event_id_reused")["position"]
        == check(first, 422, "nothing_to_reverse")["position"]
    )


def test_a_refusal_names_its_clause_and_position_and_repeats_itself(shared: Service) -> None:
    headers = {**JSON, **fresh()}
    body = {"reverses": 1, "reason": "nothing there"}
    first = shared.client.post(f"{PEOPLE}/p-8/corrections", json=body, headers=headers)
    again = shared.client.post(f"{PEOPLE}/p-8/corrections", json=body, headers=headers)
    problem = check(first, 422, "nothing_to_reverse")
    assert (problem["clause"], problem["id"]) == ("GX-03", headers["Idempotency-Key"])
    assert shared.client.get(f"/v1/events/{problem['position']}").json()["type"] == "activity-refused.v1"
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.json() | {"instance": ""} == problem | {"instance": ""}


@pytest.mark.slow
def test_a_position_that_is_not_reached_in_time_is_503_and_who_waits_keeps_nobody_else_waiting(
    shared: Service,
) -> None:
    paths = ("/v1/campaigns", "/v1/events", "/v1/participants/p-1/accounts", "/v1/participants/p-1/timeline")

    async def wait_in_vain() -> tuple[list[httpx.Response], int]:
        async with httpx.AsyncClient(
            base_url=shared.url, headers=shared.client.headers, timeout=60
        ) as client:
            waiting = [
                asyncio.create_task(client.get(path, params={"at_least": 10**9})) for path in paths * 10
            ]
            served = 0
            while not any(task.done() for task in waiting):
                assert (await client.get("/v1/campaigns")).status_code == 200
                served += 1
            return await asyncio.gather(*waiting), served

    answers, served = asyncio.run(wait_in_vain())
    assert served > 20
    for answer in answers:
        check(answer, 503, "view_behind")
        assert int(answer.headers["retry-after"]) > 0
        assert int(answer.headers["jifen-position"]) >= 0


def test_a_mistake_of_ours_is_500_and_in_the_log_and_says_nothing_more(service: Service) -> None:
    with psycopg.connect(service.database.url) as connection:
        connection.execute("ALTER TABLE jifen.aggregate_snapshots RENAME TO elsewhere")
    answer = service.client.get("/v1/campaigns")
    problem = check(answer, 500, "fault")
    assert "aggregate_snapshots" not in answer.text
    (fault,) = [line for line in service.log_lines() if line.get("event") == "fault"]
    assert problem["instance"].endswith(fault["request_id"])
    assert "aggregate_snapshots" in fault["exception"]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Overloaded("50000 requests are waiting already"), 429, "too_fast"),
        (Stopped("the writer is stopping"), 503, "unavailable"),
        (psycopg.OperationalError("connection refused"), 503, "unavailable"),
        (persistence.OperationalError("connection refused"), 503, "unavailable"),
    ],
)
def test_what_passes_by_itself_says_when_to_come_again(fault: Exception, status: int, code: str) -> None:
    problem = as_problem(fault)
    assert (problem.status, problem.code) == (status, code)
    assert int(problem.headers["Retry-After"]) > 0


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_page(shared: Service, code: str) -> None:
    page = shared.nobody.get(f"/problems/{code}")
    assert page.status_code == 200
    assert code in page.text
    assert CODES[code].advice


def test_every_refusal_has_a_code_with_a_status() -> None:
    assert {refusal.CODE for refusal in REFUSALS} <= set(CODES)
    assert {CODES[refusal.CODE].status for refusal in REFUSALS} <= {404, 409, 422}
