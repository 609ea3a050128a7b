"""What the members of a rulebook ask of each other. The shape of each alone is ``rulebook_shape``'s.

Pure. Each check is written for a sound rulebook; FAULTY in place of a value that could not be read agrees with all of
them, so that one fault does not bring others along. Codes: contradiction, duplicate, unknown_reference,
missing_member, wrong_value.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ledger.rulebook import Badge, Board, PointsRule, Pool, Rulebook, seconds
from ledger.rulebook_shape import FAULTY, Finding
from ledger.toml_lines import Place, spell

MAX_DAYS = 3660
MAX_DURATION = "24h"  # a day's count must be closed before the day after the next begins
ZONE = re.compile(r"UTC|[A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+)+")

TABLES_OF_POINTS = {
    "sign_in": ("sign_in",),
    "steps": ("steps",),
    "daily_goal": ("steps",),
    "team_goal": ("teams", "steps"),
    "reflection": ("route",),
    "team_filled": ("teams",),
}
TABLE_OF_BADGES = {"every_day_signed_in": "sign_in", "every_checkpoint_passed": "route"}


def check(book: Rulebook) -> Iterator[Finding]:
    """Everything in a rulebook that contradicts something else in it. book may hold FAULTY anywhere."""
    for each in CHECKS:
        yield from each(book)


def _days(book: Rulebook) -> Iterator[Finding]:
    yield from _span("ends", (), book.starts, book.ends)
    if book.trial:
        yield from _span("ends", ("trial",), book.trial.starts, book.trial.ends)
        if book.trial.ends >= book.starts:
            detail = f"The trial ends on {book.trial.ends}, but the campaign starts on {book.starts} already."
            yield _contradiction(("trial", "ends"), detail)
    enrolment = book.enrolment
    if enrolment.opens is not None and enrolment.opens > book.starts:
        detail = f"Enrolment opens on {enrolment.opens}, after the campaign's start on {book.starts}."
        yield _contradiction(("enrolment", "opens"), detail)
    if enrolment.closes is not None:
        opens = enrolment.opens or (book.trial.starts if book.trial else book.starts)
        yield from _span("closes", ("enrolment",), opens, enrolment.closes)


def _span(last: str, table: Place, starts: date, ends: date) -> Iterator[Finding]:
    if starts > ends:
        yield _contradiction((*table, last), f"It is {ends}, before the first day, {starts}.")
    elif (ends - starts).days >= MAX_DAYS:
        yield _contradiction((*table, last), f"From {starts} to {ends} is more than {MAX_DAYS} days.")


def _times(book: Rulebook) -> Iterator[Finding]:
    if book.timezone is not FAULTY and not _is_zone(book.timezone):
        detail = f"Expected the name of a time zone, like Asia/Shanghai, found {book.timezone[:40]}."
        yield Finding(("timezone",), "wrong_value", detail)
    yield from _duration(("future_tolerance",), book.future_tolerance)
    if book.steps:
        window = book.steps.window
        yield from _duration(("steps", "window", "grace"), window.grace)
        if window.opens >= window.closes:
            detail = f"The window closes at {window.closes}, not after it opens at {window.opens}."
            yield _contradiction(("steps", "window", "closes"), detail)


def _is_zone(name: str) -> bool:
    if not ZONE.fullmatch(
        name
    ):  # a path, or a name like localtime that means something else on every machine
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _duration(place: Place, duration: str) -> Iterator[Finding]:
    if duration is not FAULTY and seconds(duration) > seconds(MAX_DURATION):
        yield Finding(place, "wrong_value", f"Expected at most {MAX_DURATION}, found {duration}.")


def _goals(book: Rulebook) -> Iterator[Finding]:
    if not book.steps:
        return
    cap = book.steps.daily_cap
    if book.steps.daily_goal > cap:
        detail = f"A goal of {book.steps.daily_goal} steps cannot be met when at most {cap} a day count."
        yield _contradiction(("steps", "daily_goal"), detail)
    if book.teams:
        if book.teams.member_goal > cap:
            detail = f"A goal of {book.teams.member_goal} steps cannot be met when at most {cap} a day count."
            yield _contradiction(("teams", "member_goal"), detail)
        if book.teams.team_goal > book.teams.size * cap:
            detail = (
                f"{book.teams.size} members cannot make {book.teams.team_goal} steps of at most {cap} each."
            )
            yield _contradiction(("teams", "team_goal"), detail)


def _identifiers(book: Rulebook) -> Iterator[Finding]:
    lists: dict[str, Iterable[Badge | PointsRule | Pool | Board]] = {
        "points": book.points,
        "badges": book.badges,
        "pools": book.pools,
        "boards": book.boards,
    }
    for name, members in lists.items():
        yield from _twice(((name, index, "id"), each.id) for index, each in enumerate(members))
    for index, pool in enumerate(book.pools):
        prizes: Place = ("pools", index, "prizes")
        yield from _twice(((*prizes, number, "id"), prize.id) for number, prize in enumerate(pool.prizes))
    branches: Place = ("enrolment", "branches")
    # A client names a branch by its id or by its name, so neither may be another's id or name.
    yield from _twice(
        ((*branches, index, member), said)
        for index, branch in enumerate(book.enrolment.branches)
        for member, said in (("id", branch.id), ("name", branch.name))
        if member == "id" or said != branch.id
    )


def _twice(said: Iterable[tuple[Place, str]]) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for place, name in said:
        if name is FAULTY:
            continue
        if name in first:
            yield Finding(place, "duplicate", f"{name} is taken already, by {spell(first[name])}.")
        first.setdefault(name, place)


def _branches(book: Rulebook) -> Iterator[Finding]:
    branches = book.enrolment.branches
    ids = _ids(branches)
    places: dict[str, int] = {}
    parents: dict[str, str] = {}
    for index, branch in enumerate(branches):
        if branch.parent is None or branch.parent is FAULTY or branch.id is FAULTY:
            continue
        places[branch.id], parents[branch.id] = index, branch.parent
        if _is_absent(branch.parent, ids):
            yield _unknown(("enrolment", "branches", index, "parent"), "branch", branch.parent)
    for cycle in _cycles(parents):
        detail = f"A branch cannot be above itself: {' → '.join([*cycle, cycle[0]])}."
        yield _contradiction(("enrolment", "branches", places[cycle[0]], "parent"), detail)


def _cycles(parents: dict[str, str]) -> Iterator[list[str]]:
    done: set[str] = set()
    for start in parents:
        trail: dict[str, None] = {}
        at = start
        while at in parents and at not in trail and at not in done:
            trail[at] = None
            at = parents[at]
        if at in trail:
            way = list(trail)
            yield way[way.index(at) :]
        done |= trail.keys()


def _points(book: Rulebook) -> Iterator[Finding]:
    for index, rule in enumerate(book.points):
        for table in TABLES_OF_POINTS.get(rule.on, ()):
            yield from _needs(book, ("points", index, "on"), rule.on, table)
        if rule.on == "steps" and rule.every is None:
            detail = "It is missing; points for steps need the number of steps that earn them."
            yield Finding(("points", index, "every"), "missing_member", detail)
        if rule.on != "steps" and rule.every is not None:
            yield _contradiction(("points", index, "every"), f"Only points for steps take it, not {rule.on}.")


def _badges_and_boards(book: Rulebook) -> Iterator[Finding]:
    for index, badge in enumerate(book.badges):
        if badge.on in TABLE_OF_BADGES:
            yield from _needs(book, ("badges", index, "on"), badge.on, TABLE_OF_BADGES[badge.on])
    for index, board in enumerate(book.boards):
        if board.entrants == "teams":
            yield from _needs(book, ("boards", index, "entrants"), board.entrants, "teams")


def _needs(book: Rulebook, place: Place, what: str, table: str) -> Iterator[Finding]:
    if getattr(book, table) is None:
        yield _contradiction(place, f"{what} needs the table [{table}], which the rulebook does not have.")


def _route(book: Rulebook) -> Iterator[Finding]:
    if not book.route:
        return
    yield from _needs(book, ("route", "total_steps"), "A route", "steps")
    total, checkpoints = book.route.total_steps, book.route.checkpoints
    legs = [checkpoint.leg for checkpoint in checkpoints]
    stated = sum(leg for leg in legs if leg is not None)
    shared = legs.count(None)
    if legs and not shared and stated != total:
        detail = f"The legs of the checkpoints make {stated} steps together, not {total}."
        yield _contradiction(("route", "total_steps"), detail)
    if shared and total - stated < shared:
        detail = f"{total - stated} steps are left for the {shared} checkpoints without a leg of their own."
        yield _contradiction(("route", "total_steps"), detail)
    for index, checkpoint in enumerate(checkpoints):
        question = checkpoint.question
        if question.choices and _is_absent(question.answer, question.choices):
            detail = f"The answer is none of the choices {', '.join(question.choices)}."
            place: Place = ("route", "checkpoints", index, "question", "answer")
            yield Finding(place, "unknown_reference", detail)


def _pools(book: Rulebook) -> Iterator[Finding]:
    badges, boards = _ids(book.badges), _ids(book.boards)
    for index, pool in enumerate(book.pools):
        place: Place = ("pools", index)
        for number, badge in enumerate(pool.cost_badges):
            if _is_absent(badge, badges):
                yield _unknown((*place, "cost_badges", number), "badge", badge)
        yield from _twice(((*place, "cost_badges", n), badge) for n, badge in enumerate(pool.cost_badges))
        if pool.board is not None and _is_absent(pool.board, boards):
            yield _unknown((*place, "board"), "board", pool.board)
        if (
            pool.draw == "instant"
            and pool.cost_points is None
            and pool.cost_badges == ()
            and pool.board is None
        ):
            detail = (
                "It is missing; an instant draw costs points, badges (cost_badges) or a place on a board."
            )
            yield Finding((*place, "cost_points"), "missing_member", detail)
        yield from _prizes(pool, (*place, "prizes"))


def _prizes(pool: Pool, place: Place) -> Iterator[Finding]:
    if pool.prizes == ():
        yield _contradiction(place, "A pool needs at least one prize.")
    prizes = [(number, prize) for number, prize in enumerate(pool.prizes) if prize is not FAULTY]
    weighted = any(prize.weight is not None for _, prize in prizes)
    for number, prize in prizes:
        if prize.kind == "money" and prize.amount is None:
            yield Finding(
                (*place, number, "amount"), "missing_member", "It is missing; money needs its amount in fen."
            )
        if prize.kind == "money" and prize.amount == 0:
            yield _contradiction((*place, number, "amount"), "A money prize of nothing is none.")
        if pool.draw == "instant" and weighted and prize.weight is None:
            detail = "It is missing; other prizes of this pool have one."
            yield Finding((*place, number, "weight"), "missing_member", detail)
        if pool.draw == "instant" and not weighted and prize.stock is None:
            detail = "It is missing; a prize that is drawn instantly needs a stock or a weight."
            yield Finding((*place, number, "stock"), "missing_member", detail)
    if weighted and all(prize.weight == 0 for _, prize in prizes):
        yield _contradiction(place, "No prize can be drawn: all weights are 0.")


def _ids(members: Iterable[Any]) -> Container[str]:
    """The ids of the members of an array; anything may be one when not all could be read."""
    ids = {member.id for member in members}
    sound: Container[str] = FAULTY if members is FAULTY or FAULTY in ids else ids
    return sound


def _is_absent(name: str, names: Container[str]) -> bool:
    return name is not FAULTY and name not in names


def _contradiction(place: Place, detail: str) -> Finding:
    return Finding(place, "contradiction", detail)


def _unknown(place: Place, what: str, name: str) -> Finding:
    return Finding(place, "unknown_reference", f"There is no {what} {name} in this rulebook.")


CHECKS: tuple[Callable[[Rulebook], Iterator[Finding]], ...] = (
    _days,
    _times,
    _goals,
    _identifiers,
    _branches,
    _points,
    _badges_and_boards,
    _route,
    _pools,
)
