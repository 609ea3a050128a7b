"""Badges: what is complete when they are earned. Source: SX-20, SX-21."""

from collections.abc import Iterator

from ledger.context import Context
from ledger.enrolment import Play
from ledger.events import BadgeAwarded


def earned_badges(play: Play, on: str, trial: bool, context: Context) -> Iterator[BadgeAwarded]:
    """Badges that are complete now and were not awarded before.

    play: as it is after the fact that may complete one. on: the kind of badge that the fact can complete.
    """
    rules = context.rules
    complete = {
        "every_day_signed_in": play.sign_ins >= rules.days_of(trial),
        "every_checkpoint_passed": len(play.passed) == len(rules.thresholds),
    }
    for badge in rules.badges:
        if badge.on == on and complete[on] and badge.id not in play.badges:
            yield context.event(BadgeAwarded, trial=trial, badge=badge.id, clause=badge.clause)
