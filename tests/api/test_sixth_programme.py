"""A rulebook that mixes three programmes is published and played over HTTP; and what campaigns say of themselves."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Service

FILE = Path(__file__).parents[2] / "docs" / "examples" / "sixth.toml"
CAMPAIGN = "canal-2024"


@pytest.fixture(scope="module")
def told(of_this_file: Service) -> Service:
    """A service with the sixth programme; p-1 signs in and walks 8,000 steps on each of the first ten days."""
    of_this_file.publish(FILE.read_text("utf-8")).raise_for_status()
    post(of_this_file, "enrolled", "2024-08-26T09:00:00", branch="高邮市总工会")
    for day in range(2, 12):
        post(of_this_file, "signed_in", f"2024-09-{day:02}T08:00:00")
        post(
            of_this_file,
            "steps_synced",
            f"2024-09-{day:02}T21:00:00",
            day=f"2024-09-{day:02}",
            steps=8000,
            provider="werun",
        )
    return of_this_file


def post(service: Service, kind: str, time: str, who: str = "p-1", **data: Any) -> dict[str, Any]:
    """Post one event of the sixth programme; what it led to."""
    answer = service.post(kind, who, time, campaign=CAMPAIGN, **data)
    assert answer.status_code in (201, 422), answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


def test_ten_days_light_eight_landmarks_bring_a_donation_and_buy_phone_credit(told: Service) -> None:
    bought = post(told, "item_redeemed", "2024-09-11T22:00:00", item="phone-credit-5")
    assert bought["status"] == "accepted"
    assert "item-redeemed.v1" in [event["type"] for event in bought["events"]]
    again = post(told, "item_redeemed", "2024-09-11T22:01:00", item="phone-credit-5")
    assert (again["code"], again["clause"]) == ("not_enough_points", "DYH-14")
    newest = {"at_least": bought["events"][-1]["position"]}
    standing = told.client.get(f"/v1/campaigns/{CAMPAIGN}/participants/p-1", params=newest).json()
    assert standing["days_attained"] == 10
    assert [each["lit_at"] is not None for each in standing["checkpoints"]] == [True] * 8
    assert [badge["id"] for badge in standing["badges"]] == ["canal-walker"]
    (fund,) = told.client.get(f"/v1/campaigns/{CAMPAIGN}/funds", params=newest).json()["funds"]
    assert (fund["fund"], fund["balance"]) == ("canal-care", 100)


def test_a_campaign_says_all_that_apps_need_and_no_answer(told: Service) -> None:
    campaign = told.client.get(f"/v1/campaigns/{CAMPAIGN}").json()
    assert campaign["lit_by"] == "attained_days"
    assert campaign["checkpoints"][0]["introduction"]["zh"].startswith("拱宸桥")
    assert [badge["certificate"] for badge in campaign["badges"]] == [True]
    assert campaign["programme"]["wallet"]["lasts"] == "180d"
    assert [fund["id"] for fund in campaign["programme"]["funds"]] == ["canal-care"]
    assert campaign["programme"]["donations"][0]["every"] == 50_000


@pytest.mark.parametrize("name", ["ec-2018", "zg", "sj"])
@pytest.mark.rule("EC-08", "ZG-01", "SJ-01")
def test_each_shipped_programme_is_published_and_shows_its_tables(told: Service, name: str) -> None:
    told.publish((files("ledger") / "rulebooks" / f"{name}.toml").read_text("utf-8")).raise_for_status()
    answer = told.client.get(f"/v1/campaigns/{name}")
    campaign = answer.json()
    programme = campaign["programme"]
    asked = [question for quiz in programme["quizzes"] for question in quiz["questions"]]
    assert len(asked) == {"ec-2018": 100, "zg": 20, "sj": 31}[name]
    assert {tuple(sorted(question)) for question in asked} == {("choices", "id", "text")}
    assert '"answer"' not in json.dumps(campaign)
    assert (programme["activation"] is None, programme["application"] is None) == (name != "zg", name != "sj")
    boards = {board["id"]: board for board in campaign["boards"]}
    if name == "ec-2018":
        assert boards["units-a"]["group"] == "city"
        assert boards["units-a"]["honours"]["first"] == 3
        assert programme["score"]["participation"] == 50
        assert [each["id"] for each in programme["occasions"]] == ["winter-walk", "new-year-walk"]
    elif name == "zg":
        assert programme["hardship"]["fund"] == "hardship"
    else:
        assert programme["eligibility"]["standing"] == "any"
        assert {"id": "courier", "name": {"zh": "快递员", "en": "Courier"}} in programme["application"][
            "trades"
        ]
        assert [pool["standing"] for pool in campaign["pools"]] == ["reviewed"]
