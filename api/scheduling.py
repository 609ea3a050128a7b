"""What is due, and the requests that the scheduler makes of it. Pure: no I/O, no clock.

Each act has an id that follows from what it is, and from the moment that made it due. So whoever asks again, another
worker or the same one after a crash, asks for the same, and the ledger answers from the log. Source: SX-05, SX-18,
SX-23, SX-24, JS-08, JS-10; ZG-03, ZG-07, ZG-08.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from ledger.campaign import Campaign
from ledger.command import Command, Request
from ledger.command import request as ledger_request
from ledger.commands import (
    AwardPlaces,
    CloseDay,
    ClosePool,
    ExpireChance,
    FreezeBoard,
    GrantChance,
    LapsePrize,
    Place,
)
from ledger.context import NO_RULES, day_window, instant
from ledger.member_commands import EndEntitlement, ExpirePoints
from ledger.opening import chance_grace, closes_at, grace_of
from ledger.pool import Pool as PoolState
from ledger.rulebook import Board, Pool, Rulebook
from ledger.streams import pool_stream

SOURCE = "//jifen/scheduler"
ACTOR = "scheduler"
ONE_DAY = timedelta(days=1)
DRAWN = ("instant", "batch")
"""Kinds of pools that somebody draws from; no other has to be closed."""
NOT_CLAIMED = "not claimed or used in time"


def request(command: Command, id: str, rules: Rulebook, participant: str = "") -> Request:
    """An act of the scheduler. It happens when it is written down: who is late does not say so."""
    return ledger_request(
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
            if pool.draw in DRAWN and now >= over and not _state(states, stream).closed:
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
    longest = (pool.chance.lasts or timedelta()) + chance_grace(pool)
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


def to_expire_points(due: Iterable[tuple[str, datetime, int]]) -> list[Request]:
    """Points of wallets that have expired. due: participant, the newest expiry, the newest event that moved such a lot.

    That event is part of what the act is called: points that come back to a lot that is over expire again.
    Source: ZG-08.
    """
    return [
        ledger_request(
            ExpirePoints(),
            source=SOURCE,
            id=f"expire points {participant} {expires.astimezone(UTC).isoformat()} {position}",
            campaign="",
            participant=participant,
            actor=ACTOR,
        )
        for participant, expires, position in due
    ]


def items_can_lapse(rules: Rulebook, trial: bool, now: datetime) -> bool:
    """Whether a book has items that are valid for some time only; a trial that is over has none any more (SX-01)."""
    if trial and now >= instant(rules.tz, rules.starts, 0):
        return False
    return any(prize.valid_days for pool in rules.pools if pool.draw == "shop" for prize in pool.prizes)


def to_lapse(rules: Rulebook, trial: bool, due: Iterable[tuple[str, str, datetime]]) -> list[Request]:
    """Redeemed items that were not claimed or used in time. due: participant, prize, until when. Source: ZG-07."""
    book = rules.book(trial)
    return [
        request(
            LapsePrize(prize=prize, reason=NOT_CLAIMED),
            f"lapse {book} {prize} {expires_at.astimezone(UTC).isoformat()}",
            rules,
            participant,
        )
        for participant, prize, expires_at in due
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


def entitlements_over_before(now: datetime) -> date:
    """The day that it is for persons, who belong to no campaign: what ended before it has run out. Source: ZG-03."""
    return now.astimezone(NO_RULES.tz).date()


def to_end(due: Iterable[tuple[str, str, date]]) -> Iterator[Request]:
    """Entitlements that have run out, each once. due: participant, entitlement, its last day. Source: ZG-03."""
    newest = {(participant, entitlement): ends for participant, entitlement, ends in due}
    for (participant, entitlement), ends in newest.items():
        yield ledger_request(
            EndEntitlement(entitlement=entitlement),
            source=SOURCE,
            id=f"end {participant} {entitlement} {ends}",
            campaign="",
            participant=participant,
            actor=ACTOR,
        )


def _state(states: Mapping[str, PoolState], stream: str) -> PoolState:
    return states.get(stream) or PoolState()
