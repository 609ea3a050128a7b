"""Points for single doings: how many a rule still gives on a day, and until when a doing is taken. Source: ZG-05."""

from collections.abc import Iterable
from datetime import timedelta

from ledger.context import Context
from ledger.enrolment import Play
from ledger.fund_refusals import TooLate
from ledger.posting import Posting, credit_points
from ledger.rulebook_base import seconds
from ledger.rulebook_campaigns import PointsRule
from ledger.rulebook_lookups import points_rules
from ledger.tally import DayDone


def points_for(what: str, context: Context) -> tuple[PointsRule, ...]:
    """The points rules for one kind of doing."""
    return points_rules(context.rules).get(what, ())


def require_in_time(play: Play, context: Context) -> None:
    """Refuse what is delivered later than the rulebook takes it, so that a day's sums need not be kept for ever.

    Refuses: TooLate. Source: GX-04.
    """
    late, happened = context.rules.late, context.occurred_at
    if context.now - happened > timedelta(seconds=seconds(late)):
        raise TooLate(f"it happened at {context.shown(happened)}; it is taken for {late}")
    require_remembered(play, context)


def require_remembered(play: Play, context: Context) -> None:
    """Refuse TooLate for a day so old that nobody can tell any more what counted on it."""
    if play.doings.forgets(context.occurred.date()):
        raise TooLate(f"{context.occurred.date()} is over and done with: too many later days have counted")


def earned_by(rules: Iterable[PointsRule], done: DayDone) -> dict[str, int]:
    """Points that one more doing earns, by the id of the rule; never more than the rule gives on a day."""
    earned = {}
    for rule in rules:
        amount = rule.amount
        if rule.daily_max is not None:
            amount = min(amount, rule.daily_max - done.earned.get(rule.id, 0))
        if amount > 0:
            earned[rule.id] = amount
    return earned


def credit(earned: dict[str, int], play: Play, trial: bool, context: Context) -> tuple[Posting, ...]:
    """The postings that give a participant what was earned."""
    rules = context.rules
    amounts = [(points, rules.clauses[rule]) for rule, points in earned.items()]
    return credit_points(rules.book(trial), context.request.participant, play.balance, amounts)
