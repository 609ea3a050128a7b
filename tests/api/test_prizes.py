"""The life of prizes and voucher codes over HTTP: each step once, each code once, and who may see what."""

from typing import Any

import psycopg
import pytest

from tests.api.conftest import Service
from tests.api.fair import DAYS, Fair

LAST = "2023-11-04"
CODES = "pools/cinema/prizes/ticket/vouchers?batch=first"
ADDRESS = {"prize": "medals.1.1", "address_ref": "vault/1", "region": "CN-32"}


@pytest.fixture
def fair(service: Service) -> Fair:
    """A fair that is over: p-1 has walked more than p-2, so they have the medals, and may enter the cinema draw."""
    fair = Fair(service)
    fair.enrol("p-1", "p-2", "p-3")
    fair.attend("p-1", "p-2")
    fair.said("draw_requested", "p-1", f"{LAST}T09:00:00", pool="packet")
    for who, steps in (("p-1", 9000), ("p-2", 7000), ("p-3", 100)):
        fair.said("steps_synced", who, f"{LAST}T20:00:00", day=LAST, steps=steps, provider="werun")
    fair.pass_to("2023-11-05T00:10:00")
    fair.until(lambda: fair.get("pools/medals")["inside"]["awarded"])
    fair.until(lambda: len(fair.events("chance-granted.v1")) == 2 * len(DAYS) + 2)
    return fair


def step(fair: Fair, name: str, prize: str = "medals.1.1", **said: Any) -> Any:
    return fair.write(f"prizes/{prize}/{name}", said)


def status_of(fair: Fair, who: str, prize: str) -> str:
    return str(fair.get(f"participants/{who}/prizes/{prize}")["status"])


@pytest.mark.rule("SX-24", "SX-25")
def test_a_prize_goes_from_winning_to_delivery_each_step_once(fair: Fair) -> None:
    at = "2023-11-06T09:00:00"
    assert status_of(fair, "p-1", "medals.1.1") == "won"
    assert step(fair, "issued").json()["code"] == "prize_step_not_allowed"
    fair.said("address_submitted", "p-1", at, **ADDRESS)
    assert fair.refused("address_submitted", "p-1", at, **ADDRESS)[0] == "address_already_submitted"
    assert step(fair, "delivered").json()["code"] == "prize_step_not_allowed"
    issued = step(fair, "issued", ref="SF-1")
    assert issued.status_code == 201, issued.text
    assert {(leg["asset"], leg["amount"], leg["balance_after"]) for leg in issued.json()["postings"]} == {
        ("gold", -1, 0)
    }
    step(fair, "delivered").raise_for_status()
    assert step(fair, "returned", reason="broken").json()["code"] == "prize_step_not_allowed"
    assert status_of(fair, "p-1", "medals.1.1") == "delivered"


@pytest.mark.rule("SX-25")
def test_an_address_is_the_winners_on_the_mainland_and_of_goods(fair: Fair) -> None:
    at = "2023-11-06T09:00:00"
    money = {"prize": "packet.1", "address_ref": "vault/1"}
    assert fair.refused("address_submitted", "p-2", at, **ADDRESS) == ("prize_unknown", "XY-15")
    assert fair.refused("address_submitted", "p-1", at, **money) == ("address_not_needed", "XY-12")
    for region in ("CN-HK", "CN-MO", "CN-TW", "US", "HK"):
        sent = {**ADDRESS, "region": region}
        assert fair.refused("address_submitted", "p-1", at, **sent) == ("address_not_in_mainland", "XY-15")
    fair.said("address_submitted", "p-1", at, **ADDRESS)
    shown = fair.get("participants/p-1/prizes/medals.1.1")
    assert (shown["address"], shown["status"]) == (True, "won")
    assert "vault/1" not in str(shown)


@pytest.mark.rule("SX-25")
def test_a_prize_that_comes_back_or_lapses_is_replaced_by_another_one(fair: Fair) -> None:
    step(fair, "lapsed", "medals.2.1", reason="never claimed").raise_for_status()
    replaced = step(fair, "replaced", "medals.2.1", reason="claimed after all")
    assert replaced.status_code == 201, replaced.text
    old = fair.get("participants/p-2/prizes/medals.2.1")
    assert (old["status"], old["replaced_by"]) == ("replaced", "medals.2.1.r")
    assert status_of(fair, "p-2", "medals.2.1.r") == "won"
    listed = fair.get("pools/medals/prizes", status="won", role="operator")["prizes"]
    assert [(each["prize"], each["participant"]) for each in listed] == [
        ("medals.1.1", "p-1"),
        ("medals.2.1.r", "p-2"),
    ]


def test_prizes_come_in_pages_and_wrong_ones_are_404(fair: Fair) -> None:
    page = fair.read("pools/medals/prizes", limit=1)
    following = fair.service.client.get(page.links["next"]["url"])
    assert [each["prize"] for each in (*page.json()["prizes"], *following.json()["prizes"])] == [
        "medals.1.1",
        "medals.2.1",
    ]
    for path in ("participants/p-2/prizes/medals.1.1", "participants/p-1/prizes/none.1"):
        assert (fair.read(path).status_code, fair.read(path).json()["code"]) == (404, "prize_unknown")
    assert step(fair, "issued", "none.1").json()["code"] == "prize_unknown"
    assert fair.read("participants/p-9/prizes").json()["code"] == "not_enrolled"


@pytest.mark.parametrize(
    ("name", "said", "pointer"),
    [
        ("returned", {}, "/reason"),
        ("lapsed", {"reason": "x"}, "/reason"),
        ("issued", {"reason": "because"}, "/reason"),
        ("replaced", {"reason": "because", "ref": "x"}, "/ref"),
        ("issued", {"redeemed_at": "2023-11-06T09:00:00+08:00"}, "/redeemed_at"),
        ("stolen", {}, "/path/step"),
    ],
)
def test_a_step_says_what_it_has_to_and_no_more(
    shared: Service, name: str, said: dict[str, Any], pointer: str
) -> None:
    answer = Fair(shared).write(f"prizes/medals.1.1/{name}", said)
    assert (answer.status_code, answer.json()["pointer"]) == (400, pointer)


@pytest.mark.rule("JS-11")
def test_a_file_of_codes_is_taken_whole_or_not_at_all(fair: Fair) -> None:
    def refused(text: str | bytes) -> tuple[str, str]:
        answer = fair.send_csv(CODES, text)
        assert answer.status_code == 422, answer.text
        return answer.json()["code"], answer.json()["detail"]

    assert refused("A-1\n\nA-2\n") == ("voucher_line_empty", "without a code: line 2")
    assert refused("A-1\nA-2\nA-1\n") == ("voucher_twice", "the same code more than once: line 1, 3")
    assert refused("")[0] == "voucher_line_empty"
    taken = fair.send_csv(CODES, "\ufeffcode\r\nA-1\r\nA-2".encode(), "delivery-1")
    assert taken.status_code == 201, taken.text
    assert (taken.json()["first"], taken.json()["count"], taken.json()["batch"]) == (1, 2, "first")
    again = fair.send_csv(CODES, "A-1\nA-2\n", "delivery-1")
    assert (again.content, again.headers["idempotency-replayed"]) == (taken.content, "true")
    assert refused("A-3\nA-2\n") == ("voucher_known", "imported before: line 2")
    assert refused("code\nA-3\nA-2\n") == ("voucher_known", "imported before: line 3"), "lines are the file's"
    assert fair.send_csv(CODES, "A-4\n").json()["first"] == 3
    (prize,) = fair.get("pools/cinema", role="finance")["inside"]["prizes"]
    assert (prize["codes_imported"], prize["codes_handed"]) == (3, 0)
    assert fair.send_csv(CODES, "A-5,A-6\n").status_code == 400
    assert fair.send_csv(CODES, b"\xff\xfe").status_code == 400
    assert (
        fair.send_csv("pools/medals/prizes/gold/vouchers?batch=x", "A-7\n").json()["code"] == "prize_unknown"
    )


def draw_tickets(fair: Fair) -> dict[str, str]:
    """Hold the cinema draw with two codes; participant → prize."""
    fair.send_csv(CODES, "SECRET-1\nSECRET-2\n").raise_for_status()
    for who in ("p-1", "p-2"):
        fair.said("draw_requested", who, "2023-11-05T20:00:00", pool="cinema", chance="walkers")
    assert fair.refused("draw_requested", "p-3", "2023-11-05T20:00:00", pool="cinema")[0] == "chance_unknown"
    fair.pass_to("2023-11-06T00:10:00")
    beacon = {"kind": "announced", "source": "a lottery", "at": "2023-11-06T21:00:00+08:00"}
    fair.write("draws/cinema/seal", {"beacon": beacon}).raise_for_status()
    fair.pass_to("2023-11-06T21:00:00")
    fair.write("draws/cinema/contests/1/run", {"text": "1 2 3"}).raise_for_status()
    return {who: fair.get(f"participants/{who}/prizes")["prizes"][0]["prize"] for who in ("p-1", "p-2")}


@pytest.mark.rule("JS-10", "JS-11")
def test_a_code_is_shown_to_its_winner_and_finance_and_stands_nowhere_in_the_open(fair: Fair) -> None:
    prizes = draw_tickets(fair)
    path = f"participants/p-1/prizes/{prizes['p-1']}"
    code = fair.get(path, role="client")["code"]
    assert code in {"SECRET-1", "SECRET-2"}
    assert fair.get(path, role="finance")["code"] == code
    assert fair.read(path, role="client").headers["cache-control"] == "no-store"
    assert "code" not in fair.get(path, role="operator")
    assert "code" not in fair.get(path, role="auditor")
    other = fair.read(f"participants/p-2/prizes/{prizes['p-1']}", role="client")
    assert other.status_code == 404
    assert "SECRET" not in fair.service.log_text()
    with psycopg.connect(fair.service.database.url) as connection:
        for table in ("stored_events", "secrets", "requests", "aggregate_snapshots", "prizes"):
            rows = connection.execute(f"SELECT t::text FROM jifen.{table} AS t").fetchall()
            assert not [row for (row,) in rows if "SECRET" in row or b"SECRET".hex() in row], table


@pytest.mark.rule("JS-11")
def test_the_malls_report_is_taken_line_by_line(fair: Fair) -> None:
    prizes = draw_tickets(fair)
    code = fair.get(f"participants/p-1/prizes/{prizes['p-1']}")["code"]
    report = (
        f"code,redeemed_at,ref\n{code},2023-11-06T21:01:00+08:00,A-88\nNOBODYS,,\n,,\n{code},yesterday,\n"
    )
    answer = fair.send_csv("vouchers/redeemed", report, "report-1")
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [(each["line"], each["status"], each["http_status"]) for each in results] == [
        (2, "accepted", 201),
        (3, "invalid", 404),
        (5, "invalid", 400),
    ]
    shown = fair.get(f"participants/p-1/prizes/{prizes['p-1']}")
    assert (shown["status"], shown["redeemed_at"]) == ("redeemed", "2023-11-06T13:01:00Z")
    (again, *_) = fair.send_csv("vouchers/redeemed", report, "report-1").json()["results"]
    assert (again["status"], again["replayed"]) == ("accepted", True)
    (twice,) = fair.send_csv("vouchers/redeemed", f"code\n{code}\n").json()["results"]
    assert (twice["status"], twice["code"]) == ("refused", "prize_step_not_allowed")
    assert fair.send_csv("vouchers/redeemed", "A-1\n").status_code == 400
    assert code not in answer.text
