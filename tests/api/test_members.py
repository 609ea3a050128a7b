"""Members over HTTP: joining without naming a campaign, reviews, transfers, restrictions, pages, messages."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger import keys
from ledger.personal import check_digit
from tests.api.conftest import Service
from tests.api.union import DAY, SJ, Union
from tests.waiting import until

PHONE = "5f0c7a1e9b3d4c628e07f1a2b3c4d5e6"


@pytest.fixture(scope="module")
def union(of_this_file: Service) -> Union:
    return Union(of_this_file)


def page(union: Union, who: str, role: Any = None) -> Any:
    return union.get(f"members/{who}", role)


@pytest.mark.rule("SJ-01", "SJ-02", "SJ-03", "SJ-08")
def test_who_applies_is_a_member_at_once_and_has_a_page(union: Union) -> None:
    answer = union.joins("p-1", "南京市总工会", employment="new-form", trade="courier")
    assert "membership-applied.v1" in union.topics(answer)
    found = page(union, "p-1", "client")
    assert (found["status"], found["union"]) == (
        "applied",
        {"id": "nanjing-federation", "name": "南京市总工会"},
    )
    assert (found["employment"], found["trade"], found["campaign"]) == ("new-form", "courier", "sj")
    assert {(c["document"], c["version"]) for c in found["consents"]} == {
        ("application", "2021-1"),
        ("pledge", "2021-1"),
    }
    assert [(a["campaign"], a["state"]) for a in found["activities"]] == [("sj", "running")]
    assert {(o["kind"], o["id"]) for o in found["offers"]} >= {
        ("sign_in", "sj"),
        ("draw", "points-draw"),
        ("quiz", "answer-to-earn"),
    }
    for each in (*found["activities"], *found["offers"]):
        assert union.service.client.get(each["href"]).status_code == 200, each


@pytest.mark.rule("SJ-08")
def test_points_stand_on_the_page(union: Union) -> None:
    union.joins("p-2")
    union.said("signed_in", "p-2", f"{DAY}T10:00:00", "sj")
    assert page(union, "p-2")["points"] == {"balance": 1, "earned": 1, "spent": 0}


@pytest.mark.rule("SJ-03")
def test_reviews_are_taken_line_by_line_and_once(union: Union) -> None:
    for who in ("r-1", "r-2", "r-3"):
        union.joins(who, "suzhou-federation")
    reviews = [
        {"participant": "r-1", "approved": True},
        {"participant": "r-2", "approved": False, "reason": "works elsewhere"},
        {"participant": "r-3", "approved": False},
        {"participant": "r-9", "approved": True},
        {"participant": "r/3", "approved": True},
        {"participant": "r-3", "approved": "yes"},
    ]
    answer = union.write("memberships/reviews", {"reviews": reviews}, key="batch-1")
    lines = answer.json()["results"]
    assert [(line["line"], line["status"], line.get("code", "")) for line in lines] == [
        (1, "accepted", ""),
        (2, "accepted", ""),
        (3, "invalid", "malformed"),
        (4, "refused", "nothing_to_review"),
        (5, "invalid", "malformed"),
        (6, "invalid", "malformed"),
    ]
    assert [line["pointer"] for line in lines[2:6] if line.get("pointer")] == [
        "/reviews/2/reason",
        "/reviews/4/participant",
        "/reviews/5/approved",
    ]
    again = union.write("memberships/reviews", {"reviews": reviews[:2]}, key="batch-1")
    assert [line["replayed"] for line in again.json()["results"]] == [True, True]
    assert again.headers["idempotency-replayed"] == "true"
    changed = [{"participant": "r-1", "approved": False, "reason": "after all"}]
    conflict = union.write("memberships/reviews", {"reviews": changed}, key="batch-1").json()["results"]
    assert [(line["status"], line["code"]) for line in conflict] == [("conflict", "event_id_reused")]
    assert [page(union, who)["status"] for who in ("r-1", "r-2", "r-3")] == ["reviewed", "ended", "applied"]
    listed = union.get("members", status="applied", branch="suzhou-federation")["members"]
    assert [each["participant"] for each in listed] == ["r-3"]


@pytest.mark.rule("SJ-03")
def test_a_refusal_queues_a_message_that_names_the_reason(union: Union) -> None:
    union.joins("m-1")
    before = union.get("messages", "client", limit=500)["messages"]
    after = before[-1]["position"] if before else 0
    union.done("members/m-1/review", {"approved": False, "reason": "the unit does not know the applicant"})
    (message,) = union.get("messages", "client", after=after)["messages"]
    assert (message["participant"], message["template"]) == ("m-1", "membership_refused")
    assert "the unit does not know the applicant" in message["en"]
    assert union.get("messages", after=message["position"])["messages"] == []
    (refused, applied) = union.get("members/m-1/history")["history"][:2]
    assert (refused["what"], refused["actor"], applied["what"]) == ("refused", "bootstrap", "applied")
    union.joins("m-1", "wuxi-federation")
    assert page(union, "m-1")["status"] == "applied"


@pytest.mark.rule("SJ-06")
def test_a_transfer_waits_for_its_review(union: Union) -> None:
    union.joins("t-1")
    union.done("members/t-1/review", {"approved": True})
    union.said("transfer_applied", "t-1", branch="wuxi-federation")
    waiting = page(union, "t-1")
    assert (waiting["union"]["id"], waiting["transfer"]["id"]) == ("nanjing-federation", "wuxi-federation")
    for branch in ("nanjing-federation", "wuxi-federation"):
        listed = union.get("members", status="transferring", branch=branch)["members"]
        assert [each["participant"] for each in listed] == ["t-1"]
    union.done("members/t-1/transfer/review", {"approved": True})
    moved = page(union, "t-1")
    assert (moved["union"]["id"], moved["transfer"], moved["status"]) == ("wuxi-federation", None, "reviewed")
    assert (
        union.write("members/t-1/transfer/review", {"approved": True}).json()["code"] == "nothing_to_review"
    )


@pytest.mark.rule("SJ-06", "ZG-09")
def test_after_a_transfer_the_union_before_looks_and_changes_nothing(union: Union) -> None:
    service = union.service
    keyed = {
        branch: keys.create(service.database.url, service.database.schema, "operator", branch, branch)[1]
        for branch in ("nanjing-federation", "wuxi-federation")
    }

    def tries(branch: str, method: str, path: str, body: Any = None) -> int:
        head = {"Authorization": f"Bearer {keyed[branch]}", "Idempotency-Key": f"{branch} {path} {method}"}
        how: dict[str, Any] = {} if body is None else {"json": body}
        if method == "GET":
            how["params"] = {"at_least": union.position}
        return service.nobody.request(method, f"/v1/{path}", headers=head, **how).status_code

    before, after = keyed
    union.joins("t-2")
    union.done("members/t-2/review", {"approved": True})
    union.said("transfer_applied", "t-2", branch=after)
    hardship = {"hardship": True, "reason": "on the list"}
    assert tries(after, "GET", "members/t-2") == 200
    assert tries(after, "POST", "members/t-2/hardship", hardship) == 403, "the transfer waits"
    assert tries(before, "POST", "members/t-2/hardship", hardship) == 201
    assert tries(before, "POST", "members/t-2/transfer/review", {"approved": True}) == 403
    assert tries(after, "POST", "members/t-2/transfer/review", {"approved": True}) == 201
    union.joins("t-3", before)
    union.joins("t-4", after)
    why = {"reason": "one phone for forty people"}
    changes: list[tuple[str, str, Any]] = [
        ("POST", "members/t-2/review", {"approved": True}),
        ("POST", "members/t-2/transfer/review", {"approved": True}),
        ("POST", "members/t-2/restriction", {"kind": "abuse", **why}),
        ("DELETE", "members/t-2/restriction?reason=cleared", None),
        ("POST", "members/t-2/suspension", why),
        ("DELETE", "members/t-2/suspension?reason=cleared", None),
        ("POST", "members/t-2/hardship", {**hardship, "hardship": False}),
        ("PUT", "members/t-2/details", {"name": "王五"}),
        ("POST", "members/t-2/addresses", {}),
        ("POST", "members/t-3/merger", {"other": "t-2", **why}),
        ("POST", "campaigns/zg/participants/t-2/help/1", {"approved": False, **why}),
        ("POST", "members/t-2/erasure", why),
    ]
    for change in changes:
        assert tries(before, *change) == 403, change
    for change in changes[:9]:
        assert tries(after, *change) != 403, change
    for path in ("members/t-2", "members/t-2/history", "participants/t-2/timeline"):
        assert tries(before, "GET", path) == 200


@pytest.mark.rule("SJ-05")
def test_abuse_closes_joining_until_it_is_lifted(union: Union) -> None:
    union.joins("a-1")
    union.done("members/a-1/restriction", {"kind": "abuse", "reason": "刷单", "until": "2099-12-31"})
    refused = union.post("transfer_applied", "a-1", branch="wuxi-federation")
    assert (refused.status_code, refused.json()["code"]) == (422, "restricted")
    assert page(union, "a-1")["restriction"] == {"kind": "abuse", "sealed": False, "until": "2099-12-31"}
    union.done("members/a-1/restriction", method="DELETE", reason="was a mistake")
    assert page(union, "a-1")["restriction"] is None
    union.said("transfer_applied", "a-1", branch="wuxi-federation")


@pytest.mark.rule("GX-05")
def test_who_is_suspended_earns_nothing_until_released(union: Union) -> None:
    union.joins("s-1")
    union.done("members/s-1/suspension", {"reason": "one phone for forty people"})
    refused = union.post("signed_in", "s-1", f"{DAY}T11:00:00", "sj")
    assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (
        422, "suspended", "GX-05",
    )  # fmt: skip
    assert page(union, "s-1")["suspended"]
    again = union.write("members/s-1/suspension", {"reason": "once more"})
    assert again.status_code == 422
    union.done("members/s-1/suspension", method="DELETE", reason="was cleared")
    union.said("signed_in", "s-1", f"{DAY}T11:00:00", "sj")
    assert page(union, "s-1")["points"]["balance"] == 1


@pytest.mark.rule("ZG-10")
def test_hardship_is_flagged_with_a_reason(union: Union) -> None:
    union.joins("h-1")
    union.done("members/h-1/hardship", {"hardship": True, "reason": "on the list"})
    assert page(union, "h-1")["hardship"]
    union.done("members/h-1/hardship", {"hardship": False, "reason": "no longer"})
    assert [step["what"] for step in union.get("members/h-1/history")["history"][:2]] == [
        "hardship_ended",
        "hardship",
    ]


@pytest.mark.rule("SJ-09")
def test_the_same_person_through_two_channels_at_once_is_one_member(union: Union) -> None:
    """The mini program and the web form send the application at the same moment, again and again."""

    def apply(who: str) -> int:
        said: dict[str, Any] = {"branch": "nanjing-federation", "employment": "staff", "consent": True}
        return union.post("membership_applied", who, **said, identities={"phone": PHONE}).status_code

    channels = ["app-1", "web-1"] * 6
    with ThreadPoolExecutor(len(channels)) as pool:
        answers = list(pool.map(apply, channels))
    assert set(answers) <= {201, 422}
    assert answers.count(201) >= 1
    union.position = union.service.head()
    pages = [page(union, who) for who in ("app-1", "web-1")]
    assert pages[0] == pages[1]
    (other,) = pages[0]["aliases"]
    assert {pages[0]["participant"], other} == {"app-1", "web-1"}
    listed = union.get("members", limit=500)["members"]
    assert len([each for each in listed if each["participant"] in ("app-1", "web-1")]) == 1
    whats = [step["what"] for step in union.get("members/app-1/history", limit=500)["history"]]
    assert whats.count("applied") == 1 or whats.count("joined") == 1


@pytest.mark.rule("SJ-09", "EC-12")
def test_an_operator_joins_two_client_ids(union: Union) -> None:
    union.joins("j-1")
    union.joins("j-2", "wuxi-federation")
    union.said("signed_in", "j-1", f"{DAY}T12:00:00", "sj")
    union.said("signed_in", "j-2", "2023-05-05T12:00:00", "sj")
    union.done("members/j-1/merger", {"other": "j-2", "reason": "the same phone number"})
    found = page(union, "j-2")
    assert (found["participant"], found["aliases"], found["union"]["id"]) == (
        "j-1",
        ["j-2"],
        "nanjing-federation",
    )
    assert found["points"]["balance"] == 2
    again = union.write("members/j-1/merger", {"other": "j-2", "reason": "the same phone number"})
    assert (again.status_code, again.json()["code"]) == (422, "already_one")
    itself = union.write("members/j-1/merger", {"other": "j-1", "reason": "the same phone number"})
    assert (itself.status_code, itself.json()["pointer"]) == (400, "/other")


@pytest.mark.rule("SJ-05")
def test_a_sealed_case_shows_nothing_but_that_there_is_one(union: Union) -> None:
    secret = "forged the papers of a colleague"
    union.joins("f-1")
    union.done("members/f-1/restriction", {"kind": "identity_fraud", "reason": secret})
    assert page(union, "f-1", "administrator")["restriction"]["kind"] == "identity_fraud"
    for role in ("client", "operator", "auditor"):
        assert page(union, "f-1", role)["restriction"]["kind"] == "sealed"
        (step,) = [s for s in union.get("members/f-1/history", role)["history"] if s["what"] == "restricted"]
        assert (step["about"], step["actor"], step["reason"]) == ("sealed", "", "")
    log = union.service.client.get("/v1/events", params={"after": 0, "limit": 1000}).text
    assert secret not in log
    again = union.write("members/f-1/restriction", {"kind": "identity_fraud", "reason": secret})
    assert (again.status_code, secret in again.text) == (422, False)
    seen = union.done("members/f-1/details/views", {"fields": ["case"], "reason": "the court asks"})
    assert seen["fields"] == {"case": secret}
    hidden = union.service.client.post(
        "/v1/members/f-1/details/views",
        json={"fields": ["case"], "reason": "being curious"},
        headers={**union.service.as_role("operator"), "Idempotency-Key": "curious"},
    )
    assert (hidden.status_code, hidden.json()["pointer"]) == (400, "/fields/0")


@pytest.mark.rule("GX-06")
def test_the_timeline_has_the_person_too_and_hides_from_apps_what_is_not_for_them(union: Union) -> None:
    hashes = {"wechat": "9d8c7b6a5f4e3d2c1b0a99887766554f"}
    union.joins("w-1", identities=hashes)
    union.post("activated", "w-1", identity_hash="0a1b2c3d4e5f60718293a4b5c6d7e8f9")
    union.done("members/w-1/restriction", {"kind": "identity_fraud", "reason": "papers of somebody else"})
    seen = union.read("participants/w-1/timeline", "client").text
    for hidden in (*hashes.values(), "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "identity_fraud", "bootstrap"):
        assert hidden not in seen
    whole = union.get("participants/w-1/timeline", "auditor")["events"]
    assert {event["type"] for event in whole} >= {
        "membership-applied.v1",
        "identities-added.v1",
        "member-restricted.v1",
        "activity-refused.v1",
        "enrolled.v1",
    }
    assert "identity_fraud" in union.read("participants/w-1/timeline", "administrator").text
    for role in ("operator", "auditor"):
        assert "identity_fraud" not in union.read("participants/w-1/timeline", role).text
    assert {event["campaign"] for event in whole} == {"", "sj", "zg"}
    assert hashes["wechat"] in str(whole)
    union.joins("w-2")
    union.done("members/w-2/merger", {"other": "w-1", "reason": "the same person"})
    joined = union.get("participants/w-1/timeline", "auditor", limit=500)["events"]
    assert {event["position"] for event in whole} < {event["position"] for event in joined}
    assert "identity_fraud" not in str(joined)
    seen = union.read("participants/w-1/timeline", "client", limit=500).text
    assert "member-joined.v1" in seen
    assert hashes["wechat"] not in seen


def test_lists_come_in_pages_that_leave_nobody_out(union: Union) -> None:
    everybody = [each["participant"] for each in union.get("members", limit=500)["members"]]
    found: list[str] = []
    answer = union.read("members", limit=3)
    while True:
        found += [each["participant"] for each in answer.json()["members"]]
        if "next" not in answer.links:
            break
        answer = union.service.client.get(answer.links["next"]["url"])
    assert found == everybody
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("members/p-1/review", {"approved": False}, "/reason"),
        ("members/p-1/review", {"approved": "no"}, "/approved"),
        ("members/p-1/review", {}, "/approved"),
        ("members/p-1/restriction", {"kind": "theft", "reason": "took it"}, "/kind"),
        ("members/p-1/restriction", {"kind": "abuse", "reason": "x"}, "/reason"),
        ("members/p-1/suspension", {"reason": "call 13812345678"}, "/reason"),
        ("members/p-1/hardship", {"reason": "because"}, "/hardship"),
        ("members/p-1/merger", {"other": "p/2", "reason": "because"}, "/other"),
        ("memberships/reviews", {"reviews": []}, "/reviews"),
        ("memberships/reviews", {"reviews": [{}] * 5001}, "/reviews"),
        ("memberships/reviews", [], ""),
    ],
)
def test_a_write_that_cannot_be_read_names_the_member_at_fault(
    union: Union, path: str, body: Any, pointer: str
) -> None:
    answer = union.write(path, body)
    assert (answer.status_code, answer.json()["pointer"]) == (400, pointer), answer.text


def test_what_is_deep_or_nobodys_is_no_fault_of_ours(union: Union) -> None:
    deep = '{"reviews": [' + "[" * 100_000
    answer = union.service.client.post(
        "/v1/memberships/reviews",
        content=deep,
        headers={"Content-Type": "application/json", "Idempotency-Key": "deep"},
    )
    assert answer.status_code == 400
    assert union.read("members/nobody").json()["code"] == "not_found"
    assert union.read("members", branch="no-such-union").json()["code"] == "branch_not_in_tree"
    assert union.get("members/nobody/history")["history"] == []


def test_what_no_programme_serves_names_the_campaign_as_missing(shared: Service) -> None:
    event = {
        "specversion": "1.0",
        "id": "no-programme",
        "source": "//test",
        "type": "jifen.membership_applied",
        "subject": "p-1",
        "time": "2019-07-03T09:00:00+08:00",
        "data": {"branch": "x", "employment": "staff", "consent": True},
    }
    headers = {"Content-Type": "application/cloudevents+json"}
    answer = shared.client.post("/v1/events", json=event, headers=headers)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/campaign")
    assert "none that is published here serves it" in answer.json()["detail"]
    event["type"], event["data"] = "jifen.signed_in", {}
    answer = shared.client.post("/v1/events", json=event, headers=headers)
    assert answer.json()["detail"] == "jifen.signed_in needs the campaign that it belongs to"


def test_of_two_programmes_that_serve_it_one_has_to_be_named(service: Service) -> None:
    union = Union(service)
    service.publish(SJ.replace('id = "sj"', 'id = "sj-two"')).raise_for_status()
    said: dict[str, Any] = {"branch": "nanjing-federation", "employment": "staff", "consent": True}
    answer = union.post("membership_applied", "p-1", **said)
    assert answer.status_code == 400
    assert "name one of sj, sj-two" in answer.json()["detail"]
    union.said("membership_applied", "p-1", campaign="sj-two", **said)


def number(serial: int) -> str:
    """An identity number that can be: of somebody born in Zhenjiang on 2 March 1985."""
    first = f"32110219850302{serial:03}"
    return first + check_digit(first)


@pytest.mark.rule("ZG-01", "ZG-02", "ZG-03", "ZG-08")
def test_who_is_on_the_roster_activates_and_has_cover_until_it_runs_out(union: Union) -> None:
    refused = union.post("activated", "z-9", identity_hash="0" * 32)
    assert (refused.json()["code"], refused.json()["clause"]) == ("not_on_roster", "ZG-01")
    assert "Ask the union of your unit" in refused.json()["detail"]
    union.roster([(number(1), "丹阳市总工会")])
    found = union.done("identities", {"kind": "id_number", "value": number(1)})
    answer = union.said("activated", "z-1", identity_hash=found["hash"])
    assert "activated.v1" in union.topics(answer)
    for where in ({}, {"branch": "zhenjiang-danyang"}):
        listed = union.get("members", limit=500, **where)["members"]
        (row,) = [each for each in listed if each["participant"] == "z-1"]
        assert (row["union"]["name"], row["status"]) == ("丹阳市总工会", "none")
    assert "z-1" not in str(union.get("members", status="reviewed", limit=500))
    shown = page(union, "z-1")
    assert (shown["union"]["name"], shown["status"]) == ("丹阳市总工会", "none")
    assert (shown["activated_at"], shown["points"]["balance"]) == ("2023-05-04T01:00:00Z", 100)
    (right,) = shown["rights"]
    assert (right["entitlement"], right["starts"], right["ends"], right["in_force"]) == (
        "accident-cover",
        "2023-05-04",
        "2024-05-03",
        True,
    )
    assert [each["campaign"] for each in shown["activities"]] == ["zg"]
    union.service.set_clock("2024-05-04T00:00:01")
    until(lambda: union.get("members/z-1/history"), lambda found: "entitlement_ended" in str(found))
    assert not page(union, "z-1")["rights"][0]["in_force"]
