"""The log for auditors and feeds: every event in order, each as a CloudEvent with the stored JSON word for word."""

import time
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import Parameter
from msgspec import Meta, Raw, Struct
from psycopg import AsyncConnection

from api import listening
from api.auth import LOG_READERS, may
from api.paging import AtLeast
from api.problems import not_found, problems
from api.scope import WHOLE
from api.state import service_of
from ledger.events import CampaignAmended, CampaignPublished

EVENTS = """
    SELECT notification_id, originator_id, originator_version, topic, state
    FROM stored_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s
"""
ANSWERS = (CampaignPublished.TOPIC, CampaignAmended.TOPIC)
"""Events whose text holds the right answers of questions, which no answer of the API tells."""


class LoggedEvent(Struct, kw_only=True, omit_defaults=True):
    """An event of the log as a CloudEvent."""

    specversion: str
    id: Annotated[
        str, Meta(description="`{originatorid}/{originatorversion}`: the event's place in its stream.")
    ]
    source: Annotated[str, Meta(description="`//jifen/{ledger}`.")]
    type: Annotated[str, Meta(description="The topic, such as steps-synced.v1.")]
    subject: Annotated[str, Meta(description="The stream, as originatorid.")]
    time: Annotated[str, Meta(description="When it happened (occurred_at).")]
    datacontenttype: str
    position: Annotated[int, Meta(description="Its place in the whole log, from 1, without gaps.")]
    originatorid: Annotated[str, Meta(description="Its stream: p-000123@sx-2019, or campaign/sx-2019.")]
    originatorversion: Annotated[int, Meta(description="Its place in the stream, from 1, without gaps.")]
    recordedat: Annotated[str, Meta(description="When it was written.")]
    withheld: Annotated[
        str,
        Meta(description="A member of data that is left out: the text of a rulebook has the right answers."),
    ] = ""
    data: Annotated[Raw, Meta(description="The event as it is stored, word for word.")]


class LogPage(Struct):
    """Events in order, and how far the log has got."""

    events: list[LoggedEvent]
    head: Annotated[int, Meta(description="Newest position of the log.")]


class _Times(Struct):
    occurred_at: str
    recorded_at: str


_times = msgspec.json.Decoder(_Times).decode


@get(
    "/v1/events",
    opt=may(LOG_READERS, WHOLE),
    operation_id="readLog",
    tags=["log"],
    summary="Read the log",
    responses=problems(401, 403),
)
async def read_log(
    request: Request[Any, Any, Any],
    after: Annotated[int, Parameter(ge=0, le=2**62, description="The position to go on after.")] = 0,
    limit: Annotated[int, Parameter(ge=1, le=1000, description="At most so many events.")] = 100,
    wait: Annotated[
        float, Parameter(ge=0, le=30, description="Seconds to wait when there is nothing new yet.")
    ] = 0,
    at_least: AtLeast = 0,
) -> Response[LogPage]:
    """Events after a position, in order. Ask again after the last one; with `wait` the answer comes with the news."""
    service = service_of(request)
    await service.log_reached(at_least)
    until = time.monotonic() + wait
    while True:
        ticket = service.listener.ticket()
        async with service.pool.connection() as connection:
            events = await _events(connection, after, limit, service.ledger.schema)
            head = (await service.moment(connection)).head
        left = until - time.monotonic()
        if events or left <= 0:
            headers = {"Jifen-Position": str(head)}
            if events and events[-1].position < head:
                headers["Link"] = f'</v1/events?after={events[-1].position}&limit={limit}>; rel="next"'
            return Response(LogPage(events, head), headers=headers)
        await listening.wait(ticket, left)


@get(
    "/v1/events/{position:int}",
    opt=may(LOG_READERS, WHOLE),
    operation_id="readLogEvent",
    tags=["log"],
    summary="Read one event of the log",
    responses=problems(401, 403, 404),
)
async def read_event(
    request: Request[Any, Any, Any],
    position: Annotated[int, Parameter(ge=1, le=2**62, description="Place in the log, from 1.")],
    at_least: AtLeast = 0,
) -> Response[LoggedEvent]:
    """The event at a position."""
    service = service_of(request)
    await service.log_reached(at_least)
    async with service.pool.connection() as connection:
        events = await _events(connection, position - 1, 1, service.ledger.schema)
        head = (await service.moment(connection)).head
    if not events:
        raise not_found(f"The log ends at position {head}.")
    return Response(events[0], headers={"Jifen-Position": str(head)})


async def _events(connection: AsyncConnection, after: int, limit: int, schema: str) -> list[LoggedEvent]:
    rows = await connection.execute(EVENTS, (after, limit), binary=True)
    return [_logged(schema, *row) async for row in rows]


def _logged(schema: str, position: int, stream: str, version: int, topic: str, state: bytes) -> LoggedEvent:
    times = _times(state)
    withheld = ""
    if topic in ANSWERS:
        withheld = "text"
        members = msgspec.json.decode(state, type=dict[str, Raw])
        del members[withheld]
        state = msgspec.json.encode(members)
    return LoggedEvent(
        specversion="1.0",
        id=f"{stream}/{version}",
        source=f"//jifen/{schema}",
        type=topic,
        subject=stream,
        time=times.occurred_at,
        datacontenttype="application/json",
        position=position,
        originatorid=stream,
        originatorversion=version,
        recordedat=times.recorded_at,
        withheld=withheld,
        data=Raw(state),
    )
