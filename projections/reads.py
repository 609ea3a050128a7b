"""What the API asks of the views. Each call is one statement, so it sees one moment of them.

All take an open psycopg AsyncConnection whose search_path is the ledger's schema, autocommit or not, and only read: any
number may run at once, on the primary or on a replica. Nothing here waits; see waiting.py for ``at_least``.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from ledger.posting import POINTS, points_account
from ledger.streams import TRIAL
from projections import PROJECTIONS
from projections.projection import query

NEWEST = 2**63 - 1


class Balance(msgspec.Struct, frozen=True):
    """An account of a participant. earned - spent = balance. position: the newest event that moved it."""

    account: str
    asset: str
    book: str
    balance: int
    earned: int
    spent: int
    position: int


class StatementRow(msgspec.Struct, frozen=True):
    """A posting on an account of a participant. topic: what caused it; source, id: the request that did."""

    position: int
    leg: int
    account: str
    asset: str
    amount: int
    balance_after: int
    clause: str
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    id: str


class Progress(msgspec.Struct, frozen=True):
    """A participant's enrolment and totals in a book. total_steps: counted ones only (SX-06)."""

    branch: str
    unit: str | None
    department: str | None
    enrolled_at: datetime
    total_steps: int
    days_attained: int
    sign_in_days: int
    last_sync_at: datetime | None


class DayRow(msgspec.Struct, frozen=True):
    """A day of a participant. counted: None while no sync of the window is here.

    provisional: as the phone gave it; the rulebook's cap has to be put on it before anybody sees it (SX-06).
    """

    day: date
    counted: int | None
    provisional: int | None
    attained: bool
    signed_in: bool
    last_sync_at: datetime | None


class CheckpointRow(msgspec.Struct, frozen=True):
    """A campaign checkpoint (关卡) of a participant. lit_at: None when it is dark (again)."""

    number: int
    lit_at: datetime | None
    passed_at: datetime | None
    reflected_at: datetime | None


class BadgeRow(msgspec.Struct, frozen=True):
    """A badge of a participant and the event that awarded it."""

    badge: str
    awarded_at: datetime
    position: int
    clause: str


class ChanceRow(msgspec.Struct, frozen=True):
    """A right to draw. chance: the day of the sign-in, the id of the board or of a badge that was used.

    state: open, used, forfeited or expired; an open one whose expires_at has passed cannot be used any more.
    expires_at: None = at the pool's deadline. number: of the draw or ticket that it was used for.
    """

    pool: str
    chance: str
    state: str
    granted_at: datetime
    expires_at: datetime | None
    rank: int | None
    number: int | None


class PrizeRow(msgspec.Struct, frozen=True):
    """A prize and how far it has come. outcome: its id in the rulebook. amount: its worth, in unit.

    cause: the batch draw, the board, the redemption, or the prize that it replaces; None for an instant draw, which has
    a number. price: points that it was redeemed for; expires_at: until when such a one can be claimed or used.
    """

    prize: str
    participant: str
    pool: str
    outcome: str
    kind: str
    amount: int
    unit: str
    status: str
    number: int | None
    cause: str | None
    voucher: int | None
    won_at: datetime
    address_ref: str | None
    region: str | None
    due: date | None
    addressed_at: datetime | None
    issued_at: datetime | None
    delivered_at: datetime | None
    returned_at: datetime | None
    lapsed_at: datetime | None
    redeemed_at: datetime | None
    replaced_by: str | None
    ref: str | None
    reason: str | None
    position: int
    cancelled_at: datetime | None = None
    price: int | None = None
    expires_at: datetime | None = None


class TeamOf(msgspec.Struct, frozen=True):
    """The team that a participant is in, and since which day that counts."""

    team: str
    name: str
    captain: str
    joined_on: date


class TimelineRow(msgspec.Struct, frozen=True):
    """An event of a participant. state: its stored bytes; a sync's hold the raw steps, above any cap (SX-06)."""

    position: int
    originator_id: str
    originator_version: int
    topic: str
    state: bytes


class Points(msgspec.Struct, frozen=True):
    """A participant's points in a book; of a wallet its balance, and what the campaign gave and took."""

    balance: int = 0
    earned: int = 0
    spent: int = 0


class ParticipantPage(msgspec.Struct, frozen=True):
    """A participant in a book, as of a position. progress: None when not enrolled.

    chances, prizes: newest first; of the prizes at most 50, prizes_count says how many there are.
    """

    position: int
    points: Points | None
    wallet: Points
    progress: Progress | None
    checkpoints: tuple[CheckpointRow, ...]
    badges: tuple[BadgeRow, ...]
    team: TeamOf | None
    chances: tuple[ChanceRow, ...]
    prizes: tuple[PrizeRow, ...]
    prizes_count: int


_page = msgspec.json.Decoder(ParticipantPage).decode

Connection = AsyncConnection[Any]


async def balances(conn: Connection, participant: str) -> list[Balance]:
    """The accounts of a participant over all campaigns, by name."""
    return [Balance(*row) for row in await rows(conn, "balances", {"participant": participant})]


async def statement(
    conn: Connection,
    participant: str,
    *,
    account: str | None = None,
    before: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[StatementRow]:
    """Postings on the participant's accounts, or on one of them, newest first.

    before: position and leg of the last row of the page before.
    """
    position, leg = before or (NEWEST, 0)
    parameters = {
        "participant": participant,
        "account": account,
        "position": position,
        "leg": leg,
        "limit": limit,
    }
    return [StatementRow(*row) for row in await rows(conn, "statement", parameters)]


async def progress(conn: Connection, book: str, participant: str) -> Progress | None:
    """Enrolment and totals in a book (a campaign's id, or its trial); None when not enrolled."""
    for row in await rows(conn, "progress", _who(book, participant)):
        return Progress(*row)
    return None


async def days(conn: Connection, book: str, participant: str) -> list[DayRow]:
    """The days of which anything is known, oldest first."""
    return [DayRow(*row) for row in await rows(conn, "days", _who(book, participant))]


async def checkpoints(conn: Connection, book: str, participant: str) -> list[CheckpointRow]:
    """The campaign checkpoints that were ever lit, in the order of the route."""
    return [CheckpointRow(*row) for row in await rows(conn, "checkpoints", _who(book, participant))]


async def badges(conn: Connection, book: str, participant: str) -> list[BadgeRow]:
    """The badges, in the order in which they were earned."""
    return [BadgeRow(*row) for row in await rows(conn, "badges", _who(book, participant))]


async def timeline(
    conn: Connection, participant: str, *, before: int | None = None, limit: int = 50
) -> list[TimelineRow]:
    """Every event of a participant over all campaigns, newest first, straight from the log: it never lags.

    before: position of the last row of the page before.
    """
    parameters = {"participant": participant, "before": before or NEWEST, "limit": limit}
    return [TimelineRow(*row) for row in await rows(conn, "timeline", parameters)]


async def participant_page(conn: Connection, book: str, participant: str) -> ParticipantPage:
    """Points, progress, checkpoints, badges, team, chances and prizes in one round trip."""
    parameters = {
        **_who(book, participant),
        "account": points_account(book, participant),
        "asset": POINTS,
        "names": list(PROJECTIONS),
    }
    ((page,),) = await rows(conn, "participant_page", parameters)
    return _page(page)


async def position(conn: Connection, names: Iterable[str] | None = None) -> int:
    """The position that all of these views (all there are, when left out) have reached."""
    ((reached,),) = await rows(conn, "position", {"names": list(names or PROJECTIONS)})
    return int(reached)


def _who(book: str, participant: str) -> dict[str, object]:
    return {"book": book, "campaign": book.removesuffix(TRIAL), "participant": participant}


async def rows(conn: Connection, name: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """The rows of a named query."""
    async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute(query(name), parameters)
        return await cursor.fetchall()
