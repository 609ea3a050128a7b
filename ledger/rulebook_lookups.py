"""What decisions look up in a rulebook again and again; each is found once and kept with the rulebook."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from ledger.rulebook import Pool, Rulebook
from ledger.rulebook_campaigns import PointsRule
from ledger.rulebook_programmes import Fund, Quiz, QuizQuestion

T = TypeVar("T")


def _kept(find: Callable[[Rulebook], T]) -> Callable[[Rulebook], T]:
    """Like a cached property of the rulebook: what is found lies in its ``__dict__``, so it goes with it."""
    name = f"found {find.__name__}"

    def look_up(rules: Rulebook) -> T:
        try:
            found: T = rules.__dict__[name]
        except KeyError:
            found = rules.__dict__[name] = find(rules)
        return found

    return look_up


class Asked(NamedTuple):
    """A question of a quiz, and its place in it from 0."""

    quiz: Quiz
    place: int
    question: QuizQuestion


@_kept
def quiz_questions(rules: Rulebook) -> dict[str, Asked]:
    """Question id → the question and its quiz. No id is used twice in a rulebook."""
    return {
        question.id: Asked(quiz, place, question)
        for quiz in rules.quizzes
        for place, question in enumerate(quiz.questions)
    }


@_kept
def points_rules(rules: Rulebook) -> dict[str, tuple[PointsRule, ...]]:
    """What earns points → its rules, in the order of the rulebook."""
    return {on: rules.points_on(on) for on in dict.fromkeys(rule.on for rule in rules.points)}


@_kept
def movement_pools(rules: Rulebook) -> tuple[Pool, ...]:
    """The pools that a day's movement gives a chance of. Source: EC-05."""
    return tuple(pool for pool in rules.pools if pool.chance and pool.chance.on == "movement")


@_kept
def answer_pools(rules: Rulebook) -> tuple[Pool, ...]:
    """The pools that right answers give a chance of. Source: EC-08."""
    return tuple(pool for pool in rules.pools if pool.chance and pool.chance.on == "correct_answers")


@_kept
def funds(rules: Rulebook) -> dict[str, Fund]:
    """Fund id → fund."""
    return {fund.id: fund for fund in rules.funds}


@_kept
def _unions_of_funds(rules: Rulebook) -> dict[str, dict[str, str]]:
    """Fund id → union → the union at or above it that has a fund of its own; unions without one are left out."""
    branches = {branch.id: branch for branch in rules.enrolment.branches}
    found: dict[str, dict[str, str]] = {}
    for fund in rules.funds:
        unions = found[fund.id] = {}
        for id in branches:
            above: str | None = id
            passed = set()
            while above in branches and above not in passed:
                if branches[above].group in fund.groups:
                    unions[id] = above
                    break
                passed.add(above)
                above = branches[above].parent
    return found


def fund_of(rules: Rulebook, fund: str, branch: str) -> str:
    """The fund that is a union's: ``projects.nanjing`` where each union of some groups has its own.

    It is that of the union itself or of the nearest one above it in the rulebook. A union without one, like a fund for
    all, goes by the fund's own id. Source: EC-07.
    """
    union = _unions_of_funds(rules).get(fund, {}).get(branch)
    return f"{fund}.{union}" if union else fund


def fund_named(rules: Rulebook, name: str) -> Fund | None:
    """The rules of a fund by its whole name, ``projects.nanjing`` or ``help``; None when there is none of that name."""
    id, _, union = name.partition(".")
    fund = funds(rules).get(id)
    if fund is None or not union:
        return fund
    return fund if union in set(_unions_of_funds(rules)[id].values()) else None


def fund_names(rules: Rulebook) -> list[str]:
    """The names of all funds that a rulebook has: of one for each union the common one first, then each union's."""
    named: list[str] = []
    for fund in rules.funds:
        unions = _unions_of_funds(rules)[fund.id].values()
        named += [fund.id, *(f"{fund.id}.{union}" for union in dict.fromkeys(unions))]
    return named
