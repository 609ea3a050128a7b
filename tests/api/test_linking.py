"""Two client ids that are one person, over HTTP: whichever a reader names, the answer is that of who stays."""

import pytest

from tests.api.conftest import Service

IDENTITIES = {"wechat": "e" * 32}
PEOPLE = "/v1/campaigns/sx-2019/participants"

pytestmark = [pytest.mark.rule("EC-12"), pytest.mark.rule("SJ-09")]


@pytest.fixture(scope="module")
def joined(of_this_file: Service) -> int:
    """A form first, then the app with the same account; the position of the newest event."""
    service = of_this_file
    service.post("enrolled", "form-1", "2019-06-28T08:00:00", branch="西安市总工会", identities=IDENTITIES)
    service.post("enrolled", "app-1", "2019-06-28T09:00:00", branch="西安市总工会")
    for who, time in (("form-1", "08:00:00"), ("app-1", "08:01:00")):
        service.post("signed_in", who, f"2019-07-01T{time}")
    service.post(
        "steps_synced", "app-1", "2019-07-01T21:00:00", day="2019-07-01", steps=8_000, provider="werun"
    )
    linked = service.post("identities_linked", "app-1", "2019-07-01T21:30:00", identities=IDENTITIES)
    assert linked.status_code == 201, linked.text
    newest = service.post("signed_in", "app-1", "2019-07-02T08:00:00")
    assert newest.status_code == 201, newest.text
    return int(newest.json()["events"][-1]["position"])


@pytest.mark.parametrize("asked", ["form-1", "app-1"])
@pytest.mark.parametrize("path", ["", "/days", "/prizes"])
def test_campaign_reads_answer_for_who_stays(
    of_this_file: Service, joined: int, asked: str, path: str
) -> None:
    client = of_this_file.client
    answer = client.get(f"{PEOPLE}/{asked}{path}", params={"at_least": joined})
    same = client.get(f"{PEOPLE}/form-1{path}", params={"at_least": joined})
    assert answer.status_code == 200, answer.text
    assert answer.json() == same.json()
    assert answer.headers.get("jifen-participant") == (None if asked == "form-1" else "form-1")


def test_the_joint_figures(of_this_file: Service, joined: int) -> None:
    page = of_this_file.client.get(f"{PEOPLE}/app-1", params={"at_least": joined}).json()
    assert page["participant"] == "form-1"
    assert (page["sign_in_days"], page["total_steps"], page["days_attained"]) == (2, 8_000, 1)
    assert page["points"] == {"balance": 2 + 5, "earned": 2 + 5, "spent": 0}


def test_reads_of_the_person_tell_of_both_ids(of_this_file: Service, joined: int) -> None:
    client = of_this_file.client
    lines = client.get("/v1/participants/app-1/statement", params={"at_least": joined}).json()["postings"]
    assert {line["account"] for line in lines} == {"points:sx-2019:form-1", "points:sx-2019:app-1"}
    accounts = client.get("/v1/participants/app-1/accounts").json()["accounts"]
    assert {each["account"]: each["balance"] for each in accounts} == {"points:sx-2019:form-1": 7}
    events = client.get("/v1/participants/app-1/timeline").json()["events"]
    assert {"history-given.v1", "history-joined.v1"} <= {event["type"] for event in events}


def test_what_is_no_id_is_answered_as_before(of_this_file: Service, joined: int) -> None:
    assert of_this_file.client.get(f"{PEOPLE}/no%20body").status_code == 400
    assert of_this_file.client.get(f"{PEOPLE}/nobody").status_code == 404
