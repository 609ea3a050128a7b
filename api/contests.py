"""The requests by which operators seal and hold a batch draw, made from the log: for the API and the command line.

What an operator says is little: which pool, which public number. All else is read from the log when the request is
made. It is left out of what the request is known by, so that the same again is a repeat, also when the log has grown.
"""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from ledger import beacon
from ledger.beacon import CHAINS, QUICKNET, BeaconInvalid
from ledger.command import Request, request
from ledger.commands import RunDraw, SealDraw
from ledger.drawing import Ticket, announced_randomness, tickets_root, winners
from ledger.events import Beacon, BeaconPromise, EntryTaken, PrizeCount
from ledger.pool import Contest
from ledger.pool import Pool as PoolState
from ledger.refusal import Malformed
from ledger.states import decode_state
from projections.session import Connection

HEAD = "SELECT position FROM log_head"
STATE = "SELECT state FROM aggregate_snapshots WHERE originator_id = %s"
ENTRIES = """
    SELECT state FROM stored_events
    WHERE originator_id = %s AND topic = %s AND notification_id <= %s ORDER BY originator_version
"""
_ticket = msgspec.json.Decoder(EntryTaken).decode


class Asking(NamedTuple):
    """Who asks for what: the identity of a request. source, id: as command.request has them; actor: a name."""

    campaign: str
    source: str
    id: str
    actor: str


def drand_promise(round: int) -> BeaconPromise:  # noqa: A002 - drand's own word
    """A round of drand's quicknet, and when it comes. Raises Malformed for one that never comes."""
    try:
        at = beacon.round_time(QUICKNET, round)
    except ValueError as fault:
        raise Malformed("/beacon/round", f"{fault}") from None
    return BeaconPromise(kind="drand", at=at, chain=QUICKNET.name, round=round)


def announced_promise(source: str, at: datetime) -> BeaconPromise:
    """Another number that is published at a moment. source: which one, so that there is no second way to spell it."""
    return BeaconPromise(kind="announced", at=at, source=source)


def tickets_at(connection: Connection, stream: str, position: int) -> list[Ticket]:
    """The tickets of a pool that stand in the log up to a position, by number. A million take some seconds."""
    rows = connection.execute(ENTRIES, (stream, EntryTaken.TOPIC, position), binary=True)
    taken = [_ticket(state) for (state,) in rows]
    return sorted((Ticket(each.number, each.participant) for each in taken), key=lambda each: each.number)


def pool_state(connection: Connection, stream: str) -> PoolState:
    """The state of a pool; that of one without events is empty."""
    row = connection.execute(STATE, (stream,), binary=True).fetchone()
    state = decode_state(stream, row[0]) if row else PoolState()
    assert isinstance(state, PoolState)
    return state


def contest_in(state: PoolState, number: int) -> Contest | None:
    """A draw of a pool that was sealed."""
    return next((each for each in state.contests if each.number == number), None)


def seal_request(
    connection: Connection,
    asking: Asking,
    stream: str,
    promise: BeaconPromise,
    *,
    prizes: tuple[PrizeCount, ...] = (),
    reason: str = "",
    approver: str = "",
    trial: bool = False,
) -> Request:
    """The request that seals a draw of the tickets that are in the log by now.

    The pool has to be over: the decision sees to it, and then no further ticket can come.
    """
    (position,) = connection.execute(HEAD).fetchone() or (0,)
    tickets = tickets_at(connection, stream, position)
    said = SealDraw(
        pool=_pool_of(stream),
        position=0,
        root="",
        tickets=0,
        beacon=promise,
        prizes=prizes,
        reason=reason,
        approver=approver,
        trial=trial,
    )
    return _request(said, asking, position=position, root=tickets_root(tickets), tickets=len(tickets))


def run_request(
    connection: Connection,
    asking: Asking,
    stream: str,
    contest: int,
    number: Beacon,
    *,
    trial: bool = False,
) -> Request:
    """The request that holds a sealed draw with its public random number.

    A draw that is not sealed, or was held already, is the decision's to refuse, and a repeat's to be answered.
    Raises Malformed for a number that is not the one that was promised: a signature that does not hold, for one.
    """
    said = RunDraw(
        pool=_pool_of(stream),
        contest=contest,
        beacon=number,
        randomness="",
        tickets=(),
        winners=(),
        trial=trial,
    )
    sealed = contest_in(pool_state(connection, stream), contest)
    if sealed is None or sealed.run:
        return _request(said, asking)
    randomness = verified_randomness(sealed.beacon, number)
    tickets = tickets_at(connection, stream, sealed.position)
    prizes = [(each.prize, each.count) for each in sealed.prizes]
    drawn = winners(randomness, sealed.root, tickets, prizes, sealed.person_max)
    return _request(
        said,
        asking,
        randomness=randomness.hex(),
        tickets=tuple((each.number, each.participant) for each in tickets),
        winners=drawn,
    )


def verified_randomness(promise: BeaconPromise, number: Beacon) -> bytes:
    """What follows from the public number, 32 bytes, once it is proven to be the promised one. Raises Malformed."""
    if promise.kind == "announced":
        if not number.text or number.signature:
            raise Malformed("/text", f"This draw waits for an announced number: {promise.source}")
        try:
            return announced_randomness(number.text)
        except ValueError as fault:
            raise Malformed("/text", str(fault)) from None
    if not number.signature or number.text:
        raise Malformed("/signature", f"This draw waits for round {promise.round} of {promise.chain}.")
    try:
        return beacon.verify(CHAINS[promise.chain], promise.round, beacon.signature_of(number.signature))
    except BeaconInvalid as fault:
        raise Malformed("/signature", str(fault)) from None


def _request(said: SealDraw | RunDraw, asking: Asking, **found: Any) -> Request:
    asked = request(said, source=asking.source, id=asking.id, campaign=asking.campaign, actor=asking.actor)
    return msgspec.structs.replace(asked, command=msgspec.structs.replace(said, **found))


def _pool_of(stream: str) -> str:
    return stream.rpartition("/")[2]
