"""Batch draws over HTTP: sealed before the number exists, held with it, drawn again only for a reason."""

from typing import Any

import pytest

from tests import stranger
from tests.api.conftest import Service
from tests.api.fair import SIGNATURE, Fair

OVER = "2023-11-05T12:10:00"
ANNOUNCED = {"kind": "announced", "source": "福彩3D 2023295, three digits", "at": "2023-11-05T21:15:00+08:00"}
KNOWN = "2023-11-05T21:15:00"


@pytest.fixture
def fair(service: Service) -> Fair:
    """A fair at which p-1 to p-4 have each a ticket of the grand draw."""
    fair = Fair(service)
    people = ("p-1", "p-2", "p-3", "p-4")
    fair.enrol(*people)
    fair.attend(*people)
    for who in people:
        fair.said("draw_requested", who, "2023-11-04T09:00:00", pool="grand", chance="always-here")
    return fair


def seal(fair: Fair, body: dict[str, Any], key: str = "") -> Any:
    return fair.write("draws/grand/seal", body, key)


def run(fair: Fair, contest: int, body: dict[str, Any], key: str = "") -> Any:
    return fair.write(f"draws/grand/contests/{contest}/run", body, key)


@pytest.mark.rule("SX-22", "JS-10")
def test_a_draw_is_sealed_held_and_proven(fair: Fair) -> None:
    fair.pass_to(OVER)
    sealed = seal(fair, {"beacon": ANNOUNCED}, "seal-1")
    assert sealed.status_code == 201, sealed.text
    assert seal(fair, {"beacon": ANNOUNCED}, "seal-1").content == sealed.content
    waiting = fair.get("draws/grand/contests/1")
    assert (waiting["beacon"], waiting["winners"], waiting["sealed"]["tickets"]) == (None, None, 4)
    assert waiting["tickets"] == [[1, "p-1"], [2, "p-2"], [3, "p-3"], [4, "p-4"]]
    fair.pass_to(KNOWN)
    held = run(fair, 1, {"text": " 4 0 7\n"}, "run-1")
    assert held.status_code == 201, held.text
    again = run(fair, 1, {"text": " 4 0 7\n"}, "run-1")
    assert (again.content, again.headers["idempotency-replayed"]) == (held.content, "true")
    proof = fair.get("draws/grand/contests/1")
    assert stranger.check_batch(proof) == []
    assert len(proof["winners"]) == 2
    for number, _ in proof["winners"]:
        ticket = fair.get(f"draws/grand/{number}")
        assert ticket["outcome"] == "phone"
        assert ticket["contests"] == [
            {"contest": 1, "root": proof["sealed"]["root"], "run": True, "prize": "phone"}
        ]
        prizes = fair.get(f"participants/{ticket['participant']}/prizes")["prizes"]
        (prize,) = [
            each for each in prizes if each["prize"].startswith("grand.")
        ]  # medals come in their own time
        assert (prize["prize"], prize["status"], prize["kind"]) == (f"grand.{number}", "won", "goods")


@pytest.mark.rule("JS-10")
def test_a_draw_of_drand_takes_only_the_signature_of_its_round(fair: Fair) -> None:
    fair.pass_to("2023-08-01T00:00:00")  # the clock of a ledger that follows events can be set back
    refused = seal(fair, {"beacon": {"kind": "drand", "round": 1000}})
    assert (refused.status_code, refused.json()["code"]) == (422, "pool_still_open")
    fair.pass_to(OVER)
    past = seal(fair, {"beacon": {"kind": "drand", "round": 1000}})
    assert (past.status_code, past.json()["code"]) == (422, "beacon_not_in_future")
    seal(fair, {"beacon": {"kind": "drand", "round": 2_500_000}}).raise_for_status()
    fair.pass_to("2023-12-01T00:00:00")
    other = run(fair, 1, {"signature": SIGNATURE})
    assert (other.status_code, other.json()["pointer"]) == (400, "/signature")
    assert run(fair, 1, {"signature": "00"}).json()["pointer"] == "/signature"
    assert run(fair, 1, {"text": "4 0 7"}).json()["pointer"] == "/signature"
    assert not fair.events("draw-run.v1")


@pytest.mark.rule("JS-10")
def test_a_redraw_needs_a_reason_and_another_approver(fair: Fair) -> None:
    fair.pass_to(OVER)
    one = {"beacon": ANNOUNCED, "prizes": [{"prize": "phone", "count": 1}]}
    assert seal(fair, {**one, "prizes": [{"prize": "phone", "count": 3}]}).json()["code"] == "pool_empty"
    assert seal(fair, {**one, "prizes": [{"prize": "car", "count": 1}]}).json()["code"] == "prize_unknown"
    seal(fair, one).raise_for_status()
    assert seal(fair, one).json()["code"] == "draw_already_sealed"
    assert run(fair, 1, {"text": "4 0 7"}).json()["code"] == "beacon_not_in_future"
    assert run(fair, 2, {"text": "4 0 7"}).json()["code"] == "draw_not_sealed"
    fair.pass_to(KNOWN)
    run(fair, 1, {"text": "4 0 7"}).raise_for_status()
    assert run(fair, 1, {"text": "4 0 7"}).json()["code"] == "draw_not_sealed"
    later = {"beacon": {**ANNOUNCED, "at": "2023-11-06T21:15:00+08:00"}}
    assert seal(fair, later).json()["code"] == "draw_already_sealed"
    seal(fair, {**later, "reason": "the winner withdrew", "approver": "Li Na"}).raise_for_status()
    proof = fair.get("draws/grand/contests/2")
    assert (proof["reason"], proof["approver"], proof["contest"]) == ("the winner withdrew", "Li Na", 2)
    assert fair.read("draws/grand/contests/3").status_code == 404


@pytest.mark.parametrize(
    ("beacon", "pointer"),
    [
        ({"kind": "drand"}, "/beacon"),
        ({"kind": "drand", "round": 9_007_199_254_740_992}, "/beacon/round"),
        ({"kind": "announced", "source": "x"}, "/beacon"),
        ({"kind": "lottery"}, "/beacon/kind"),
    ],
)
def test_a_beacon_that_cannot_be_is_malformed(shared: Service, beacon: dict[str, Any], pointer: str) -> None:
    answer = Fair(shared).write("draws/grand/seal", {"beacon": beacon})
    assert (answer.status_code, answer.json()["pointer"]) == (400, pointer)
