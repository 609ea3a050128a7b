"""Campaigns: publish, amend and check rulebooks; show what participants may know of them."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter
from msgspec import Meta, Struct
from psycopg import AsyncConnection

from api.auth import CAMPAIGN_MAKERS, READERS, may
from api.bodies import TOML, idempotency_key, required_idempotency_key, text_body
from api.campaign_views import CampaignDetail, CampaignSummary, RuleVersion, detail, summary
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.paths import CampaignPath
from api.problems import Fault, Problem, not_found, problems
from api.scope import CAMPAIGN, HANDLER, OPEN, require_rules
from api.state import Moment, service_of
from api.writes import caller, replayed, source_of, submit_one
from ledger.campaign import Campaign, amend_request, publish_request
from ledger.events import CampaignPublished
from ledger.refusal import Malformed
from ledger.rulebook_file import RulebookFaulty, load
from ledger.streams import campaign_stream

POSITIONS = "SELECT originator_version, notification_id FROM stored_events WHERE originator_id = %s"

Moments = Annotated[
    str,
    Parameter(
        max_length=40,
        description="From when the new rules hold, RFC 3339 with an offset; left out: from now on.",
        schema_extra={"format": "date-time"},
    ),
]


class Published(Struct, kw_only=True):
    """A published version of a campaign's rules."""

    id: Annotated[str, Meta(description="Id of the campaign.")]
    version: Annotated[int, Meta(description="Number of the version, from 1.")]
    digest: Annotated[str, Meta(description="SHA-256 of the text, in hexadecimal.")]
    position: Annotated[int, Meta(description="Where it stands in the log.")]
    effective_at: Annotated[datetime, Meta(description="In force for what happens from then on.")]


class Campaigns(Struct):
    """A page of campaigns, in the order of their ids."""

    campaigns: list[CampaignSummary]


class Checked(Struct):
    """What is wrong with a rulebook: nothing, when the list is empty."""

    faults: list[Fault]


@post(
    "/v1/campaigns",
    opt=may(CAMPAIGN_MAKERS, HANDLER),
    operation_id="publishCampaign",
    tags=["campaigns"],
    summary="Publish a campaign",
    responses=problems(401, 403, 409, 413, 415, 429),
)
async def publish_campaign(request: Request[Any, Any, Any]) -> Response[Published]:
    """Publish a campaign's rulebook: a TOML file; its `id` is the campaign's.

    The same text again is a repeat and gets the first answer. Another text under the same id is 409: amend the
    campaign. A text with faults is 400, with every fault in `errors`, and nothing is published.
    """
    text = await text_body(request, TOML)
    key = caller(request)
    given = idempotency_key(request)
    try:
        said = await asyncio.to_thread(publish_request, text, actor=key.name, source=source_of(key), id=given)
        if key.branch is not None:
            await require_rules(request, load(text))
    except RulebookFaulty as faulty:
        raise _faulty(faulty) from None
    outcome = await submit_one(request, said)
    return Response(_published(outcome.events[0].state, outcome.position), headers=replayed(outcome))


@post(
    "/v1/campaigns/{campaign:str}/amendments",
    opt=may(CAMPAIGN_MAKERS, CAMPAIGN),
    operation_id="amendCampaign",
    tags=["campaigns"],
    summary="Amend a campaign",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def amend_campaign(
    request: Request[Any, Any, Any], campaign: CampaignPath, effective_at: Moments = ""
) -> Response[Published]:
    """Publish another version of the rules: a whole rulebook file, in force for what happens from a moment on.

    What was awarded before stays as it was (GX-08). The start, the trial and the time zone cannot be amended.
    """
    given = required_idempotency_key(request)
    moment = _moment(effective_at) if effective_at else None
    text = await text_body(request, TOML)
    key = caller(request)
    try:
        said = await asyncio.to_thread(
            amend_request, campaign, text, moment, actor=key.name, source=source_of(key), id=given
        )
        if key.branch is not None:
            await require_rules(request, load(text))
    except RulebookFaulty as faulty:
        raise _faulty(faulty) from None
    outcome = await submit_one(request, said)
    return Response(_published(outcome.events[0].state, outcome.position), headers=replayed(outcome))


@post(
    "/v1/campaigns/check",
    opt=may(CAMPAIGN_MAKERS, OPEN),
    status_code=200,
    operation_id="checkRulebook",
    tags=["campaigns"],
    summary="Check a rulebook",
    responses=problems(401, 403, 413, 415),
)
async def check_rulebook(request: Request[Any, Any, Any]) -> Checked:
    """Say everything that is wrong with a rulebook file, with path and line. Nothing is published."""
    text = await text_body(request, TOML)
    try:
        await asyncio.to_thread(load, text)
    except RulebookFaulty as faulty:
        return Checked(_faults(faulty))
    return Checked([])


@get(
    "/v1/campaigns",
    opt=may(READERS, OPEN),
    operation_id="listCampaigns",
    tags=["campaigns"],
    summary="List campaigns",
    responses=problems(401, 403),
)
async def list_campaigns(
    request: Request[Any, Any, Any], at_least: AtLeast = 0, limit: Limit = 100, cursor: Cursor = ""
) -> Response[Campaigns]:
    """The published campaigns, in the order of their ids."""
    service = service_of(request)
    after = read_cursor(cursor, str) or ""
    await service.log_reached(at_least)
    async with service.pool.connection() as connection:
        moment = await service.moment(connection)
        later = [(id_, each) for id_, each in (await service.campaigns(connection)).items() if id_ > after]
        page = [await _summary(request, connection, id_, each, moment) for id_, each in later[:limit]]
    place = page[-1].id if len(later) > limit else None
    headers = {"Jifen-Position": str(moment.head), **link_to_next(request, place)}
    return Response(Campaigns(page), headers=headers)


@get(
    "/v1/campaigns/{campaign:str}",
    opt=may(READERS, OPEN),
    operation_id="getCampaign",
    tags=["campaigns"],
    summary="Show a campaign",
    responses=problems(401, 403, 404),
)
async def get_campaign(
    request: Request[Any, Any, Any], campaign: CampaignPath, at_least: AtLeast = 0
) -> Response[CampaignDetail]:
    """A campaign's dates, state, rules in words, checkpoints with their questions, badges, boards, pools and unions."""
    service = service_of(request)
    await service.log_reached(at_least)
    async with service.pool.connection() as connection:
        moment = await service.moment(connection, campaign)
        version = moment.campaign.at(moment.now) if moment.campaign else None
        if moment.campaign is None or version is None:
            raise not_found(f"No campaign {campaign!r} is published here.")
        book = await service.rulebook(connection, campaign, version)
        rows = await connection.execute(POSITIONS, (campaign_stream(campaign),))
        positions: dict[int, int] = {number: position async for number, position in rows}
    versions = [
        RuleVersion(
            version=v.number, digest=v.digest, effective_at=v.effective_at, position=positions[v.number]
        )
        for v in moment.campaign.versions
    ]
    answer = detail(book, version, versions, moment.now)
    return Response(answer, headers={"Jifen-Position": str(moment.head)})


async def _summary(
    request: Request[Any, Any, Any],
    connection: AsyncConnection,
    campaign: str,
    versions: Campaign,
    moment: Moment,
) -> CampaignSummary:
    version = versions.at(moment.now) or versions.versions[0]
    return summary(await service_of(request).rulebook(connection, campaign, version), version, moment.now)


def _published(state: bytes, position: int) -> Published:
    event = msgspec.json.decode(state, type=CampaignPublished)  # an amendment has the same members
    return Published(
        id=event.campaign,
        version=event.version,
        digest=event.digest,
        position=position,
        effective_at=event.effective_at,
    )


def _moment(text: str) -> datetime:
    """An instant of a query; the + of an offset that was not encoded has become a blank."""
    try:
        moment: datetime = msgspec.convert(text.replace(" ", "+"), Annotated[datetime, Meta(tz=True)])
        return moment.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise Malformed(
            "/query/effective_at", "Expected RFC 3339 with an offset, such as 2019-08-01T00:00:00%2B08:00."
        ) from None


def _faults(faulty: RulebookFaulty) -> list[Fault]:
    return [
        Fault(detail=fault.detail, path=fault.path, line=fault.line, code=fault.code)
        for fault in faulty.faults
    ]


def _faulty(faulty: RulebookFaulty) -> Problem:
    return Problem(400, "rulebook_faulty", str(faulty), errors=_faults(faulty))
