"""A wallet, told again from its first move whenever it is asked for (ZG-08)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tests.oracle.facts import Book, duration, midnight


class Move(NamedTuple):
    """Points that come (above 0) or are paid (below). name: what they pay for, or what was given back.

    expires: of points that are new; none for those that come back to where they lay.
    """

    at: datetime
    points: int
    name: str = ""
    expires: datetime | None = None


def expiry(book: Book, day: date) -> datetime:
    """From when on points of a day cannot be spent: a year after its end, and then to the end of that year."""
    rules = book["wallet"]
    assert rules["until_end_of"] == "year"
    over = midnight(day + timedelta(days=1)) + duration(rules["lasts"])
    new_year = midnight(date(over.year, 1, 1))
    return over if over == new_year else midnight(date(over.year + 1, 1, 1))


def spendable(moves: Sequence[Move], now: datetime) -> int:
    """What can be spent now."""
    return sum(points for expires, points in _heaps(moves).items() if expires > now)


def spent(moves: Sequence[Move]) -> int:
    """What was paid and did not come back."""
    return -sum(move.points for move in moves if move.name)


def _heaps(moves: Sequence[Move]) -> dict[datetime, int]:
    """What lies where: points by when they expire. What expires first is paid first."""
    heaps: dict[datetime, int] = {}
    paid: dict[str, list[tuple[datetime, int]]] = {}
    for move in moves:
        if move.expires is not None:
            heaps[move.expires] = heaps.get(move.expires, 0) + move.points
        elif move.points > 0:
            for expires, points in paid.pop(move.name):
                heaps[expires] += points
        else:
            due, taken = -move.points, paid.setdefault(move.name, [])
            for expires in sorted(heaps):
                part = min(due, heaps[expires]) if expires > move.at else 0
                heaps[expires] -= part
                taken.append((expires, part))
                due -= part
            assert due == 0, "nobody pays with what is not there"
    return heaps
