"""Keys for one branch of the union tree: each route says how it keeps to it; reaching outside is 403 and an event."""

import itertools
from typing import Any

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from api.app import ROUTES
from api.scope import HANDLER, OPEN
from ledger import keys
from tests.api.conftest import SX, Service
from tests.api.test_auth import MAY, VALUES

OPERATORS = [route for route in MAY if "operator" in MAY[route]]
HANDLERS: dict[tuple[str, str], HTTPRouteHandler] = {
    (method, path): handler for handler in ROUTES for path in handler.paths for method in handler.http_methods
}
CLOSED = [route for route in OPERATORS if HANDLERS[route].opt["scope"] not in (OPEN, HANDLER)]
PERSONAL = [route for route in CLOSED if "{participant:str}" in route[1]]
_ids = itertools.count(1)
OURS = """
format = 1
id = "ours"
title = { zh = "市级活动", en = "Ours" }
starts = 2019-07-01
ends = 2019-07-31
clause = "ZG-09"
enrolment = { clause = "ZG-09", TREE }
sign_in = { clause = "ZG-09" }
"""
TEAMS = """
[steps]
clause = "SX-05"
goal_clause = "SX-13"
daily_goal = 6000
[teams]
clause = "SX-03"
goal_clause = "SX-17"
size = 6
member_goal = 6000
team_goal = 36000
[[boards]]
id = "teams"
name = { zh = "团队榜", en = "Teams" }
clause = "SX-23"
entrants = "teams"
keys = [{ by = "average_steps" }]
"""


@pytest.fixture(scope="module")
def tree(of_this_file: Service) -> Service:
    """Two cities with units beside the unions of sx-2019, and a person in each of some unions."""
    service = of_this_file
    entries = [
        {"id": "top", "name": "某省总工会", "kind": "province"},
        {"id": "east", "name": "东市总工会", "parent": "top", "kind": "city"},
        {"id": "east-1", "name": "东一厂工会", "parent": "east", "kind": "unit"},
        {"id": "west", "name": "西市总工会", "parent": "top", "kind": "city"},
        {"id": "west-1", "name": "西一厂工会", "parent": "west", "kind": "unit"},
    ]
    send(service, "POST", "/v1/branches", service.key, {"branches": entries}).raise_for_status()
    provincial = OURS.replace('"ours"', '"all"').replace("TREE", 'tree = "top"') + TEAMS
    service.publish(provincial).raise_for_status()
    for who, branch in (("e-1", "east-1"), ("w-1", "west-1")):
        service.post("enrolled", who, "2019-07-01T09:00:00", campaign="all", branch=branch).raise_for_status()
    service.post("enrolled", "p-1", "2019-07-01T09:00:00", branch="xian").raise_for_status()
    return service


def key_for(service: Service, branch: str) -> str:
    return keys.create(service.database.url, service.database.schema, "operator", branch, branch)[1]


def send(
    service: Service, method: str, path: str, key: str, body: Any = None, **headers: str
) -> httpx.Response:
    head = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"s-{next(_ids)}", **headers}
    return service.nobody.request(method, path, json=body, headers=head)


def filled(path: str, **named: str) -> str:
    for name, value in named.items():
        path = path.replace(f"{{{name}:str}}", value)
    for name, value in VALUES.items():
        path = path.replace(name, value)
    return path


def is_outside(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and answer.json()["code"] == "outside_branch"


@pytest.mark.rule("ZG-09")
@pytest.mark.parametrize("route", MAY, ids=" ".join)
def test_every_route_says_how_it_keeps_to_a_branch(route: tuple[str, str]) -> None:
    scope = HANDLERS[route].opt["scope"]
    assert route not in OPERATORS or scope is not None, "see api/scope.py"
    if scope in ("participant", "branch", "campaign"):
        assert f"{{{scope}:str}}" in route[1]


@pytest.mark.rule("ZG-09")
@pytest.mark.parametrize("route", CLOSED, ids=" ".join)
def test_reaching_outside_is_403_and_an_event(tree: Service, route: tuple[str, str]) -> None:
    method, template = route
    path = filled(template, participant="w-1", branch="west-1", campaign="all")
    head = tree.head()
    answer = send(tree, method, path, key_for(tree, "east"))
    assert is_outside(answer), answer.text
    said = tree.client.get("/v1/events", params={"after": head, "limit": 1000}).json()["events"]
    (event,) = [
        each for each in said if each["type"] == "access-denied.v1"
    ]  # the scheduler may say something too
    assert (event["data"]["method"], event["data"]["path"], event["data"]["scope"]) == (method, path, "east")


@pytest.mark.rule("ZG-09")
@pytest.mark.parametrize("route", PERSONAL, ids=" ".join)
@pytest.mark.parametrize("branch", ["east", "east-1", "top"])
def test_an_operator_reaches_its_own_members(tree: Service, route: tuple[str, str], branch: str) -> None:
    path = filled(route[1], participant="e-1", campaign="all")
    assert send(tree, route[0], path, key_for(tree, branch)).status_code != 403


@pytest.mark.rule("ZG-09")
def test_who_nobody_knows_is_outside_too(tree: Service) -> None:
    assert is_outside(send(tree, "GET", "/v1/participants/nobody/accounts", key_for(tree, "east")))


@pytest.mark.rule("ZG-09")
def test_a_campaign_is_inside_only_if_all_its_unions_are(tree: Service) -> None:
    text = OURS.replace("TREE", 'tree = "east"').encode()
    toml = {"Content-Type": "application/toml"}
    east, west = key_for(tree, "east"), key_for(tree, "west")

    def publish(key: str, path: str, body: bytes) -> httpx.Response:
        head = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"s-{next(_ids)}", **toml}
        return tree.nobody.post(path, content=body, headers=head)

    assert is_outside(publish(west, "/v1/campaigns", text))
    assert is_outside(publish(east, "/v1/campaigns", SX.replace('"sx-2019"', '"sx-2020"').encode()))
    assert publish(east, "/v1/campaigns", text).status_code == 201
    amended = text.replace(b"Ours", b"Ours again")
    assert is_outside(publish(west, "/v1/campaigns/ours/amendments", amended))
    wider = OURS.replace("TREE", 'tree = "top"').encode()
    assert is_outside(publish(east, "/v1/campaigns/ours/amendments", wider))
    assert publish(east, "/v1/campaigns/ours/amendments", amended).status_code == 201


@pytest.mark.rule("ZG-09")
def test_a_list_has_new_unions_only_below_ones_that_are_inside(tree: Service) -> None:
    def text(id: str, *unions: str) -> bytes:
        listed = OURS.replace('"ours"', f'"{id}"').replace("TREE", f"branches = [{', '.join(unions)}]")
        return listed.encode()

    mine = '{ id = "east", name = "东市总工会" }'
    new = '{ id = "east-7", name = "东七厂工会", parent = "east" }'
    other = '{ id = "west-1", name = "西一厂工会" }'
    root = '{ id = "free", name = "自由工会" }'
    false = '{ id = "east", name = "冒名工会" }'
    east = key_for(tree, "east")
    for number, unions in enumerate([(mine, other), (mine, root), (false,), (false, new)]):
        head = {"Authorization": f"Bearer {east}", "Content-Type": "application/toml"}
        answer = tree.nobody.post("/v1/campaigns", content=text(f"l-{number}", *unions), headers=head)
        assert is_outside(answer), unions
    head = {"Authorization": f"Bearer {east}", "Content-Type": "application/toml"}
    answer = tree.nobody.post("/v1/campaigns", content=text("l-9", mine, new), headers=head)
    assert answer.status_code == 201


@pytest.mark.rule("ZG-09")
def test_lists_show_what_is_below_only(tree: Service) -> None:
    head = tree.head()
    east = key_for(tree, "east")
    units = send(tree, "GET", f"/v1/campaigns/all/branches?at_least={head}", east).json()
    ids = {unit["id"] for unit in units["branches"]}
    assert {"east", "east-1"} <= ids
    assert not ids & {"top", "west", "west-1"}
    assert units["totals"] is None
    assert send(tree, "GET", "/v1/campaigns/sx-2019/branches", east).json()["branches"] == []
    below = send(tree, "GET", "/v1/branches", east).json()["branches"]
    assert "east-1" in {branch["id"] for branch in below}
    assert not {"west", "top", "xian"} & {branch["id"] for branch in below}
    searched = send(tree, "GET", "/v1/branches?q=一厂", east).json()["branches"]
    assert [branch["id"] for branch in searched] == ["east-1"]
    assert is_outside(send(tree, "GET", "/v1/branches?q=一厂&parent=west", east))
    assert is_outside(send(tree, "GET", "/v1/members?branch=west", east))
    assert send(tree, "GET", "/v1/members", east).json()["members"] == []


@pytest.mark.rule("ZG-09", "SX-03")
def test_a_team_is_shown_to_the_branch_of_its_captain(tree: Service) -> None:
    def post(kind: str, who: str, **data: Any) -> httpx.Response:
        return tree.post(kind, who, "2019-07-01T10:00:00", campaign="all", **data).raise_for_status()

    post("enrolled", "e-0", branch="east")
    for captain in ("e-0", "e-1"):
        post("team_created", captain, team=f"of-{captain}", name="健步队")
    post("team_joined", "w-1", team="of-e-1", invited_by="e-1")
    pages = {"east": "of-e-0", "east-1": "of-e-1"}
    seen = {
        (branch, key): [
            send(tree, "GET", f"/v1/campaigns/all/{kind}/{team}?at_least={tree.head()}", key_for(tree, key))
            for kind in ("teams", "rankings/teams")
        ]
        for branch, team in pages.items()
        for key in ("top", "east", "east-1", "west", "west-1")
    }
    may = {asked for asked, answers in seen.items() if all(each.status_code == 200 for each in answers)}
    assert may == {(branch, key) for branch in pages for key in ("top", "east")} | {("east-1", "east-1")}
    assert all(is_outside(each) for asked in seen.keys() - may for each in seen[asked])
    head = tree.head()
    assert is_outside(send(tree, "GET", "/v1/campaigns/all/teams/nobodys", key_for(tree, "east")))
    said = tree.client.get("/v1/events", params={"after": head, "limit": 1000}).json()["events"]
    assert [each["data"]["scope"] for each in said if each["type"] == "access-denied.v1"] == ["east"]
    assert send(tree, "GET", "/v1/campaigns/all/teams/nobodys", key_for(tree, "top")).status_code == 404


@pytest.mark.rule("ZG-09")
def test_an_operator_enters_and_merges_unions_of_its_own_branch_only(tree: Service) -> None:
    east = key_for(tree, "east")

    def enter(*entries: dict[str, str]) -> httpx.Response:
        return send(tree, "POST", "/v1/branches", east, {"branches": entries})

    assert enter({"id": "east-2", "name": "东二厂工会", "parent": "east", "kind": "unit"}).status_code == 201
    assert is_outside(enter({"id": "west-2", "name": "西二厂工会", "parent": "west", "kind": "unit"}))
    assert is_outside(enter({"id": "free", "name": "自由工会", "kind": "unit"}))
    assert is_outside(
        enter(
            {"id": "west-1", "name": "西一厂工会", "parent": "east-3"},
            {"id": "east-3", "name": "东三厂工会", "parent": "east"},
            {"id": "under-west", "name": "西一厂车间", "parent": "west-1"},
        )
    )
    merger = {"into": "west-1", "reason": "reaching over"}
    assert is_outside(send(tree, "POST", "/v1/branches/east-2/merger", east, merger))
    merger = {"into": "east-1", "reason": "the same factory"}
    assert send(tree, "POST", "/v1/branches/east-2/merger", east, merger).status_code == 201
    merged = key_for(tree, "west-1")
    both = {"into": "west", "reason": "closed down"}
    assert send(tree, "POST", "/v1/branches/west-1/merger", tree.key, both).status_code == 201
    assert is_outside(send(tree, "GET", "/v1/branches/west", merged)), "a merged union opens nothing"
    assert is_outside(send(tree, "GET", "/v1/branches/west-1", merged))


@pytest.mark.rule("ZG-09")
def test_a_line_about_somebody_outside_is_denied_and_its_neighbours_go_on(tree: Service) -> None:
    head = tree.head()
    reviews = [{"participant": who, "approved": True} for who in ("w-1", "e-1", "nobody", "p-1")]
    answer = send(tree, "POST", "/v1/memberships/reviews", key_for(tree, "east"), {"reviews": reviews})
    lines = answer.json()["results"]
    denied = ("denied", 403, "outside_branch")
    assert [(line["status"], line["http_status"], line["code"]) for line in lines] == [
        denied,
        ("refused", 422, "nothing_to_review"),
        denied,
        denied,
    ]
    pointers = [line.get("pointer") for line in lines]
    assert pointers == ["/reviews/0/participant", None, "/reviews/2/participant", "/reviews/3/participant"]
    said = tree.client.get("/v1/events", params={"after": head, "limit": 1000}).json()["events"]
    types = [event["type"] for event in said]
    assert types.count("access-denied.v1") == types.count("activity-refused.v1") == 1


@pytest.mark.rule("ZG-09")
def test_a_merger_reaches_nobody_outside(tree: Service) -> None:
    reason = {"other": "w-1", "reason": "the same person"}
    assert is_outside(send(tree, "POST", "/v1/members/e-1/merger", key_for(tree, "east"), reason))


@pytest.mark.rule("ZG-09")
def test_a_key_is_for_a_union_that_stands_and_for_operators(tree: Service) -> None:
    for role, branch, said in (
        ("client", "east", "operator"),
        ("operator", "nowhere", "no union"),
        ("operator", "east-2", "merged into east-1"),
    ):
        with pytest.raises(keys.KeyFault, match=said):
            keys.create(tree.database.url, tree.database.schema, role, "x", branch)  # type: ignore[arg-type]
