"""What the handlers share: the ledger, a pool of connections for reading, and what is known of each request."""

import select
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from typing import Any, cast
from uuid import uuid4

import msgspec
from litestar import Request
from litestar.types import Scope
from psycopg import AsyncConnection, AsyncCursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from api.keyring import Keyring
from api.listening import Listener, wait
from api.metrics import Metrics
from ledger.campaign import Campaign, Version
from ledger.clock import Clock
from ledger.command import Request as LedgerRequest
from ledger.keys import Key
from ledger.ledger import Ledger
from ledger.outcomes import Outcome
from ledger.rulebook import Rulebook
from ledger.rulebook_file import reread
from ledger.states import decode_state
from ledger.store import TEXT_OF_VERSION
from ledger.streams import CAMPAIGN, campaign_stream
from projections.waiting import ViewBehind

NOTE = "note"
"""The member of an ASGI scope's state that holds the request's Note."""

READ_OPTIONS = (
    "-c search_path={} -c timezone=UTC -c default_transaction_read_only=on -c statement_timeout=30s"
    " -c enable_seqscan=off"  # look-ups by key; a plan from when the tables were empty would be kept for ever
)

PATIENCE = 10.0
"""Seconds for which a reader waits for the position that it asks for."""

MOMENT = """
    SELECT head.position, head.clock_base, head.clock_set_at, campaign.state
    FROM log_head AS head LEFT JOIN aggregate_snapshots AS campaign ON campaign.originator_id = %s
"""


class Moment(msgspec.Struct, frozen=True):
    """How the ledger stood at one instant.

    head: newest position; now: its clock, and whether it is adjustable; campaign: None if not published.
    """

    head: int
    now: datetime
    adjustable: bool
    campaign: Campaign | None


class Service:
    """One running API over one ledger. Whoever opened the ledger closes it; the pool is opened by the app.

    openapi: makes the bytes of the API's description. wechat_appids: the WeChat apps whose open data are taken.
    """

    def __init__(
        self, ledger: Ledger, openapi: Callable[[], bytes], wechat_appids: frozenset[str] = frozenset()
    ) -> None:
        self.ledger = ledger
        self.wechat_appids = wechat_appids
        self.openapi = openapi
        self.metrics = Metrics(ledger.writer)
        self.pool = reading_pool(ledger.url, ledger.schema)
        self.keyring = Keyring(self.pool)
        self.listener = Listener(ledger.url)
        self._rulebooks: dict[str, Rulebook] = {}

    async def submit(self, requests: Sequence[LedgerRequest]) -> list[Outcome]:
        """Outcomes of these requests, in order, and counted. Raises what the writer raises."""
        outcomes = await self.ledger.writer.submit(requests)
        self.metrics.count(
            Counter((type(r.command).__name__, o.status) for r, o in zip(requests, outcomes, strict=True)),
            Counter(outcome.code for outcome in outcomes if outcome.status == "refused"),
        )
        return outcomes

    async def log_reached(self, at_least: int) -> None:
        """Wait until the log has got so far; no connection is held meanwhile. Raises ViewBehind after PATIENCE."""
        give_up = time.monotonic() + PATIENCE
        while at_least:
            ticket = self.listener.ticket()
            async with self.pool.connection() as connection:
                reached = (await self.moment(connection)).head
            if reached >= at_least:
                return
            if (left := give_up - time.monotonic()) <= 0:
                raise ViewBehind(at_least, reached)
            await wait(ticket, left)

    async def moment(self, connection: AsyncConnection, campaign: str = "") -> Moment:
        """Head, clock and a campaign's versions, as of one instant."""
        stream = campaign_stream(campaign)
        row = await (await connection.execute(MOMENT, (stream,))).fetchone()
        assert row is not None, "log_head has its one row since the first migration"
        head, base, set_at, state = row
        clock = Clock(base, set_at)
        versions = None if state is None else cast(Campaign, decode_state(stream, state))
        if versions is not None and not versions.versions:
            versions = None  # the stream has only refusals
        return Moment(head, clock.now(), clock.adjustable, versions)

    async def rulebook(self, connection: AsyncConnection, campaign: str, version: Version) -> Rulebook:
        """The rules of one version of a campaign. They never change, so each text is read once."""
        found = self._rulebooks.get(version.digest)
        if found is None:
            cursor: AsyncCursor[TupleRow] = await connection.execute(
                TEXT_OF_VERSION, (campaign_stream(campaign), version.number - 1)
            )
            rows = await cursor.fetchall()
            found = self._rulebooks[version.digest] = reread(rows[0][0])
        return found

    async def campaigns(self, connection: AsyncConnection) -> dict[str, Campaign]:
        """All published campaigns by id, in the order of their ids."""
        rows = await connection.execute(
            "SELECT originator_id, state FROM aggregate_snapshots WHERE originator_id BETWEEN %s AND %s"
            " ORDER BY originator_id",
            (CAMPAIGN, CAMPAIGN + "~"),
        )
        found = {
            stream.removeprefix(CAMPAIGN): cast(Campaign, decode_state(stream, state))
            async for stream, state in rows
        }
        return {id_: campaign for id_, campaign in found.items() if campaign.versions}


FIRST_HALF = str(uuid4())[:23]
"""Request ids are UUIDs: of this process, and counted. A random one each would cost a system call each."""
_second_half = count(1)


class Note:
    """What is known of a request beyond HTTP: its service, its id, who asks, and for the log what became of it.

    events: how many were posted; first: the id of the first of them; position: the newest that was written.
    """

    __slots__ = ("events", "first", "key", "position", "request_id", "service", "started")

    def __init__(self, service: Service) -> None:
        self.service = service
        self.request_id = f"{FIRST_HALF}-{next(_second_half):012x}"
        self.started = time.perf_counter()
        self.key: Key | None = None
        self.events: int | None = None
        self.first = ""
        self.position = 0


def note(scope: Scope) -> Note:
    """The note of the request that a scope belongs to."""
    return cast(Note, scope["state"][NOTE])


def service_of(request: Request[Any, Any, Any]) -> Service:
    """The service that a request came to."""
    return note(request.scope).service


def reading_pool(url: str, schema: str) -> AsyncConnectionPool[AsyncConnection]:
    """Connections that can only read, see our schema, and speak UTC. Not opened yet."""
    given = str(conninfo_to_dict(url).get("options") or "")
    options = f"{given} {READ_OPTIONS.format(schema)}".strip()
    return AsyncConnectionPool(
        make_conninfo(url, options=options, application_name="jifen api"),
        kwargs={"autocommit": True},
        check=_still_there,
        min_size=2,
        max_size=10,
        timeout=10,
        open=False,
    )


async def _still_there(connection: AsyncConnection) -> None:
    """Raise if the server has let go of an idle connection, so that the pool takes another one.

    An idle connection has nothing to read, so most are found well without a question to the server.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        await AsyncConnectionPool.check_connection(connection)
