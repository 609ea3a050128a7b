"""Proofs of draws, for everybody with a key: see docs/draws.md for how to check one."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import Parameter
from psycopg import AsyncConnection

from api.auth import READERS, may
from api.paging import AtLeast
from api.paths import CampaignPath, ContestPath, NumberPath, PoolPath
from api.problems import Problem, not_found, problems
from api.proofs import (
    ContestProof,
    DrawProof,
    Taken,
    TicketProof,
    contest_proof,
    drawn_proof,
    event_at,
    ticket_proof,
)
from api.reading import Trial, caught_up, is_trial, pool_in, reached, rules_at, rules_of
from api.scope import CAMPAIGN, WHOLE
from api.state import Service, service_of
from ledger.events import EntryTaken, PrizeDrawn
from ledger.streams import pool_stream
from projections import prize_reads

OneCampaign = Annotated[
    str,
    Parameter(
        pattern=r"^([a-z0-9][a-z0-9-]{0,39})?\Z",
        description="The campaign of the pool; needed when several have a pool of this id.",
    ),
]
Proof = DrawProof | TicketProof


@get(
    "/v1/draws/{pool:str}/{number:int}",
    opt=may(READERS, WHOLE),
    operation_id="findDraw",
    tags=["draws"],
    summary="Prove a draw",
    responses=problems(401, 403, 404),
)
async def find_draw(
    request: Request[Any, Any, Any],
    pool: PoolPath,
    number: NumberPath,
    campaign: OneCampaign = "",
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[Proof]:
    """The proof of a draw or ticket, as under `/v1/campaigns/{campaign}/draws/…`.

    Ids of pools are unique inside a campaign: when several have one of this id, and the number does not tell
    them apart, the answer is 400 and names them.
    """
    service = service_of(request)
    await reached(service, at_least)  # the view of draws tells campaigns apart
    return await _proof(
        service, campaign or await _only_campaign(service, pool, number), pool, number, trial, at_least
    )


@get(
    "/v1/campaigns/{campaign:str}/draws/{pool:str}/{number:int}",
    opt=may(READERS, CAMPAIGN),
    operation_id="getDraw",
    tags=["draws"],
    summary="Prove a draw of a campaign",
    responses=problems(401, 403, 404),
)
async def get_draw(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    pool: PoolPath,
    number: NumberPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[Proof]:
    """Everything that the outcome of a draw depended on: docs/draws.md says how to compute it again.

    For a pool whose draw is held later, the ticket of this number and what it won.
    """
    return await _proof(service_of(request), campaign, pool, number, trial, at_least)


@get(
    "/v1/campaigns/{campaign:str}/draws/{pool:str}/contests/{contest:int}",
    opt=may(READERS, CAMPAIGN),
    operation_id="getContest",
    tags=["draws"],
    summary="Prove a batch draw",
    responses=problems(401, 403, 404),
)
async def get_contest(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    pool: PoolPath,
    contest: ContestPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[ContestProof]:
    """What a batch draw depended on: the seal, every ticket, the public random number, and the winners."""
    service = service_of(request)
    await service.log_reached(at_least)
    async with service.pool.connection() as connection:
        moment = await service.moment(connection, campaign)
        book, now = await rules_of(service, connection, campaign, moment)
        pool_in(book, pool)
        stream = pool_stream(book.book(is_trial(book, now, trial)), pool)
        proof = await contest_proof(connection, campaign, pool, stream, contest)
    if proof is None:
        raise not_found(f"Draw {contest} of {pool} was not sealed.")
    return Response(proof, headers={"Jifen-Position": str(moment.head)})


async def _only_campaign(service: Service, pool: str, number: int) -> str:
    """The campaign that has a pool of this id, or of several the only one that has a draw of this number.

    Raises Problem: 404 when none has such a pool, 400 when it cannot be told.
    """
    found, drawn = [], []
    async with service.pool.connection() as connection:
        now = (await service.moment(connection)).now
        for campaign, versions in (await service.campaigns(connection)).items():
            version = versions.at(now) or versions.versions[0]
            if pool in (await service.rulebook(connection, campaign, version)).pool_ids:
                found.append(campaign)
                if await prize_reads.draw(connection, campaign, pool, number):
                    drawn.append(campaign)
    if not found:
        raise not_found(f"No campaign has a pool {pool!r}.")
    for told in (found, drawn):
        if len(told) == 1:
            return told[0]
    named = ", ".join(found)
    detail = f"Several campaigns have a pool {pool!r}: {named}. Say which with ?campaign=."
    raise Problem(400, "malformed", detail, pointer="/query/campaign", campaigns=found)


async def _proof(
    service: Service, campaign: str, pool: str, number: int, trial: bool | None, at_least: int
) -> Response[Proof]:
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        name = book.book(is_trial(book, now, trial))
        pool_in(book, pool)
        draw = await prize_reads.draw(connection, name, pool, number)
    if draw is None:
        await caught_up(service, "prizes")
    async with service.pool.connection() as connection:
        draw = draw or await prize_reads.draw(connection, name, pool, number)
        if draw is None:
            raise not_found(f"{pool} has no draw {number}.")
        moment = await service.moment(connection, campaign)
        stream, taken = pool_stream(name, pool), Taken(number, draw.position)
        topic = EntryTaken.TOPIC if draw.outcome is None else PrizeDrawn.TOPIC
        event = await event_at(connection, topic, draw.position)
        if isinstance(event, PrizeDrawn):
            proof: Proof = await _drawn(service, connection, campaign, stream, event, taken)
        else:
            assert isinstance(event, EntryTaken)
            proof = await ticket_proof(connection, campaign, stream, event, taken)
    return Response(proof, headers={"Jifen-Position": str(moment.head)})


async def _drawn(
    service: Service,
    connection: AsyncConnection,
    campaign: str,
    stream: str,
    event: PrizeDrawn,
    taken: Taken,
) -> DrawProof:
    known = (await service.moment(connection, campaign)).campaign
    assert known is not None
    rules = await service.rulebook(connection, campaign, known.versions[event.rules - 1])
    pool, book = rules.pool_ids[event.pool], rules.book(event.trial)
    return await drawn_proof(connection, campaign, book, stream, pool, event, taken)
