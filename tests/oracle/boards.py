"""Rankings, sorted in the plainest way (SX-23, JS-05)."""

from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from tests.oracle.counting import attained, closes, counted, team_attained
from tests.oracle.facts import Book, Facts, Part

Key = int | Fraction | datetime | None


class Row(NamedTuple):
    """A row of a board. keys: in the order of the rulebook; a rate and an average as fractions."""

    rank: int
    entrant: str
    keys: tuple[Key, ...]


def board_of(book: Book, id: str) -> dict[str, Any]:
    """A board of the rulebook."""
    return next(dict(board) for board in book["boards"] if board["id"] == id)


def rows(
    book: Book, part: Part, enrolled: dict[str, datetime], id: str, *, frozen: bool = False
) -> list[Row]:
    """All rows in order. frozen: as of the moment at which the board freezes; otherwise as things stand."""
    board = board_of(book, id)
    until = board["freezes_at"] if frozen else None
    names = [key["by"] for key in board["keys"]]
    found: list[tuple[str, tuple[Key, ...]]] = []
    if board["entrants"] == "teams":
        for team in part.teams:
            if until is None or part.teams[team][0].joined_at < until:
                figures = _team(book, part, team, until)
                found.append((team, tuple(figures[name] for name in names)))
    else:
        for who, since in enrolled.items():
            if until is None or since < until:
                mine = _person(book, part.people[who], until)
                found.append((who, tuple(mine[name] for name in names)))
    found.sort(key=lambda row: row[0].encode())
    for place in reversed(range(len(names))):  # sorting is stable: the last key first
        descending = board["keys"][place].get("order", "descending") == "descending"
        found.sort(key=partial(_order, place, descending))
    return [Row(rank, entrant, keys) for rank, (entrant, keys) in enumerate(found, start=1)]


def _order(place: int, descending: bool, row: tuple[str, tuple[Key, ...]]) -> tuple[bool, Fraction]:
    """Smaller comes first; who has no value comes last."""
    key = row[1][place]
    if key is None:
        return True, Fraction(0)
    value = Fraction(key.timestamp() if isinstance(key, datetime) else key)
    return False, -value if descending else value


def _person(book: Book, facts: Facts, until: datetime | None) -> dict[str, Key]:
    days = [day for day in facts.syncs if until is None or closes(book, day) <= until]
    return {
        "days_attained": sum(attained(book, facts, day) for day in days),
        "sign_in_days": sum(until is None or closes(book, day) <= until for day in facts.sign_ins),
        "total_steps": sum(counted(book, facts, day) for day in days),
        "last_sync": max((sync.when for day in days for sync in facts.syncs[day]), default=None),
    }


def _team(book: Book, part: Part, team: str, until: datetime | None) -> dict[str, Key]:
    """A member's steps count from the day of joining (SX-23)."""
    members = [m for m in part.teams[team] if until is None or m.joined_at < until]
    length = (book["ends"] - book["starts"]).days + 1
    met, steps = 0, 0
    for day in sorted({day for member in members for day in part.people[member.id].syncs}):
        if until is None or closes(book, day) <= until:
            met += team_attained(book, part, team, day)
            steps += sum(
                counted(book, part.people[member.id], day) for member in members if member.joined_on <= day
            )
    return {"attainment_rate": Fraction(met, length), "average_steps": Fraction(steps, len(members))}
