"""Corrections: an operator reverses what an event has posted. Nothing is ever deleted. Source: GX-03."""

from ledger.commands import Correct
from ledger.context import Context
from ledger.enrolment import Enrolment
from ledger.events import CorrectionMade, Event, StepsSynced
from ledger.posting import credit_points
from ledger.refusals import AlreadyReversed, DayStillOpen, NothingToReverse
from ledger.rulebook import Rulebook


class Found:
    """An event that stands in the log: its originator version, and whether a later sync of its day has replaced it."""

    __slots__ = ("event", "replaced", "version")

    def __init__(self, version: int, event: Event, *, replaced: bool = False) -> None:
        self.version = version
        self.event = event
        self.replaced = replaced


def correct(
    state: Enrolment, command: Correct, context: Context, reversed_event: Found | None
) -> tuple[Event, ...]:
    """Reverse what an event of this stream has earned, once, saying who did it and why.

    reversed_event: what stands in the log at command.reverses, if it is of this stream. Of a day's syncs only the one
    that stands can be reversed, and with it all that the day has earned.
    The balance may go below zero when the points were spent; nothing can be bought until it is positive again.
    Refuses: NothingToReverse, DayStillOpen, AlreadyReversed. Source: GX-03.
    """
    amounts = _earned(reversed_event.event, context.rules) if reversed_event else []
    if reversed_event is None or not amounts:
        raise NothingToReverse(
            f"position {command.reverses} is not an event of {context.request.participant} in {context.rules.id}"
            " that earned points"
        )
    version, event = reversed_event.version, reversed_event.event
    if event.trial and not state.trial:
        raise NothingToReverse("the trial is over; nothing from it counts")
    if reversed_event.replaced:
        raise NothingToReverse("a later sync of the same day stands; reverse that one")
    if isinstance(event, StepsSynced) and context.now < context.window(event.day)[1]:
        # A later sync moves points by the difference to what this one earned; a reversal between would count twice.
        raise DayStillOpen(f"{event.day} is still open: post the right count of steps instead")
    play = state.play_of(event.trial)
    if version in play.reversed:
        raise AlreadyReversed(f"position {command.reverses} is reversed already")
    return (
        context.event(
            CorrectionMade,
            trial=event.trial,
            postings=credit_points(
                context.rules.book(event.trial), context.request.participant, play.balance, amounts
            ),
            reverses=command.reverses,
            reverses_version=version,
            actor=context.request.actor,
            reason=command.reason,
        ),
    )


def _earned(event: Event, rules: Rulebook) -> list[tuple[int, str]]:
    """The amounts, with their clauses, that take back what an event has earned."""
    if isinstance(event, StepsSynced):
        return [(-points, rules.clauses.get(rule, "")) for rule, points in event.earned.items()]
    return [(-leg.amount, leg.clause) for leg in event.postings if leg.balance_after is not None]
