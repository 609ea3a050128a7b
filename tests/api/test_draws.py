"""Instant draws over HTTP: outcomes, refusals, the pool, and proofs that a stranger's verifier accepts."""

from typing import Any

import pytest

from tests import stranger
from tests.api.conftest import Service
from tests.api.fair import DAYS, FAIR, Fair

LAST = "2023-11-04"


@pytest.fixture
def fair(service: Service) -> Fair:
    """A fair at which p-1 and p-2 have 57 points and the badge, and p-3 has 19."""
    fair = Fair(service)
    fair.enrol("p-1", "p-2", "p-3")
    fair.attend("p-1", "p-2")
    fair.said("signed_in", "p-3", f"{LAST}T08:00:00")
    return fair


@pytest.mark.rule("SX-18", "SX-19", "GX-01")
def test_a_draw_is_answered_with_its_outcome_and_a_repeat_with_the_same(fair: Fair) -> None:
    drawn = fair.ask("draw_requested", "p-1", f"{LAST}T09:00:00", pool="packet")
    draw = drawn.json()["draw"]
    assert (draw["pool"], draw["number"], draw["prize"], draw["unit"]) == ("packet", 1, "packet.1", "CNY-fen")
    assert (draw["outcome"], draw["amount"]) in {("packet-0.30", 30), ("packet-5", 500)}
    moved = {leg["account"]: leg["balance_after"] for leg in drawn.json()["postings"]}
    assert moved == {"points:fair:p-1": 37, "money:fair:p-1": 0}
    event = {
        "specversion": "1.0",
        "id": drawn.json()["id"],
        "source": "//test",
        "type": "jifen.draw_requested",
        "subject": "p-1",
        "time": f"{LAST}T09:00:00+08:00",
        "campaign": "fair",
        "data": {"pool": "packet"},
    }
    again = fair.service.client.post("/v1/events", json=event, headers={"Content-Type": "application/json"})
    assert (again.status_code, again.content) == (201, drawn.content)
    assert again.headers["idempotency-replayed"] == "true"
    (batched,) = fair.service.client.post("/v1/events", json=[event]).json()["results"]
    assert batched["draw"] == draw
    assert "draw" not in fair.said("signed_in", "p-3", "2023-11-03T08:00:00")


@pytest.mark.rule("SX-22")
def test_a_ticket_is_answered_as_entered(fair: Fair) -> None:
    entered = fair.said("draw_requested", "p-1", f"{LAST}T09:00:00", pool="grand", chance="always-here")
    assert entered["draw"] == {"pool": "grand", "number": 1, "outcome": "entered"}
    again = ("draw_requested", "p-1", f"{LAST}T09:01:00")
    assert fair.refused(*again, pool="grand", chance="always-here") == ("chance_used", "XY-14")
    unearned = ("draw_requested", "p-3", f"{LAST}T09:01:00")
    assert fair.refused(*unearned, pool="grand", chance="always-here") == ("chance_unknown", "XY-14")


@pytest.mark.rule("SX-18", "JS-09", "GX-02")
def test_draws_without_points_prizes_or_time_are_refused(fair: Fair) -> None:
    assert fair.refused("draw_requested", "p-3", f"{LAST}T09:00:00", pool="packet")[0] == "not_enough_points"
    assert fair.refused("draw_requested", "p-1", f"{LAST}T09:00:00", pool="none")[0] == "pool_unknown"
    assert fair.refused("draw_requested", "p-1", f"{LAST}T09:00:00", pool="medals")[0] == "not_drawn"
    for who in ("p-1", "p-1", "p-2"):
        fair.said("draw_requested", who, f"{LAST}T11:59:59", pool="packet")
    assert fair.refused("draw_requested", "p-2", f"{LAST}T11:59:59", pool="packet") == ("pool_empty", "XY-12")
    assert fair.get("participants/p-2")["points"]["balance"] == 37
    assert fair.refused("draw_requested", "p-2", f"{LAST}T12:00:00", pool="packet") == (
        "draw_closed",
        "XY-12",
    )
    assert fair.refused("draw_requested", "p-2", f"{LAST}T12:00:01", pool="packet")[0] == "draw_closed"


@pytest.mark.rule("JS-08")
def test_a_chance_is_used_forfeited_or_expired(fair: Fair) -> None:
    fair.said("draw_requested", "p-1", "2023-11-04T08:05:00", pool="daily", chance=LAST)
    fair.said("draw_forfeited", "p-2", "2023-11-04T08:06:00", pool="daily", chance=LAST)

    def refused(who: str, at: str) -> str:
        return fair.refused("draw_requested", who, f"{LAST}T{at}", pool="daily", chance=LAST)[0]

    assert refused("p-1", "08:07:00") == "chance_used"
    assert refused("p-2", "08:07:00") == "chance_forfeited"
    assert refused("p-3", "08:10:00") == "chance_expired"
    assert fair.refused("draw_requested", "p-3", f"{LAST}T08:10:00", pool="daily")[0] == "chance_expired"
    states = {
        who: [c["state"] for c in fair.get(f"participants/{who}")["chances"] if c["chance"] == LAST]
        for who in ("p-1", "p-2", "p-3")
    }
    assert states == {"p-1": ["used"], "p-2": ["forfeited"], "p-3": ["expired"]}
    assert not [event for event in fair.events("chance-expired.v1") if "p-3" in event["subject"]]


def prove_all(fair: Fair, pool: str, draws: int) -> list[Any]:
    return [fair.get(f"/v1/draws/{pool}/{number}") for number in range(1, draws + 1)]


@pytest.mark.rule("SX-18", "SX-19")
def test_every_draw_is_proven_to_a_stranger_once_the_pool_is_closed(fair: Fair) -> None:
    for who in ("p-1", "p-2", "p-1"):
        fair.said("draw_requested", who, f"{LAST}T09:00:00", pool="packet")
    before = prove_all(fair, "packet", 3)
    assert [proof["seed"] for proof in before] == [None, None, None]
    pool = fair.get("pools/packet")
    assert pool["commitment"] == before[0]["commitment"]
    assert (pool["draws"], pool["closed"], pool["seed"]) == (3, False, None)
    fair.pass_to(f"{LAST}T12:10:00")
    seed = fair.until(lambda: fair.get("pools/packet")["seed"])
    proofs = prove_all(fair, "packet", 3)
    assert {proof["seed"] for proof in proofs} == {seed}
    prizes = [{"id": "packet-0.30", "stock": 2, "amount": 30}, {"id": "packet-5", "stock": 1, "amount": 500}]
    assert stranger.check_pool(prizes, 1000, proofs) == []
    forged = {**proofs[1], "outcome": next(p["id"] for p in prizes if p["id"] != proofs[1]["outcome"])}
    assert stranger.check_instant(forged)
    assert fair.get("draws/packet/2") == proofs[1]
    assert fair.read("draws/packet/4").status_code == 404


def test_a_pool_of_several_campaigns_has_to_be_told_apart(fair: Fair) -> None:
    def post(kind: str, day: str, **data: Any) -> int:
        answer = fair.service.post(kind, "p-1", f"{day}T09:00:00", campaign="other-fair", **data)
        return int(answer.raise_for_status().json()["position"])

    fair.service.publish(FAIR.replace('id = "fair"', 'id = "other-fair"')).raise_for_status()
    fair.said("draw_requested", "p-1", f"{LAST}T09:00:00", pool="packet")
    assert fair.get("/v1/draws/packet/1")["campaign"] == "fair", "the other one has no draw of this number"
    post("enrolled", "2023-11-02", branch="anywhere")
    for day in DAYS:
        post("signed_in", day)
    fair.position = post("draw_requested", LAST, pool="packet")
    answer = fair.read("/v1/draws/packet/1")
    assert (answer.status_code, answer.json()["campaigns"]) == (400, ["fair", "other-fair"])
    assert answer.json()["pointer"] == "/query/campaign"
    assert fair.get("/v1/draws/packet/1", campaign="fair")["number"] == 1
    assert fair.get("/v1/draws/packet/1", campaign="other-fair")["campaign"] == "other-fair"
    assert fair.read("/v1/draws/packet/2", campaign="other-fair").status_code == 404
    assert fair.read("/v1/draws/nothing/1").status_code == 404


def test_a_prize_that_came_back_is_in_the_shares_of_later_draws(fair: Fair) -> None:
    for who in ("p-1", "p-2"):
        fair.said("draw_requested", who, f"{LAST}T09:00:00", pool="packet")
    returned = fair.get("draws/packet/1")["outcome"]
    fair.write("prizes/packet.1/returned", {"reason": "the account was closed"}).raise_for_status()
    fair.said("draw_requested", "p-1", f"{LAST}T09:01:00", pool="packet")
    shares = [{s["prize"]: s["weight"] for s in fair.get(f"draws/packet/{n}")["shares"]} for n in (2, 3)]
    assert sum(shares[0].values()) == sum(shares[1].values()) == 2
    second = fair.get("draws/packet/2")["outcome"]
    left = {"packet-0.30": 2, "packet-5": 1}
    left[second] -= 1
    assert shares[1] == {prize: weight for prize, weight in left.items() if weight}
    assert returned in shares[1]


@pytest.mark.rule("JS-09")
def test_a_pool_shows_what_is_left_to_those_who_keep_it_and_not_to_clients(fair: Fair) -> None:
    drawn = fair.said("draw_requested", "p-1", f"{LAST}T09:00:00", pool="packet")["draw"]
    inside = fair.get("pools/packet", role="finance")["inside"]
    assert (inside["budget"], inside["spent"]) == (1000, drawn["amount"])
    assert inside["budget_left"] == 1000 - drawn["amount"]
    assert {each["prize"]: each["gone"] for each in inside["prizes"]}[drawn["outcome"]] == 1
    assert inside["standing"] == [
        {"prize": drawn["outcome"], "status": "issued", "count": 1, "amount": drawn["amount"]}
    ]
    public = fair.get("pools/packet", role="client")
    assert public["inside"] is None
    assert (public["draws"], len(public["commitment"])) == (1, 64)
    assert fair.read("pools/nothing").json()["code"] == "pool_unknown"
