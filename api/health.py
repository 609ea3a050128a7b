"""For the machines that watch over the service: is it up, can it work, and its numbers. No key needed."""

from typing import Any

from litestar import Request, Response, get
from msgspec import Struct
from prometheus_client import generate_latest
from psycopg import sql

import migrations
from api.auth import PUBLIC, may
from api.problems import RETRY_AFTER, Problem, problems
from api.state import service_of
from migrations.backend import MIGRATION_TABLE
from projections import PROJECTIONS
from projections.projection import query

PLAIN = "text/plain; version=1.0.0"  # Prometheus' text format; the framework adds the charset
APPLIED = sql.Identifier(MIGRATION_TABLE)


class Health(Struct):
    """The process answers."""

    status: str


class Readiness(Struct):
    """The service can take requests. head: newest position of the log."""

    status: str
    head: int


@get(
    "/healthz",
    opt=may(PUBLIC),
    operation_id="getHealth",
    tags=["operation"],
    summary="Is the process up?",
    responses=problems(),
)
async def healthz() -> Health:
    """Answers as long as the process lives; asks nobody. For restarting what hangs."""
    return Health("up")


@get(
    "/readyz",
    opt=may(PUBLIC),
    operation_id="getReadiness",
    tags=["operation"],
    summary="Can the service work?",
    responses=problems(),
)
async def readyz(request: Request[Any, Any, Any]) -> Readiness:
    """200 when the database answers, its tables are up to date and the writer runs; otherwise 503 with the reason."""
    service = service_of(request)
    if not service.ledger.writer.alive:
        raise _not_ready("The writer has stopped.")
    async with service.pool.connection(timeout=2) as connection:
        rows = await connection.execute(sql.SQL("SELECT migration_id FROM {}").format(APPLIED))
        missing = set(migrations.known()) - {row[0] async for row in rows}
        head = (await service.moment(connection)).head
    if missing:
        raise _not_ready(
            f"The tables are old: `jifen migrate` has yet to apply {', '.join(sorted(missing))}."
        )
    return Readiness("ready", head)


@get(
    "/metrics",
    opt=may(PUBLIC),
    operation_id="getMetrics",
    tags=["operation"],
    summary="Numbers for Prometheus",
    media_type="text/plain",
    responses=problems(),
)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Requests, latencies, commands, refusals by code, the writer's queue and groups, the log's head, views' lag."""
    service = service_of(request)
    views = service.metrics.views
    async with service.pool.connection(timeout=2) as connection:
        rows = await connection.execute(query("status"), {"names": list(PROJECTIONS)})
        views.standings = [(name, lag, parked) async for name, _, _, lag, parked in rows]
        views.head = (await service.moment(connection)).head
    return Response(generate_latest(service.metrics.registry), media_type=PLAIN)


def _not_ready(detail: str) -> Problem:
    return Problem(503, "unavailable", detail, headers=RETRY_AFTER)
