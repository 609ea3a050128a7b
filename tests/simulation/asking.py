"""Asking a running service what the oracle tells, in the oracle's words."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import httpx

from tests.oracle import CHINA, Answer, Day, Event, Row, Standing, TeamStanding
from tests.oracle.boards import Key
from tests.waiting import until

Json = dict[str, Any]


class Asking:
    """A campaign on a service, asked by an administrator. position: the newest that was answered with."""

    def __init__(self, client: httpx.Client, campaign: str) -> None:
        self.client = client
        self.campaign = f"/v1/campaigns/{campaign}"
        self.position = 0

    def publish(self, text: str) -> None:
        """Publish a rulebook; one that is there already is a repeat."""
        answer = self.client.post(
            "/v1/campaigns",
            content=text.encode(),
            headers={"Content-Type": "application/toml", "Idempotency-Key": "publish " + self.campaign},
        )
        assert answer.status_code == 201, answer.text

    def post(self, batch: list[Event]) -> list[Json]:
        """The results of a batch, one for each event."""
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        answer = self.client.post("/v1/events", content=json.dumps(batch), headers=headers)
        assert answer.status_code == 200, answer.text
        results: list[Json] = answer.json()["results"]
        assert len(results) == len(batch)
        self.position = max(self.position, *(result.get("position") or 0 for result in results))
        return results

    def get(self, path: str, **parameters: Any) -> Json:
        """What a page of the campaign says, once it has come as far as what was posted."""
        answer = self.client.get(self.campaign + path, params={"at_least": self.position, **parameters})
        assert answer.status_code == 200, answer.text
        said: Json = answer.json()
        return said

    def wait(self, path: str, holds: Callable[[Json], bool], **parameters: Any) -> Json:
        """What a page says once it says what the scheduler is to bring about."""
        return until(lambda: self.get(path, **parameters), holds)

    def standing(self, who: str) -> Standing:
        """Where a participant stands."""
        view = self.get(f"/participants/{who}")
        assert view["trial"] is False, "the campaign has begun, so the trial is not shown any more (SX-01)"
        return Standing(
            points=view["points"]["balance"],
            spent=view["points"]["spent"],
            total_steps=view["total_steps"],
            days_attained=view["days_attained"],
            sign_in_days=view["sign_in_days"],
            lit=[each["number"] for each in view["checkpoints"] if each["lit_at"]],
            passed=[each["number"] for each in view["checkpoints"] if each["passed_at"]],
            badges=sorted(badge["id"] for badge in view["badges"]),
            days=worth_telling(dict(self.days(who))),
            team=view["team"]["team"] if view["team"] else "",
        )

    def days(self, who: str) -> Iterator[tuple[date, Day]]:
        """The rows of a participant's days, page by page."""
        first = f"{self.campaign}/participants/{who}/days?limit=40&at_least={self.position}"
        address: str | None = first
        while address:
            answer = self.client.get(address)
            for row in answer.json()["days"]:
                counted = 0 if row["provisional"] else row["steps"]
                yield date.fromisoformat(row["day"]), Day(counted, row["attained"], row["signed_in"])
            address = answer.links.get("next", {}).get("url")

    def team(self, id: str) -> TeamStanding:
        """Where a team stands."""
        view = self.get(f"/teams/{id}")
        average = Fraction(view["average_steps"]["steps"], view["average_steps"]["members"])
        members = [member["participant"] for member in view["members"]]
        return TeamStanding(view["captain"], members, view["days_attained"], average)

    def ranking(self, board: str) -> list[Row]:
        """The published rows that everybody sees."""
        return [row(each) for each in self.get(f"/rankings/{board}")["rows"]]

    def rank(self, board: str, entrant: str, **how: Any) -> Row:
        """Somebody's own row; live=True for the one of right now."""
        return row(self.get(f"/rankings/{board}/{entrant}", **how))


def answered(result: Json) -> Answer:
    """A result as the oracle says it; that it is a repeat cannot be told from it, and that is the point."""
    refused = result["status"] == "refused"
    drawn = result.get("draw") or {}
    return Answer(result["status"], result["code"] if refused else "", number=drawn.get("number", 0))


def worth_telling(rows: dict[date, Day]) -> dict[date, Day]:
    """The rows without those that say nothing; whether such a day has a row is the service's own business."""
    return {day: row for day, row in sorted(rows.items()) if row.steps or row.attained or row.signed_in}


def row(view: Json) -> Row:
    """A row of a ranking."""
    return Row(view["rank"], view["entrant"], tuple(key(name, said) for name, said in view["keys"].items()))


def key(name: str, said: Any) -> Key:
    """The value of a key: exact fractions, and moments."""
    if name in ("attainment_rate", "participation_rate", "score"):
        return Fraction(said["numerator"], said["denominator"])
    if name == "average_steps":
        return Fraction(said["steps"], said["members"])
    if name == "last_sync":
        return None if said is None else datetime.fromisoformat(said).astimezone(CHINA)
    return int(said)
