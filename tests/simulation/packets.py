"""Red packets and badges in the made-up Shaanxi campaign: draws in points until there are none left, and too late."""

from collections.abc import Iterator
from datetime import date, timedelta

from tests.simulation.phone import Arrival, Phone

BADGES = ("full-attendance", "with-the-motherland")
DEADLINE_DAY = date(2019, 10, 8)


def draws(phone: Phone, day: date) -> Iterator[Arrival]:
    """Now and then somebody draws until it is refused, most often with fewer than 20 points left."""
    if not phone.chance(0.12):
        return
    when = phone.at(day, phone.rng.randint(7, 22))
    for _ in range(phone.rng.choice([1, 1, 2, 3, 8])):
        yield phone.now("draw_requested", when, pool="red-packet")
        when += timedelta(seconds=phone.rng.randint(1, 30))
    if phone.chance(0.1):
        data = phone.rng.choice(
            [
                {"pool": "no-such-pool"},
                {"pool": "team-prize"},
                {"pool": "grand-prize"},
                {"pool": "grand-prize", "chance": BADGES[0]},
                {"pool": "red-packet", "chance": day.isoformat()},
                {"pool": "red-packet", "chance": BADGES[1]},
            ]
        )
        yield phone.now("draw_requested", when, **data)
        if phone.chance(0.3):
            yield phone.now("draw_forfeited", when, pool="red-packet", chance=day.isoformat())


def last_draws(phone: Phone) -> Iterator[Arrival]:
    """At the deadline to the second, told at once or late (SX-18); then the badges, twice each (SX-22)."""
    deadline = phone.at(DEADLINE_DAY, 0, exact=True)
    for _ in range(2):
        when = deadline + timedelta(seconds=phone.rng.choice([-60, -1, 0, 1]))
        late = timedelta(seconds=phone.rng.choice([0, 0, 599, 600, 601]))
        yield when + late, phone.event("draw_requested", when, pool="red-packet")
    if phone.chance(0.5):
        return
    for again in range(2):
        for badge in BADGES:
            when = phone.at(DEADLINE_DAY + timedelta(days=phone.rng.randint(0, 7)), 23 - again)
            yield phone.now("draw_requested", when, pool="grand-prize", chance=badge)
    if phone.chance(0.2):
        end = phone.at(date(2019, 10, 16), 0, exact=True) + timedelta(seconds=phone.rng.choice([-1, 0, 1]))
        yield phone.now("draw_requested", end, pool="grand-prize", chance=phone.rng.choice(BADGES))
