"""Proofs of draws: everything that an outcome depended on, as docs/draws.md describes it, read off the log.

The view of draws only finds the event of a number and counts what went before it; whoever wants to check even that
reads the pool's stream, as ``jifen draws verify`` does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from psycopg import AsyncConnection

from ledger.codec import decode
from ledger.drawing import BATCH, INSTANT
from ledger.events import (
    BeaconPromise,
    DrawRun,
    DrawSealed,
    EntryTaken,
    Event,
    PoolOpened,
    PrizeDrawn,
    SeedRevealed,
    StockMoved,
)
from ledger.pool import Pool as PoolState
from ledger.pool import shares
from ledger.rulebook import Pool

EVENT_AT = "SELECT state FROM stored_events WHERE notification_id = %s"
EVENTS_OF = """
    SELECT topic, state, notification_id FROM stored_events
    WHERE originator_id = %s AND topic = ANY(%s) AND notification_id < %s ORDER BY originator_version
"""
TICKETS = """
    SELECT (s ->> 'number')::bigint, s ->> 'participant' FROM (
        SELECT convert_from(state, 'UTF8')::jsonb AS s FROM stored_events
        WHERE originator_id = %s AND topic = %s AND notification_id <= %s ORDER BY originator_version
    ) AS taken ORDER BY 1
"""
BEFORE = """
    SELECT outcome, count(*), sum(amount)::bigint FROM draws
    WHERE book = %s AND pool = %s AND number < %s AND outcome IS NOT NULL GROUP BY outcome
"""
NEWEST = 2**63 - 1


class Share(Struct):
    """A prize and its weight when something was drawn."""

    prize: str
    weight: int


class PromisedBeacon(Struct, kw_only=True, omit_defaults=True):
    """The public random number that decides, named before it exists."""

    kind: Annotated[str, Meta(description="drand, or announced.")]
    at: Annotated[datetime, Meta(description="When it is known.")]
    chain: Annotated[str, Meta(description="Of drand: the network.")] = ""
    round: Annotated[int, Meta(description="Of drand: the round.")] = 0
    source: Annotated[str, Meta(description="Of another number: which one, by whom, in what spelling.")] = ""


class DrawnBeacon(Struct, kw_only=True, omit_defaults=True):
    """The public random number."""

    round: Annotated[int, Meta(description="Of drand.")] = 0
    chain: str = ""
    signature: Annotated[str, Meta(description="Of drand's round, in hex.")] = ""
    text: Annotated[str, Meta(description="The announced number, as published.")] = ""
    randomness: Annotated[str, Meta(description="What follows from it, in hex.")]


class DrawProof(Struct, kw_only=True):
    """What the outcome of an instant draw depended on."""

    campaign: str
    pool: str
    stream: Annotated[str, Meta(description="The pool's stream; it is hashed.")]
    number: Annotated[int, Meta(description="Of the draw in its pool.")]
    algorithm: str
    source: Annotated[str, Meta(description="Of the event that asked.")]
    id: Annotated[str, Meta(description="Of the event that asked.")]
    participant: str
    outcome: Annotated[str, Meta(description="The prize.")]
    shares: Annotated[list[Share], Meta(description="As they stood at this draw, in the rulebook's order.")]
    commitment: Annotated[str, Meta(description="SHA-256 of the seed, published before the first draw.")]
    seed: Annotated[str | None, Meta(description="In hex; null until the pool is closed.")]
    position: Annotated[int, Meta(description="The event in the pool's stream.")]


class TicketContest(Struct, kw_only=True):
    """A draw that a ticket took part in."""

    contest: int
    root: Annotated[str, Meta(description="Merkle root of its tickets, as sealed.")]
    run: Annotated[bool, Meta(description="The draw was held.")]
    prize: Annotated[str | None, Meta(description="What the ticket won in it.")]


class TicketProof(Struct, kw_only=True):
    """A ticket of a batch draw, and what became of it. The draw's own proof is at …/contests/{contest}."""

    campaign: str
    pool: str
    stream: str
    number: Annotated[int, Meta(description="Of the ticket in its pool.")]
    algorithm: str
    source: Annotated[str, Meta(description="Of the event that asked.")]
    id: Annotated[str, Meta(description="Of the event that asked.")]
    participant: str
    outcome: Annotated[
        str | None, Meta(description="The prize that it won, in the newest draw that gave one.")
    ]
    contests: list[TicketContest]
    position: Annotated[int, Meta(description="The event in the pool's stream.")]


class SealedContest(Struct, kw_only=True):
    """What was fixed before the random number existed."""

    position: Annotated[int, Meta(description="Of the log, up to which tickets count.")]
    root: Annotated[str, Meta(description="Merkle root of the tickets, in hex.")]
    tickets: Annotated[int, Meta(description="How many.")]
    prizes: list[dict[str, Any]]
    person_max: Annotated[int | None, Meta(description="Prizes that one person can win.")]
    beacon: PromisedBeacon


class ContestProof(Struct, kw_only=True):
    """What a batch draw depended on, and who won."""

    campaign: str
    pool: str
    stream: str
    contest: int
    algorithm: str
    sealed: SealedContest
    beacon: Annotated[DrawnBeacon | None, Meta(description="null until the draw is held.")]
    tickets: Annotated[
        list[tuple[int, str]], Meta(description="Number and participant, in the sealed order.")
    ]
    winners: Annotated[
        list[tuple[int, str]] | None, Meta(description="Ticket number and prize, in the order drawn.")
    ]
    reason: Annotated[str, Meta(description="Of a redraw.")]
    approver: Annotated[str, Meta(description="Of a redraw.")]


class Taken(Struct):
    """A draw or ticket: its number and where its event stands."""

    number: int
    position: int


async def drawn_proof(
    connection: AsyncConnection,
    campaign: str,
    book: str,
    stream: str,
    pool: Pool,
    event: PrizeDrawn,
    taken: Taken,
) -> DrawProof:
    """The proof of an instant draw. pool: as the rulebook of the event's version has it."""
    before = await _before(connection, book, stream, taken)
    told = await events_of(connection, stream, (PoolOpened, SeedRevealed))
    return DrawProof(
        campaign=campaign,
        pool=pool.id,
        stream=stream,
        number=event.number,
        algorithm=INSTANT,
        source=event.source,
        id=event.id,
        participant=event.participant,
        outcome=event.outcome,
        shares=[Share(prize, weight) for prize, weight in shares(pool, before)],
        commitment=next((e.commitment for e in told if isinstance(e, PoolOpened)), ""),
        seed=next((e.seed for e in told if isinstance(e, SeedRevealed)), None),
        position=taken.position,
    )


async def ticket_proof(
    connection: AsyncConnection, campaign: str, stream: str, event: EntryTaken, taken: Taken
) -> TicketProof:
    """The proof of a ticket."""
    happened = await events_of(connection, stream, (DrawSealed, DrawRun))
    won = {
        each.contest: dict(each.winners).get(event.number) for each in happened if isinstance(each, DrawRun)
    }
    contests = [
        TicketContest(
            contest=each.contest, root=each.root, run=each.contest in won, prize=won.get(each.contest)
        )
        for each in happened
        if isinstance(each, DrawSealed) and taken.position <= each.position
    ]
    return TicketProof(
        campaign=campaign,
        pool=event.pool,
        stream=stream,
        number=event.number,
        algorithm=BATCH,
        source=event.source,
        id=event.id,
        participant=event.participant,
        outcome=next((each.prize for each in reversed(contests) if each.prize), None),
        contests=contests,
        position=taken.position,
    )


async def contest_proof(
    connection: AsyncConnection, campaign: str, pool: str, stream: str, contest: int
) -> ContestProof | None:
    """The proof of a batch draw; None when it was not sealed. Its tickets are read from the log."""
    happened = await events_of(connection, stream, (DrawSealed, DrawRun))
    sealed = next((e for e in happened if isinstance(e, DrawSealed) and e.contest == contest), None)
    run = next((e for e in happened if isinstance(e, DrawRun) and e.contest == contest), None)
    if sealed is None:
        return None
    tickets = await connection.execute(TICKETS, (stream, EntryTaken.TOPIC, sealed.position))
    return ContestProof(
        campaign=campaign,
        pool=pool,
        stream=stream,
        contest=contest,
        algorithm=sealed.algorithm,
        sealed=SealedContest(
            position=sealed.position,
            root=sealed.root,
            tickets=sealed.tickets,
            prizes=[{"prize": each.prize, "count": each.count} for each in sealed.prizes],
            person_max=sealed.person_max,
            beacon=promised(sealed.beacon),
        ),
        beacon=_drawn(sealed.beacon, run) if run else None,
        tickets=[(number, participant) async for number, participant in tickets],
        winners=list(run.winners) if run else None,
        reason=sealed.reason,
        approver=sealed.approver,
    )


async def event_at(connection: AsyncConnection, topic: str, position: int) -> Event:
    """The event of a position, of which the topic is known."""
    row = await (await connection.execute(EVENT_AT, (position,), binary=True)).fetchone()
    assert row is not None, "a view names only positions of the log"
    return decode(topic, row[0])


async def events_of(
    connection: AsyncConnection, stream: str, types: Sequence[type[Event]], before: int = NEWEST
) -> list[Event]:
    """The events of some types in a stream, in order, up to a position."""
    topics = [each.TOPIC for each in types]
    rows = await connection.execute(EVENTS_OF, (stream, topics, before), binary=True)
    return [decode(topic, state) async for topic, state, _ in rows]


async def _before(connection: AsyncConnection, book: str, stream: str, taken: Taken) -> PoolState:
    """What had left a pool before a draw: one aggregate over the earlier draws, and the few prizes that came back."""
    pool = stream.rpartition("/")[2]
    gone: dict[str, int] = {}
    spent = 0
    rows = await connection.execute(BEFORE, (book, pool, taken.number))
    async for outcome, count, amount in rows:
        gone[outcome] = count
        spent += amount
    for event in await events_of(connection, stream, (StockMoved,), taken.position):
        assert isinstance(event, StockMoved)
        gone[event.outcome] = gone.get(event.outcome, 0) + event.count
        spent += event.amount
    return PoolState(gone=gone, spent=spent)


def promised(beacon: BeaconPromise) -> PromisedBeacon:
    """A promised random number as it is shown."""
    return PromisedBeacon(
        kind=beacon.kind, at=beacon.at, chain=beacon.chain, round=beacon.round, source=beacon.source
    )


def _drawn(promise: BeaconPromise, run: DrawRun) -> DrawnBeacon:
    return DrawnBeacon(
        round=promise.round,
        chain=promise.chain,
        signature=run.beacon.signature,
        text=run.beacon.text,
        randomness=run.randomness,
    )
