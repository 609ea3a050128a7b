"""The ledger's clock, for simulations, replays and demos. On the system clock it can be read and not set."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, get, put
from msgspec import Meta, Struct

from api.auth import ADMINISTRATORS, READERS, may
from api.bodies import json_body
from api.problems import Problem, problems
from api.scope import OPEN, WHOLE
from api.state import Service, service_of
from ledger.clock import EPOCH, milliseconds
from ledger.command import LAST_YEAR
from ledger.refusal import Malformed


class ClockReading(Struct):
    """What time it is for the ledger."""

    now: Annotated[datetime, Meta(description="The ledger's time, UTC.")]
    adjustable: Annotated[bool, Meta(description="Whether it can be set (JIFEN_ALLOW_TIME_TRAVEL).")]


class ClockSetting(Struct, forbid_unknown_fields=True):
    """A new time for the ledger."""

    now: Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]


@get(
    "/v1/clock",
    opt=may(READERS, OPEN),
    operation_id="getClock",
    tags=["operation"],
    summary="Read the clock",
    responses=problems(401, 403),
)
async def get_clock(request: Request[Any, Any, Any]) -> ClockReading:
    """What time it is for the ledger: the real time, or where a simulation stands."""
    return await _read(service_of(request))


@put(
    "/v1/clock",
    opt=may(ADMINISTRATORS, WHOLE),
    operation_id="setClock",
    tags=["operation"],
    summary="Set the clock",
    responses=problems(401, 403, 409, 413, 415),
)
async def set_clock(request: Request[Any, Any, Any]) -> ClockReading:
    """Move the ledger's clock, for all processes. Only under JIFEN_ALLOW_TIME_TRAVEL=1; 409 otherwise."""
    service = service_of(request)
    given = (await json_body(request, ClockSetting)).now
    try:
        now = milliseconds(given)
    except OverflowError:
        raise Malformed("/now", "The time is outside the years that can be computed with.") from None
    if not EPOCH.year <= now.year <= LAST_YEAR:
        raise Malformed("/now", f"Expected a year from {EPOCH.year} to {LAST_YEAR}.")
    clock = await asyncio.to_thread(service.ledger.clock)
    if not clock.adjustable:
        raise Problem(409, "clock_not_adjustable", "This ledger runs on the system's clock.")
    await asyncio.to_thread(service.ledger.set_clock, clock.moved_to(now))
    return await _read(service)


async def _read(service: Service) -> ClockReading:
    async with service.pool.connection() as connection:
        moment = await service.moment(connection)
    return ClockReading(moment.now, moment.adjustable)
