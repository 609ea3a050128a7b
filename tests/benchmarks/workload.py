"""What people do in the benchmarks: enrol, form teams, and sync their steps in the evening."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

FIRST = date(2019, 7, 1)
encode = msgspec.json.Encoder().encode


def enrolments(people: int, prefix: str = "p") -> Iterator[dict[str, Any]]:
    """One enrolment a person, on the first morning."""
    for n in range(people):
        yield _event("enrolled", f"{prefix}-{n}", FIRST, "06:00:00", 0, {"branch": "xian"})


def evening(people: int, day: int, prefix: str = "p", turn: int = 0) -> Iterator[dict[str, Any]]:
    """One step sync a person on an evening, 0 = the first; turn: again, some minutes later."""
    on = FIRST + timedelta(days=day)
    for n in range(people):
        steps = 3000 + (n * 7919 + day * 104_729 + turn * 31) % 9000
        data = {"day": on.isoformat(), "steps": steps, "provider": "werun", "device": f"d-{n % 97}"}
        yield _event("steps_synced", f"{prefix}-{n}", on, f"21:{turn:02}:00", turn, data)


def team_of(n: int) -> int:
    """The team of person ``n``: six who follow each other."""
    return n // 6


def teams(people: int, prefix: str = "p") -> Iterator[dict[str, Any]]:
    """Everybody into teams of six, on the first morning: the first of each creates it, the others join."""
    for n in range(people):
        team = f"{prefix}-t-{team_of(n)}"
        if n % 6 == 0:
            yield _event("team_created", f"{prefix}-{n}", FIRST, "07:00:00", 0, {"team": team, "name": "队"})
        else:
            yield _event("team_joined", f"{prefix}-{n}", FIRST, "07:00:00", 0, {"team": team})


def team_evening(people: int, day: int, prefix: str = "p") -> list[dict[str, Any]]:
    """One step sync a person in any order; every third team walks its goal on a day, the others turn by turn."""
    on = FIRST + timedelta(days=day)
    order = random.Random(day).sample(range(people), people)
    said = []
    for n in order:
        goal = (team_of(n) + day) % 3 == 0
        lazy = not goal and n % 6 == 0
        least, spread = (6000, 4000) if goal else (3000, 3000 if lazy else 9000)
        steps = least + (n * 7919 + day * 104_729) % spread
        data = {"day": on.isoformat(), "steps": steps, "provider": "werun", "device": f"d-{n % 97}"}
        said.append(_event("steps_synced", f"{prefix}-{n}", on, "21:00:00", 0, data))
    return said


def _event(kind: str, person: str, day: date, at: str, turn: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{kind}-{person}-{day}-{turn}",
        "source": "//bench.example/app",
        "type": f"jifen.{kind}",
        "subject": person,
        "time": f"{day}T{at}+08:00",
        "campaign": "sx-2019",
        "data": data,
    }


def instant(event: dict[str, Any]) -> datetime:
    """When an event happened, UTC."""
    return datetime.fromisoformat(event["time"]).astimezone(UTC)


def batches(events: Sequence[dict[str, Any]], size: int = 500) -> list[bytes]:
    """Bodies of batches."""
    return [encode(events[start : start + size]) for start in range(0, len(events), size)]
