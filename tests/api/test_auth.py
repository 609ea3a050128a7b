"""Who may call what. The table is written out here, so that a route without a decision is found."""

import time
from typing import Any

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from api.app import ROUTES
from ledger import keys
from ledger.keys import ROLES, Role
from tests.api.conftest import Service

ALL: set[str] = {*ROLES}
CAMPAIGN = "/v1/campaigns/{campaign:str}"
PEOPLE = f"{CAMPAIGN}/participants/{{participant:str}}"
DRAWS = f"{CAMPAIGN}/draws/{{pool:str}}"
POOL = f"{CAMPAIGN}/pools/{{pool:str}}"
PERSON = "/v1/members/{participant:str}"
FUND = f"{CAMPAIGN}/funds/{{fund:str}}"
OCCASION = f"{CAMPAIGN}/occasions/{{occasion:str}}/attendance"
MAY: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/events"): {"client", "administrator"},
    ("GET", "/v1/events"): {"operator", "auditor", "administrator"},
    ("GET", "/v1/events/{position:int}"): {"operator", "auditor", "administrator"},
    ("POST", "/v1/campaigns"): {"operator", "administrator"},
    ("POST", "/v1/campaigns/check"): {"operator", "administrator"},
    ("POST", "/v1/campaigns/{campaign:str}/amendments"): {"operator", "administrator"},
    ("POST", f"{PEOPLE}/corrections"): {"operator", "administrator"},
    ("GET", "/v1/campaigns"): ALL,
    ("GET", "/v1/campaigns/{campaign:str}"): ALL,
    ("GET", PEOPLE): ALL,
    ("GET", f"{PEOPLE}/days"): ALL,
    ("GET", "/v1/participants/{participant:str}/accounts"): ALL,
    ("GET", "/v1/participants/{participant:str}/statement"): ALL,
    ("GET", "/v1/participants/{participant:str}/timeline"): ALL,
    ("GET", f"{CAMPAIGN}/teams/{{team:str}}"): ALL,
    ("GET", f"{CAMPAIGN}/rankings/{{board:str}}"): ALL,
    ("GET", f"{CAMPAIGN}/rankings/{{board:str}}/{{entrant:str}}"): ALL,
    ("GET", POOL): ALL,
    ("GET", "/v1/draws/{pool:str}/{number:int}"): ALL,
    ("GET", f"{DRAWS}/{{number:int}}"): ALL,
    ("GET", f"{DRAWS}/contests/{{contest:int}}"): ALL,
    ("POST", f"{DRAWS}/seal"): {"operator", "administrator"},
    ("POST", f"{DRAWS}/contests/{{contest:int}}/run"): {"operator", "administrator"},
    ("POST", f"{DRAWS}/places"): {"operator", "administrator"},
    ("GET", f"{PEOPLE}/prizes"): ALL,
    ("GET", f"{PEOPLE}/prizes/{{prize:str}}"): ALL,
    ("GET", f"{POOL}/prizes"): {"operator", "auditor", "finance", "administrator"},
    ("POST", f"{CAMPAIGN}/prizes/{{prize:str}}/{{step:str}}"): {"operator", "finance", "administrator"},
    ("POST", f"{POOL}/prizes/{{prize:str}}/vouchers"): {"finance", "administrator"},
    ("POST", f"{CAMPAIGN}/vouchers/redeemed"): {"operator", "finance", "administrator"},
    ("GET", "/v1/branches"): ALL,
    ("GET", "/v1/branches/{branch:str}"): ALL,
    ("POST", "/v1/branches"): {"operator", "administrator"},
    ("POST", "/v1/branches/{branch:str}/confirmation"): {"operator", "administrator"},
    ("POST", "/v1/branches/{branch:str}/merger"): {"operator", "administrator"},
    ("GET", f"{CAMPAIGN}/branches"): ALL,
    ("GET", f"{CAMPAIGN}/branches/{{branch:str}}/certificates"): ALL,
    ("GET", "/v1/members"): {"operator", "auditor", "administrator"},
    ("GET", PERSON): ALL,
    ("GET", f"{PERSON}/history"): ALL,
    ("GET", "/v1/messages"): {"client", "operator", "administrator"},
    ("POST", "/v1/memberships/reviews"): {"operator", "administrator"},
    **{
        ("POST", f"{PERSON}/{what}"): {"operator", "administrator"}
        for what in ("review", "transfer/review", "restriction", "suspension", "hardship", "merger")
    },
    ("DELETE", f"{PERSON}/restriction"): {"operator", "administrator"},
    ("DELETE", f"{PERSON}/suspension"): {"operator", "administrator"},
    ("POST", "/v1/rosters"): {"operator", "administrator"},
    ("POST", "/v1/identities"): {"client", "operator", "administrator"},
    ("POST", "/v1/identities/{identity:str}/erasure"): {"operator", "administrator"},
    ("PUT", f"{PERSON}/details"): {"client", "operator", "administrator"},
    ("POST", f"{PERSON}/details/views"): {"finance", "operator", "administrator"},
    ("POST", f"{PERSON}/addresses"): {"client", "operator", "administrator"},
    ("POST", f"{PERSON}/erasure"): {"operator", "administrator"},
    ("PUT", f"{PERSON}/session-key"): {"client", "administrator"},
    ("GET", "/v1/participants/{participant:str}/wallet"): ALL,
    ("GET", f"{CAMPAIGN}/shop"): ALL,
    ("GET", f"{PEOPLE}/redemptions"): ALL,
    ("GET", f"{CAMPAIGN}/quizzes/{{quiz:str}}"): ALL,
    ("GET", f"{PEOPLE}/quizzes/{{quiz:str}}"): ALL,
    ("GET", f"{PEOPLE}/certificates"): ALL,
    ("GET", OCCASION): {"operator", "auditor", "administrator"},
    ("POST", OCCASION): {"operator", "administrator"},
    ("GET", f"{CAMPAIGN}/funds"): ALL,
    ("GET", FUND): ALL,
    ("GET", f"{FUND}/entries"): {"operator", "auditor", "finance", "administrator"},
    ("POST", f"{FUND}/deposits"): {"finance", "administrator"},
    ("POST", f"{FUND}/projects"): {"operator", "administrator"},
    ("POST", f"{FUND}/projects/{{project:str}}/review"): {"operator", "administrator"},
    ("POST", f"{FUND}/projects/{{project:str}}/publication"): {"operator", "administrator"},
    ("POST", f"{FUND}/projects/{{project:str}}/payments"): {"finance", "administrator"},
    ("GET", f"{CAMPAIGN}/help"): {"operator", "auditor", "finance", "administrator"},
    ("POST", f"{PEOPLE}/help/{{number:int}}"): {"operator", "finance", "administrator"},
    ("GET", "/v1/clock"): ALL,
    ("PUT", "/v1/clock"): {"administrator"},
}
PUBLIC = {
    "/",
    "/docs",
    "/docs/{name:str}",
    "/problems",
    "/problems/{code:str}",
    "/schema/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
}
VALUES = {
    "{campaign:str}": "sx-2019",
    "{participant:str}": "p-1",
    "{position:int}": "1",
    "{team:str}": "t-1",
    "{board:str}": "teams",
    "{entrant:str}": "t-1",
    "{pool:str}": "red-packet",
    "{number:int}": "1",
    "{contest:int}": "1",
    "{prize:str}": "red-packet.1",
    "{step:str}": "issued",
    "{identity:str}": "00000000000000000000000000000000",
    "{quiz:str}": "daily",
    "{occasion:str}": "winter-walk",
    "{project:str}": "river-trees",
    "{fund:str}": "volunteer-projects",
    "{branch:str}": "xian",
}


def routes() -> set[tuple[str, str]]:
    """Method and path of every handler of the app."""
    handlers: list[HTTPRouteHandler] = ROUTES
    return {(method, path) for each in handlers for path in each.paths for method in each.http_methods}


def call(service: Service, route: tuple[str, str], headers: Any) -> httpx.Response:
    """Call a route with nothing but these headers."""
    method, path = route
    for name, value in VALUES.items():
        path = path.replace(name, value)
    return service.nobody.request(method, path, headers=headers)


def test_every_route_stands_in_this_table() -> None:
    assert {route for route in routes() if route[1] not in PUBLIC} == set(MAY)
    assert {path for method, path in routes() if path in PUBLIC and method == "GET"} == PUBLIC
    assert {method for method, path in routes() if path in PUBLIC} == {"GET"}


@pytest.mark.parametrize("route", MAY, ids=" ".join)
def test_without_a_key_it_is_401(shared: Service, route: tuple[str, str]) -> None:
    answer = call(shared, route, {})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", MAY, ids=" ".join)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says(shared: Service, route: tuple[str, str], role: Role) -> None:
    answer = call(shared, route, shared.as_role(role))
    if role in MAY[route]:
        assert answer.status_code not in (401, 403), answer.text
    else:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (403, "role_not_allowed")
        assert all(allowed in problem["detail"] for allowed in MAY[route])
        assert "insufficient_scope" in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/schema/openapi.json", "/docs", "/problems", "/"]
)
def test_what_is_public_needs_no_key(shared: Service, path: str) -> None:
    assert shared.nobody.get(path).status_code == 200


def test_a_key_that_opens_nothing_is_401(shared: Service) -> None:
    token = shared.key_of("auditor")
    wrong = [
        token[:-1] + ("a" if token[-1] != "a" else "b"),
        token + "x",
        "jf_000000000000_secret",
        "x",
        "jf__x",
    ]
    for each in wrong:
        answer = shared.nobody.get("/v1/campaigns", headers={"Authorization": f"Bearer {each}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("value", ["", "Bearer", "Basic eDp5", "Token abc", "Bearer é", "Bearer\tabc"])
def test_what_is_no_bearer_key_is_401(shared: Service, value: str) -> None:
    answer = shared.nobody.get("/v1/campaigns", headers=[(b"Authorization", value.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")


def test_two_keys_are_one_too_many(shared: Service) -> None:
    headers = [("Authorization", f"Bearer {shared.key}")] * 2
    assert shared.nobody.get("/v1/campaigns", headers=headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_has_no_case(shared: Service, scheme: str) -> None:
    answer = shared.nobody.get("/v1/campaigns", headers={"Authorization": f"{scheme}  {shared.key}"})
    assert answer.status_code == 200


def test_a_key_is_not_taken_from_the_query(shared: Service) -> None:
    assert shared.nobody.get("/v1/campaigns", params={"access_token": shared.key}).status_code == 401


def test_a_revoked_key_is_refused_within_two_seconds(shared: Service) -> None:
    url, schema = shared.database.url, shared.database.schema
    key, token = keys.create(url, schema, "client", "to be revoked")
    headers = {"Authorization": f"Bearer {token}"}
    assert shared.nobody.get("/v1/campaigns", headers=headers).status_code == 200
    keys.revoke(url, schema, key.id)
    revoked_at = time.monotonic()
    asked_at = revoked_at
    while shared.nobody.get("/v1/campaigns", headers=headers).status_code == 200:
        assert asked_at < revoked_at + 2, "it was still taken after two seconds"
        asked_at = time.monotonic()
    assert shared.nobody.get("/v1/campaigns", headers=headers).json()["code"] == "key_unknown"


def test_the_bootstrap_key_is_an_administrator(shared: Service) -> None:
    answer = shared.client.put("/v1/clock", json={"now": shared.client.get("/v1/clock").json()["now"]})
    assert answer.status_code == 200
