"""Somebody's phone: what it posts has an id, an offset from UTC, and a moment that is told to the second."""

import random
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from tests.oracle import CHINA, Event

SOURCE = "//sim.example/app"
ZONES = [CHINA, CHINA, CHINA, UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))]

Arrival = tuple[datetime, Event]
"""When an event arrives, and the event."""


class Phone:
    """Posts events of one participant in one campaign."""

    def __init__(self, name: str, rng: random.Random, campaign: str) -> None:
        self.name = name
        self.rng = rng
        self.campaign = campaign
        self.posted = 0

    def at(self, day: date, hour: int, *, exact: bool = False) -> datetime:
        """A moment of that hour, in China."""
        if exact:
            return datetime.combine(day, time(hour), CHINA)
        minute, second, micro = (
            self.rng.randint(0, 59),
            self.rng.randint(0, 59),
            self.rng.choice([0, 0, 250_000]),
        )
        return datetime.combine(day, time(hour, minute, second, micro), CHINA)

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.rng.random() < share

    def now(self, kind: str, when: datetime, **data: Any) -> Arrival:
        """An event that arrives when it happens."""
        return when, self.event(kind, when, **data)

    def sync(self, when: datetime, day: date, steps: int) -> Event:
        return self.event("steps_synced", when, day=day.isoformat(), steps=steps, provider="werun")

    def event(self, kind: str, when: datetime, **data: Any) -> Event:
        """A CloudEvent of this person, its time in some offset."""
        self.posted += 1
        event: Event = {
            "specversion": "1.0",
            "id": f"{self.name}/{self.posted}",
            "source": SOURCE,
            "type": f"jifen.{kind}",
            "subject": self.name,
            "time": when.astimezone(self.rng.choice(ZONES)).isoformat(),
            "campaign": self.campaign,
        }
        if data:
            event["data"] = data
        return event
