"""How a prize pool stands: what everybody may check of its draws, and what operators and finance need to know."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from msgspec import Meta, Struct

from api.auth import POOL_WATCHERS, READERS, may
from api.paging import AtLeast
from api.paths import CampaignPath, PoolPath
from api.problems import problems
from api.proofs import PromisedBeacon, events_of, promised
from api.reading import Trial, is_trial, pool_in, reached, rules_of, state
from api.scope import OPEN
from api.state import service_of
from api.writes import caller
from ledger.events import SeedRevealed
from ledger.opening import closes_at
from ledger.pool import Contest
from ledger.pool import Pool as PoolState
from ledger.rulebook import Pool
from ledger.streams import pool_stream
from projections import prize_reads
from projections.prize_reads import PoolCounts


class PoolPrize(Struct, kw_only=True):
    """A prize of a pool and how much of it is left."""

    prize: Annotated[str, Meta(description="Its id in the rulebook.")]
    kind: str
    amount: Annotated[int | None, Meta(description="What one is worth, in fen.")]
    stock: Annotated[int | None, Meta(description="By the rules in force; null without one.")]
    gone: Annotated[int, Meta(description="How many have left the pool.")]
    left: Annotated[int | None, Meta(description="null without a stock.")]
    codes_imported: int
    codes_handed: int


class PrizeCounts(Struct, kw_only=True):
    """How many prizes of a pool stand at a point of their life."""

    prize: str
    status: Annotated[
        str, Meta(description="won, issued, delivered, redeemed, returned, lapsed or replaced.")
    ]
    count: int
    amount: Annotated[int, Meta(description="In fen, together.")]


class PoolContest(Struct, kw_only=True):
    """A batch draw of a pool that was sealed."""

    contest: int
    root: Annotated[str, Meta(description="Merkle root of its tickets.")]
    tickets: int
    beacon: PromisedBeacon
    run: Annotated[bool, Meta(description="It was held.")]


class PoolInside(Struct, kw_only=True):
    """What operators, finance and auditors see of a pool."""

    prizes: list[PoolPrize]
    budget: Annotated[int | None, Meta(description="In fen; null without one.")]
    budget_left: Annotated[int | None, Meta(description="In fen.")]
    spent: Annotated[int, Meta(description="Fen that left the pool.")]
    awarded: Annotated[bool, Meta(description="Its places have their prizes.")]
    standing: Annotated[list[PrizeCounts], Meta(description="Where its prizes stand, as of Jifen-Position.")]


class PoolView(Struct, kw_only=True):
    """A pool."""

    campaign: str
    pool: str
    stream: Annotated[str, Meta(description="Its stream in the log.")]
    draw: Annotated[str, Meta(description="instant, batch, places, shop or gift.")]
    clause: str
    closed: Annotated[bool, Meta(description="It takes no more draws, also none that are delivered late.")]
    closes_at: Annotated[datetime, Meta(description="A draw at or after it is refused.")]
    draws: Annotated[int, Meta(description="Draws, tickets, redemptions or gifts so far; numbered from 1.")]
    commitment: Annotated[str | None, Meta(description="SHA-256 of the seed of its instant draws, in hex.")]
    seed: Annotated[str | None, Meta(description="Revealed when the pool is closed; null until then.")]
    contests: list[PoolContest]
    inside: Annotated[PoolInside | None, Meta(description="null for keys of clients.")]


@get(
    "/v1/campaigns/{campaign:str}/pools/{pool:str}",
    opt=may(READERS, OPEN),
    operation_id="getPool",
    tags=["draws"],
    summary="Show a pool",
    responses=problems(401, 403, 404),
)
async def get_pool(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    pool: PoolPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[PoolView]:
    """A pool's draws so far, its commitment, its revealed seed; for its keepers also what is left, and of what."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        moment = await service.moment(connection, campaign)
        book, now = await rules_of(service, connection, campaign, moment)
        found, of_trial = pool_in(book, pool), is_trial(book, now, trial)
        name = book.book(of_trial)
        stream = pool_stream(name, pool)
        standing = await state(connection, stream, PoolState)
        revealed = await events_of(connection, stream, (SeedRevealed,)) if standing.revealed else []
        counts = None
        if caller(request).role in POOL_WATCHERS:
            counts = await prize_reads.pool_counts(connection, name, pool)
    answer = PoolView(
        campaign=campaign,
        pool=pool,
        stream=stream,
        draw=found.draw,
        clause=found.clause,
        closed=standing.closed,
        closes_at=closes_at(found, book, of_trial),
        draws=standing.draws,
        commitment=standing.commitment or None,
        seed=next((e.seed for e in revealed if isinstance(e, SeedRevealed)), None),
        contests=[_contest(each) for each in standing.contests],
        inside=_inside(found, standing, counts) if counts else None,
    )
    return Response(answer, headers={"Jifen-Position": str(counts.position if counts else moment.head)})


def _contest(contest: Contest) -> PoolContest:
    return PoolContest(
        contest=contest.number,
        root=contest.root,
        tickets=contest.tickets,
        beacon=promised(contest.beacon),
        run=contest.run,
    )


def _inside(pool: Pool, standing: PoolState, counts: PoolCounts) -> PoolInside:
    return PoolInside(
        prizes=[
            PoolPrize(
                prize=prize.id,
                kind=prize.kind,
                amount=prize.amount,
                stock=prize.stock,
                gone=standing.gone.get(prize.id, 0),
                left=standing.left(prize),
                codes_imported=standing.codes.get(prize.id, 0),
                codes_handed=standing.handed.get(prize.id, 0),
            )
            for prize in pool.prizes
        ],
        budget=pool.budget,
        budget_left=standing.budget_left(pool),
        spent=standing.spent,
        awarded=standing.awarded,
        standing=[
            PrizeCounts(prize=each.outcome, status=each.status, count=each.count, amount=each.amount)
            for each in counts.prizes
        ],
    )
