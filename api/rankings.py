"""Rankings (排行榜): the published rows of a board, and anybody's own place on it (JS-05, JS-06, JS-07, SX-23)."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import Parameter
from psycopg import AsyncConnection

from api.auth import READERS, may
from api.one_person import answer_for
from api.paging import AtLeast, Cursor, link_to_next, read_cursor
from api.paths import CampaignPath
from api.persons import person_of
from api.problems import Problem, not_found, problems
from api.ranking_views import Ranking, RankingPlace
from api.reading import Trial, board_in, is_trial, rules_at
from api.scope import HANDLER, OPEN, require_participants, require_team
from api.state import PATIENCE, Service, service_of
from api.writes import caller
from ledger.keys import Role
from ledger.rulebook import Board, Rulebook
from projections import board_reads, boards, reads
from projections.board_reads import Standing
from projections.standing import Row, shown
from projections.waiting import FIRST_PAUSE, LONGEST_PAUSE, ViewBehind

JSON = "application/json"
LIVE_READERS: frozenset[Role] = frozenset({"operator", "administrator"})

BoardPath = Annotated[
    str,
    Parameter(description="Id of a board of the campaign.", pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z"),
]
EntrantPath = Annotated[
    str,
    Parameter(description="Id of a participant, a team or a union.", pattern=r"^[A-Za-z0-9._:-]{1,64}\Z"),
]

_encode = msgspec.json.Encoder().encode


class _Rules(msgspec.Struct, frozen=True):
    """A board, the rules that it stands in, its book, and what time it is for the ledger."""

    rules: Rulebook
    board: Board
    book: str
    now: datetime


class _Place(msgspec.Struct, frozen=True):
    """A row, and what is to be said of the standing that it is of. keys: what that is ordered by."""

    row: Row
    as_of: datetime
    position: int
    entrants: int
    frozen: bool
    keys: Sequence[str]


@get(
    "/v1/campaigns/{campaign:str}/rankings/{board:str}",
    opt=may(READERS, OPEN),
    operation_id="getRanking",
    tags=["rankings"],
    summary="Show a ranking",
    responses=problems(401, 403, 404, 503),
)
async def get_ranking(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    board: BoardPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Annotated[
        int, Parameter(ge=1, le=boards.PREPARED, description="At most so many rows.")
    ] = boards.PREPARED,
    cursor: Cursor = "",
) -> Response[Ranking]:
    """The published standing of a board and its visible rows, the first first. It says as of when."""
    service = service_of(request)
    after = read_cursor(cursor, int) or 0
    if at_least:
        await _shown_by(service, campaign, board, trial, at_least)
    async with service.pool.connection() as connection:
        found = await _board(service, connection, campaign, board, trial)
        standing, rows = await _page(connection, found, after, limit)
    if standing is None:
        answer = _ranking(campaign, found, None, msgspec.Raw(b"[]"))
        return _sent(answer, {"Jifen-Position": "0"})
    last = after + limit
    headers = {
        "Jifen-Position": str(
            max(standing.position, at_least)
        ),  # so far the views are; the board may be older
        **link_to_next(request, last if last < standing.listed else None),
    }
    return _sent(_ranking(campaign, found, standing, rows), headers)


@get(
    "/v1/campaigns/{campaign:str}/rankings/{board:str}/{entrant:str}",
    opt=may(READERS, HANDLER),
    operation_id="getRank",
    tags=["rankings"],
    summary="Show somebody's place in a ranking",
    responses=problems(401, 403, 404, 503),
)
async def get_rank(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    board: BoardPath,
    entrant: EntrantPath,
    trial: Trial = None,
    live: Annotated[
        bool, Parameter(description="The rank of right now, whatever is published. For operators.")
    ] = False,
    at_least: AtLeast = 0,
) -> Response[RankingPlace]:
    """The row of one participant or team, whether the ranking lists it or not."""
    service = service_of(request)
    if live and caller(request).role not in LIVE_READERS:
        raise Problem(403, "role_not_allowed", "A live rank is for operator or administrator keys.")
    await _require_entrant(request, campaign, board, trial, entrant)
    if at_least:
        await _shown_by(service, campaign, board, trial, at_least, views_only=live)
    async with service.pool.connection() as connection:
        found = await _board(service, connection, campaign, board, trial)
        place = None if live else await _published_place(connection, found, entrant)
        if place is None:
            who = await _who_is_ranked(request, connection, found, entrant)
            place = await (_live_place if live else _published_place)(connection, found, who)
    if place is None:
        raise not_found(f"{entrant} is not on the board {board} of {campaign}.")
    answer = {
        "campaign": campaign,
        "board": board,
        "as_of": place.as_of,
        "position": place.position,
        "entrants": place.entrants,
        "frozen": place.frozen,
        "live": live,
        "visible": found.board.visible is None or place.row.rank <= found.board.visible,
        **shown(place.row, place.keys),
    }
    return _sent(answer, {"Jifen-Position": str(max(place.position, at_least))})


async def _who_is_ranked(
    request: Request[Any, Any, Any], connection: AsyncConnection, found: _Rules, entrant: str
) -> str:
    """The entrant, or the participant that the client id was joined to (EC-12): it has no row of its own any more.

    But on a standing that was published before, where two places of one person stay two.
    """
    if found.board.entrants != "participants":
        return entrant
    who, _ = await person_of(connection, entrant)
    if who != entrant:
        answer_for(request, who)
    return who


async def _published_place(connection: AsyncConnection, found: _Rules, entrant: str) -> _Place | None:
    place = await board_reads.place(connection, found.board.entrants, found.book, found.board.id, entrant)
    if place is None:
        return None
    of, row = place
    return _Place(row, of.as_of, of.position, of.entrants, of.frozen, of.keys)


async def _live_place(connection: AsyncConnection, found: _Rules, entrant: str) -> _Place | None:
    position = await reads.position(connection, boards.views(found.board))
    row = await board_reads.live_rank(connection, found.rules, found.board, found.book, entrant, found.now)
    if row is None:
        return None
    published = await board_reads.standing(connection, found.book, found.board.id)
    keys = [key.by for key in found.board.keys]
    return _Place(row, found.now, position, published.entrants if published else 0, False, keys)


async def _require_entrant(
    request: Request[Any, Any, Any], campaign: str, board: str, trial: bool | None, entrant: str
) -> None:
    """For a key of a branch: a person's or a team's place if the person or the team is inside; any union's."""
    if caller(request).branch is None:
        return
    service = service_of(request)
    async with service.pool.connection() as connection:
        found = await _board(service, connection, campaign, board, trial)
        if found.board.entrants == "teams":
            await require_team(request, connection, found.rules, found.book, entrant)
    if found.board.entrants == "participants":
        await require_participants(request, [entrant])


def _sent(answer: dict[str, Any], headers: dict[str, str]) -> Response[Any]:
    """Bytes that were made here: the framework would look at every row again."""
    return Response(_encode(answer), media_type=JSON, headers=headers)


def _ranking(campaign: str, found: _Rules, standing: Standing | None, rows: msgspec.Raw) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "board": found.board.id,
        "name": {"zh": found.board.name.zh, "en": found.board.name.en},
        "entrants": standing.entrants if standing else 0,
        "visible": found.board.visible,
        "as_of": standing.as_of if standing else None,
        "position": standing.position if standing else 0,
        "frozen": standing is not None and standing.frozen,
        "root": standing.root if standing else None,
        "rows": rows,
    }


async def _page(
    connection: AsyncConnection, found: _Rules, after: int, limit: int
) -> tuple[Standing | None, msgspec.Raw]:
    """The standing and some of its rows as JSON: the prepared ones as they are, others from the table."""
    if after == 0 and limit == boards.PREPARED:
        standing = await board_reads.standing(connection, found.book, found.board.id, prepared=True)
        return standing, msgspec.Raw(standing.rows if standing else b"[]")
    page = await board_reads.page(connection, found.board.entrants, found.book, found.board.id, after, limit)
    if page is None:
        return None, msgspec.Raw(b"[]")
    return page[0], _shown(page[1], page[0].keys)


def _shown(rows: Sequence[Row], keys: Sequence[str]) -> msgspec.Raw:
    return msgspec.Raw(_encode([shown(row, keys) for row in rows]))


async def _board(
    service: Service, connection: AsyncConnection, campaign: str, board: str, trial: bool | None
) -> _Rules:
    """A board as the rules in force have it. Raises Problem: no such campaign, or no such board in it."""
    rules, now = await rules_at(service, connection, campaign)
    return _Rules(rules, board_in(rules, board), rules.book(is_trial(rules, now, trial)), now)


async def _shown_by(
    service: Service,
    campaign: str,
    board: str,
    trial: bool | None,
    at_least: int,
    *,
    views_only: bool = False,
) -> None:
    """Wait until a board shows what it is to show of a position.

    Without refresh hours: until the published standing is of that position or later. With them: until the views have
    got so far, and the standing of the newest refresh moment is published. A frozen board moves no more.
    views_only: the published standing does not matter.
    Raises Problem: no such campaign, or no such board in it; ViewBehind after PATIENCE.
    """
    give_up = time.monotonic() + PATIENCE
    pause = FIRST_PAUSE
    while True:
        async with service.pool.connection() as connection:
            found = await _board(service, connection, campaign, board, trial)
            reached = await reads.position(connection, boards.views(found.board))
            standing = await board_reads.standing(connection, found.book, board)
        if reached >= at_least and (views_only or _shows(found, standing, at_least)):
            return
        if (left := give_up - time.monotonic()) <= 0:
            raise ViewBehind(at_least, min(reached, standing.position if standing else 0))
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _shows(found: _Rules, standing: Standing | None, at_least: int) -> bool:
    if standing is None:
        return False
    if standing.frozen:
        return True
    if found.board.refresh is None:
        return standing.position >= at_least
    return boards.due(found.rules, found.board, found.book, standing.published(), found.now, at_least) is None
