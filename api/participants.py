"""Participants: how far they are in a campaign, their days, accounts, postings, and every event of theirs."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import Parameter

from api.auth import CASE_SEERS, READERS, may
from api.masking import Mask, hide_case
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.participant_views import (
    Account,
    Accounts,
    Days,
    ParticipantView,
    StatementLine,
    StatementPage,
    Timeline,
    TimelineEvent,
    day_row,
    participant_view,
)
from api.paths import CampaignPath, ParticipantPath
from api.problems import problems
from api.reading import Trial, is_trial, not_enrolled, reached, rules_at
from api.scope import PARTICIPANT
from api.state import PATIENCE, service_of
from api.writes import caller
from ledger.rulebook import Rulebook
from ledger.streams import campaign_of
from projections import reads
from projections.waiting import wait_for


class _Times(msgspec.Struct):
    occurred_at: datetime
    recorded_at: datetime


_times = msgspec.json.Decoder(_Times).decode
ONE_DAY = timedelta(days=1)


@get(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}",
    opt=may(READERS, PARTICIPANT),
    operation_id="getParticipant",
    tags=["participants"],
    summary="Show a participant",
    responses=problems(401, 403, 404),
)
async def get_participant(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    participant: ParticipantPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[ParticipantView]:
    """Points, totals, checkpoints, badges, team, chances and prizes of a participant, and the day that it is."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        of_trial = is_trial(book, now, trial)
        name = book.book(of_trial)
        page = await reads.participant_page(connection, name, participant)
        if page.progress is None:
            raise not_enrolled(participant, campaign)
        today = now.astimezone(book.tz).date()
        playing = book.phase_of(today) == ("trial" if of_trial else "campaign")
        days = await reads.days(connection, name, participant) if playing else []
    row = next((row for row in days if row.day == today), None)
    answer = participant_view(
        book, participant, page, of_trial, day_row(book, today, row, now) if playing else None, now
    )
    return Response(answer, headers={"Jifen-Position": str(page.position)})


@get(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/days",
    opt=may(READERS, PARTICIPANT),
    operation_id="listDays",
    tags=["participants"],
    summary="List a participant's days",
    responses=problems(401, 403, 404),
)
async def list_days(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    participant: ParticipantPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Limit = 100,
    cursor: Cursor = "",
    all: Annotated[  # noqa: A002 - the name of the query parameter
        bool, Parameter(description="Every day so far, also those of which nothing is known.")
    ] = False,
) -> Response[Days]:
    """One row for each day of which anything is known, oldest first."""
    service = service_of(request)
    after = read_cursor(cursor, date) or date.min
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        name = book.book(is_trial(book, now, trial))
        position = await reads.position(connection, ["progress"])
        if await reads.progress(connection, name, participant) is None:
            raise not_enrolled(participant, campaign)
        known = {row.day: row for row in await reads.days(connection, name, participant)}
    days = _so_far(book, now, is_trial(book, now, trial)) if all else list(known)
    later = [day for day in days if day > after]
    place = later[limit - 1] if len(later) > limit else None
    rows = [day_row(book, day, known.get(day), now) for day in later[:limit]]
    return Response(Days(rows), headers={"Jifen-Position": str(position), **link_to_next(request, place)})


@get(
    "/v1/participants/{participant:str}/accounts",
    opt=may(READERS, PARTICIPANT),
    operation_id="listAccounts",
    tags=["participants"],
    summary="List a participant's accounts",
    responses=problems(401, 403),
)
async def list_accounts(
    request: Request[Any, Any, Any], participant: ParticipantPath, at_least: AtLeast = 0
) -> Response[Accounts]:
    """What each account of a participant holds, over all campaigns."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        position = await reads.position(connection, ["balances"])
        balances = await reads.balances(connection, participant)
    accounts = [
        Account(
            account=b.account, asset=b.asset, book=b.book, balance=b.balance, earned=b.earned, spent=b.spent
        )
        for b in balances
    ]
    return Response(Accounts(accounts), headers={"Jifen-Position": str(position)})


@get(
    "/v1/participants/{participant:str}/statement",
    opt=may(READERS, PARTICIPANT),
    operation_id="listPostings",
    tags=["participants"],
    summary="List a participant's postings",
    responses=problems(401, 403),
)
async def list_postings(
    request: Request[Any, Any, Any],
    participant: ParticipantPath,
    account: Annotated[
        str, Parameter(pattern=r"^[A-Za-z0-9._:-]{0,200}\Z", description="Only this account's.")
    ] = "",
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[StatementPage]:
    """Every posting on the participant's accounts, newest first, with the balance after it and what caused it."""
    service = service_of(request)
    before = read_cursor(cursor, tuple[int, int])
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        position = await reads.position(connection, ["statement"])
        rows = await reads.statement(
            connection, participant, account=account or None, before=before, limit=limit + 1
        )
    page = rows[:limit]
    place = (page[-1].position, page[-1].leg) if len(rows) > limit else None
    lines = [
        StatementLine(
            position=row.position,
            account=row.account,
            asset=row.asset,
            amount=row.amount,
            balance_after=row.balance_after,
            clause=row.clause,
            type=row.topic,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            source=row.source,
            id=row.id,
        )
        for row in page
    ]
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(StatementPage(lines), headers=headers)


@get(
    "/v1/participants/{participant:str}/timeline",
    opt=may(READERS, PARTICIPANT),
    operation_id="listTimeline",
    tags=["participants"],
    summary="List a participant's events",
    responses=problems(401, 403),
)
async def list_timeline(
    request: Request[Any, Any, Any],
    participant: ParticipantPath,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[Timeline]:
    """Every event of the participant over all campaigns and of the person, refusals too, newest first; from the log.

    Those of client ids that were joined to it are among them. For keys of clients the steps of a sync end at the day's
    cap (SX-06); right answers and keyed hashes are left out. Administrators alone see what a sealed case is about.
    """
    service = service_of(request)
    before = read_cursor(cursor, int)
    await service.log_reached(at_least)
    if at_least:  # which client ids are the same person is told by a view
        await wait_for(service.pool, at_least, PATIENCE, ["links"])
    async with service.pool.connection() as connection:
        head = (await service.moment(connection)).head
        rows = await reads.timeline(connection, participant, before=before, limit=limit + 1)
        role = caller(request).role
        mask = Mask(service, connection) if role == "client" else None
        events = []
        for row in rows[:limit]:
            campaign = campaign_of(row.originator_id)
            data = row.state if role in CASE_SEERS else hide_case(row.topic, row.state)
            data = await mask.hide(campaign, row.topic, data) if mask else data
            times = _times(row.state)
            events.append(
                TimelineEvent(
                    position=row.position,
                    campaign=campaign,
                    type=row.topic,
                    occurred_at=times.occurred_at,
                    recorded_at=times.recorded_at,
                    data=msgspec.Raw(data),
                )
            )
    place = events[-1].position if len(rows) > limit else None
    headers = {"Jifen-Position": str(head), **link_to_next(request, place)}
    return Response(Timeline(events), headers=headers)


def _so_far(book: Rulebook, now: datetime, of_trial: bool) -> list[date]:
    """The days of the trial, or of the campaign, up to today."""
    first = book.trial.starts if of_trial and book.trial else book.starts
    last = book.trial.ends if of_trial and book.trial else book.ends
    until = min(last, now.astimezone(book.tz).date())
    return [first + number * ONE_DAY for number in range((until - first).days + 1)]
