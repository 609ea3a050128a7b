"""Corrections: an operator reverses what an event has posted. Nothing is ever deleted. Source: GX-03."""

from ledger.commands import Correct
from ledger.context import Context
from ledger.enrolment import Enrolment
from ledger.events import (
    CaptainRewarded,
    CorrectionMade,
    Event,
    ReflectionPosted,
    SignedIn,
    StepsSynced,
    TeamGoalLost,
    TeamGoalMet,
)
from ledger.posting import credit_points
from ledger.refusals import AlreadyReversed, DayStillOpen, NothingToReverse
from ledger.rulebook import Rulebook

EARNING = (SignedIn, StepsSynced, ReflectionPosted, TeamGoalMet, CaptainRewarded, CorrectionMade)
"""What earns points, or takes back what did. A draw is none: what it brought has a life of its own."""


def replaces(event: Event, version: int) -> bool:
    """Whether a later event of a stream has replaced the one of a version: another sync, or the goal that was lost."""
    match event:
        case StepsSynced():
            return event.replaces == version
        case TeamGoalLost():
            return event.reverses_version == version
    return False


class Found:
    """An event that stands in the log: its originator version, and whether a later one has replaced it."""

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
    that stands can be reversed, and with it all that the day has earned; a team's goal only if it was not lost.
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
        raise NothingToReverse("what it earned is gone already: a later event of the same day stands")
    if isinstance(event, StepsSynced | TeamGoalMet) and context.is_open(event.day):
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
    if not isinstance(event, EARNING):
        return []
    return [(-leg.amount, leg.clause) for leg in event.postings if leg.balance_after is not None]
