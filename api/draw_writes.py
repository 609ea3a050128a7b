"""Batch draws and places, as operators hold them: seal, run, award. See docs/draws.md."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, post
from msgspec import Meta, Struct

from api.answers import Accepted
from api.auth import DRAW_MAKERS, may
from api.bodies import json_body, required_idempotency_key
from api.contests import Asking, announced_promise, drand_promise, run_request, seal_request
from api.paths import CampaignPath, ContestPath, PoolPath
from api.problems import RETRY_AFTER, Problem, problems
from api.reading import Trial, is_trial, pool_in, rules_at, state
from api.scope import CAMPAIGN
from api.state import Service, service_of
from api.writes import answer_one, asked_by, caller, source_of
from ledger.board import Board as BoardState
from ledger.boards import places_of
from ledger.command import Request as LedgerRequest
from ledger.commands import AwardPlaces, Place
from ledger.events import Beacon, BeaconPromise, PrizeCount
from ledger.refusal import Malformed
from ledger.rulebook import Pool, Rulebook
from ledger.streams import board_stream, pool_stream
from projections import boards, session
from projections.session import Connection


class NamedBeacon(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The public random number that is to decide."""

    kind: Annotated[
        Literal["drand", "announced"], Meta(description="A round of drand, or another published number.")
    ]
    round: Annotated[
        Annotated[int, Meta(ge=1, le=2**53)] | None, Meta(description="Of drand's quicknet.")
    ] = None
    source: Annotated[
        str,
        Meta(max_length=500, description="Which number, by whom, in what spelling: so that only one fits."),
    ] = ""
    at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None, Meta(description="When an announced number is known.")
    ] = None


class SealedPrize(Struct, forbid_unknown_fields=True):
    """How many of a prize are drawn."""

    prize: Annotated[str, Meta(min_length=1, max_length=40)]
    count: Annotated[int, Meta(ge=1, le=1_000_000_000)]


class Sealing(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a batch draw is to depend on."""

    beacon: NamedBeacon
    prizes: Annotated[list[SealedPrize], Meta(description="Left out: all that are left.")] = []
    reason: Annotated[str, Meta(max_length=1000, description="Of a redraw.")] = ""
    approver: Annotated[str, Meta(max_length=100, description="Of a redraw: another than who seals it.")] = ""


class Running(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The public random number that was promised, now that it is known: one of the two."""

    signature: Annotated[str, Meta(max_length=200, description="Of drand's round, in hex.")] = ""
    text: Annotated[str, Meta(max_length=1000, description="The announced number, as published.")] = ""


@post(
    "/v1/campaigns/{campaign:str}/draws/{pool:str}/seal",
    opt=may(DRAW_MAKERS, CAMPAIGN),
    operation_id="sealDraw",
    tags=["draws"],
    summary="Seal a batch draw",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def seal_draw(
    request: Request[Any, Any, Any], campaign: CampaignPath, pool: PoolPath, trial: Trial = None
) -> Response[Accepted]:
    """Fix the tickets, the prizes and which public random number will decide, before that number exists.

    The pool must be over. A second draw of a pool needs a reason and an approver, and comes after the first was held.
    """
    id_ = required_idempotency_key(request)
    body = await json_body(request, Sealing)
    promise = _promise(body.beacon)
    prizes = tuple(PrizeCount(each.prize, each.count) for each in body.prizes)
    rules, _, stream, of_trial = await _pool(request, campaign, pool, trial)
    asking = _asking(request, rules.id, id_)

    def made(connection: Connection) -> LedgerRequest:
        return seal_request(
            connection,
            asking,
            stream,
            promise,
            prizes=prizes,
            reason=body.reason,
            approver=body.approver,
            trial=of_trial,
        )

    return await _submitted(request, made)


@post(
    "/v1/campaigns/{campaign:str}/draws/{pool:str}/contests/{contest:int}/run",
    opt=may(DRAW_MAKERS, CAMPAIGN),
    operation_id="runDraw",
    tags=["draws"],
    summary="Hold a batch draw",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def run_draw(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    pool: PoolPath,
    contest: ContestPath,
    trial: Trial = None,
) -> Response[Accepted]:
    """Hold a sealed draw with the public random number that was promised. The winners follow from it alone.

    A signature of drand is verified before anything is written; another one is 400.
    """
    id_ = required_idempotency_key(request)
    body = await json_body(request, Running)
    rules, _, stream, of_trial = await _pool(request, campaign, pool, trial)
    asking, number = _asking(request, rules.id, id_), Beacon(body.signature.lower(), body.text)

    def made(connection: Connection) -> LedgerRequest:
        return run_request(connection, asking, stream, contest, number, trial=of_trial)

    return await _submitted(request, made)


@post(
    "/v1/campaigns/{campaign:str}/draws/{pool:str}/places",
    opt=may(DRAW_MAKERS, CAMPAIGN),
    operation_id="awardPlaces",
    tags=["draws"],
    summary="Award the places of a board",
    responses=problems(401, 403, 404, 409, 422, 429),
)
async def award_places(
    request: Request[Any, Any, Any], campaign: CampaignPath, pool: PoolPath
) -> Response[Accepted]:
    """Give the prizes of a pool to the first of its frozen board, each place with its proof; once.

    The service does it by itself when the board is frozen; this is for when it was kept from doing so.
    """
    id_ = required_idempotency_key(request)
    rules, of, _, _ = await _pool(request, campaign, pool, False)
    places = await _places(service_of(request), rules, of)
    # Its identity is that of the pool: whatever the places are, it is the same deed.
    asked = asked_by(request, id_, AwardPlaces(pool=of.id, places=()), campaign=rules.id)
    command = AwardPlaces(pool=of.id, places=places)
    return await answer_one(request, msgspec.structs.replace(asked, command=command))


async def _places(service: Service, rules: Rulebook, pool: Pool) -> tuple[Place, ...]:
    """The places of a pool's board; none while it is not frozen, which is the decision's to refuse. Raises Problem."""
    board = rules.board_ids.get(pool.board or "")
    if board is None or pool.draw != "places":
        return ()

    def read() -> list[Place]:
        with session.connect(service.ledger.url, service.ledger.schema, "places") as connection:
            return boards.places(connection, board, rules.id, places_of(pool))

    async with service.pool.connection() as connection:
        frozen = await state(connection, board_stream(rules.id, board.id), BoardState)
    if not frozen.root:
        return ()
    try:
        return tuple(await asyncio.to_thread(read))
    except boards.NotReady as fault:
        raise Problem(503, "view_behind", str(fault), headers=RETRY_AFTER) from None


async def _pool(
    request: Request[Any, Any, Any], campaign: str, pool: str, trial: bool | None
) -> tuple[Rulebook, Pool, str, bool]:
    """The rules, the pool, its stream, and whether it is the trial's. Raises Problem: 404."""
    service = service_of(request)
    async with service.pool.connection() as connection:
        rules, now = await rules_at(service, connection, campaign)
    found, of_trial = pool_in(rules, pool), is_trial(rules, now, trial)
    return rules, found, pool_stream(rules.book(of_trial), pool), of_trial


def _asking(request: Request[Any, Any, Any], campaign: str, id_: str) -> Asking:
    key = caller(request)
    return Asking(campaign, source_of(key), id_, key.name)


async def _submitted(
    request: Request[Any, Any, Any], made: Callable[[Connection], LedgerRequest]
) -> Response[Accepted]:
    """Make a request of what the log holds, in a thread of its own, and answer what becomes of it."""
    ledger = service_of(request).ledger

    def make() -> LedgerRequest:
        with session.connect(ledger.url, ledger.schema, "draws") as connection:
            return made(connection)

    return await answer_one(request, await asyncio.to_thread(make))


def _promise(named: NamedBeacon) -> BeaconPromise:
    if named.kind == "drand":
        if named.round is None or named.source or named.at:
            raise Malformed("/beacon", "A beacon of drand has a round, and neither source nor at.")
        return drand_promise(named.round)
    if named.round is not None or not named.source.strip() or "\0" in named.source or named.at is None:
        raise Malformed("/beacon", "An announced beacon has a source and the moment at which it is known.")
    return announced_promise(named.source, named.at)
