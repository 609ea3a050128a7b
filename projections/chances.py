"""Chances to draw: what sign-ins, places on a board and badges gave, and what became of them (SX-22, JS-08, JS-10)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ledger.events import ChanceExpired, ChanceGranted, DrawEntered, DrawForfeited, DrawMade
from ledger.join_events import HistoryGiven, HistoryJoined, JoinedChance
from projections.projection import Fact, Projection, Row, Rows, Stage

CHANCE_EVENTS = frozenset({ChanceExpired, ChanceGranted, DrawEntered, DrawForfeited, DrawMade})


Key = tuple[str, str, str, str]


class Chance:
    """What a batch of events says of a chance. state: the newest."""

    __slots__ = ("expires_at", "number", "position", "rank", "since", "state")

    def __init__(self, since: datetime, position: int) -> None:
        self.state = "open"
        self.since = since
        self.position = position
        self.expires_at: datetime | None = None
        self.rank: int | None = None
        self.number: int | None = None


class Chances(Projection):
    """One row a chance. A badge needs no grant, so its row begins with the draw that it paid for."""

    NAME = "chances"
    TABLES = ("chances",)
    STAGES = (
        Stage(
            "changed_chances",
            {
                "book": "text",
                "participant": "text",
                "pool": "text",
                "chance": "text",
                "state": "text",
                "granted_at": "timestamptz",
                "expires_at": "timestamptz",
                "rank": "int4",
                "number": "int8",
                "position": "int8",
            },
        ),
        Stage("given_chances", {"book": "text", "participant": "text"}),
    )
    STATEMENTS = ("chances_merge", "chances_given")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each chance that came or changed, in the order of the table's key."""
        chances: dict[Key, Chance] = {}
        given: list[Row] = []
        for fact in facts:
            if isinstance(fact.event, HistoryJoined):
                for joined in fact.event.chances:
                    _join(chances, (fact.book, fact.participant, joined.pool, joined.chance), joined, fact)
            elif isinstance(fact.event, HistoryGiven):
                given.append((fact.book, fact.participant))
            if type(fact.event) not in CHANCE_EVENTS:
                continue
            event: Any = fact.event
            if event.chance is None:  # paid in points
                continue
            key = (fact.book, fact.participant, event.pool, event.chance)
            chance = chances.get(key)
            if chance is None:
                chance = chances[key] = Chance(event.occurred_at, fact.position)
            match event:
                case ChanceGranted():
                    chance.expires_at, chance.rank = event.expires_at, event.rank
                case DrawForfeited():
                    chance.state = "forfeited"
                case ChanceExpired():
                    chance.state = "expired"
                case DrawMade() | DrawEntered():
                    chance.state, chance.number = "used", event.number
        return (
            [
                (*key, c.state, c.since, c.expires_at, c.rank, c.number, c.position)
                for key, c in sorted(chances.items(), key=lambda item: item[0])
            ],
            given,
        )


def _join(chances: dict[Key, Chance], key: Key, joined: JoinedChance, fact: Fact) -> None:
    """A chance of another client id of the same person, or what that one made of a chance that both had (EC-12)."""
    chance = chances.setdefault(key, Chance(joined.granted_at, fact.position))
    chance.state, chance.expires_at = joined.state, joined.expires_at
    chance.rank, chance.number = joined.rank or chance.rank, joined.number or chance.number
