"""What the API, the scheduler and the command line ask of chances, prizes and draws. One statement a call.

The asynchronous ones take what reads.py takes; ``due_chances`` and ``tickets`` take a connection of session.py.
"""

from datetime import datetime

import msgspec

from projections import session
from projections.projection import query
from projections.reads import NEWEST, ChanceRow, Connection, PrizeRow, rows


class Draw(msgspec.Struct, frozen=True):
    """A draw of a pool, or a ticket (outcome None). amount: in fen. position: its event in the pool's stream."""

    number: int
    participant: str
    outcome: str | None
    amount: int
    occurred_at: datetime
    position: int


class Outcome(msgspec.Struct, frozen=True):
    """How often instant draws had an outcome, and what it took of the budget, in fen."""

    outcome: str
    count: int
    amount: int


class Stage(msgspec.Struct, frozen=True):
    """How many of a pool's prizes stand at a point of their life."""

    outcome: str
    status: str
    count: int
    amount: int


class PoolCounts(msgspec.Struct, frozen=True):
    """How a pool stands, as of a position. draws: instant draws, or tickets, so far; they are numbered from 1."""

    position: int
    draws: int
    outcomes: tuple[Outcome, ...]
    prizes: tuple[Stage, ...]


class DueChance(msgspec.Struct, frozen=True):
    """An open chance whose time is over."""

    participant: str
    chance: str
    expires_at: datetime


_counts = msgspec.json.Decoder(PoolCounts).decode


async def chances(conn: Connection, book: str, participant: str, pool: str | None = None) -> list[ChanceRow]:
    """The chances of a participant, of one pool or of all, newest first."""
    parameters = {"book": book, "participant": participant, "pool": pool}
    return [ChanceRow(*row) for row in await rows(conn, "chances", parameters)]


async def prize(conn: Connection, book: str, prize: str) -> PrizeRow | None:
    """A prize by what it is called; None when nobody has won one of that name."""
    for row in await rows(conn, "prize", {"book": book, "prize": prize}):
        return PrizeRow(*row)
    return None


async def prizes_of(
    conn: Connection,
    book: str,
    participant: str,
    *,
    before: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[PrizeRow]:
    """The prizes of a participant, newest first. before: position and name of the last row of the page before."""
    position, prize = before or (NEWEST, "")
    parameters = {
        "book": book,
        "participant": participant,
        "position": position,
        "prize": prize,
        "limit": limit,
    }
    return [PrizeRow(*row) for row in await rows(conn, "prizes_of", parameters)]


async def prizes_in(
    conn: Connection,
    book: str,
    pool: str,
    status: str | None = None,
    *,
    after: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[PrizeRow]:
    """The prizes of a pool, all or those of one status, oldest first.

    after: position and name of the last row of the page before.
    """
    position, prize = after or (0, "")
    parameters = {
        "book": book,
        "pool": pool,
        "status": status,
        "position": position,
        "prize": prize,
        "limit": limit,
    }
    return [PrizeRow(*row) for row in await rows(conn, "prizes_in", parameters)]


async def draw(conn: Connection, book: str, pool: str, number: int) -> Draw | None:
    """A draw or ticket by its number; None when the pool has not come so far."""
    for row in await rows(conn, "draw", {"book": book, "pool": pool, "number": number}):
        return Draw(*row)
    return None


async def pool_counts(conn: Connection, book: str, pool: str) -> PoolCounts:
    """How a pool stands. Counts its prizes: some tens of milliseconds for 100,000 of them."""
    ((counts,),) = await rows(conn, "pool_counts", {"book": book, "pool": pool})
    return _counts(counts)


def due_chances(
    connection: session.Connection, book: str, pool: str, before: datetime, limit: int = 1000
) -> list[DueChance]:
    """Open chances of a pool whose ``expires_at`` is at or before a moment: now less the pool's grace. Oldest first."""
    parameters = {"book": book, "pool": pool, "before": before, "limit": limit}
    return [DueChance(*row) for row in connection.execute(query("chances_due"), parameters)]


def tickets(connection: session.Connection, book: str, pool: str, position: int) -> list[tuple[int, str]]:
    """(number, participant) of a pool's tickets that stand in the log up to a position, by number.

    The view has to have reached the position. A million take about a second and 150 MB.
    """
    parameters = {"book": book, "pool": pool, "position": position}
    return connection.execute(query("tickets"), parameters, binary=True).fetchall()
