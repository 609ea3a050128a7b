"""Prizes of participants and of pools, and the voucher code for its winner. Source: SX-25, JS-11."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.params import Parameter
from msgspec import UNSET, Meta, Struct, UnsetType

from api.auth import CODE_SEERS, POOL_WATCHERS, READERS, may
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.paths import CampaignPath, ParticipantPath, PoolPath, PrizePath
from api.prize_views import PoolPrizeView, PrizeView, pool_prize_view, prize_view
from api.problems import Problem, problems
from api.reading import Trial, caught_up, is_trial, not_enrolled, pool_in, reached, rules_at
from api.scope import CAMPAIGN, PARTICIPANT
from api.state import Service, service_of
from api.vault import voucher_code
from api.writes import caller
from ledger.refusals import PrizeUnknown
from ledger.streams import pool_stream
from projections import prize_reads, reads
from projections.reads import PrizeRow

Status = Annotated[
    Literal["won", "issued", "delivered", "returned", "lapsed", "replaced", "redeemed", "cancelled"] | None,
    Parameter(description="Only those that stand there."),
]


class Prizes(Struct):
    """A page of a participant's prizes, newest first."""

    prizes: list[PrizeView]


class PoolPrizes(Struct):
    """A page of a pool's prizes, oldest first."""

    prizes: list[PoolPrizeView]


class PrizeDetail(PrizeView, kw_only=True):
    """A prize."""

    code: Annotated[
        str | UnsetType,
        Meta(description="The voucher's code; for keys of clients, finance and administrators alone."),
    ] = UNSET


@get(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/prizes",
    opt=may(READERS, PARTICIPANT),
    operation_id="listPrizes",
    tags=["prizes"],
    summary="List a participant's prizes",
    responses=problems(401, 403, 404),
)
async def list_prizes(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    participant: ParticipantPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[Prizes]:
    """What a participant has won, newest first. Voucher codes are shown one at a time, under each prize."""
    service = service_of(request)
    before = read_cursor(cursor, tuple[int, str])
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        name = book.book(is_trial(book, now, trial))
        position = await reads.position(connection, ["prizes"])
        rows = await prize_reads.prizes_of(connection, name, participant, before=before, limit=limit + 1)
        if not rows and await reads.progress(connection, name, participant) is None:
            raise not_enrolled(participant, campaign)
    place = (rows[limit - 1].position, rows[limit - 1].prize) if len(rows) > limit else None
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(Prizes([prize_view(row) for row in rows[:limit]]), headers=headers)


@get(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/prizes/{prize:str}",
    opt=may(READERS, PARTICIPANT),
    operation_id="getPrize",
    tags=["prizes"],
    summary="Show a participant's prize",
    responses=problems(401, 403, 404),
)
async def get_prize(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    participant: ParticipantPath,
    prize: PrizePath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[PrizeDetail]:
    """A prize and how far it has come; a voucher that was handed out with its code, for its winner's app."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        name = book.book(is_trial(book, now, trial))
    row, position = await find_prize(service, name, prize)
    if row is None or row.participant != participant:
        raise prize_unknown(f"{participant} has no prize {prize}.", book.clause)
    shown = prize_view(row)
    code: str | UnsetType = UNSET
    if row.voucher is not None and caller(request).role in CODE_SEERS:
        async with service.pool.connection() as connection:
            vault = service.ledger.vault
            code = await voucher_code(
                connection, vault, pool_stream(name, row.pool), row.outcome, row.voucher
            )
    detail = PrizeDetail(**{each: getattr(shown, each) for each in shown.__struct_fields__}, code=code)
    headers = {"Jifen-Position": str(position), "Cache-Control": "no-store"}
    return Response(detail, headers=headers)


@get(
    "/v1/campaigns/{campaign:str}/pools/{pool:str}/prizes",
    opt=may(POOL_WATCHERS, CAMPAIGN),
    operation_id="listPoolPrizes",
    tags=["prizes"],
    summary="List a pool's prizes",
    responses=problems(401, 403, 404),
)
async def list_pool_prizes(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    pool: PoolPath,
    status: Status = None,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[PoolPrizes]:
    """The prizes of a pool, oldest first, with winners and what is needed to send them. Never a voucher's code."""
    service = service_of(request)
    after = read_cursor(cursor, tuple[int, str])
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        pool_in(book, pool)
        name = book.book(is_trial(book, now, trial))
        position = await reads.position(connection, ["prizes"])
        rows = await prize_reads.prizes_in(connection, name, pool, status, after=after, limit=limit + 1)
    place = (rows[limit - 1].position, rows[limit - 1].prize) if len(rows) > limit else None
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(PoolPrizes([pool_prize_view(row) for row in rows[:limit]]), headers=headers)


async def find_prize(service: Service, book: str, prize: str) -> tuple[PrizeRow | None, int]:
    """A prize, and how far the view is; one that is not there is looked for again once the view has caught up."""
    row, position = await _find(service, book, prize)
    if row is None:
        await caught_up(service, "prizes")
        row, position = await _find(service, book, prize)
    return row, position


async def _find(service: Service, book: str, prize: str) -> tuple[PrizeRow | None, int]:
    async with service.pool.connection() as connection:
        position = await reads.position(connection, ["prizes"])
        return await prize_reads.prize(connection, book, prize), position


def prize_unknown(detail: str, clause: str) -> Problem:
    """A 404 for a prize that nobody, or somebody else, has won."""
    return Problem(404, PrizeUnknown.CODE, detail, clause=clause)
