"""The running service and the oracle play the same campaigns over HTTP and agree, answer by answer and at the end."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import httpx
import pytest

from tests.oracle import CHINA, RULEBOOK, Event, Oracle
from tests.simulation import campus, workload
from tests.simulation.arrivals import batches
from tests.simulation.asking import Asking, Json, answered, worth_telling
from tests.waiting import Patient

HALF_TIME = datetime(2019, 8, 20, tzinfo=CHINA)
FROZEN = datetime(2023, 11, 9, 0, 10, tzinfo=CHINA)


class Service(Protocol):
    """A server process of a test's own, with JIFEN_CLOCK=events. key: an administrator's."""

    url: str
    key: str


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """A client with the administrator's key."""
    headers = {"Authorization": f"Bearer {service.key}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=120, transport=Patient()) as client:
        yield client


class Match:
    """The service and the oracle, fed with the same events. outcomes: what the draws brought, tickets among it."""

    def __init__(self, asking: Asking, oracle: Oracle, note: str) -> None:
        self.asking = asking
        self.oracle = oracle
        self.note = note
        self.first: dict[str, Json] = {}
        self.outcomes: Counter[str] = Counter()

    def post(self, events: list[Event]) -> None:
        """Post events, and compare each answer."""
        for batch in batches(events, 500):
            results = self.asking.post(batch)
            for event, result in zip(batch, results, strict=True):
                expected = self.oracle.post(event)
                where = f"{self.note}: {event}\n{result}"
                assert answered(result) == expected._replace(repeat=False), where
                if expected.repeat:
                    assert result == {**self.first[event["id"]], "replayed": True}, where
                elif expected.status in ("accepted", "refused"):
                    self.first[event["id"]] = result
                    if drawn := result.get("draw"):
                        self.outcomes[drawn["outcome"]] += 1

    def compare_people(self) -> None:
        people, teams = self.oracle.standings()
        for who, said in people.items():
            told = self.asking.standing(who)
            assert told == said._replace(days=worth_telling(said.days)), f"{self.note}: {who}"
        for team, where in teams.items():
            assert self.asking.team(team) == where, f"{self.note}: {team}"

    def compare_live(self, board: str) -> None:
        for expected in self.oracle.board(board):
            assert self.asking.rank(board, expected.entrant, live=True) == expected, self.note

    def compare_frozen(self, board: str) -> None:
        self.asking.wait(f"/rankings/{board}", lambda view: bool(view["frozen"]))
        expected = self.oracle.board(board, frozen=True)
        assert self.asking.ranking(board) == expected, self.note
        for each in expected[:: max(1, len(expected) // 20)]:
            assert self.asking.rank(board, each.entrant) == each, self.note


def split(events: list[Event], moment: datetime) -> tuple[list[Event], list[Event]]:
    """The events that arrive before the clock, which follows them, comes to a moment; and the rest."""
    at = next(n for n, event in enumerate(events) if datetime.fromisoformat(event["time"]) >= moment)
    return events[:at], events[at:]


@pytest.mark.slow
@pytest.mark.rule(
    "SX-01", "SX-03", "SX-05", "SX-06", "SX-08", "SX-09", "SX-11", "SX-12", "SX-13", "SX-14", "SX-15", "SX-16",
    "SX-17", "SX-18", "SX-22", "SX-23", "GX-01",
)  # fmt: skip
def test_shaanxi_over_http_ends_as_the_oracle_says(client: httpx.Client) -> None:
    seed, people, length = 2019, 200, 100
    match = Match(Asking(client, "sx-2019"), Oracle(), f"seed {seed} of {people} × {length}")
    match.asking.publish(RULEBOOK.read_text(encoding="utf-8"))
    before, after = split(workload.generate(seed, people, length), HALF_TIME)
    match.post(before)
    match.compare_live("teams")
    match.post(after)
    match.compare_people()
    match.compare_live("teams")
    match.compare_frozen("teams")
    assert len(match.outcomes - Counter(entered=match.outcomes["entered"])) == 8, "all amounts came up"


@pytest.mark.slow
@pytest.mark.rule("JS-01", "JS-02", "JS-03", "JS-04", "JS-05", "JS-06", "JS-08", "JS-09", "JS-10", "JS-13")
def test_jiangsu_over_http_ends_as_the_oracle_says(client: httpx.Client) -> None:
    seed, people = 2023, 150
    text = campus.small_text()
    match = Match(Asking(client, "js-2023"), Oracle(text), f"seed {seed} of {people}")
    match.asking.publish(text)
    before, after = split(campus.generate(seed, people), FROZEN)
    match.post(before)
    client.put("/v1/clock", json={"now": FROZEN.isoformat()}).raise_for_status()
    match.oracle.now = FROZEN
    match.compare_frozen("participants")
    last = match.oracle.board("participants", frozen=True)[campus.FIRST_PLACES - 1].entrant
    match.asking.wait(
        f"/participants/{last}",
        lambda view: any(chance["pool"] == "movie-voucher" for chance in view["chances"]),
    )
    match.post(after)
    match.compare_people()
    match.compare_live("participants")
    match.compare_frozen("participants")
    packets = {prize: won for prize, won in match.outcomes.items() if prize.startswith("red-packet")}
    assert sum(packets.values()) == campus.PACKETS
    assert sorted(packets.values()) == sorted(campus.STOCKS.values())
