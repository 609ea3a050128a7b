"""What the API says of participants, after a story whose figures can be counted by hand."""

from typing import Any

import pytest

from ledger.keys import Role
from tests.api.conftest import Service

PEOPLE = "/v1/campaigns/sx-2019/participants"
NOBODY = "p-nobody"


@pytest.fixture(scope="module")
def told(of_this_file: Service) -> "Told":
    """A service on which p-1 has walked: a day of the trial and three of the campaign."""
    story = Told(of_this_file)
    story.tell()
    return story


class Told:
    """The story, and its newest position."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.position = 0

    def post(self, kind: str, time: str, participant: str = "p-1", **data: Any) -> None:
        """Something happens; what is refused is in the log as well."""
        answer = self.service.post(kind, participant, time, **data)
        assert answer.status_code in (201, 422), answer.text
        events = answer.json().get("events", [{"position": answer.json().get("position")}])
        self.position = events[-1]["position"]

    def walk(self, day: str, steps: int, time: str = "21:00:00") -> None:
        """A sync for a day, inside its window unless another time is given."""
        self.post("steps_synced", f"{day}T{time}", day=day, steps=steps, provider="werun")

    def tell(self) -> None:
        """What happened."""
        self.post("enrolled", "2019-06-28T08:00:00", branch="西安市总工会")
        self.post("signed_in", "2019-06-28T08:01:00")
        self.walk("2019-06-28", 30000)
        self.post("signed_in", "2019-07-01T08:00:00")
        self.walk("2019-07-01", 5000, "12:00:00")
        self.walk("2019-07-01", 12345)
        self.post("signed_in", "2019-07-02T08:00:00")
        self.post("signed_in", "2019-07-02T08:01:00")
        self.walk("2019-07-02", 4100)
        self.walk("2019-07-03", 25000, "12:00:00")
        self.walk("2019-07-02", 99999, "23:00:00")

    def get(self, path: str, role: Role = "administrator", **parameters: Any) -> Any:
        """What a GET answers, as of the end of the story."""
        answer = self.service.client.get(
            path, params={"at_least": self.position, **parameters}, headers=self.service.as_role(role)
        )
        assert answer.status_code == 200, answer.text
        assert int(answer.headers["jifen-position"]) >= self.position
        return answer.json()


@pytest.mark.rule("SX-05", "SX-11", "SX-12", "SX-13")
def test_a_participant_has_what_the_story_gave(told: Told) -> None:
    standing = told.get(f"{PEOPLE}/p-1")
    # Two sign-ins; 10,000 counted steps: 5 and 1 for the goal; 4,100 steps: 2.
    assert standing["points"] == {"balance": 2 + 6 + 2, "earned": 10, "spent": 0}
    assert (standing["days_attained"], standing["sign_in_days"], standing["total_steps"]) == (1, 2, 14100)
    assert (standing["branch"], standing["branch_name"]) == ("xian", "西安市总工会")
    assert standing["enrolled_at"] == "2019-06-28T00:00:00Z"
    assert (standing["campaign"], standing["participant"], standing["trial"]) == ("sx-2019", "p-1", False)
    assert standing["team"] is None
    assert standing["chances"] == []
    assert standing["badges"] == []


@pytest.mark.rule("SX-07", "SX-08")
def test_all_checkpoints_of_the_route_are_shown_dark_ones_too(told: Told) -> None:
    checkpoints = told.get(f"{PEOPLE}/p-1")["checkpoints"]
    assert [each["number"] for each in checkpoints] == list(range(1, 14))
    assert checkpoints[0] == {
        "number": 1,
        "name": "西安市",
        "target": 53846,
        "introduction": None,
        "lit_at": None,
        "passed_at": None,
    }


@pytest.mark.rule("SX-01")
def test_the_trial_is_a_book_of_its_own(told: Told) -> None:
    trial = told.get(f"{PEOPLE}/p-1", trial=True)
    assert (trial["trial"], trial["total_steps"], trial["points"]["balance"]) == (True, 10000, 7)
    assert trial["today"] is None
    assert [day["day"] for day in told.get(f"{PEOPLE}/p-1/days", trial=True)["days"]] == ["2019-06-28"]


@pytest.mark.rule("SX-05", "SX-06")
def test_today_shows_the_provisional_count_up_to_the_cap(told: Told) -> None:
    assert told.get(f"{PEOPLE}/p-1")["today"] == {
        "day": "2019-07-03",
        "steps": 10000,
        "attained": False,
        "signed_in": False,
        "final": False,
        "provisional": True,
    }


@pytest.mark.rule("SX-05", "SX-06", "SX-17")
def test_days_show_counted_steps_and_whether_they_can_change(told: Told) -> None:
    rows = told.get(f"{PEOPLE}/p-1/days")["days"]
    seen = [(row["day"], row["steps"], row["attained"], row["signed_in"], row["final"]) for row in rows]
    assert seen == [
        ("2019-07-01", 10000, True, True, True),
        ("2019-07-02", 4100, False, True, True),
        ("2019-07-03", 10000, False, False, False),
    ]


def test_days_come_in_pages(told: Told) -> None:
    client = told.service.client
    page = client.get(f"{PEOPLE}/p-1/days", params={"limit": 2, "at_least": told.position})
    assert [row["day"] for row in page.json()["days"]] == ["2019-07-01", "2019-07-02"]
    following = client.get(page.links["next"]["url"])
    assert [row["day"] for row in following.json()["days"]] == ["2019-07-03"]
    assert "next" not in following.links


def test_every_day_so_far_can_be_asked_for(told: Told) -> None:
    told.post("signed_in", "2019-07-03T08:00:00", "p-2")
    told.post("enrolled", "2019-07-03T12:30:00", "p-2", branch="xian")
    rows = told.get(f"{PEOPLE}/p-2/days", all=True)["days"]
    assert [row["day"] for row in rows] == ["2019-07-01", "2019-07-02", "2019-07-03"]
    assert {(row["steps"], row["attained"], row["signed_in"]) for row in rows} == {(0, False, False)}
    assert [row["final"] for row in rows] == [True, True, False]
    assert told.get(f"{PEOPLE}/p-2/days")["days"] == []


def test_who_has_not_enrolled_is_404(told: Told) -> None:
    for path in (f"{PEOPLE}/{NOBODY}", f"{PEOPLE}/{NOBODY}/days"):
        answer = told.service.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_enrolled")


@pytest.mark.rule("GX-06")
def test_accounts_hold_what_the_statement_adds_up_to(told: Told) -> None:
    accounts = {each["account"]: each for each in told.get("/v1/participants/p-1/accounts")["accounts"]}
    assert {account: each["book"] for account, each in accounts.items()} == {
        "points:sx-2019:p-1": "sx-2019",
        "points:sx-2019.trial:p-1": "sx-2019.trial",
    }
    postings = told.get("/v1/participants/p-1/statement")["postings"]
    for account, holds in accounts.items():
        own = [posting for posting in postings if posting["account"] == account]
        assert holds["balance"] == sum(posting["amount"] for posting in own) == own[0]["balance_after"]
    assert told.get(f"/v1/participants/{NOBODY}/accounts") == {"accounts": []}


@pytest.mark.rule("GX-06")
def test_every_posting_leads_to_its_event_and_request(told: Told) -> None:
    postings = told.get("/v1/participants/p-1/statement")["postings"]
    assert [posting["position"] for posting in postings] == sorted(
        (p["position"] for p in postings), reverse=True
    )
    assert {posting["clause"] for posting in postings} == {"SX-11", "SX-12", "SX-13"}
    for posting in postings:
        event = told.service.client.get(f"/v1/events/{posting['position']}").json()
        assert event["type"] == posting["type"]
        assert (event["data"]["source"], event["data"]["id"]) == (posting["source"], posting["id"])
        assert posting["amount"] in [leg["amount"] for leg in event["data"]["postings"]]


def test_a_statement_can_be_of_one_account_and_comes_in_pages(told: Told) -> None:
    client, path = told.service.client, "/v1/participants/p-1/statement"
    whole = told.get(path, account="points:sx-2019:p-1")["postings"]
    seen: list[Any] = []
    page = client.get(path, params={"account": "points:sx-2019:p-1", "limit": 2})
    while True:
        seen += page.json()["postings"]
        if "next" not in page.links:
            break
        page = client.get(page.links["next"]["url"])
    assert seen == whole
    assert {posting["account"] for posting in whole} == {"points:sx-2019:p-1"}


def test_the_timeline_has_every_event_newest_first_in_pages(told: Told) -> None:
    client, path = told.service.client, "/v1/participants/p-1/timeline"
    whole = told.get(path)["events"]
    assert whole[-1]["type"] == "enrolled.v1"
    assert [event["data"]["code"] for event in whole if event["type"] == "activity-refused.v1"] == [
        "day_closed",
        "already_signed_in",
    ]
    seen: list[Any] = []
    page = client.get(path, params={"limit": 4})
    while "next" in page.links:
        seen += page.json()["events"]
        page = client.get(page.links["next"]["url"])
    assert [*seen, *page.json()["events"]] == whole


@pytest.mark.rule("SX-06")
def test_client_keys_never_see_steps_above_the_cap(told: Told) -> None:
    def steps(role: Role) -> set[int]:
        events = told.get("/v1/participants/p-1/timeline", role)["events"]
        synced = {event["data"]["steps"] for event in events if event["type"] == "steps-synced.v1"}
        return synced | {
            event["data"]["data"]["steps"] for event in events if "steps" in event["data"].get("data", {})
        }

    assert steps("client") == {10000, 5000, 4100}
    assert steps("auditor") == {30000, 5000, 12345, 4100, 25000, 99999}


@pytest.mark.rule("SX-09")
def test_client_keys_see_wrong_answers_and_not_the_right_one(told: Told) -> None:
    for day in range(4, 10):
        told.walk(f"2019-07-{day:02}", 10000)
    told.post("question_answered", "2019-07-09T22:00:00", question="cp-01", answer="B")
    told.post("question_answered", "2019-07-09T22:01:00", question="cp-01", answer="A")

    def answers(role: Role) -> list[str | None]:
        events = told.get("/v1/participants/p-1/timeline", role)["events"]
        return [e["data"].get("answer") for e in events if e["type"] == "question-answered.v1"]

    assert answers("client") == [None, "B"]
    assert answers("auditor") == ["A", "B"]
    checkpoint = told.get(f"{PEOPLE}/p-1")["checkpoints"][0]
    assert checkpoint["lit_at"] < checkpoint["passed_at"] == "2019-07-09T14:01:00Z"


@pytest.mark.rule("SX-05")
def test_a_day_is_final_when_its_window_and_the_grace_are_over(service: Service) -> None:
    """A count from before the window is shown while the day is open, and worth nothing once it is closed."""
    service.post("enrolled", "p-1", "2019-07-01T08:00:00", branch="xian")
    synced = service.post(
        "steps_synced", "p-1", "2019-07-01T12:00:00", day="2019-07-01", steps=7000, provider="werun"
    )
    position = synced.json()["position"]
    shown = {}
    for now in ("2019-07-01T23:59:59", "2019-07-02T00:09:59", "2019-07-02T00:10:00"):
        service.set_clock(now)
        (row,) = service.client.get(f"{PEOPLE}/p-1/days", params={"at_least": position}).json()["days"]
        shown[now[11:]] = (row["steps"], row["provisional"], row["final"])
    assert shown == {
        "23:59:59": (7000, True, False),
        "00:09:59": (7000, True, False),
        "00:10:00": (0, False, True),
    }


def test_a_badge_has_its_name(service: Service) -> None:
    """Signed in on every day of the campaign (SX-20)."""
    service.post("enrolled", "p-1", "2019-07-01T00:00:00", branch="xian")
    position = 0
    for month, days in ((7, 31), (8, 31), (9, 30), (10, 8)):
        for day in range(1, days + 1):
            answer = service.post("signed_in", "p-1", f"2019-{month:02}-{day:02}T08:00:00")
            position = answer.json()["events"][-1]["position"]
    standing = service.client.get(f"{PEOPLE}/p-1", params={"at_least": position}).json()
    (badge,) = standing["badges"]
    assert (badge["id"], badge["name"]["zh"]) == ("full-attendance", "全勤奖")
    assert badge["awarded_at"] == "2019-10-08T00:00:00Z"
    assert standing["sign_in_days"] == 100


@pytest.mark.rule("GX-03")
def test_a_correction_takes_back_and_stays_visible(service: Service) -> None:
    service.post("enrolled", "p-1", "2019-07-01T08:00:00", branch="xian")
    signed = service.post("signed_in", "p-1", "2019-07-01T08:01:00").json()["position"]
    headers = {**service.as_role("operator"), "Idempotency-Key": "c-1"}
    body = {"reverses": signed, "reason": "The wrong person signed in."}
    first = service.client.post(f"{PEOPLE}/p-1/corrections", json=body, headers=headers)
    again = service.client.post(f"{PEOPLE}/p-1/corrections", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    position = first.json()["position"]
    event = service.client.get(f"/v1/events/{position}").json()
    assert (event["data"]["reverses"], event["data"]["actor"]) == (signed, "the operator")
    standing = service.client.get(f"{PEOPLE}/p-1", params={"at_least": position}).json()
    assert standing["points"] == {"balance": 0, "earned": 0, "spent": 0}
    statement = service.client.get("/v1/participants/p-1/statement", params={"at_least": position}).json()
    assert [posting["amount"] for posting in statement["postings"]] == [-1, 1]
