"""The HTTP service: its routes, its limits, and what it opens and closes."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from structlog import get_logger

from api.auth import PUBLIC, Gate, may
from api.campaigns import amend_campaign, check_rulebook, get_campaign, list_campaigns, publish_campaign
from api.clock import get_clock, set_clock
from api.corrections import post_correction
from api.draw_writes import award_places, run_draw, seal_draw
from api.draws import find_draw, get_contest, get_draw
from api.edge import Edge
from api.events import post_events
from api.health import healthz, metrics, readyz
from api.log import read_event, read_log
from api.openapi import openapi_document, openapi_json
from api.pages import docs, docs_file, problem_page, problem_pages, welcome
from api.participants import get_participant, list_accounts, list_days, list_postings, list_timeline
from api.pools import get_pool
from api.prize_writes import move_prize
from api.prizes import get_prize, list_pool_prizes, list_prizes
from api.problems import on_exception
from api.rankings import get_rank, get_ranking
from api.state import Service
from api.teams import get_team
from api.vouchers import import_vouchers, redeem_vouchers
from ledger.keys import bootstrap
from ledger.ledger import Ledger
from ledger.settings import Settings

log = get_logger("api")

MAX_BODY = 8 * 1024 * 1024

ROUTES = [
    post_events,
    read_log,
    read_event,
    publish_campaign,
    amend_campaign,
    check_rulebook,
    list_campaigns,
    get_campaign,
    post_correction,
    get_participant,
    list_days,
    list_accounts,
    list_postings,
    list_timeline,
    get_team,
    get_ranking,
    get_rank,
    get_pool,
    find_draw,
    get_draw,
    get_contest,
    seal_draw,
    run_draw,
    award_places,
    list_prizes,
    get_prize,
    list_pool_prizes,
    move_prize,
    import_vouchers,
    redeem_vouchers,
    get_clock,
    set_clock,
    healthz,
    readyz,
    metrics,
    openapi_json,
    welcome,
    docs,
    docs_file,
    problem_pages,
    problem_page,
]


def create_app(ledger: Ledger, settings: Settings) -> Litestar:
    """The app of a ledger that is open and whose writer runs. Whoever opened the ledger closes it afterwards."""
    service = Service(ledger, cache(lambda: msgspec.json.encode(openapi_document(ROUTES))))

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await _bootstrap(ledger, settings)
        async with service.pool:
            listening = asyncio.create_task(service.listener.run())
            yield
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    app = Litestar(
        [*options_handlers(ROUTES), *ROUTES],
        lifespan=[lifespan],
        middleware=[Gate],
        exception_handlers={Exception: on_exception},
        request_max_body_size=MAX_BODY,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = Edge(app.asgi_handler, service, MAX_BODY)
    return app


def options_handlers(handlers: Sequence[HTTPRouteHandler]) -> Iterator[HTTPRouteHandler]:
    """What answers OPTIONS. The framework's own forgets the methods of handlers that share a path with the first."""
    methods: dict[str, set[str]] = {}
    for handler in handlers:
        for path in handler.paths:
            methods.setdefault(path, {"OPTIONS"}).update(handler.http_methods)
    for path, allowed in methods.items():
        yield _options(path, ", ".join(sorted(allowed)))


def _options(path: str, allowed: str) -> HTTPRouteHandler:
    async def answer() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allowed})

    return HTTPRouteHandler(path, http_method=["OPTIONS"], opt=may(PUBLIC), include_in_schema=False)(answer)


async def _bootstrap(ledger: Ledger, settings: Settings) -> None:
    token = settings.bootstrap_key
    if token and not await asyncio.to_thread(bootstrap, ledger.url, ledger.schema, token):
        log.warning("bootstrap_key_unused", reason="the ledger has other keys already")
