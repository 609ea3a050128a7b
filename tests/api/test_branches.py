"""The union tree over HTTP: lists, search, units typed in and merged, and the report per union."""

import csv
import io
import itertools
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Service

ALLOCATIONS = Path(__file__).parents[1] / "allocations.csv"
"""The quotas of the notice of sx-2019, as they were published."""
REPORT = "/v1/campaigns/sx-2019/branches"
_ids = itertools.count(1)


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"b-{next(_ids)}"}


def enter(service: Service, *entries: dict[str, Any]) -> httpx.Response:
    return service.client.post("/v1/branches", json={"branches": list(entries)}, headers=key())


def entry(id: str, name: str, parent: str | None = None, kind: str = "unit", line: int = 0) -> dict[str, Any]:
    return {"id": id, "name": name, "parent": parent, "kind": kind, "line": line}


def tree(service: Service) -> None:
    """A province with a city and units, beside the unions of sx-2019."""
    answer = enter(
        service,
        entry("zj-1", "镇江第一机械厂工会", "zhenjiang"),
        entry("zj-2", "镇江第二机械厂工会", "zhenjiang"),
        entry("zj-abc", "镇江ＡＢＣ公司工会", "zhenjiang"),
        entry("zhenjiang", "镇江市总工会", "jiangsu", "city"),
        entry("jiangsu", "江苏省总工会", None, "province"),
        entry("jixie", "机械工业工会", "jiangsu", "industry"),
    )
    answer.raise_for_status()
    assert answer.json() == {
        "position": answer.json()["position"],
        "registered": 6,
        "standing": 0,
        "twice": 0,
        "refused": [],
    }


def found(service: Service, **asked: Any) -> list[str]:
    """Ids of all pages of a search."""
    ids: list[str] = []
    answer = service.client.get("/v1/branches", params={**asked, "at_least": service.head()})
    while True:
        answer.raise_for_status()
        ids += [branch["id"] for branch in answer.json()["branches"]]
        if "next" not in answer.links:
            return ids
        answer = service.client.get(answer.links["next"]["url"])


def report(service: Service, at_least: int, path: str = REPORT) -> dict[str, Any]:
    answer = service.client.get(path, params={"at_least": at_least})
    answer.raise_for_status()
    return {branch["id"]: branch for branch in answer.json()["branches"]} | {"": answer.json()}


@pytest.mark.rule("SX-27")
def test_quotas_are_those_of_the_notice(of_this_file: Service) -> None:
    answer = of_this_file.client.get(REPORT, params={"at_least": of_this_file.head()})
    units = {branch["name"]: branch for branch in answer.json()["branches"]}
    with ALLOCATIONS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {name: unit["quota"] for name, unit in units.items()} == {
        row["union"]: int(row["quota"]) for row in rows
    }
    assert len(rows) == 23
    assert units["韩城市总工会"]["parent"] == units["渭南市总工会"]["id"]
    totals = dict.fromkeys(("city", "industry", "direct"), 0)
    for row in rows:
        if row["union"] != "韩城市总工会":
            totals[row["group"]] += int(row["quota"])
    assert totals == {"city": 850_000, "industry": 130_000, "direct": 20_000}
    assert answer.json()["totals"]["quota"] == sum(totals.values()) == 1_000_000


@pytest.mark.rule("SX-28", "JS-12", "SX-27")
def test_a_report_per_union_and_a_parent_includes_its_children(of_this_file: Service) -> None:
    service = of_this_file
    for who, branch in (
        ("r-1", "渭南市总工会"),
        ("r-2", "韩城市总工会"),
        ("r-3", "hancheng"),
        ("r-4", "xian"),
    ):
        service.post("enrolled", who, "2019-06-20T09:00:00", branch=branch).raise_for_status()
    service.set_clock("2019-07-01T21:00:00")
    service.post(
        "steps_synced", "r-2", "2019-07-01T21:00:00", day="2019-07-01", steps=7000, provider="werun"
    ).raise_for_status()
    last = service.post("signed_in", "r-1", "2019-07-01T21:00:00").json()["position"]
    told = report(service, last)
    figures = ("enrolled", "active", "walked", "attained", "total_steps")
    assert [told["weinan"][name] for name in figures] == [3, 2, 1, 1, 7000]
    assert [told["hancheng"][name] for name in figures] == [2, 1, 1, 1, 7000]
    assert [told["xianyang"][name] for name in figures] == [0] * 5
    assert told["weinan"]["participation_rate"] == {"numerator": 1, "denominator": 3, "percent": "33.3333"}
    assert told["weinan"]["progress"] == {"numerator": 3, "denominator": 80_000, "percent": "0.0038"}
    assert told["xianyang"]["participation_rate"] is None
    assert told[""]["totals"]["enrolled"] == 4
    assert told["weinan"]["score"] is None, "its rulebook has no score"
    table = service.client.get(REPORT, headers={"Accept": "text/csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = {row["branch"]: row for row in csv.DictReader(io.StringIO(table.text))}
    assert len(rows) == 23
    assert (rows["weinan"]["enrolled"], rows["weinan"]["participation_percent"]) == ("3", "33.3333")


def test_the_report_comes_in_pages(of_this_file: Service) -> None:
    ids, answer = [], of_this_file.client.get(REPORT, params={"limit": 10})
    while True:
        ids += [branch["id"] for branch in answer.json()["branches"]]
        if "next" not in answer.links:
            break
        answer = of_this_file.client.get(answer.links["next"]["url"])
    assert len(ids) == len(set(ids)) == 23
    assert ids == [branch["id"] for branch in of_this_file.client.get(REPORT).json()["branches"]]


@pytest.mark.rule("SJ-07")
def test_a_search_takes_two_characters_and_finds_what_begins_so_first(of_this_file: Service) -> None:
    service = of_this_file
    tree(service)
    answer = service.client.get("/v1/branches", params={"q": "镇"})
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/query/q")
    assert "two" in answer.json()["detail"] or "2" in answer.json()["detail"]
    assert found(service, q="机械") == ["jixie", "zj-1", "zj-2", "machinery-metallurgy-building"]
    assert found(service, q="机械", limit=1) == ["jixie", "zj-1", "zj-2", "machinery-metallurgy-building"]
    assert found(service, q="abc") == ["zj-abc"]
    assert found(service, q="ＡＢＣ公司") == ["zj-abc"]
    assert found(service, q="二机械厂", parent="zhenjiang") == ["zj-2"]
    assert found(service, q="二机械厂", parent="xian") == []
    assert found(service, q="没有这个") == []
    assert found(service, q="%工会") == []
    assert found(service, parent="jiangsu") == ["jixie", "zhenjiang"]
    assert "jiangsu" in found(service)
    assert "zhenjiang" not in found(service)


@pytest.mark.rule("SJ-07")
def test_a_list_again_changes_nothing_and_a_bad_line_sinks_no_other(of_this_file: Service) -> None:
    answer = enter(
        of_this_file,
        entry("zj-1", "镇江第一机械厂工会", "zhenjiang"),
        entry("zj-2", "别的名字", "zhenjiang", line=3),
        entry("zj-3", "镇江第三机械厂工会", "zhenjiang"),
    ).json()
    assert (answer["registered"], answer["standing"]) == (1, 1)
    assert [(each["line"], each["id"], each["code"]) for each in answer["refused"]] == [
        (3, "zj-2", "branch_conflict")
    ]
    alone = enter(of_this_file, entry("zj-9", "x", "nowhere"))
    assert (alone.status_code, alone.json()["code"]) == (422, "branch_not_in_tree")


@pytest.mark.rule("SJ-07")
def test_a_merged_union_is_followed_everywhere(of_this_file: Service) -> None:
    service = of_this_file
    body = {"into": "zj-2", "reason": "the same factory"}
    service.client.post("/v1/branches/zj-1/merger", json=body, headers=key()).raise_for_status()
    merged = service.client.get("/v1/branches/zj-1", params={"at_least": service.head()}).json()
    assert (merged["status"], merged["merged_into"], merged["parent"]) == ("merged", "zj-2", "zhenjiang")
    assert [each["id"] for each in merged["ancestors"]] == ["jiangsu", "zhenjiang"]
    into = service.client.get("/v1/branches/zj-2").json()
    assert [each["id"] for each in into["merged_from"]] == ["zj-1"]
    assert "zj-1" not in found(service, q="机械")
    again = service.client.post("/v1/branches/zj-1/merger", json=body, headers=key())
    assert (again.status_code, again.json()["code"]) == (422, "branch_step_not_allowed")
    nobody = service.client.post("/v1/branches/nobody/merger", json=body, headers=key())
    assert (nobody.status_code, nobody.json()["code"]) == (404, "branch_not_in_tree")
    confirmed = service.client.post("/v1/branches/zj-2/confirmation", json={}, headers=key())
    assert (confirmed.status_code, confirmed.json()["code"]) == (422, "branch_step_not_allowed")
    assert service.client.get("/v1/branches/nobody").status_code == 404


@pytest.mark.rule("SX-27", "SJ-07")
def test_figures_and_quota_follow_a_merger_of_listed_unions(of_this_file: Service) -> None:
    service = of_this_file
    body = {"into": "xian", "reason": "for this test"}
    service.client.post("/v1/branches/tongchuan/merger", json=body, headers=key()).raise_for_status()
    service.post("enrolled", "r-9", "2019-07-02T09:00:00", branch="tongchuan").raise_for_status()
    told = report(service, service.head())
    assert "tongchuan" not in told
    assert (told["xian"]["enrolled"], told["xian"]["quota"]) == (2, 280_000)
    assert told["xian"]["merged_from"] == ["tongchuan"]
    assert told[""]["totals"]["quota"] == 1_000_000


def test_an_unknown_campaign_has_no_report(of_this_file: Service) -> None:
    assert of_this_file.client.get("/v1/campaigns/no-such/branches").status_code == 404
    assert of_this_file.client.get(f"{REPORT}/nobody/certificates").status_code == 404
    assert of_this_file.client.get(f"{REPORT}/xian/certificates").json() == {"certificates": []}
