"""Publishing, amending, checking and showing campaigns over HTTP."""

import re
from hashlib import sha256

import pytest

from tests.api.conftest import SX, TOML, Service

AMENDMENTS = "/v1/campaigns/sx-2019/amendments"


def other(campaign: str) -> str:
    """The same rules under another id."""
    return SX.replace('id = "sx-2019"', f'id = "{campaign}"', 1)


@pytest.mark.rule("GX-01", "GX-08")
def test_publishing_says_where_it_stands_and_repeats_itself(shared: Service) -> None:
    text = other("walk-1")
    first = shared.publish(text)
    assert first.status_code == 201
    published = first.json()
    assert (published["id"], published["version"]) == ("walk-1", 1)
    assert published["digest"] == sha256(text.encode()).hexdigest()
    event = shared.client.get(f"/v1/events/{published['position']}").json()
    assert event["type"] == "campaign-published.v1"
    assert event["data"]["actor"] == "bootstrap"
    for again in (
        shared.publish(text),
        shared.publish(text, **{"Idempotency-Key": "walk-1-again"}),
        shared.publish(text, **shared.as_role("operator")),
    ):
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


@pytest.mark.rule("GX-08")
def test_another_text_under_the_same_id_is_409(shared: Service) -> None:
    answer = shared.publish(SX.replace("daily_goal = 6000", "daily_goal = 7000"))
    assert (answer.status_code, answer.json()["code"]) == (409, "campaign_exists")
    assert "amend" in answer.json()["detail"]


def test_a_key_that_was_used_for_another_text_is_409(shared: Service) -> None:
    headers = {"Idempotency-Key": "one-key"}
    assert shared.publish(other("walk-2"), **headers).status_code == 201
    answer = shared.publish(other("walk-3"), **headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "event_id_reused")
    assert shared.client.get("/v1/campaigns/walk-3").status_code == 404


def test_checking_lists_the_faults_and_publishes_nothing(shared: Service) -> None:
    text = other("walk-4")
    check = "/v1/campaigns/check"
    assert shared.client.post(check, content=text.encode(), headers=TOML).json() == {"faults": []}
    wrong = text.replace("daily_goal = 6000", "daily_goal = 0")
    answer = shared.client.post(check, content=wrong.encode(), headers=TOML)
    assert answer.status_code == 200
    (fault,) = answer.json()["faults"]
    assert (fault["path"], fault["code"]) == ("steps.daily_goal", "wrong_value")
    assert "daily_goal = 0" in wrong.splitlines()[fault["line"] - 1]
    assert shared.client.get("/v1/campaigns/walk-4").status_code == 404


@pytest.mark.rule("GX-08")
def test_an_amendment_is_a_version_with_a_moment(service: Service) -> None:
    service.set_clock("2019-07-02T08:00:00")
    text = SX.replace("daily_goal = 6000", "daily_goal = 7000")
    headers = {**TOML, "Idempotency-Key": "a-1"}
    moment = {"effective_at": "2019-07-03T00:00:00+08:00"}
    first = service.client.post(AMENDMENTS, content=text.encode(), headers=headers, params=moment)
    again = service.client.post(AMENDMENTS, content=text.encode(), headers=headers, params=moment)
    assert first.status_code == 201
    assert first.json()["version"] == 2
    assert first.json()["effective_at"] == "2019-07-02T16:00:00Z"
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    campaign = service.client.get(
        "/v1/campaigns/sx-2019", params={"at_least": first.json()["position"]}
    ).json()
    assert [version["version"] for version in campaign["versions"]] == [1, 2]
    assert (campaign["version"], campaign["day"]["goal"]) == (1, 6000)
    service.set_clock("2019-07-03T00:00:00")
    campaign = service.client.get("/v1/campaigns/sx-2019").json()
    assert (campaign["version"], campaign["day"]["goal"]) == (2, 7000)
    # Between them stand the pools that were opened with the first, and the unions that it put into the tree.
    assert [version["position"] for version in campaign["versions"]] == [1, first.json()["position"]]


@pytest.mark.parametrize(
    "moment", ["2019-08-01T00:00:00+08:00", "2019-08-01T00:00:00%2B08:00", "2019-07-31T16:00:00Z"]
)
def test_the_offset_of_a_moment_need_not_be_encoded(shared: Service, moment: str) -> None:
    shared.publish(other("walk-5"))
    path = f"/v1/campaigns/walk-5/amendments?effective_at={moment}"
    headers = {**TOML, "Idempotency-Key": "the same moment"}
    answer = shared.client.post(path, content=other("walk-5").encode(), headers=headers)
    assert answer.status_code == 201
    assert answer.json()["effective_at"] == "2019-07-31T16:00:00Z"


@pytest.mark.rule("GX-01", "GX-08")
def test_refusals_and_closed_days_between_two_versions_confuse_nobody(of_this_file: Service) -> None:
    service, text = of_this_file, other("walk-8")
    path, body = "/v1/campaigns/walk-8/amendments", text.encode()
    early = service.client.post(path, content=body, headers={**TOML, "Idempotency-Key": "too early"})
    assert early.status_code == 404, "the refusal is the first event of the campaign's stream"
    published = service.publish(text)
    assert published.status_code == 201
    assert service.publish(text).json() == published.json()
    service.post("enrolled", "p-8", "2019-07-01T08:00:00", campaign="walk-8", branch="xian")
    service.post("signed_in", "p-8", "2019-07-03T08:00:00", campaign="walk-8")  # so the first day is closed
    past = f"{path}?effective_at=1969-01-01T00:00:00Z"
    service.client.post(past, content=body, headers={**TOML, "Idempotency-Key": "the past"})
    amended = text.replace("daily_goal = 6000", "daily_goal = 7000", 1)
    headers = {**TOML, "Idempotency-Key": "seven thousand"}
    newest = service.client.post(path, content=amended.encode(), headers=headers).raise_for_status().json()
    view = service.client.get("/v1/campaigns/walk-8")
    assert (view.status_code, view.json()["version"]) == (200, 2)
    assert "7,000" in view.text
    assert service.client.get("/v1/campaigns").status_code == 200
    reading = {"at_least": newest["position"]}
    assert service.client.get("/v1/campaigns/walk-8/participants/p-8", params=reading).status_code == 200


def test_amendments_that_cannot_be_are_refused(shared: Service) -> None:
    def amend(campaign: str, text: str, moment: str = "") -> tuple[int, str]:
        headers = {**TOML, "Idempotency-Key": f"no-{campaign}-{len(text)}-{moment}"}
        path = f"/v1/campaigns/{campaign}/amendments?effective_at={moment}"
        answer = shared.client.post(path, content=text.encode(), headers=headers)
        return answer.status_code, answer.json()["code"]

    assert amend("nowhere", other("nowhere")) == (404, "campaign_unknown")
    assert amend("sx-2019", other("walk-6")) == (422, "amendment_not_allowed")
    assert amend("sx-2019", SX.replace("starts = 2019-07-01", "starts = 2019-07-02")) == (
        422,
        "amendment_not_allowed",
    )
    assert amend("sx-2019", SX, "1969-01-01T00:00:00Z") == (422, "amendment_not_allowed")
    assert amend("sx-2019", SX.replace("daily_goal = 6000", "daily_goal = 0")) == (400, "rulebook_faulty")


@pytest.mark.rule("SX-01")
def test_the_state_follows_the_ledgers_clock(service: Service) -> None:
    states = {
        "2019-06-17T23:59:59": "upcoming",
        "2019-06-18T00:00:00": "trial",
        "2019-06-30T23:59:59": "trial",
        "2019-07-01T00:00:00": "running",
        "2019-10-08T23:59:59": "running",
        "2019-10-09T00:00:00": "ended",
    }
    for now, state in states.items():
        service.set_clock(now)
        assert service.client.get("/v1/campaigns/sx-2019").json()["state"] == state
        (listed,) = service.client.get("/v1/campaigns").json()["campaigns"]
        assert listed["state"] == state


def test_a_campaign_shows_everything_that_participants_may_know(shared: Service) -> None:
    campaign = shared.client.get("/v1/campaigns/sx-2019").json()
    assert campaign["title"] == {"zh": "与祖国同行", "en": "Walk with the Motherland"}
    assert (campaign["starts"], campaign["ends"]) == ("2019-07-01", "2019-10-08")
    assert campaign["trial"] == {"starts": "2019-06-18", "ends": "2019-06-30"}
    assert len(campaign["checkpoints"]) == 13
    assert campaign["checkpoints"][0]["target"] == 53846
    assert campaign["checkpoints"][-1]["target"] == 700000
    assert [each["question"]["id"] for each in campaign["checkpoints"]][::12] == ["cp-01", "cp-13"]
    assert len(campaign["branches"]) == 23
    assert {each["id"] for each in campaign["badges"]} == {"full-attendance", "with-the-motherland"}
    assert {each["id"] for each in campaign["pools"]} == {"red-packet", "grand-prize", "team-prize"}
    assert [each["id"] for each in campaign["boards"]] == ["teams"]
    assert all(rule["zh"] and rule["en"] and rule["clause"] for rule in campaign["rules"])


IN_PATHS = {
    "campaign": "quiz",
    "participant": "p-1",
    "position": 4,
    "team": "t-1",
    "board": "teams",
    "entrant": "t-1",
    "pool": "red-packet",
    "number": 1,
    "contest": 1,
    "prize": "red-packet.1",
    "branch": "xian",
    "fund": "help",
    "occasion": "walk",
    "quiz": "extra",
    "identity": "0" * 32,
}
"""What stands for each parameter of a path."""


@pytest.mark.rule("SX-09")
def test_no_answer_of_the_api_tells_a_right_answer(service: Service) -> None:
    """Every GET of the API is read after a rulebook whose right answers are words that stand nowhere else."""
    text = re.sub(r'choices = \{.*?\}, answer = "."', 'answer = "the-right-answer"', other("quiz"))
    text += (
        '\n[[quizzes]]\nid = "extra"\nname = { zh = "问答", en = "Quiz" }\nclause = "EC-08"\n'
        'questions = [{ id = "extra-1", text = "?", answer = "the-right-answer" }]\n'
    )
    assert text.count("the-right-answer") == 14
    service.publish(text).raise_for_status()
    headers = {**TOML, "Idempotency-Key": "quiz"}
    service.client.post(
        "/v1/campaigns/quiz/amendments", content=text.encode(), headers=headers
    ).raise_for_status()
    service.post("enrolled", "p-1", "2019-07-01T08:00:00", campaign="quiz", branch="xian")
    service.post(
        "question_answered", "p-1", "2019-07-01T09:00:00", campaign="quiz", question="cp-01", answer="A"
    )
    service.settle()
    for path, item in service.nobody.get("/schema/openapi.json").json()["paths"].items():
        if "get" in item:
            asked = path.format(**IN_PATHS)
            answer = service.client.get(asked, params={"campaign": "quiz"})
            assert answer.status_code in (200, 404), asked
            assert "the-right-answer" not in answer.text


def test_campaigns_are_listed_in_pages(service: Service) -> None:
    newest = max(service.publish(other(f"walk-{each}")).json()["position"] for each in "bac")
    page = service.client.get("/v1/campaigns", params={"limit": 3})
    assert [each["id"] for each in page.json()["campaigns"]] == ["sx-2019", "walk-a", "walk-b"]
    assert int(page.headers["jifen-position"]) >= newest
    following = service.client.get(page.links["next"]["url"])
    assert [each["id"] for each in following.json()["campaigns"]] == ["walk-c"]
    assert "next" not in following.links
