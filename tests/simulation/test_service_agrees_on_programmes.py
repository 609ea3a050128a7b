"""The running service and the oracle play Eco walk and the Zhenjiang benefits over HTTP and agree."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

import httpx
import pytest

from tests.oracle import EC_RULEBOOK, Eco, Unit, Zhenjiang
from tests.people import person
from tests.simulation import eco, zhenjiang
from tests.simulation.asking import Asking, Json
from tests.simulation.test_service_agrees_with_oracle import Match, Service
from tests.waiting import Patient


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """A client with the administrator's key."""
    headers = {"Authorization": f"Bearer {service.key}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=120, transport=Patient()) as client:
        yield client


@pytest.mark.slow
@pytest.mark.rule(
    "EC-01", "EC-02", "EC-03", "EC-04", "EC-05", "EC-06", "EC-07", "EC-08", "EC-09", "EC-10", "EC-11", "EC-14",
)  # fmt: skip
def test_eco_walk_over_http_ends_as_the_oracle_says(client: httpx.Client) -> None:
    seed, people = 2018, 150
    oracle = Eco()
    match = Match(Asking(client, "ec-2018"), oracle, f"seed {seed} of {people}")
    match.asking.publish(EC_RULEBOOK.read_text(encoding="utf-8"))
    match.post(eco.generate(seed, people, days=16))
    match.compare_people()
    for who, walker in oracle.walkers.items():
        chances = match.asking.get(f"/participants/{who}")["chances"]
        told = {(each["pool"], each["chance"]): each["state"] for each in chances}
        assert told == walker.entries, f"{match.note}: {who}"
    compare_funds(match.asking, oracle)
    report = match.asking.get("/branches")["branches"]
    assert {each["id"]: unit(each) for each in report} == {
        each["id"]: oracle.unit(each["id"]) for each in report
    }
    for board in ("units-a", "units-b", "participants"):
        match.compare_live(board)
    for board in ("units-a", "units-b"):
        match.compare_frozen(board)


def holds(points: int, page: Json) -> bool:
    """Whether a participant's page says so many points."""
    return bool(page["points"]["balance"] == points)


def redeemed(had: dict[str, str], page: Json) -> bool:
    """Whether a page of redemptions says what became of each."""
    return {each["prize"]: each["status"] for each in page["redemptions"]} == had


def unit(view: Json) -> Unit:
    """A union of the report, in the oracle's words."""
    score = view["score"] and Fraction(view["score"]["numerator"], view["score"]["denominator"])
    return Unit(view["enrolled"], view["walked"], view["attained"], view["total_steps"], score)


def compare_funds(asking: Asking, oracle: Eco) -> None:
    """What each fund took in, how often, and that it holds all of it."""
    funds = {each["fund"]: each for each in asking.get("/funds")["funds"]}
    told = {
        name: (each["donated"], each["balance"], each["donations"])
        for name, each in funds.items()
        if each["collected"]
    }
    assert told == {
        name: (sum(donated), sum(donated), len(donated)) for name, donated in oracle.funds.items()
    }


@pytest.mark.slow
@pytest.mark.rule("ZG-01", "ZG-02", "ZG-03", "ZG-04", "ZG-05", "ZG-06", "ZG-07", "ZG-08", "GX-02")
def test_zhenjiang_over_http_ends_as_the_oracle_says(client: httpx.Client) -> None:
    seed, people = 2020, 100
    text = zhenjiang.small_text()
    oracle = Zhenjiang(text)
    match = Match(Asking(client, "zg"), oracle, f"seed {seed} of {people}")
    match.asking.publish(text)
    for season in zhenjiang.generate(seed, people):
        zhenjiang.begin(oracle, season)
        prepare(client, match, oracle, season)
        match.post(season.events)
        compare_shop(match.asking, oracle)
    compare_members(client, match.asking, oracle)
    report = match.asking.get("/branches")["branches"]
    enrolled = {each["id"]: each["enrolled"] for each in report}
    assert enrolled == {union: oracle.members(union) for union in enrolled}
    assert sum(enrolled.values()) > len(oracle.workers), "a union's figure includes those below it"


def prepare(client: httpx.Client, match: Match, oracle: Zhenjiang, season: zhenjiang.Season) -> None:
    """What happens before a season: time passes and items lapse by themselves; a roster and codes arrive."""
    client.put("/v1/clock", json={"now": season.begins.isoformat()}).raise_for_status()
    had = {item: count - season.codes.get(item, 0) for item, count in oracle.codes.items()}
    left = {item: left_of(oracle, item, had) for item in oracle.items}
    match.asking.wait("/shop", lambda view: {each["item"]: each["left"] for each in view["items"]} == left)
    headers = {"Content-Type": "text/csv", "Idempotency-Key": f"{season.begins}"}
    if season.roster:
        lines = [
            f"{person(int(reference.removeprefix('R-'))).id_number},{union},{reference}"
            for reference, union in season.roster.items()
        ]
        roster = "\n".join(["身份证号,单位,编号", *lines, ""])
        answer = client.post(
            "/v1/rosters", params={"batch": "list"}, content=roster.encode(), headers=headers
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["entered"] + answer.json()["renewed"] + answer.json()["same"] == len(lines)
        assert answer.json()["not_taken"] == 0
    for item, count in season.codes.items():
        codes = "".join(f"{item}-{season.begins:%Y%m%d}-{number}\n" for number in range(count))
        answer = client.post(
            f"/v1/campaigns/zg/pools/shop/prizes/{item}/vouchers",
            params={"batch": f"{season.begins:%Y%m%d}"},
            content=codes.encode(),
            headers=headers | {"Idempotency-Key": f"{season.begins} {item}"},
        )
        assert answer.status_code == 201, answer.text


def left_of(oracle: Zhenjiang, item: str, codes: dict[str, int]) -> int:
    """What is left of an item before more codes arrive."""
    now, oracle.codes = oracle.codes, codes
    try:
        return oracle.left(item)
    finally:
        oracle.codes = now


def compare_shop(asking: Asking, oracle: Zhenjiang) -> None:
    """What is left of each item, once all that was not claimed has lapsed; and how many gifts there were."""
    oracle.lapse()
    left = {item: oracle.left(item) for item in oracle.items}
    asking.wait("/shop", lambda view: {each["item"]: each["left"] for each in view["items"]} == left)
    gifts = sum(len(worker.gifts) for worker in oracle.workers.values())
    assert asking.get("/pools/welcome")["draws"] == gifts


def compare_members(client: httpx.Client, asking: Asking, oracle: Zhenjiang) -> None:
    """Points, days, prizes and cover of everybody, once the scheduler has said which points are gone."""
    for who, worker in oracle.workers.items():
        points = oracle.points(who)
        asking.wait(f"/participants/{who}", partial(holds, points))
        assert asking.standing(who) == oracle.standing(who), who
        wallet = client.get(f"/v1/participants/{who}/wallet").json()
        assert (wallet["spendable"], wallet["debt"]) == (points, 0), who
        had = {each.name: each.status for each in oracle.redeemed if each.who == who}
        asking.wait(f"/participants/{who}/redemptions", partial(redeemed, had), limit=100)
        (right,) = client.get(f"/v1/members/{who}").json()["rights"]
        assert (right["starts"], right["ends"]) == tuple(day.isoformat() for day in worker.cover), who
