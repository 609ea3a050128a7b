"""Points in lots: what begins and expires together lies together. What comes in, is spent, taken back and expires.

Arithmetic alone. Every function takes the lots of a wallet as they are and returns what changes, as the lots of an
event say it: points that came into a lot, or (negative) left it. ``evolve_lots`` adds that up and judges nothing.

A wallet has few lots: those that have begun and expire together are made one by whatever moves next. Its debt is what
was taken back and had been spent; while there is debt no lot holds points that can be spent. Source: ZG-08.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ledger.member_events import Lot, PointsExpired, PointsMoved
from ledger.rulebook_base import seconds
from ledger.rulebook_programmes import Wallet

if TYPE_CHECKING:
    from ledger.member import Member

Lots = tuple[Lot, ...]
Spend = Literal["expiring_first", "earned_first"]
Key = tuple[datetime, datetime | None]
"""What tells lots apart: when they begin and expire."""

NEVER = datetime.max.replace(tzinfo=UTC)
"""Sorts a lot that does not expire behind all others."""


class Moved(NamedTuple):
    """What changes in a wallet. lots: as events say it; debt: by how much it is more, or (negative) less."""

    lots: Lots
    debt: int = 0


def terms(wallet: Wallet, tz: ZoneInfo, day: date) -> Key:
    """When points that were earned on a day begin and expire.

    day: on the campaign's wall clock. They begin with it, or with the next. ``lasts`` is counted from its end, and
    rounded up to the end of a day, month or year; so all points of a day have the same terms. Source: ZG-08.
    """
    midnight = datetime(day.year, day.month, day.day) + timedelta(days=1)  # noqa: DTZ001 - as clocks show it
    begins = midnight if wallet.begins == "next_day" else midnight - timedelta(days=1)
    expires = None
    if wallet.lasts is not None:
        over = _rounded_up(midnight + timedelta(seconds=seconds(wallet.lasts)), wallet.until_end_of)
        expires = _moment(over, tz)
    return _moment(begins, tz), expires


def _rounded_up(clock: datetime, unit: str) -> datetime:
    """The first midnight of a day, month or year that is not before a reading of the clock."""
    day = clock.replace(hour=0, minute=0, second=0, microsecond=0)
    day = day if day == clock else day + timedelta(days=1)
    if unit == "month" and day.day > 1:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    if unit == "year" and (day.month, day.day) != (1, 1):
        return day.replace(year=day.year + 1, month=1, day=1)
    return day


def _moment(clock: datetime, tz: ZoneInfo) -> datetime:
    return clock.replace(tzinfo=tz).astimezone(UTC)


def is_over(lot: Lot, now: datetime) -> bool:
    """Whether a lot has expired, said so or not."""
    return lot.expires is not None and lot.expires <= now


def is_usable(lot: Lot, now: datetime) -> bool:
    """Whether the points of a lot can be spent now."""
    return lot.begins <= now and not is_over(lot, now)


def spendable(lots: Lots, debt: int, now: datetime) -> int:
    """What can be spent now: of lots that have begun and not expired, less the debt."""
    return max(0, sum(lot.points for lot in lots if is_usable(lot, now)) - debt)


def in_order(lots: Iterable[Lot], spend: Spend = "expiring_first") -> list[Lot]:
    """The lots in the order in which they are spent: what expires first, or what was earned first."""
    if spend == "earned_first":
        return sorted(lots, key=lambda lot: (lot.begins, lot.expires or NEVER))
    return sorted(lots, key=lambda lot: (lot.expires or NEVER, lot.begins))


def expired(lots: Lots, now: datetime) -> Lots:
    """The lots whose points are gone by now."""
    return tuple(lot for lot in in_order(lots) if is_over(lot, now))


def expires_next(lots: Lots, now: datetime) -> Lots:
    """All lots that will expire, the next first."""
    return tuple(lot for lot in in_order(lots) if lot.expires is not None and not is_over(lot, now))


def credited(lots: Lots, debt: int, coming: Iterable[Lot], now: datetime) -> Moved:
    """What points that come in become: they pay the debt first, from the first lot on; the rest lies in its lots."""
    paid, rest = 0, []
    for lot in coming:
        pays = min(lot.points, debt - paid)
        paid += pays
        if lot.points > pays:
            rest.append(_of(lot, lot.points - pays))
    return Moved(_changes(lots, rest, now), -paid)


def spent(lots: Lots, points: int, spend: Spend, now: datetime) -> Lots:
    """What a payment takes from which lots, as positive points; only from those that can be spent now.

    Takes less than ``points`` when there are not as many; whoever asks has looked at ``spendable``.
    """
    usable = [lot for lot in in_order(lots, spend) if is_usable(lot, now)]
    return _taken(usable, points)


def paid(lots: Lots, taken: Lots, now: datetime) -> Moved:
    """What changes by a payment from these lots."""
    return Moved(_changes(lots, [_of(lot, -lot.points) for lot in taken], now))


def taken_back(lots: Lots, points: int, came_into: Iterable[Key], spend: Spend, now: datetime) -> Moved:
    """What changes when points that were given are taken back.

    From the lots that they came into; then from the others in the order of spending, last those that have not begun;
    what is not there any more is debt. What has expired is gone, whether that was said or not, and pays for nothing.
    """
    alive = [lot for lot in in_order(lots, spend) if not is_over(lot, now)]
    keys = {_found(lots, key, now) for key in came_into}
    first = [lot for lot in alive if _key(lot) in keys]
    others = [lot for lot in alive if _key(lot) not in keys]
    others.sort(key=lambda lot: lot.begins > now)  # stable: the order of spending within each half
    taken = _taken([*first, *others], points)
    missing = points - sum(lot.points for lot in taken)
    return Moved(_changes(lots, [_of(lot, -lot.points) for lot in taken], now), missing)


def net(changes: Lots) -> Lots:
    """What really came in (or went) by an event, without what only moved because lots were made one."""
    sums: dict[datetime | None, int] = {}
    for lot in changes:
        sums[lot.expires] = sums.get(lot.expires, 0) + lot.points
    found = []
    for expires, points in sums.items():
        same = (lot for lot in changes if lot.expires == expires and lot.points * points > 0)
        rest = points
        for lot in same:
            part = min(rest, lot.points) if rest > 0 else max(rest, lot.points)
            if part:
                found.append(_of(lot, part))
                rest -= part
    return tuple(found)


def split(taken: Lots, parts: int) -> list[Lots]:
    """What was paid for several at one price, for each of them: the first lots for the first."""
    price = sum(lot.points for lot in taken) // parts
    shares, rest = [], taken
    for _ in range(parts):
        share = _taken(rest, price)
        shares.append(share)
        rest = _added(rest, [_of(lot, -lot.points) for lot in share])
    return shares


def evolve_lots(state: "Member", event: PointsMoved | PointsExpired) -> "Member":
    """The member with the lots and the debt after an event of its wallet; its version is the caller's."""
    if isinstance(event, PointsExpired):
        lots = _added(state.lots, [_of(lot, -lot.points) for lot in event.lots])
        return msgspec.structs.replace(state, lots=lots)
    return msgspec.structs.replace(state, lots=_added(state.lots, event.lots), debt=state.debt + event.debt)


def _changes(lots: Lots, by: Iterable[Lot], now: datetime) -> Lots:
    """What an event has to say so that the lots are as they should be: changed, and those that can be made one, one."""
    merged: dict[Key, int] = {}
    earliest: dict[datetime | None, datetime] = {}
    for lot in sorted(_added(lots, by), key=lambda lot: lot.begins):
        begins = earliest.setdefault(lot.expires, lot.begins) if lot.begins <= now else lot.begins
        merged[begins, lot.expires] = merged.get((begins, lot.expires), 0) + lot.points
    before = {_key(lot): lot.points for lot in lots}
    keys = sorted({*before, *merged}, key=lambda key: (key[0], key[1] or NEVER))
    return tuple(Lot(change, *key) for key in keys if (change := merged.get(key, 0) - before.get(key, 0)))


def _added(lots: Lots, by: Iterable[Lot]) -> Lots:
    after = {_key(lot): lot.points for lot in lots}
    for lot in by:
        after[_key(lot)] = after.get(_key(lot), 0) + lot.points
    return tuple(in_order(Lot(points, *key) for key, points in after.items() if points))


def _taken(lots: Iterable[Lot], points: int) -> Lots:
    taken = []
    for lot in lots:
        if points <= 0:
            break
        taken.append(_of(lot, min(points, lot.points)))
        points -= taken[-1].points
    return tuple(taken)


def _found(lots: Lots, key: Key, now: datetime) -> Key:
    """The lot that points of these terms lie in now: their own, or the one that it was made part of."""
    if any(_key(lot) == key for lot in lots):
        return key
    same = (lot for lot in lots if lot.expires == key[1] and lot.begins <= now)
    return next((_key(lot) for lot in same), key)


def _of(lot: Lot, points: int) -> Lot:
    return Lot(points, lot.begins, lot.expires)


def _key(lot: Lot) -> Key:
    return lot.begins, lot.expires
