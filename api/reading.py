"""What handlers that read share: the rules and the book of a campaign, and waiting until a view has got far enough."""

from datetime import datetime
from typing import Annotated, TypeVar

from litestar.params import Parameter
from psycopg import AsyncConnection

from api.problems import Problem, not_found
from api.state import PATIENCE, Moment, Service
from ledger.fold import State
from ledger.refusals import BoardUnknown, NotEnrolled, PoolUnknown
from ledger.rulebook import Board, Pool, Rulebook
from ledger.states import decode_state
from projections.waiting import wait_for

S = TypeVar("S", bound=State)

Trial = Annotated[
    bool | None,
    Parameter(
        description="Show the public trial (公测), or the campaign. Left out: the trial until the campaign starts."
    ),
]

STATE = "SELECT state FROM aggregate_snapshots WHERE originator_id = %s"


async def reached(service: Service, at_least: int) -> None:
    """Wait until all views have got so far. Raises ViewBehind."""
    if at_least:
        await wait_for(service.pool, at_least, PATIENCE)


async def caught_up(service: Service, view: str) -> None:
    """Wait until a view holds all that the log holds now. Raises ViewBehind."""
    async with service.pool.connection() as connection:
        head = (await service.moment(connection)).head
    await wait_for(service.pool, head, PATIENCE, [view])


async def rules_at(service: Service, connection: AsyncConnection, campaign: str) -> tuple[Rulebook, datetime]:
    """The rules of a campaign that are in force, and what time it is for the ledger. Raises Problem: 404."""
    return await rules_of(service, connection, campaign, await service.moment(connection, campaign))


async def rules_of(
    service: Service, connection: AsyncConnection, campaign: str, moment: Moment
) -> tuple[Rulebook, datetime]:
    """The rules of a campaign at a moment that is known already. Raises Problem: 404."""
    version = moment.campaign.at(moment.now) if moment.campaign else None
    if version is None:
        raise not_found(f"No campaign {campaign!r} is published here.")
    return await service.rulebook(connection, campaign, version), moment.now


def is_trial(book: Rulebook, now: datetime, asked: bool | None) -> bool:
    """Whether the trial is meant: as asked, or the trial until the campaign starts."""
    if asked is not None:
        return asked
    return book.trial is not None and now.astimezone(book.tz).date() < book.starts


def pool_in(book: Rulebook, pool: str) -> Pool:
    """A pool of a rulebook. Raises Problem: 404."""
    found = book.pool_ids.get(pool)
    if found is None:
        raise Problem(404, PoolUnknown.CODE, f"{book.id} has no pool {pool}.", clause=book.clause)
    return found


def board_in(book: Rulebook, board: str) -> Board:
    """A board of a rulebook. Raises Problem: 404."""
    found = book.board_ids.get(board)
    if found is None:
        raise Problem(404, BoardUnknown.CODE, f"{book.id} has no board {board}.", clause=book.clause)
    return found


async def state(connection: AsyncConnection, stream: str, kind: type[S]) -> S:
    """The state of a stream as of the newest commit; that of one without events is empty."""
    row = await (await connection.execute(STATE, (stream,), binary=True)).fetchone()
    found = decode_state(stream, row[0]) if row else kind()
    assert isinstance(found, kind)
    return found


def not_enrolled(participant: str, campaign: str) -> Problem:
    """A 404 for somebody who is not in the campaign."""
    return Problem(404, NotEnrolled.CODE, f"{participant} has not enrolled in {campaign}.")
