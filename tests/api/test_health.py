"""Is it up, can it work, and its numbers; and the pages for people."""

import re

import psycopg
import pytest

from tests.api.conftest import Service
from tests.waiting import until


def test_a_running_service_is_up_and_ready(shared: Service) -> None:
    assert shared.nobody.get("/healthz").json() == {"status": "up"}
    ready = shared.nobody.get("/readyz")
    assert ready.json()["status"] == "ready"
    assert ready.json()["head"] >= 1


def test_a_service_whose_tables_are_old_is_not_ready_but_up(service: Service) -> None:
    with psycopg.connect(service.database.url) as connection:
        connection.execute("DELETE FROM jifen._yoyo_migration WHERE migration_id = '0001_ledger'")
    answer = service.nobody.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "0001_ledger" in answer.json()["detail"]
    assert service.nobody.get("/healthz").status_code == 200


def test_a_service_without_its_database_is_not_ready_and_comes_back(service: Service) -> None:
    name = service.database.url.partition("?")[0].rpartition("/")[2]
    elsewhere = service.database.url.replace(f"/{name}", "/postgres", 1)
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        answer = service.nobody.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert service.nobody.get("/healthz").status_code == 200
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    ready = until(lambda: service.nobody.get("/readyz"), lambda answer: answer.is_success)
    assert ready.json()["status"] == "ready"


def test_connections_that_the_database_closed_are_replaced_before_anybody_notices(service: Service) -> None:
    with psycopg.connect(service.database.url, autocommit=True) as connection:
        for _ in range(3):
            closed = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'jifen api' AND datname = current_database()"
            ).fetchall()
            assert closed
            assert service.client.get("/v1/campaigns").status_code == 200
            assert service.nobody.get("/readyz").status_code == 200


def test_the_numbers_count_what_was_asked_and_decided(service: Service) -> None:
    service.post("enrolled", "p-1", "2019-06-18T08:00:00", branch="xian")
    service.post("signed_in", "p-1", "2019-06-18T08:00:01")
    service.post("signed_in", "p-1", "2019-06-18T08:00:02")
    service.nobody.get("/v1/participants/p-secret/accounts")
    answer = service.nobody.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    numbers = dict(re.findall(r"^([^#].*) ([0-9.e+-]+)$", answer.text, re.MULTILINE))
    assert numbers['jifen_commands_total{command="SignIn",status="accepted"}'] == "1.0"
    assert numbers['jifen_commands_total{command="SignIn",status="refused"}'] == "1.0"
    assert numbers['jifen_refusals_total{code="already_signed_in"}'] == "1.0"
    assert numbers['jifen_http_requests_total{method="POST",route="/v1/events",status="201"}'] == "2.0"
    assert (
        numbers["jifen_log_head"] == "52.0"
    )  # the rules, two pools, 23 unions and their names, and what was posted
    assert numbers["jifen_writer_waiting"] == "0.0"
    assert 'jifen_projection_lag{projection="balances"}' in numbers
    assert numbers['jifen_projection_parked{projection="balances"}'] == "0.0"
    assert "p-secret" not in answer.text


def test_head_is_answered_like_get_without_a_body(shared: Service) -> None:
    answer = shared.client.head("/v1/campaigns")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 2


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/events", "GET, OPTIONS, POST"),
        ("/v1/campaigns/sx-2019", "GET, OPTIONS"),
        ("/v1/campaigns/check", "OPTIONS, POST"),
        ("/v1/clock", "GET, OPTIONS, PUT"),
        ("/healthz", "GET, OPTIONS"),
    ],
)
def test_options_names_the_methods_and_needs_no_key(shared: Service, path: str, allowed: str) -> None:
    answer = shared.nobody.options(path)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, allowed, b"")


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/docs/docs.css", "/docs/docs.js", "/problems", "/problems/malformed"]
)
def test_the_pages_fetch_nothing_from_elsewhere(shared: Service, path: str) -> None:
    page = shared.nobody.get(path)
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert not re.search(r"""(?:src|href|url\(|fetch\()\s*=?\s*["'(]*(?:https?:)?//""", page.text)


def test_the_clock_can_be_read_and_set(service: Service) -> None:
    service.set_clock("2019-07-02T08:00:00.123")
    assert service.client.get("/v1/clock").json() == {
        "now": "2019-07-02T00:00:00.123000Z",
        "adjustable": True,
    }
