"""Who is in which team of the made-up Shaanxi campaign, and what people do about it, right or wrong."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.simulation.phone import Arrival, Phone


class Seat(NamedTuple):
    """Somebody's place in a team. captain: creates it. after: days after the campaign begins. keen: all of them are."""

    team: str
    captain: bool
    after: int
    keen: bool


def seats(rng: random.Random, people: int) -> list[Seat | None]:
    """A seat for most people. Of the groups some are of six, some smaller, and some want one more than can be."""
    found: list[Seat | None] = []
    while len(found) < people:
        size = rng.choice([1, 4, 5, 6, 6, 6, 7, 8])
        team, keen, patience = f"t-{len(found):05}", rng.random() < 0.5, rng.choice([0, 2, 60])
        if size == 1:
            found.append(None)
            continue
        found.append(Seat(team, captain=True, after=0, keen=keen))
        found += [
            Seat(team, captain=False, after=rng.randint(0, patience), keen=keen) for _ in range(1, size)
        ]
    return found[:people]


class Comrade(Phone):
    """Somebody who is to be in a team. seated: has done about it, in the trial or in the campaign."""

    seat: Seat | None
    seated: bool = False

    def takes_a_seat(self, day: date, number: int) -> Iterator[Arrival]:
        """What somebody does about teams on a day. number: of the day in the campaign, negative in the trial."""
        if number == 0:
            self.seated = False
        if self.seat is None:
            if self.chance(0.01):
                yield self.now("team_joined", self.at(day, 12), team="t-nowhere")
        elif self.seated:
            if self.chance(0.03):
                yield from _goes_on(self, self.seat, day)
        elif number < 0 or number >= self.seat.after:
            self.seated = True
            yield from _begins(self, self.seat, day)


def _begins(phone: Phone, seat: Seat, day: date) -> Iterator[Arrival]:
    if seat.captain:
        when = phone.at(day, 6, exact=True) + timedelta(minutes=30)
        yield phone.now("team_created", when, team=seat.team, name="健步如飞")
        return
    when = phone.at(day, phone.rng.choice([8, 12, 18, 20, 21, 22]))
    late = timedelta(0)
    if phone.chance(0.15):
        # Said before midnight, heard after it: inside the grace of the day, and after it.
        when = phone.at(day, 23, exact=True) + timedelta(minutes=55)
        late = timedelta(minutes=phone.rng.choice([8, 30]))
    invited = {"invited_by": "团长"} if phone.chance(0.5) else {}
    yield when + late, phone.event("team_joined", when, team=seat.team, **invited)


def _goes_on(phone: Phone, seat: Seat, day: date) -> Iterator[Arrival]:
    """Goals and announcements of captains; and of others, and of captains who would like more."""
    team = seat.team if phone.chance(0.9) else "t-nowhere"
    doings: list[tuple[str, dict[str, Any]]] = [
        ("team_goal_set", {"goal": 40_000}),
        ("team_announced", {"ref": "notes/team"}),
        ("team_member_removed", {"member": "p-000001"}),
        ("team_joined", {}),
        ("team_created", {"name": "又一队"}),
        ("team_created", {"name": "又一队"}),
    ]
    kind, data = phone.rng.choice(doings)
    if kind == "team_created" and phone.chance(0.5):
        team = f"t-{phone.name}"
    yield phone.now(kind, phone.at(day, phone.rng.randint(7, 22)), team=team, **data)
