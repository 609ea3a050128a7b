"""Badges and honour certificates: what is complete when they are earned. Source: SX-20, SX-21, EC-04."""

from collections.abc import Callable, Iterator

from ledger.activity_events import CertificateAwarded
from ledger.context import Context
from ledger.enrolment import Play
from ledger.events import BadgeAwarded
from ledger.rulebook import Rulebook

COMPLETE: dict[str, Callable[[Play, Rulebook, bool], bool]] = {
    "every_day_signed_in": lambda play, rules, trial: play.sign_ins >= rules.days_of(trial),
    "every_checkpoint_passed": lambda play, rules, _: len(play.passed) == len(rules.thresholds),
    "every_checkpoint_lit": lambda play, rules, _: play.lit >= len(rules.thresholds),
}
"""What earns a badge → whether it is complete."""


def earned_badges(
    play: Play, on: str, trial: bool, context: Context
) -> Iterator[BadgeAwarded | CertificateAwarded]:
    """Badges that are complete now and were not awarded before, each with its certificate if it has one.

    play: as it is after the fact that may complete one. on: the kind of badge that the fact can complete.
    What was awarded stays, also when a lower last sync dims a checkpoint again.
    """
    rules = context.rules
    for badge in rules.badges:
        if badge.on == on and badge.id not in play.badges and COMPLETE[on](play, rules, trial):
            yield context.event(BadgeAwarded, trial=trial, badge=badge.id, clause=badge.clause)
            if badge.certificate:
                number = certificate_number(rules.book(trial), badge.id, context.request.participant)
                yield context.event(
                    CertificateAwarded, trial=trial, badge=badge.id, number=number, clause=badge.clause
                )


def certificate_number(book: str, badge: str, participant: str) -> str:
    """The number of a certificate: no other has it, for a badge is awarded once and no part has a slash in it."""
    return f"{book}/{badge}/{participant}"
