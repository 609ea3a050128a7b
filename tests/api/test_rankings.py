"""Rankings over HTTP, made by the scheduler of a real service."""

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from ledger import merkle
from ledger.keys import Role
from tests import waiting
from tests.api.conftest import Service

JS = (files("ledger") / "rulebooks" / "js-2023.toml").read_text("utf-8")
SMALL = re.sub(r"(?m)^visible = 600$", "visible = 2", JS)
BOARD = "/v1/campaigns/js-2023/rankings/participants"
TEAMS = "/v1/campaigns/sx-2019/rankings/teams"


def walk(service: Service, who: str, steps: int, *, day: str = "2023-11-02", at: str = "12:00:00") -> int:
    """Somebody of js-2023 walks; enrolled and signed in on the way. Returns the position."""
    enrolled = service.post("enrolled", who, "2023-11-02T07:00:00", campaign="js-2023", branch="nanjing")
    if enrolled.status_code == 201:  # for the first time
        service.post("content_viewed", who, "2023-11-02T07:01:00", campaign="js-2023", ref="safety-video")
    answer = service.post(
        "steps_synced", who, f"{day}T{at}", campaign="js-2023", day=day, steps=steps, provider="werun"
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


def get(service: Service, path: str, **parameters: object) -> Any:
    """The answer to a read that goes well."""
    answer = service.client.get(path, params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def until(service: Service, path: str, holds: Callable[[Any], bool]) -> Any:
    """What a page says once it is as expected, for what the scheduler does in its own time."""
    return waiting.until(lambda: get(service, path), holds)


def of_js(service: Service, text: str = SMALL) -> None:
    """Publish js-2023 before it begins."""
    service.set_clock("2023-11-01T12:00:00")
    service.publish(text).raise_for_status()


@pytest.mark.rule("SX-23")
def test_the_ranking_of_teams_updates_by_itself(service: Service) -> None:
    ranking: dict[str, Any] = {}
    for number, (team, steps) in enumerate([("t-a", 3001), ("t-b", 9000)], start=1):
        who = f"p-{number}"
        service.post("enrolled", who, "2019-07-01T08:00:00", branch="xian").raise_for_status()
        service.post("team_created", who, "2019-07-01T08:01:00", team=team, name=f"{team} 队")
        last = service.post(
            "steps_synced",
            who,
            "2019-07-01T20:30:00",
            day="2019-07-01",
            steps=steps,
            provider="werun",
        ).json()["position"]
        answer = service.client.get(TEAMS, params={"at_least": last})
        assert int(answer.headers["Jifen-Position"]) >= last
        ranking = answer.json()
        assert len(ranking["rows"]) == number
    rows = ranking.pop("rows")
    assert {name: ranking[name] for name in ("campaign", "board", "name", "entrants", "frozen", "root")} == {
        "campaign": "sx-2019",
        "board": "teams",
        "name": {"zh": "团队排行榜", "en": "Teams"},
        "entrants": 2,
        "frozen": False,
        "root": None,
    }
    assert rows[1] == {
        "rank": 2,
        "entrant": "t-a",
        "name": "t-a 队",
        "keys": {
            "attainment_rate": {"numerator": 0, "denominator": 100, "percent": "0.0000"},
            "average_steps": {"steps": 3001, "members": 1, "rounded": 3001},
        },
    }
    mine = get(service, f"{TEAMS}/t-b")
    assert (mine["rank"], mine["visible"], mine["name"], mine["live"]) == (1, True, "t-b 队", False)


@pytest.mark.rule("JS-05")
@pytest.mark.rule("JS-06")
def test_only_the_visible_rows_are_listed_and_everybody_sees_the_own_rank(service: Service) -> None:
    of_js(service)
    service.set_clock("2023-11-02T00:00:00")
    until(service, BOARD, lambda found: found["as_of"] is not None)
    for who, steps in (("p-1", 5000), ("p-2", 7000), ("p-3", 6500)):
        walk(service, who, steps)
    last = walk(service, "p-4", 0, at="12:05:00")
    ranking = get(service, BOARD, at_least=last)
    assert [(row["rank"], row["entrant"]) for row in ranking["rows"]] == [(1, "p-2"), (2, "p-3")]
    assert (ranking["entrants"], ranking["visible"]) == (4, 2)
    assert ranking["rows"][0]["keys"] == {
        "days_attained": 1,
        "sign_in_days": 0,
        "total_steps": 7000,
        "last_sync": "2023-11-02T04:00:00.000Z",
    }
    places = [get(service, f"{BOARD}/p-{number}") for number in (2, 3, 1, 4)]
    assert [(place["rank"], place["visible"]) for place in places] == [
        (1, True),
        (2, True),
        (3, False),
        (4, False),
    ]
    first = service.client.get(BOARD, params={"limit": 1})
    assert [row["rank"] for row in first.json()["rows"]] == [1]
    second = service.client.get(first.links["next"]["url"])
    assert [row["rank"] for row in second.json()["rows"]] == [2]
    assert "next" not in second.links
    assert "next" not in service.client.get(BOARD).links


@pytest.mark.rule("JS-07")
def test_the_board_stands_still_between_its_refreshes_and_says_as_of_when(service: Service) -> None:
    of_js(service)
    service.set_clock("2023-11-02T00:00:00")
    until(service, BOARD, lambda found: found["as_of"] is not None)
    walk(service, "p-1", 5000, at="09:06:00")
    first = until(service, BOARD, lambda found: found["as_of"] == "2023-11-02T01:05:00Z")
    second = walk(service, "p-2", 8000, at="09:09:59")
    assert get(service, BOARD, at_least=second) == first
    operator, now = service.as_role("operator"), {"live": "true", "at_least": str(second)}
    live = service.client.get(f"{BOARD}/p-2", params=now, headers=operator).json()
    assert (live["rank"], live["live"], live["visible"]) == (1, True, True)
    last = walk(service, "p-3", 100, at="09:10:00")
    ranking = get(service, BOARD, at_least=last)
    assert ranking["as_of"] == "2023-11-02T01:10:00Z"
    assert [row["entrant"] for row in ranking["rows"]] == ["p-2", "p-1"]
    walk(service, "p-1", 100, at="23:59:00")
    late = until(service, BOARD, lambda found: found["as_of"] == "2023-11-02T15:55:00Z")
    night = walk(service, "p-4", 9999, day="2023-11-03", at="03:00:00")
    assert get(service, BOARD, at_least=night) == late
    morning = walk(service, "p-5", 10, day="2023-11-03", at="08:00:01")
    assert get(service, BOARD, at_least=morning)["as_of"] == "2023-11-03T00:00:00Z"


def test_a_live_rank_is_for_operators(service: Service) -> None:
    of_js(service)
    last = walk(service, "p-1", 5000)
    path = f"{BOARD}/p-1"
    roles: dict[Role, int] = {"client": 403, "auditor": 403, "operator": 200, "administrator": 200}
    for role, status in roles.items():
        answer = service.client.get(
            path, params={"live": "true", "at_least": last}, headers=service.as_role(role)
        )
        assert answer.status_code == status
    refused = service.client.get(path, params={"live": "true"}, headers=service.as_role("client"))
    assert refused.json()["code"] == "role_not_allowed"
    assert service.nobody.get(path).status_code == 401
    operator = service.as_role("operator")
    assert service.client.get(f"{BOARD}/p-9", params={"live": "true"}, headers=operator).status_code == 404


@pytest.mark.rule("EC-12", "SJ-09")
def test_a_client_id_that_was_joined_has_the_rank_of_who_stays(service: Service) -> None:
    of_js(service)
    same = {"identities": {"wechat": "e" * 32}}
    service.post("enrolled", "form", "2023-11-02T07:00:00", campaign="js-2023", branch="nanjing", **same)
    service.post("content_viewed", "form", "2023-11-02T07:01:00", campaign="js-2023", ref="safety-video")
    last = 0
    for who, steps, at in (("form", 5000, "12:00:00"), ("p-3", 6000, "12:01:00"), ("app", 7000, "12:02:00")):
        last = walk(service, who, steps, at=at)
    get(service, f"{BOARD}/app", at_least=last, live="true")
    linked = service.post("identities_linked", "app", "2023-11-02T12:30:00", campaign="js-2023", **same)
    position = linked.raise_for_status().json()["events"][-1]["position"]
    for asked in ("form", "app"):
        for live in ("true", "false"):
            answer = service.client.get(f"{BOARD}/{asked}", params={"at_least": position, "live": live})
            assert answer.status_code == 200, answer.text
            place = answer.json()
            assert (place["entrant"], place["rank"], place["live"]) == ("form", 1, live == "true")
            assert place["keys"]["total_steps"] == 7000
            assert answer.headers.get("jifen-participant") == (None if asked == "form" else "form")


@pytest.mark.rule("JS-10")
def test_the_final_ranking_shows_its_root_and_moves_no_more(service: Service) -> None:
    of_js(service, re.sub(r"(?m)^visible = 600\n", "", JS))
    for number in range(5):
        walk(service, f"p-{number}", 1000 * number, day="2023-11-08", at="20:00:00")
    service.set_clock("2023-11-09T00:09:59")
    assert not get(service, BOARD)["frozen"]
    service.set_clock("2023-11-09T00:10:00")
    ranking = until(service, BOARD, lambda found: found["frozen"])
    assert ranking["as_of"] == "2023-11-08T16:00:00Z"
    assert [row["entrant"] for row in ranking["rows"]] == ["p-4", "p-3", "p-2", "p-1", "p-0"]
    assert ranking["root"] == _root(ranking["rows"])
    service.set_clock("2023-11-09T09:00:00")
    later = service.post("signed_in", "p-0", "2023-11-08T21:00:00", campaign="js-2023").json()["position"]
    assert get(service, BOARD, at_least=later) == ranking
    assert get(service, f"{BOARD}/p-0", at_least=later)["frozen"]
    same = {"identities": {"wechat": "e" * 32}}
    first, linked = (  # two places of one person stay two
        service.post("identities_linked", who, "2023-11-09T09:00:00", campaign="js-2023", **same)
        for who in ("p-1", "p-0")
    )
    assert (first.status_code, linked.status_code) == (201, 201)
    joined = linked.json()["events"][-1]["position"]
    assert [get(service, f"{BOARD}/{who}", at_least=joined)["entrant"] for who in ("p-0", "p-1")] == [
        "p-0",
        "p-1",
    ]
    assert get(service, f"{BOARD}/p-0", at_least=joined, live="true")["entrant"] == "p-1"


def _root(rows: list[dict[str, Any]]) -> str:
    """The Merkle root of rows as docs/boards.md says, made of what the API shows."""
    entries = [
        '{{"rank":{rank},"entrant":"{entrant}","keys":[{d},{s},{t},"{last}"]}}'.format(
            rank=row["rank"],
            entrant=row["entrant"],
            d=row["keys"]["days_attained"],
            s=row["keys"]["sign_in_days"],
            t=row["keys"]["total_steps"],
            last=row["keys"]["last_sync"],
        )
        for row in rows
    ]
    return merkle.root([merkle.leaf_hash(entry.encode()) for entry in entries]).hex()


def test_what_is_not_there_is_told(service: Service) -> None:
    ranking = get(service, TEAMS)
    assert (ranking["as_of"], ranking["position"], ranking["entrants"], ranking["rows"]) == (None, 0, 0, [])
    for path, code in (
        ("/v1/campaigns/none/rankings/teams", "not_found"),
        ("/v1/campaigns/sx-2019/rankings/none", "board_unknown"),
        (f"{TEAMS}/t-1", "not_found"),
        ("/v1/campaigns/none/rankings/teams/t-1", "not_found"),
    ):
        answer = service.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    for parameters in ({"limit": 1001}, {"limit": 0}, {"cursor": "!"}, {"at_least": -1}):
        answer = service.client.get(TEAMS, params=parameters)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
