"""The events of many phones in the order of their arrival, with what is sent again, cut into batches."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from tests.oracle import CHINA, Event
from tests.simulation.phone import ZONES, Arrival

Numbered = tuple[datetime, int, Event]


def merged(rng: random.Random, lives: Iterable[Iterator[Arrival]]) -> list[Event]:
    """All events in order of arrival; one in twenty comes back."""
    arrivals: list[Numbered] = []
    for life in lives:
        arrivals += ((when, len(arrivals) + n, event) for n, (when, event) in enumerate(life))
    arrivals += list(_again(rng, arrivals))
    arrivals.sort(key=lambda arrival: arrival[:2])
    return [event for _, _, event in arrivals]


def _again(rng: random.Random, arrivals: list[Numbered]) -> Iterator[Numbered]:
    """Repeats, some of them spelled otherwise, and ids that come back with other content."""
    for when, number, event in rng.sample(arrivals, len(arrivals) // 20):
        later = when + rng.choice([timedelta(seconds=1), timedelta(minutes=7), timedelta(days=2)])
        how, again = rng.random(), dict(event)
        if how < 0.3:
            again["time"] = datetime.fromisoformat(event["time"]).astimezone(rng.choice(ZONES)).isoformat()
        elif how < 0.5 and event["type"] == "jifen.steps_synced":
            again["data"] = {**event["data"], "steps": abs(event["data"].get("steps", 0)) + 1}
        elif how < 0.5 and event["type"] == "jifen.item_redeemed":
            again["data"] = {**event["data"], "quantity": event["data"].get("quantity", 1) + 1}
        elif how < 0.5 and event["type"] == "jifen.draw_requested":
            again["data"] = {**event["data"], "chance": "another"}
        elif how < 0.6:
            again["subject"] = "p-somebody-else"
        yield later, len(arrivals) + number, again


def batches(events: list[Event], size: int = 500) -> Iterator[list[Event]]:
    """The events in lists of at most so many, in order, none over midnight of the newest time seen."""
    batch: list[Event] = []
    day, newest = None, datetime(1970, 1, 1, tzinfo=UTC)
    for event in events:
        newest = max(newest, datetime.fromisoformat(event["time"]))
        if batch and (len(batch) == size or newest.astimezone(CHINA).date() != day):
            yield batch
            batch = []
        day = newest.astimezone(CHINA).date()
        batch.append(event)
    yield batch
