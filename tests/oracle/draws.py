"""Draws: what pays for them, and when they are refused (SX-18, SX-22, JS-08, JS-09). Not what comes out."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracle.counting import badges, balance
from tests.oracle.facts import Book, Draw, Facts, Part, Refused, duration, midnight

Pool = dict[str, Any]
ONE_DAY = timedelta(days=1)


def pool_of(book: Book, id: str) -> Pool:
    """A pool of the rulebook."""
    for pool in book.get("pools", ()):
        if pool["id"] == id:
            return dict(pool)
    raise Refused("pool_unknown")


def draw(
    book: Book,
    part: Part,
    who: str,
    data: dict[str, Any],
    when: datetime,
    now: datetime,
    has_place: Callable[[str, str, int], bool],
) -> int:
    """The number of a draw or ticket. has_place: whether somebody is among so many of a frozen board."""
    pool, facts = pool_of(book, data["pool"]), part.people[who]
    if pool.get("draw") == "places":
        raise Refused("not_drawn")
    deadline = pool.get("deadline") or midnight(book["ends"] + ONE_DAY)
    if when >= deadline or now >= deadline + duration(pool.get("grace", "10m")):
        raise Refused("draw_closed")
    chance = data.get("chance")
    in_points = chance is None and "cost_points" in pool
    if not in_points:
        chance = _chance(book, pool, facts, who, chance, when, now, has_place)
    _require_allowance(pool, facts, when)
    if in_points and balance(book, part, who) < pool["cost_points"]:
        raise Refused("not_enough_points")
    number = part.drawn.get(pool["id"], 0) + 1
    if pool.get("draw", "instant") == "instant" and number > supply(pool):
        raise Refused("pool_empty")
    part.drawn[pool["id"]] = number
    facts.draws.append(Draw(pool["id"], chance, when.date()))
    return number


def supply(pool: Pool) -> float:
    """How many draws a pool without a budget can have in all: as many as it has prizes (JS-09)."""
    prizes = [prize for prize in pool["prizes"] if prize.get("weight") != 0]
    assert "budget" not in pool, "what a budget allows depends on what comes out"
    return sum(float(prize.get("stock", "inf")) for prize in prizes)


def forfeit(book: Book, part: Part, who: str, data: dict[str, Any], when: datetime, now: datetime) -> None:
    """Give a chance of a sign-in up (JS-08)."""
    pool = pool_of(book, data["pool"])
    facts = part.people[who]
    _require_usable(pool, facts, data["chance"], when, now)
    facts.forfeited.add((pool["id"], data["chance"]))


def _chance(
    book: Book,
    pool: Pool,
    facts: Facts,
    who: str,
    named: str | None,
    when: datetime,
    now: datetime,
    has_place: Callable[[str, str, int], bool],
) -> str:
    """What pays for a draw that is not paid in points."""
    if named in pool.get("cost_badges", ()):
        if named not in badges(book, facts):
            raise Refused("chance_unknown")
        if _used(pool, facts, named):
            raise Refused("chance_used")
        return str(named)
    board = pool.get("board")
    if board and named in (None, board):
        if not has_place(board, who, pool["first"]):
            raise Refused("chance_unknown")
        if _used(pool, facts, board):
            raise Refused("chance_used")
        return str(board)
    if named is None:
        return _newest(pool, facts, when, now)
    _require_usable(pool, facts, named, when, now)
    return named


def _newest(pool: Pool, facts: Facts, when: datetime, now: datetime) -> str:
    """The newest chance of a sign-in that can be used; without one, the last that was given says why it cannot."""
    chances = list(facts.sign_ins) if "chance" in pool else []
    for day in sorted(chances, reverse=True):
        with suppress(Refused):
            _require_usable(pool, facts, day.isoformat(), when, now)
            return day.isoformat()
    if not chances:
        raise Refused("chance_unknown")
    _require_usable(pool, facts, chances[-1].isoformat(), when, now)
    raise AssertionError("one of the chances was usable")


def _require_usable(pool: Pool, facts: Facts, chance: str, when: datetime, now: datetime) -> None:
    """Refuse a chance of a sign-in that is not there, or not any more."""
    try:
        signed_in = facts.sign_ins.get(date.fromisoformat(chance))
    except ValueError:
        signed_in = None
    if signed_in is None or "chance" not in pool:
        raise Refused("chance_unknown")
    if _used(pool, facts, chance):
        raise Refused("chance_used")
    if (pool["id"], chance) in facts.forfeited:
        raise Refused("chance_forfeited")
    gone = signed_in + duration(pool["chance"]["ttl"])
    if when >= gone or now >= gone + duration(pool["chance"]["grace"]):
        raise Refused("chance_expired")


def _used(pool: Pool, facts: Facts, chance: str | None) -> bool:
    """Whether a draw was paid with it. A badge is exchanged once, whatever the pool (SX-22)."""
    badge = chance in pool.get("cost_badges", ())
    return any(draw.chance == chance and (badge or draw.pool == pool["id"]) for draw in facts.draws)


def _require_allowance(pool: Pool, facts: Facts, when: datetime) -> None:
    mine = [draw for draw in facts.draws if draw.pool == pool["id"]]
    today = [draw for draw in mine if draw.day == when.date()]
    at_once = pool.get("draw", "instant") == "instant"
    if "daily_max" in pool and len(today) >= pool["daily_max"]:
        raise Refused("draws_used_up")
    if at_once and "person_max" in pool and len(mine) >= pool["person_max"]:
        raise Refused("draws_used_up")
