"""The membership programme and the benefits of Zhenjiang on a service, and who applies, reviews and asks."""

import itertools
from importlib.resources import files
from typing import Any

import httpx

from tests.api.conftest import Service

SJ, ZG = ((files("ledger") / "rulebooks" / f"{name}.toml").read_text("utf-8") for name in ("sj", "zg"))
DAY = "2023-05-04"

_keys = itertools.count(1)


class Union:
    """A service with sj and zg. position: of what was written last."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.position = 0
        for text in (SJ, ZG):
            service.publish(text).raise_for_status()

    def post(
        self, kind: str, who: str, at: str = f"{DAY}T09:00:00", campaign: str = "", **data: Any
    ) -> httpx.Response:
        """Post an event at a moment of Shanghai's clock, of no campaign unless one is named."""
        event = {
            "specversion": "1.0",
            "id": f"u-{next(_keys)}",
            "source": "//test",
            "type": f"jifen.{kind}",
            "subject": who,
            "time": f"{at}+08:00",
            "data": data,
        } | ({"campaign": campaign} if campaign else {})
        return self._noted(
            self.service.client.post("/v1/events", json=event, headers={"Content-Type": CLOUD})
        )

    def said(self, kind: str, who: str, at: str = f"{DAY}T09:00:00", campaign: str = "", **data: Any) -> Any:
        """Post an event that is accepted."""
        answer = self.post(kind, who, at, campaign, **data)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def joins(self, who: str, branch: str = "nanjing-federation", **data: Any) -> Any:
        """Somebody applies for membership and is in."""
        return self.said(
            "membership_applied", who, branch=branch, **{"employment": "staff", "consent": True, **data}
        )

    def roster(self, people: list[tuple[str, str]], batch: str = "insurance") -> None:
        """Enter people of a roster: identity number and union."""
        text = "身份证号,单位\n" + "".join(f"{number},{union}\n" for number, union in people)
        headers = {"Idempotency-Key": f"k-{next(_keys)}", "Content-Type": "text/csv"}
        answer = self.service.client.post(
            "/v1/rosters", params={"batch": batch}, content=text.encode(), headers=headers
        )
        assert answer.is_success, answer.text
        self._noted(answer)

    def write(
        self, path: str, body: Any = None, key: str = "", method: str = "POST", **params: Any
    ) -> httpx.Response:
        """An administrator's write, under a key of its own unless one is given."""
        headers = {"Idempotency-Key": key or f"k-{next(_keys)}"}
        how: dict[str, Any] = {} if body is None else {"json": body}
        return self._noted(
            self.service.client.request(method, f"/v1/{path}", headers=headers, params=params, **how)
        )

    def done(self, path: str, body: Any = None, **how: Any) -> Any:
        """A write that is taken."""
        answer = self.write(path, body, **how)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str, role: Any = None, **params: Any) -> Any:
        """What a GET answers, as of everything that was written."""
        answer = self.read(path, role, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, path: str, role: Any = None, **params: Any) -> httpx.Response:
        """A GET, as of everything that was written."""
        headers = self.service.as_role(role) if role else {}
        return self.service.client.get(
            f"/v1/{path}", params={"at_least": self.position, **params}, headers=headers
        )

    def topics(self, answer: Any) -> list[str]:
        """The types of the events that an answer tells."""
        return [event["type"] for event in answer["events"]]

    def _noted(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers["content-type"].startswith("application/") and answer.status_code < 500:
            body = answer.json()
            written = [*body.get("events", []), *body.get("results", []), body]
            self.position = max(self.position, *(each.get("position", 0) for each in written))
        return answer


CLOUD = "application/cloudevents+json"
