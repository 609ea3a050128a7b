"""What a standing is: the figures that entrants are ranked by, their order in SQL, and a row as others see it.

The order is that of the board's keys with their directions, then the entrant's id in byte order, so ranks are 1, 2, 3 …
without ties. Everything is compared exactly: the rate by its numerator (all entrants have the campaign's days as the
denominator), the average as floor(steps * 10^9 / members), the last sync by its millisecond. What unions are ranked by
is a fraction too, compared as floor(part * 10^18 / whole): two that differ, differ by more than that. Source: JS-05,
SX-23, EC-09.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, LiteralString

import msgspec
from psycopg.sql import SQL, Composable, Composed, Literal

from ledger.boards import freeze_due, last_day
from ledger.rulebook import Board, Rulebook
from ledger.streams import TRIAL
from projections import units
from projections.projection import query

Figure = int | tuple[int, int] | datetime | None

COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "participants": {
        "days_attained": ("days_attained",),
        "attainment_rate": ("days_attained",),
        "sign_in_days": ("sign_in_days",),
        "total_steps": ("total_steps",),
        "last_sync": ("last_sync",),
    },
    "teams": {
        "days_attained": ("days_attained",),
        "attainment_rate": ("days_attained",),
        "total_steps": ("steps",),
        "average_steps": ("steps", "members"),
    },
    "branches": {
        "score": ("score_part", "score_whole"),
        "participation_rate": ("walked", "members"),
        "attainment_rate": ("days_attained", "attainable"),
        "days_attained": ("days_attained",),
        "total_steps": ("total_steps",),
        "average_steps": ("total_steps", "members"),
    },
}
"""Entrants → key → the columns of a standing that hold it. Other keys cannot be ranked by."""
DAYS = frozenset({"days_attained", "attainment_rate", "sign_in_days"})
"""Keys whose columns are numbers of days: integers of 32 bits, never negative."""
RATES = frozenset({"attainment_rate", "participation_rate", "score"})
"""Keys that are shown in percent."""
DIRECTION: dict[str, LiteralString] = {"descending": "DESC", "ascending": "ASC"}
NAMED = frozenset({"teams", "branches"})
"""Entrants that have a name beside their id."""
AVERAGE = "div({row}.steps::numeric * 1000000000, {row}.members)"
FRACTION = "div({row}.{part}::numeric * 1000000000000000000, {row}.{whole})"


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row of a standing. figures: one for each key of the board, in their order.

    A figure is a number; of ``attainment_rate`` (days attained, days of the campaign); of ``average_steps`` (steps,
    members); of ``last_sync`` a moment in UTC cut to milliseconds, or None. Of unions: of ``participation_rate`` (who
    walked or ran, members); of ``attainment_rate`` (attained member-days, members times days); of ``score`` (part,
    whole).
    """

    rank: int
    entrant: str
    name: str | None
    figures: tuple[Figure, ...]


class Frozen(msgspec.Struct, frozen=True):
    """Until when things count for a standing that is final.

    as_of: what happened before; recorded_before: and was written before; last_day: and of no later day.
    """

    as_of: datetime
    recorded_before: datetime
    last_day: date

    @classmethod
    def of(cls, rules: Rulebook, board: Board) -> "Frozen | None":
        """That of a board; None when it is never frozen.

        The last day is the newest of the campaign whose sync window has closed by ``freezes_at``; what is delivered
        within the window's grace after that counts, as it does on every other day. Source: SX-23, SX-05.
        """
        recorded_before = freeze_due(board, rules)
        if board.freezes_at is None or recorded_before is None:
            return None
        as_of, until = board.freezes_at.astimezone(UTC), recorded_before.astimezone(UTC)
        return cls(as_of, until, last_day(board, rules))


def columns(board: Board) -> tuple[str, ...]:
    """The columns that a board's keys need, each once. Raises ValueError for a key that its entrants do not have."""
    known = COLUMNS[board.entrants]
    for key in board.keys:
        if key.by not in known:
            raise ValueError(f"{board.entrants} cannot be ranked by {key.by}")
    return tuple(dict.fromkeys(column for key in board.keys for column in known[key.by]))


def named(board: Board) -> bool:
    """Whether its entrants have a name beside their id."""
    return board.entrants in NAMED


def days_of(rules: Rulebook, board: Board, book: str, as_of: datetime, frozen: Frozen | None) -> int:
    """What attained days are divided by: the days of the campaign; of unions, as their score says."""
    if board.entrants != "branches":
        return max(rules.days_of(book.endswith(TRIAL)), 1)
    return units.days_until(rules, book, frozen.last_day) if frozen else units.days_so_far(rules, book, as_of)


def figures(rules: Rulebook, board: Board, book: str, days: int, frozen: Frozen | None) -> Composed:
    """The query of all entrants with their figures: as they are now, or as a final standing has them.

    days: as days_of says.
    """
    if board.entrants == "branches":
        until = units.Until(frozen.as_of, frozen.recorded_before, frozen.last_day) if frozen else units.NOW
        return units.figures(rules, book, board.group, days, until)
    name = f"standing_{board.entrants}{'_frozen' if frozen else ''}"
    parameters: dict[str, Composable] = {
        "book": Literal(book),
        "campaign": Literal(book.removesuffix(TRIAL)),
    }
    if frozen:
        parameters["as_of"] = Literal(frozen.as_of)
        parameters["recorded_before"] = Literal(frozen.recorded_before)
        parameters["last_day"] = Literal(frozen.last_day)
    return SQL(query(name)).format(**parameters)


def order(board: Board) -> Composed:
    """The ORDER BY of a standing, over a query named f. Who has never synced comes last either way.

    Two counts of days that follow each other are packed into one number, which orders the same: a first term that is
    seldom equal makes the sort of a million a third faster (measured).
    """
    terms: list[Composable] = []
    keys = list(board.keys)
    while keys:
        key = keys.pop(0)
        term = _term(board, key.by, "f")
        days = {key.by, keys[0].by} <= DAYS if keys and board.entrants != "branches" else False
        if days and key.order == keys[0].order:
            term = SQL("({}::bigint << 32) + {}").format(term, _term(board, keys.pop(0).by, "f"))
        terms.append(SQL("{} {} NULLS LAST").format(term, SQL(DIRECTION[key.order])))
    return SQL(", ").join([*terms, SQL("f.entrant")])


def ahead(board: Board) -> Composed:
    """The condition that the row named f stands before the row named mine."""
    ways: list[Composable] = []
    same: list[Composable] = []
    for key in board.keys:
        theirs, ours = _term(board, key.by, "f"), _term(board, key.by, "mine")
        sign = SQL(">" if key.order == "descending" else "<")
        better = SQL("({0} {1} {2} OR {0} IS NOT NULL AND {2} IS NULL)").format(theirs, sign, ours)
        ways.append(SQL(" AND ").join([*same, better]))
        same.append(SQL("{} IS NOT DISTINCT FROM {}").format(theirs, ours))
    ways.append(SQL(" AND ").join([*same, SQL("f.entrant < mine.entrant")]))
    return SQL("({})").format(SQL(" OR ").join(ways))


def _term(board: Board, by: str, row: str) -> Composable:
    held = COLUMNS[board.entrants][by]
    if board.entrants == "branches" and len(held) == 2:
        return SQL(FRACTION.format(row=row, part=held[0], whole=held[1]))
    if by == "average_steps":
        return SQL(AVERAGE.format(row=row))
    (column,) = held
    return SQL(f"{row}.{column}")


@lru_cache(maxsize=256)
def reader(entrants: str, keys: tuple[str, ...], days: int) -> tuple[tuple[str, ...], Any]:
    """Which columns of a standing to select, and what makes a Row of them.

    keys: what the board is ranked by, in order. days: of the campaign.
    """
    wanted = tuple(dict.fromkeys(column for key in keys for column in COLUMNS[entrants][key]))
    head = ("rank", "entrant", *(("name",) if entrants in NAMED else ()))
    places = [tuple(len(head) + wanted.index(column) for column in COLUMNS[entrants][key]) for key in keys]

    def figure(key: str, place: tuple[int, ...], values: Sequence[Any]) -> Figure:
        if len(place) == 2:
            return values[place[0]], values[place[1]]
        if key == "attainment_rate":
            return values[place[0]], days
        return values[place[0]]  # type: ignore[no-any-return]

    pairs = list(zip(keys, places, strict=True))

    def read(values: Sequence[Any]) -> Row:
        name = values[2] if entrants in NAMED else None
        return Row(values[0], values[1], name, tuple([figure(key, place, values) for key, place in pairs]))

    return (*head, *wanted), read


_encode = msgspec.json.Encoder().encode


def entry(row: Row) -> bytes:
    """What stands for a row in the Merkle tree of a frozen standing; see docs/boards.md."""
    keys = [utc(figure) if isinstance(figure, datetime) else figure for figure in row.figures]
    return _encode({"rank": row.rank, "entrant": row.entrant, "keys": keys})


def utc(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC with milliseconds: ``2023-11-08T13:14:09.000Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def shown(row: Row, keys: Sequence[str]) -> dict[str, Any]:
    """A row as the API shows it: fractions with what they come to, rounded half up."""
    named = {} if row.name is None else {"name": row.name}
    figures = {key: _shown(key, figure) for key, figure in zip(keys, row.figures, strict=True)}
    return {"rank": row.rank, "entrant": row.entrant, **named, "keys": figures}


def _shown(key: str, figure: Figure) -> object:
    if key in RATES and isinstance(figure, tuple):
        return {"numerator": figure[0], "denominator": figure[1], "percent": percent(*figure)}
    if key == "average_steps" and isinstance(figure, tuple):
        steps, members = figure
        return {"steps": steps, "members": members, "rounded": (2 * steps + members) // (2 * members)}
    return utc(figure) if isinstance(figure, datetime) else figure


def percent(numerator: int, denominator: int) -> str:
    """A fraction in percent, rounded half up to four places: 4/7 → ``57.1429``."""
    rounded = (2 * numerator * 1_000_000 + denominator) // (2 * denominator)
    return f"{rounded // 10_000}.{rounded % 10_000:04}"
