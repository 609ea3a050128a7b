"""The HTTP service: its routes, its limits, and what it opens and closes."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from structlog import get_logger

from api.auth import PUBLIC, Gate, may
from api.branches import confirm_branch, get_branch, list_branches, merge_branch, register_branches
from api.campaigns import amend_campaign, check_rulebook, get_campaign, list_campaigns, publish_campaign
from api.clock import get_clock, set_clock
from api.corrections import post_correction
from api.details import erase_identity, erase_person, keep_address, keep_details, view_details
from api.doings import (
    get_quiz,
    get_quiz_progress,
    list_attendance,
    list_certificates,
    record_attendance,
)
from api.draw_writes import award_places, run_draw, seal_draw
from api.draws import find_draw, get_contest, get_draw
from api.edge import Edge
from api.events import post_events
from api.fund_writes import (
    decide_help,
    deposit_in_fund,
    pay_project,
    publish_project,
    put_forward_project,
    review_project,
)
from api.funds import get_fund, list_fund_entries, list_funds, list_help
from api.health import healthz, metrics, readyz
from api.identities import hash_identity, put_session_key
from api.log import read_event, read_log
from api.member_writes import (
    flag_hardship,
    lift_restriction,
    merge_members,
    release_member,
    restrict_member,
    review_membership,
    review_memberships,
    review_transfer,
    suspend_member,
)
from api.members import get_member, list_member_history, list_members, list_messages
from api.one_person import ask_for_who_it_is, say_who_it_is
from api.openapi import openapi_document, openapi_json
from api.pages import docs, docs_file, problem_page, problem_pages, welcome
from api.participants import get_participant, list_accounts, list_days, list_postings, list_timeline
from api.pools import get_pool
from api.prize_writes import move_prize
from api.prizes import get_prize, list_pool_prizes, list_prizes
from api.problems import on_exception
from api.query import check_query
from api.rankings import get_rank, get_ranking
from api.rosters import enter_roster
from api.shops import get_shop, list_redemptions
from api.state import Service
from api.teams import get_team
from api.unit_reports import list_branch_certificates, report_branches
from api.vouchers import import_vouchers, redeem_vouchers
from api.wallets import get_wallet
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
    get_wallet,
    get_shop,
    list_redemptions,
    get_team,
    list_branches,
    get_branch,
    register_branches,
    confirm_branch,
    merge_branch,
    report_branches,
    list_branch_certificates,
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
    list_members,
    get_member,
    list_member_history,
    list_messages,
    review_memberships,
    review_membership,
    review_transfer,
    restrict_member,
    lift_restriction,
    suspend_member,
    release_member,
    flag_hardship,
    merge_members,
    keep_details,
    view_details,
    keep_address,
    erase_person,
    erase_identity,
    hash_identity,
    put_session_key,
    enter_roster,
    get_quiz,
    get_quiz_progress,
    list_certificates,
    record_attendance,
    list_attendance,
    list_funds,
    get_fund,
    list_fund_entries,
    deposit_in_fund,
    put_forward_project,
    review_project,
    publish_project,
    pay_project,
    list_help,
    decide_help,
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
    openapi = cache(lambda: msgspec.json.encode(openapi_document(ROUTES)))
    service = Service(ledger, openapi, settings.wechat_appids)

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
        before_request=_before,
        before_send=[say_who_it_is],
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


async def _before(request: Request[Any, Any, Any]) -> None:
    check_query(request)
    await ask_for_who_it_is(request)


async def _bootstrap(ledger: Ledger, settings: Settings) -> None:
    token = settings.bootstrap_key
    if token and not await asyncio.to_thread(bootstrap, ledger.url, ledger.schema, token):
        log.warning("bootstrap_key_unused", reason="the ledger has other keys already")
