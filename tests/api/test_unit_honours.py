"""A board of unions from the first sync to the certificates: live, frozen by the clock, verified from the log."""

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from tests.api.conftest import Service
from tests.waiting import until

RULES = """
format = 1
id = "units"
title = { zh = "单位赛", en = "Units" }
starts = 2023-11-02
ends = 2023-11-04
clause = "EC-01"

[steps]
clause = "EC-06"
goal_clause = "EC-02"
daily_goal = 5000

[score]
clause = "EC-09"
by_day = true

[enrolment]
clause = "EC-01"
tree = "u-top"

[[boards]]
id = "cities"
name = { zh = "城市榜", en = "Cities" }
clause = "EC-10"
entrants = "branches"
group = "city"
keys = [{ by = "score" }, { by = "participation_rate" }]
freezes_at = 2023-11-05T00:00:00+08:00
honours = { first = 2, name = { zh = "优秀组织单位证书", en = "Organiser certificate" }, clause = "EC-10" }
"""
BOARD = "/v1/campaigns/units/rankings/cities"
UNIONS = [
    {"id": "u-top", "name": "省总工会", "kind": "province"},
    *({"id": f"u-{city}", "name": f"{city}市总工会", "kind": "city", "parent": "u-top"} for city in "abc"),
    {"id": "u-a-1", "name": "甲厂工会", "kind": "unit", "parent": "u-a"},
]


@pytest.mark.rule("EC-09", "EC-10", "EC-11")
def test_a_unit_board_is_live_then_final_and_honours_its_first(service: Service) -> None:
    key = {"Idempotency-Key": "unions"}
    service.client.post("/v1/branches", json={"branches": UNIONS}, headers=key).raise_for_status()
    service.publish(RULES).raise_for_status()
    people = {"p-1": "u-a-1", "p-2": "u-a", "p-3": "u-b", "p-4": "u-c"}
    for who, branch in people.items():
        service.post(
            "enrolled", who, "2023-11-02T08:00:00", campaign="units", branch=branch
        ).raise_for_status()

    def walks(who: str, day: str, steps: int) -> int:
        answer = service.post(
            "steps_synced", who, f"{day}T20:00:00", campaign="units", day=day, steps=steps, provider="werun"
        )
        return int(answer.raise_for_status().json()["position"])

    walks("p-3", "2023-11-02", 6000)
    position = walks("p-1", "2023-11-02", 6000)
    live = service.client.get(BOARD, params={"at_least": position}).json()
    assert [(row["entrant"], row["keys"]["score"]["percent"]) for row in live["rows"]] == [
        ("u-b", "100.0000"),
        ("u-a", "50.0000"),
        ("u-c", "0.0000"),
    ]
    assert service.client.get("/v1/campaigns/units/branches/u-b/certificates").json() == {"certificates": []}
    walks("p-1", "2023-11-03", 6000)
    walks("p-2", "2023-11-04", 4000)
    service.set_clock("2023-11-05T00:10:00")
    final = until(lambda: service.client.get(BOARD).raise_for_status().json(), lambda found: found["frozen"])
    assert [(row["rank"], row["entrant"], row["name"]) for row in final["rows"]] == [
        (1, "u-a", "a市总工会"),
        (2, "u-b", "b市总工会"),
        (3, "u-c", "c市总工会"),
    ]
    assert final["rows"][0]["keys"]["score"] == {
        "numerator": 50 * 2 * 3 + 50 * 2,
        "denominator": 100 * 2 * 3,
        "percent": "66.6667",
    }
    told = service.client.get("/v1/campaigns/units/branches/u-a/certificates").json()["certificates"]
    assert [(each["rank"], each["number"], each["root"]) for each in told] == [
        (1, "units/cities/1", final["root"])
    ]
    assert told[0]["name"]["zh"] == "优秀组织单位证书"
    none = service.client.get("/v1/campaigns/units/branches/u-c/certificates").json()
    assert none == {"certificates": []}
    place = service.client.get(f"{BOARD}/u-c").json()
    assert (place["rank"], place["frozen"], place["name"]) == (3, True, "c市总工会")
    environment = {
        "JIFEN_DATABASE_URL": service.database.url,
        "JIFEN_SCHEMA": service.database.schema,
    }
    verified = CliRunner(env=environment).invoke(cli, ["boards", "verify", "cities", "--campaign", "units"])
    assert verified.exit_code == 0, verified.output
