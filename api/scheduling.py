"""What is due, and the requests that the scheduler makes of it. Pure: no I/O, no clock.

Each act has an id that follows from what it is, and from the moment that made it due. So whoever asks again, another
worker or the same one after a crash, asks for the same, and the ledger answers from the log. Source: SX-05, SX-18,
SX-23, SX-24, JS-08, JS-10.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from ledger import commands
from ledger.campaign import Campaign
from ledger.commands import (
    AwardPlaces,
    CloseDay,
    ClosePool,
    Command,
    ExpireChance,
    FreezeBoard,
    GrantChance,
    Place,
    Request,
)
from ledger.context import day_window, instant
from ledger.opening import chance_grace, closes_at, grace_of
from ledger.pool import Pool as PoolState
from ledger.rulebook import Board, Pool, Rulebook, seconds
from ledger.streams import pool_stream

SOURCE = "//jifen/scheduler"
ACTOR = "scheduler"
ONE_DAY = timedelta(days=1)


def request(command: Command, id: str, rules: Rulebook, participant: str = "") -> Request:
    """An act of the scheduler. It happens when it is written down: who is late does not say so."""
    return commands.request(
        command, source=SOURCE, id=id, campaign=rules.id, participant=participant, actor=ACTOR
    )


def books(rules: Rulebook) -> tuple[bool, ...]:
    """Whether it is the trial's, for each book of a campaign."""
    return (True, False) if rules.trial else (False,)


def days(rules: Rulebook) -> Iterator[date]:
    """The days of the trial, then those of the campaign, in order."""
    spans = [(rules.starts, rules.ends)]
    if rules.trial:
        spans.insert(0, (rules.trial.starts, rules.trial.ends))
    for first, last in spans:
        for number in range((last - first).days + 1):
            yield first + number * ONE_DAY


def days_to_close(rules: Rulebook, campaign: Campaign, now: datetime) -> Iterator[Request]:
    """Each day whose window and grace are over and that was not closed, the oldest first. Source: SX-05.

    Days that were over before the campaign was published had nothing to close.
    """
    published = campaign.versions[0].effective_at
    for day in days(rules):
        over = day_window(rules.tz, day, rules.window)[1]
        if (campaign.closed_through is not None and day <= campaign.closed_through) or over <= published:
            continue
        if now < over:
            return
        yield request(CloseDay(day=day), f"close {rules.id} {day} {over.isoformat()}", rules)


def pools_to_close(rules: Rulebook, states: Mapping[str, PoolState], now: datetime) -> Iterator[Request]:
    """Each pool of which no draw can be delivered any more, and that was not closed. Source: SX-18."""
    for trial in books(rules):
        for pool in rules.pools:
            stream = pool_stream(rules.book(trial), pool.id)
            over = closes_at(pool, rules, trial) + grace_of(pool)
            if pool.draw != "places" and now >= over and not _state(states, stream).closed:
                id = f"close {stream} {over.isoformat()}"
                yield request(ClosePool(pool=pool.id, trial=trial), id, rules)


def chances_over_before(rules: Rulebook, pool: Pool, trial: bool, now: datetime) -> datetime | None:
    """A chance that expired at this moment or before can be used no more, also not by a draw that is delivered late.

    None when nothing expires: no chances, or a trial that is over, from which nothing counts (SX-01). Source: JS-08.
    """
    if pool.chance is None or (trial and now >= instant(rules.tz, rules.starts, 0)):
        return None
    return now - chance_grace(pool)


def chances_are_done(rules: Rulebook, pool: Pool, trial: bool, now: datetime) -> bool:
    """Whether all chances of a pool were over a day ago, so that none is left to look for."""
    if pool.chance is None or trial:
        return chances_over_before(rules, pool, trial, now) is None
    longest = timedelta(seconds=seconds(pool.chance.ttl)) + chance_grace(pool)
    return now >= closes_at(pool, rules, trial) + longest + ONE_DAY


def to_expire(
    rules: Rulebook, pool: Pool, trial: bool, due: Iterable[tuple[str, str, datetime]]
) -> list[Request]:
    """Chances that are over. due: participant, chance, when it expired. Source: JS-08."""
    book, grace = rules.book(trial), chance_grace(pool)
    return [
        request(
            ExpireChance(pool=pool.id, chance=chance, trial=trial),
            f"expire {participant} {book}/{pool.id} {chance} {(expires_at + grace).isoformat()}",
            rules,
            participant,
        )
        for participant, chance, expires_at in due
    ]


def to_freeze(rules: Rulebook, board: Board, position: int, root: str, entrants: int) -> Request:
    """A board whose final standing was computed; known by its moment alone, whoever computes it. Source: SX-23."""
    assert board.freezes_at is not None
    said = FreezeBoard(board=board.id, position=0, root="", entrants=0)
    asked = request(said, f"freeze {rules.id}/{board.id} {board.freezes_at.isoformat()}", rules)
    return msgspec.structs.replace(
        asked, command=FreezeBoard(board=board.id, position=position, root=root, entrants=entrants)
    )


def pools_of(rules: Rulebook, board: Board, states: Mapping[str, PoolState]) -> Iterator[Pool]:
    """The pools that a frozen board still has something to bring to: chances to enter, or prizes."""
    for pool in rules.pools:
        state = _state(states, pool_stream(rules.id, pool.id))
        if pool.board == board.id and not (state.awarded if pool.draw == "places" else state.closed):
            yield pool


def to_grant(rules: Rulebook, pool: Pool, places: Sequence[Place]) -> list[Request]:
    """The chances of the first of a frozen board. Source: JS-10."""
    granted = []
    for place in places:
        said = GrantChance(pool=pool.id, place=Place(place.rank, place.entrant, "", ()))
        asked = request(said, f"grant {rules.id}/{pool.id} {place.entrant}", rules, place.entrant)
        granted.append(msgspec.structs.replace(asked, command=GrantChance(pool=pool.id, place=place)))
    return granted


def to_award(rules: Rulebook, pool: Pool, places: Sequence[Place]) -> Request:
    """The prizes of the first of a frozen board. Source: SX-24."""
    asked = request(AwardPlaces(pool=pool.id, places=()), f"award {rules.id}/{pool.id}", rules)
    return msgspec.structs.replace(asked, command=AwardPlaces(pool=pool.id, places=tuple(places)))


def _state(states: Mapping[str, PoolState], stream: str) -> PoolState:
    return states.get(stream) or PoolState()
