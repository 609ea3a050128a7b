"""The figures of unions: who takes part for each, and for those below it. Source: EC-09, SX-27, SX-28, JS-12.

A campaign says which unions it has: a list in its rulebook, which rules in the campaign whatever the ledger's tree
says, and what the tree has below those; or all of the tree under one union; or neither, and then each text that people
have written is one. A parent's figures include its children's; a union that was merged counts for what it is part of.
"""

from datetime import date, datetime

from psycopg.sql import SQL, Composable, Composed, Literal

from ledger.context import instant
from ledger.rulebook import Rulebook
from ledger.rulebook_programmes import Score
from ledger.streams import TRIAL
from projections.projection import query

VIEWS = ("progress", "runs", "branches")
"""The projections that the figures are made from."""
NO_SCORE = Score(clause="EC-09")


class Until:
    """Until when things count: now, or the moment of a frozen board. See standing.Frozen for the members."""

    __slots__ = ("as_of", "last_day", "recorded_before")

    def __init__(
        self,
        as_of: datetime | None = None,
        recorded_before: datetime | None = None,
        last_day: date | None = None,
    ) -> None:
        self.as_of = as_of
        self.recorded_before = recorded_before
        self.last_day = last_day


NOW = Until()


def days_so_far(rules: Rulebook, book: str, as_of: datetime) -> int:
    """By how many days an attainment is divided: those of the book that have begun, if the score is by day; else 1.

    Source: EC-09.
    """
    if rules.score is None or not rules.score.by_day:
        return 1
    trial = rules.trial if book.endswith(TRIAL) else None
    first, length = trial.starts if trial else rules.starts, rules.days_of(trial is not None)
    return min(max((as_of.astimezone(rules.tz).date() - first).days + 1, 1), max(length, 1))


def days_until(rules: Rulebook, book: str, last_day: date) -> int:
    """The same for a standing that is final."""
    return days_so_far(rules, book, instant(rules.tz, last_day, 0))


def nodes(rules: Rulebook, until: Until = NOW) -> Composed:
    """The unions of a campaign as a common table expression: id, name, kind, parent, gone (what it was merged into)."""
    enrolment = rules.enrolment
    parameters: dict[str, Composable] = {
        "as_of": Literal(until.as_of or "infinity"),
        "campaign": Literal(rules.id),
    }
    if enrolment.branches:
        listed = enrolment.branches
        parameters |= {
            "ids": Literal([branch.id for branch in listed]),
            "names": Literal([branch.name for branch in listed]),
            "kinds": Literal([branch.group for branch in listed]),
            "parents": Literal([branch.parent for branch in listed]),
        }
        return SQL(query("units_of_a_list")).format(**parameters)
    if enrolment.tree:
        return SQL(query("units_of_the_tree")).format(**parameters)
    return SQL(query("units_of_any_text")).format(**parameters)


def own(rules: Rulebook, book: str, until: Until = NOW) -> Composed:
    """The query of who takes part for each union itself: branch, members, active, walked, attained, steps."""
    parameters: dict[str, Composable] = {"book": Literal(book), "campaign": Literal(rules.id)}
    if until.as_of is None:
        return SQL(query("units_own")).format(**parameters)
    parameters["as_of"] = Literal(until.as_of)
    parameters["recorded_before"] = Literal(until.recorded_before)
    parameters["last_day"] = Literal(until.last_day)
    return SQL(query("units_own_frozen")).format(**parameters)


def units(rules: Rulebook, book: str, until: Until = NOW) -> Composed:
    """The query of all unions that have somebody taking part: entrant, name, kind, members, active, walked, …"""
    top: Composable = Literal("")
    if rules.enrolment.tree and not rules.enrolment.branches:
        top = SQL("(SELECT coalesce(stands, id) FROM branches WHERE id = {})").format(
            Literal(rules.enrolment.tree)
        )
    return SQL(query("units")).format(nodes=nodes(rules, until), own=own(rules, book, until), top=top)


def figures(rules: Rulebook, book: str, group: str | None, days: int, until: Until = NOW) -> Composed:
    """The query of a board's unions with the columns that keys are made of. days: as days_so_far says."""
    score = rules.score or NO_SCORE
    return SQL(query("standing_branches")).format(
        units=units(rules, book, until),
        days=Literal(days),
        participation=Literal(score.participation),
        attainment=Literal(score.attainment),
        group=Literal(group),
    )
