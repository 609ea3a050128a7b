"""A small campaign of three days with one of every kind of pool, and a story-teller for it."""

import itertools
from typing import Any

import httpx

from tests.api.conftest import TOML, Service
from tests.waiting import until

FAIR = """\
format = 1
id = "fair"
title = { zh = "小集市", en = "Small fair" }
timezone = "Asia/Shanghai"
starts = 2023-11-02
ends = 2023-11-04
clause = "XY-01"

[enrolment]
clause = "XY-02"

[sign_in]
clause = "XY-03"

[steps]
clause = "XY-04"
goal_clause = "XY-05"
daily_goal = 5000

[teams]
clause = "XY-06"
goal_clause = "XY-07"
size = 2
member_goal = 5000
team_goal = 12000

[[points]]
id = "signed"
on = "sign_in"
amount = 19
clause = "XY-08"

[[points]]
id = "team"
on = "team_goal"
amount = 2
clause = "XY-09"

[[points]]
id = "filled"
on = "team_filled"
amount = 20
clause = "XY-10"

[[badges]]
id = "always-here"
name = { zh = "全勤", en = "Always here" }
on = "every_day_signed_in"
clause = "XY-11"

[[pools]]
id = "packet"
name = { zh = "红包", en = "Red packet" }
clause = "XY-12"
cost_points = 20
deadline = 2023-11-04T12:00:00+08:00
grace = "10m"
budget = 1000
prizes = [
  { id = "packet-0.30", name = { zh = "三角", en = "0.30 yuan" }, kind = "money", amount = 30, stock = 2 },
  { id = "packet-5", name = { zh = "五元", en = "5 yuan" }, kind = "money", amount = 500, stock = 1 },
]

[[pools]]
id = "daily"
name = { zh = "每日红包", en = "Daily packet" }
clause = "XY-13"
chance = { ttl = "10m", grace = "1h" }
prizes = [
  { id = "half-yuan", name = { zh = "五角", en = "Half a yuan" }, kind = "money", amount = 50, weight = 1 },
  { id = "blank", name = { zh = "谢谢参与", en = "Not this time" }, kind = "nothing", weight = 3 },
]

[[pools]]
id = "grand"
name = { zh = "大奖", en = "Grand prize" }
clause = "XY-14"
draw = "batch"
cost_badges = ["always-here"]
deadline = 2023-11-05T12:00:00+08:00
grace = "10m"
person_max = 1
address_clause = "XY-15"
deliver_within_working_days = 15
mainland_only = true
prizes = [{ id = "phone", name = { zh = "手机", en = "Phone" }, kind = "goods", stock = 2 }]

[[pools]]
id = "cinema"
name = { zh = "电影票", en = "Cinema" }
clause = "XY-16"
draw = "batch"
board = "walkers"
first = 2
deadline = 2023-11-06T00:00:00+08:00
grace = "10m"
prizes = [
  { id = "ticket", name = { zh = "电影票", en = "Ticket" }, kind = "voucher", amount = 6000, stock = 2 },
]

[[pools]]
id = "medals"
name = { zh = "奖牌", en = "Medals" }
clause = "XY-17"
draw = "places"
board = "walkers"
address_clause = "XY-15"
mainland_only = true
prizes = [
  { id = "gold", name = { zh = "金牌", en = "Gold" }, kind = "goods", places = 1, stock = 1 },
  { id = "silver", name = { zh = "银牌", en = "Silver" }, kind = "goods", places = 1, stock = 1 },
]

[[boards]]
id = "walkers"
name = { zh = "个人榜", en = "Walkers" }
clause = "XY-18"
entrants = "participants"
keys = [{ by = "total_steps" }]
freezes_at = 2023-11-05T00:00:00+08:00
"""

DAYS = ("2023-11-02", "2023-11-03", "2023-11-04")
SIGNATURE = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
"""Of round 1000 of drand's quicknet."""

_keys = itertools.count(1)


class Fair:
    """The fair on a service. position: of what was written last."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.position = 0
        service.publish(FAIR).raise_for_status()

    def ask(self, kind: str, who: str, at: str, **data: Any) -> httpx.Response:
        """Post an event at a moment of Shanghai's clock."""
        answer = self.service.post(kind, who, at, campaign="fair", **data)
        self._note(answer)
        return answer

    def said(self, kind: str, who: str, at: str, **data: Any) -> Any:
        """Post an event that is accepted; the answer's body."""
        answer = self.ask(kind, who, at, **data)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def refused(self, kind: str, who: str, at: str, **data: Any) -> tuple[str, str]:
        """Post an event that a rule refuses; code and clause."""
        answer = self.ask(kind, who, at, **data)
        assert answer.status_code == 422, answer.text
        return answer.json()["code"], answer.json()["clause"]

    def enrol(self, *people: str, at: str = "2023-11-02T07:00:00") -> None:
        """People enrol."""
        for who in people:
            self.said("enrolled", who, at, branch="anywhere")

    def attend(self, *people: str) -> None:
        """People sign in on every day, which gives them 57 points and the badge."""
        for day in DAYS:
            for who in people:
                self.said("signed_in", who, f"{day}T08:00:00")

    def write(self, path: str, body: Any = None, key: str = "", **how: Any) -> httpx.Response:
        """An operator's write, under a key of its own unless one is given."""
        headers = {"Idempotency-Key": key or f"k-{next(_keys)}", **how.pop("headers", {})}
        if body is not None:
            how["json"] = body
        answer = self.service.client.post(f"/v1/campaigns/fair/{path}", headers=headers, **how)
        self._note(answer)
        return answer

    def send_csv(self, path: str, text: str | bytes, key: str = "", **how: Any) -> httpx.Response:
        """Send a CSV file."""
        content = text.encode() if isinstance(text, str) else text
        headers = {"Content-Type": "text/csv", **how.pop("headers", {})}
        return self.write(path, key=key, content=content, headers=headers, **how)

    def get(self, path: str, **parameters: Any) -> Any:
        """What a GET answers, as of everything that was written."""
        answer = self.read(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, path: str, *, role: Any = None, **parameters: Any) -> httpx.Response:
        """A GET, as of everything that was written."""
        where = path if path.startswith("/") else f"/v1/campaigns/fair/{path}"
        headers = self.service.as_role(role) if role else {}
        return self.service.client.get(
            where, params={"at_least": self.position, **parameters}, headers=headers
        )

    def pass_to(self, moment: str) -> None:
        """Time passes; nothing else happens."""
        self.service.set_clock(moment)

    until = staticmethod(until)

    def events(self, topic: str) -> list[Any]:
        """All events of a topic in the log that are of the fair."""
        found: list[Any] = []
        after = 0
        while page := self.service.client.get("/v1/events", params={"after": after, "limit": 1000}).json()[
            "events"
        ]:
            found += [each for each in page if each["type"] == topic and "fair" in each["subject"]]
            after = page[-1]["position"]
        self.position = max(self.position, after)
        return found

    def amend(self, old: str, new: str) -> None:
        """Amend the rules from now on."""
        assert FAIR.count(old) == 1
        headers = {**TOML, "Idempotency-Key": f"k-{next(_keys)}"}
        content = FAIR.replace(old, new).encode()
        self.service.client.post(
            "/v1/campaigns/fair/amendments", content=content, headers=headers
        ).raise_for_status()

    def _note(self, answer: httpx.Response) -> None:
        if answer.headers["content-type"].startswith("application/") and answer.status_code < 500:
            body = answer.json()
            written = [*body.get("events", []), *body.get("results", []), body]
            positions = [each.get("position", 0) for each in written]
            self.position = max(self.position, *positions)
