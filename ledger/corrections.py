"""Corrections: an operator reverses what an event has posted. Nothing is ever deleted. Source: GX-03."""

from ledger.commands import Correct
from ledger.context import Context
from ledger.enrolment import Enrolment
from ledger.events import CorrectionMade, Event
from ledger.posting import credit_points
from ledger.refusals import AlreadyReversed, NothingToReverse


class Found:
    """An event that stands in the log: its originator version, and the event itself."""

    __slots__ = ("event", "version")

    def __init__(self, version: int, event: Event) -> None:
        self.version = version
        self.event = event


def correct(
    state: Enrolment, command: Correct, context: Context, reversed_event: Found | None
) -> tuple[Event, ...]:
    """Reverse the postings of an event of this stream, once, saying who did it and why.

    reversed_event: what stands in the log at command.reverses, if it is of this stream.
    The balance may go below zero when the points were spent; nothing can be bought until it is positive again.
    Refuses: NothingToReverse, AlreadyReversed. Source: GX-03.
    """
    if reversed_event is None or not reversed_event.event.postings:
        raise NothingToReverse(
            f"position {command.reverses} is not an event of {context.request.participant} in {context.rules.id}"
            " that moved points"
        )
    version, event = reversed_event.version, reversed_event.event
    if event.trial and not state.trial:
        raise NothingToReverse("the trial is over; nothing from it counts")
    play = state.play_of(event.trial)
    if version in play.reversed:
        raise AlreadyReversed(f"position {command.reverses} is reversed already")
    amounts = [(-leg.amount, leg.clause) for leg in event.postings if leg.balance_after is not None]
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
