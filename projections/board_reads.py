"""What the API asks of boards. The published rows are one look-up, one entrant's row is two; nothing waits."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg import errors
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Identifier

from ledger.rulebook import Board, Rulebook
from projections.boards import Published
from projections.reads import Connection, rows
from projections.standing import Row, ahead, days_of, figures, reader

LOOK_AGAIN = 3
"""How often to ask again when a standing has gone between being told its name and reading it."""


class Standing(msgspec.Struct, frozen=True):
    """A published standing. rows: the first of the visible ones, as JSON; empty when they were not asked for.

    keys: what it is ordered by. days: of the campaign. visible: how many rows everybody may see, None for all.
    """

    edition: int
    as_of: datetime
    slot: datetime | None
    position: int
    entrants: int
    frozen: bool
    root: str | None
    last_day: date | None
    keys: list[str]
    days: int
    visible: int | None
    rows: bytes

    def published(self) -> Published:
        """As the scheduler knows it."""
        return Published(
            recorded=self.frozen,
            edition=self.edition,
            as_of=self.as_of,
            slot=self.slot,
            position=self.position,
            entrants=self.entrants,
            frozen=self.frozen,
            root=self.root,
            last_day=self.last_day,
            rested=True,
        )

    @property
    def listed(self) -> int:
        """How many rows everybody may see."""
        return self.entrants if self.visible is None else min(self.entrants, self.visible)


async def standing(conn: Connection, book: str, board: str, *, prepared: bool = False) -> Standing | None:
    """The published standing of a board, with its prepared rows if wanted; None before the first refresh."""
    for row in await rows(conn, "board", {"book": book, "board": board, "prepared": prepared}):
        return Standing(*row)
    return None


async def place(
    conn: Connection, entrants: str, book: str, board: str, entrant: str
) -> tuple[Standing, Row] | None:
    """An entrant's own row, visible or not, and the standing that it is of; None when it is not ranked.

    entrants: ``participants``, ``teams`` or ``branches``.
    """
    found = await _look(conn, entrants, book, board, SQL("WHERE entrant = %s"), (entrant,))
    return (found[0], found[1][0]) if found and found[1] else None


async def page(
    conn: Connection, entrants: str, book: str, board: str, after: int, limit: int
) -> tuple[Standing, list[Row]] | None:
    """The rows after a rank, at most so many and none that is not visible; None before the first refresh."""
    condition = SQL("WHERE rank > %s AND rank <= %s AND rank <= %s ORDER BY rank")
    return await _look(conn, entrants, book, board, condition, (after, after + limit, None))


async def _look(
    conn: Connection,
    entrants: str,
    book: str,
    board: str,
    condition: Composable,
    parameters: tuple[object, ...],
) -> tuple[Standing, list[Row]] | None:
    """Rows of the published standing. A standing is kept until the second one after it, so we rarely look again."""
    for last in (*[False] * (LOOK_AGAIN - 1), True):
        found = await standing(conn, book, board)
        if found is None:
            return None
        selected, read = reader(entrants, tuple(found.keys), found.days)
        statement = SQL("SELECT {} FROM {} {}").format(
            SQL(", ").join(map(Identifier, selected)), Identifier(f"standing_{found.edition}"), condition
        )
        filled = [found.listed if each is None else each for each in parameters]
        try:
            async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
                await cursor.execute(statement, filled)
                return found, [read(values) for values in await cursor.fetchall()]
        except errors.UndefinedTable:
            if last:
                raise
    return None


async def live_rank(
    conn: Connection, rules: Rulebook, board: Board, book: str, entrant: str, now: datetime
) -> Row | None:
    """Where an entrant stands right now, whatever is published: 1 + how many are ahead. None when it is not ranked.

    Reads all entrants: about a second for a million. For operators.
    """
    days = days_of(rules, board, book, now, None)
    selected, read = reader(board.entrants, tuple(key.by for key in board.keys), days)
    mine = [column for column in selected if column != "rank"]
    statement = SQL(
        "WITH f AS MATERIALIZED ({}) SELECT (1 + (SELECT count(*) FROM f WHERE {}))::integer, {} FROM f AS mine"
        " WHERE mine.entrant = %s"
    ).format(figures(rules, board, book, days, None), ahead(board), _columns(mine))
    async with conn.transaction(), conn.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute("SET LOCAL enable_seqscan TO on")
        await cursor.execute("SET LOCAL work_mem TO '128MB'")
        await cursor.execute(statement, (entrant,))
        values: Any = await cursor.fetchone()
    return None if values is None else read(values)


def _columns(names: Sequence[str]) -> Composable:
    return SQL(", ").join(Identifier("mine", name) for name in names)
