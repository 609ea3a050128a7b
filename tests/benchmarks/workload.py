"""What people do in the benchmarks: enrol, and sync their steps in the evening."""

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
