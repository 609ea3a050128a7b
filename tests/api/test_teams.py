"""Teams over HTTP: creating, joining, the captain's doings, the day that a team attains, and the team's page."""

from typing import Any

import pytest

from tests.api.conftest import Service
from tests.api.fair import Fair

MORNING = "2023-11-02T09:00:00"


@pytest.fixture(scope="module")
def fair(of_this_file: Service) -> Fair:
    """A fair at which p-1 has filled the team t-1 with p-2, and p-3 has a team of its own."""
    fair = Fair(of_this_file)
    fair.enrol("p-1", "p-2", "p-3", "p-4")
    fair.said("team_created", "p-1", MORNING, team="t-1", name="健步队")
    fair.said("team_joined", "p-2", MORNING, team="t-1", invited_by="p-1")
    fair.said("team_created", "p-3", MORNING, team="t-3", name="Alone")
    return fair


def points(fair: Fair, who: str) -> int:
    standing: dict[str, Any] = fair.get(f"participants/{who}")["points"]
    return int(standing["balance"])


@pytest.mark.rule("SX-03")
def test_what_cannot_be_done_with_a_team_is_refused_with_its_clause(fair: Fair) -> None:
    assert fair.refused("team_joined", "p-4", MORNING, team="t-1") == ("team_full", "XY-06")
    assert fair.refused("team_joined", "p-2", MORNING, team="t-3") == ("already_in_team", "XY-06")
    assert fair.refused("team_created", "p-2", MORNING, team="t-2", name="Two") == (
        "already_in_team",
        "XY-06",
    )
    assert fair.refused("team_created", "p-4", MORNING, team="t-3", name="Again") == ("team_exists", "XY-06")
    assert fair.refused("team_joined", "p-4", MORNING, team="t-9") == ("team_unknown", "XY-06")


@pytest.mark.rule("SX-04")
def test_only_the_captain_speaks_for_the_team_and_removes_nobody(fair: Fair) -> None:
    fair.said("team_goal_set", "p-1", MORNING, team="t-1", goal=20_000)
    fair.said("team_announced", "p-1", MORNING, team="t-1", ref="announcements/1")
    assert fair.refused("team_goal_set", "p-2", MORNING, team="t-1", goal=1) == ("not_captain", "XY-06")
    removing = {"team": "t-1", "member": "p-2"}
    assert fair.refused("team_member_removed", "p-1", MORNING, **removing)[0] == "captain_cannot_remove"
    assert fair.get("teams/t-1")["goal"] == 20_000


@pytest.mark.rule("SX-16")
def test_filling_a_team_pays_its_captain_and_nobody_elses_postings_are_answered(fair: Fair) -> None:
    assert (points(fair, "p-1"), points(fair, "p-2"), points(fair, "p-3")) == (20, 0, 0)
    page = fair.get("teams/t-1")
    assert page["filled_at"] == "2023-11-02T01:00:00Z"
    assert [(m["participant"], m["captain"], m["joined_on"]) for m in page["members"]] == [
        ("p-1", True, "2023-11-02"),
        ("p-2", False, "2023-11-02"),
    ]


@pytest.mark.rule("SX-14", "SX-17", "SX-23")
def test_a_day_that_the_team_attains_pays_all_and_shows_on_its_page(fair: Fair) -> None:
    walk = {"day": "2023-11-02", "provider": "werun"}
    fair.said("steps_synced", "p-1", "2023-11-02T20:00:00", steps=8001, **walk)
    completing = fair.said("steps_synced", "p-2", "2023-11-02T20:01:00", steps=5000, **walk)
    assert [event["type"] for event in completing["events"]].count("team-goal-met.v1") == 2
    assert {leg["account"] for leg in completing["postings"]} == {"points:fair:p-2"}
    assert (points(fair, "p-1"), points(fair, "p-2")) == (22, 2)
    page = fair.get("teams/t-1")
    assert page["attained_days"] == ["2023-11-02"]
    assert page["days_attained"] == 1
    assert page["rate"] == {"numerator": 1, "denominator": 3, "percent": "33.3333"}
    assert page["average_steps"] == {"steps": 13_001, "members": 2, "rounded": 6501}
    lower = fair.said("steps_synced", "p-2", "2023-11-02T20:02:00", steps=4999, **walk)
    assert "team-day-lost.v1" in [event["type"] for event in lower["events"]]
    assert (points(fair, "p-1"), points(fair, "p-2")) == (20, 0)
    assert fair.get("teams/t-1")["attained_days"] == []


def test_a_participant_shows_the_team(fair: Fair) -> None:
    team = {"team": "t-1", "name": "健步队", "joined_on": "2023-11-02"}
    assert fair.get("participants/p-1")["team"] == {**team, "captain": True}
    assert fair.get("participants/p-2")["team"] == {**team, "captain": False}
    assert fair.get("participants/p-4")["team"] is None


def test_a_team_that_is_not_there_is_404(fair: Fair) -> None:
    for path in ("teams/t-9", "teams/t-1"):
        answer = fair.read(path) if path == "teams/t-9" else fair.read(f"/v1/campaigns/sx-2019/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "team_unknown")
