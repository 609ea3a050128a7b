"""What the members of a rulebook ask of each other. The shape of each alone is ``rulebook_shape``'s.

Here: days, goals, names, branches, points and the route. Pools, prizes and boards: ``rulebook_prizes``. Membership,
wallets, quizzes, occasions and funds: ``rulebook_programme_checks``.

Pure. Each check is written for a sound rulebook; FAULTY in place of a value that could not be read agrees with all of
them, so that one fault does not bring others along. Codes: contradiction, duplicate, unknown_reference,
missing_member, wrong_value.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from ledger.rulebook import Rulebook
from ledger.rulebook_campaigns import Checkpoint, Route
from ledger.rulebook_findings import (
    contradiction,
    duration,
    is_absent,
    is_zone,
    missing,
    names,
    needs,
    twice,
    unknown,
)
from ledger.rulebook_prizes import check_boards, check_pools
from ledger.rulebook_programme_checks import (
    check_doings,
    check_funds,
    check_groups,
    check_joining,
    check_quizzes,
    check_score,
    check_wallet,
)
from ledger.rulebook_shape import FAULTY, Finding
from ledger.toml_lines import Place

MAX_DAYS = 3660

TABLES_OF_POINTS = {
    "sign_in": ("sign_in",),
    "steps": ("steps",),
    "daily_goal": ("steps",),
    "team_goal": ("teams", "steps"),
    "reflection": ("route",),
    "team_filled": ("teams",),
    "activation": ("activation",),
}
ARRAY_OF_POINTS = {"correct_answer": "quizzes", "attendance": "occasions"}
TABLE_OF_BADGES = {
    "every_day_signed_in": "sign_in",
    "every_checkpoint_passed": "route",
    "every_checkpoint_lit": "route",
}


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
            yield contradiction(("trial", "ends"), detail)
    enrolment = book.enrolment
    if enrolment.opens is not None and enrolment.opens > book.starts:
        detail = f"Enrolment opens on {enrolment.opens}, after the campaign's start on {book.starts}."
        yield contradiction(("enrolment", "opens"), detail)
    if enrolment.closes is not None:
        opens = enrolment.opens or (book.trial.starts if book.trial else book.starts)
        yield from _span("closes", ("enrolment",), opens, enrolment.closes)


def _span(last: str, table: Place, starts: date, ends: date) -> Iterator[Finding]:
    if starts > ends:
        yield contradiction((*table, last), f"It is {ends}, before the first day, {starts}.")
    elif (ends - starts).days >= MAX_DAYS:
        yield contradiction((*table, last), f"From {starts} to {ends} is more than {MAX_DAYS} days.")


def _times(book: Rulebook) -> Iterator[Finding]:
    if book.timezone is not FAULTY and not is_zone(book.timezone):
        detail = f"Expected the name of a time zone, like Asia/Shanghai, found {book.timezone[:40]}."
        yield Finding(("timezone",), "wrong_value", detail)
    yield from duration(("future_tolerance",), book.future_tolerance)
    if book.steps:
        window = book.steps.window
        yield from duration(("steps", "window", "grace"), window.grace)
        if window.opens >= window.closes:
            detail = f"The window closes at {window.closes}, not after it opens at {window.opens}."
            yield contradiction(("steps", "window", "closes"), detail)


def _goals(book: Rulebook) -> Iterator[Finding]:
    if not book.steps:
        return
    cap = book.steps.daily_cap
    if book.steps.daily_goal > cap:
        detail = f"A goal of {book.steps.daily_goal} steps cannot be met when at most {cap} a day count."
        yield contradiction(("steps", "daily_goal"), detail)
    if book.teams:
        if book.teams.member_goal > cap:
            detail = f"A goal of {book.teams.member_goal} steps cannot be met when at most {cap} a day count."
            yield contradiction(("teams", "member_goal"), detail)
        if book.teams.team_goal > book.teams.size * cap:
            detail = (
                f"{book.teams.size} members cannot make {book.teams.team_goal} steps of at most {cap} each."
            )
            yield contradiction(("teams", "team_goal"), detail)


def _identifiers(book: Rulebook) -> Iterator[Finding]:
    for name in ("prerequisites", "points", "badges", "pools", "boards", "quizzes", "occasions", "funds"):
        members: Iterable[Any] = getattr(book, name)
        yield from twice(((name, index, "id"), each.id) for index, each in enumerate(members))
    for index, pool in enumerate(book.pools):
        prizes: Place = ("pools", index, "prizes")
        yield from twice(((*prizes, number, "id"), prize.id) for number, prize in enumerate(pool.prizes))
    branches: Place = ("enrolment", "branches")
    # A client names a branch by its id or by its name, so neither may be another's id or name.
    yield from twice(
        ((*branches, index, member), said)
        for index, branch in enumerate(book.enrolment.branches)
        for member, said in (("id", branch.id), ("name", branch.name))
        if member == "id" or said != branch.id
    )


def _branches(book: Rulebook) -> Iterator[Finding]:
    branches = book.enrolment.branches
    known = names(branches)
    places: dict[str, int] = {}
    parents: dict[str, str] = {}
    for index, branch in enumerate(branches):
        if branch.parent is None or branch.parent is FAULTY or branch.id is FAULTY:
            continue
        places[branch.id], parents[branch.id] = index, branch.parent
        if is_absent(branch.parent, known):
            yield unknown(("enrolment", "branches", index, "parent"), "branch", branch.parent)
    for cycle in _cycles(parents):
        detail = f"A branch cannot be above itself: {' → '.join([*cycle, cycle[0]])}."
        yield contradiction(("enrolment", "branches", places[cycle[0]], "parent"), detail)


def _membership(book: Rulebook) -> Iterator[Finding]:
    asked = book.membership
    if not asked:
        return
    yield from check_groups(book, asked.groups, ("membership", "groups"))
    branches: list[tuple[Place, str]] = [
        (("membership", "branches", index), branch) for index, branch in enumerate(asked.branches)
    ]
    if book.enrolment.tree is None:
        known = names(book.enrolment.branches)
        for place, branch in branches:
            if is_absent(branch, known):
                yield unknown(place, "branch", branch)
    yield from twice(branches)
    if (asked.groups, asked.branches, asked.standing) == ((), (), None):
        why = "groups, branches or standing must say who may take part"
        yield missing(("membership", "groups"), why)


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
            yield from needs(book, ("points", index, "on"), rule.on, table)
        if rule.on == "steps" and rule.every is None:
            why = "points for steps need the number of steps that earn them"
            yield missing(("points", index, "every"), why)
        if rule.on != "steps" and rule.every is not None:
            yield contradiction(("points", index, "every"), f"Only points for steps take it, not {rule.on}.")
        array = ARRAY_OF_POINTS.get(rule.on, "")
        if array and getattr(book, array) == ():
            detail = f"{rule.on} needs [[{array}]], of which the rulebook has none."
            yield contradiction(("points", index, "on"), detail)
        if rule.quiz is not None and is_absent(rule.on, ("correct_answer",)):
            detail = f"Only points for correct_answer take it, not {rule.on}."
            yield contradiction(("points", index, "quiz"), detail)
        elif rule.quiz is not None and is_absent(rule.quiz, names(book.quizzes)):
            yield unknown(("points", index, "quiz"), "quiz", rule.quiz)


def _badges(book: Rulebook) -> Iterator[Finding]:
    for index, badge in enumerate(book.badges):
        if badge.on in TABLE_OF_BADGES:
            yield from needs(book, ("badges", index, "on"), badge.on, TABLE_OF_BADGES[badge.on])
        if badge.on == "every_checkpoint_passed" and book.route:
            unasked = [n for n, each in enumerate(book.route.checkpoints, 1) if each.question is None]
            if unasked:
                detail = f"Checkpoint {unasked[0]} has no question, so it cannot be passed."
                yield contradiction(("badges", index, "on"), detail)


def _route(book: Rulebook) -> Iterator[Finding]:
    if not book.route:
        return
    by_days = book.route.lit_by == "attained_days"
    yield from needs(book, ("route", "lit_by" if by_days else "total_steps"), "A route", "steps")
    yield from _questions(book.route.checkpoints)
    if by_days:
        yield from _by_days(book)
    elif book.route.lit_by == "steps":
        yield from _along_steps(book.route)


def _by_days(book: Rulebook) -> Iterator[Finding]:
    """One checkpoint a day needs no steps along the way, but so many days."""
    assert book.route is not None
    if book.route.total_steps is not None:
        detail = "Days light these checkpoints, so the route has no length in steps."
        yield contradiction(("route", "total_steps"), detail)
    for index, checkpoint in enumerate(book.route.checkpoints):
        if checkpoint.leg is not None:
            detail = "Days light these checkpoints, so none has a leg in steps."
            yield contradiction(("route", "checkpoints", index, "leg"), detail)
    if FAULTY in (book.starts, book.ends, book.route.checkpoints):
        return
    days, count = book.days_of(trial=False), len(book.route.checkpoints)
    if 0 < days < count:
        detail = f"The campaign's {days} days cannot light {count} checkpoints."
        yield contradiction(("route", "checkpoints"), detail)


def _along_steps(route: Route) -> Iterator[Finding]:
    total, checkpoints = route.total_steps, route.checkpoints
    if total is None:
        yield missing(("route", "total_steps"), "a route along steps needs its length")
        return
    legs = [checkpoint.leg for checkpoint in checkpoints]
    stated = sum(leg for leg in legs if leg is not None)
    shared = legs.count(None)
    if legs and not shared and stated != total:
        detail = f"The legs of the checkpoints make {stated} steps together, not {total}."
        yield contradiction(("route", "total_steps"), detail)
    if shared and total - stated < shared:
        detail = f"{total - stated} steps are left for the {shared} checkpoints without a leg of their own."
        yield contradiction(("route", "total_steps"), detail)


def _questions(checkpoints: tuple[Checkpoint, ...]) -> Iterator[Finding]:
    for index, checkpoint in enumerate(checkpoints):
        question = checkpoint.question
        if question is not None and question.choices and is_absent(question.answer, question.choices):
            detail = f"The answer is none of the choices {', '.join(question.choices)}."
            place: Place = ("route", "checkpoints", index, "question", "answer")
            yield Finding(place, "unknown_reference", detail)


CHECKS: tuple[Callable[[Rulebook], Iterator[Finding]], ...] = (
    _days,
    _times,
    _goals,
    _identifiers,
    _branches,
    _membership,
    _points,
    _badges,
    _route,
    check_pools,
    check_boards,
    check_joining,
    check_wallet,
    check_quizzes,
    check_doings,
    check_funds,
    check_score,
)
