"""Corrections: an operator reverses what an event has posted. Nothing is ever deleted. Source: GX-03."""

from collections.abc import Callable, Iterable, Mapping

from ledger.commands import Correct
from ledger.context import Context
from ledger.enrolment import Enrolment
from ledger.events import CorrectionMade, Event, StepsSynced, TeamGoalLost, TeamGoalMet
from ledger.join_events import HistoryGiven, HistoryJoined
from ledger.member_events import PointsMoved
from ledger.posting import POINTS, credit_points, issuing_account
from ledger.refusals import AlreadyReversed, DayStillOpen, NothingToReverse
from ledger.rulebook import Rulebook
from ledger.streams import campaign_of, enrolment_stream, participant_of

NOT_EARNED = (TeamGoalLost, HistoryGiven, HistoryJoined)
"""What moves issued points without earning any: it follows from what others, or another client id, have done."""

Standing = tuple[str, int, Event]
"""A stream, a version in it, and the event that stands there."""


def replaces(event: Event, version: int) -> bool:
    """Whether a later event of a stream has replaced the one of a version: another sync, or the goal that was lost."""
    match event:
        case StepsSynced():
            return event.replaces == version
        case TeamGoalLost():
            return event.reverses_version == version
    return False


class Found:
    """An event that stands in the log: its originator version, and whether a later one has replaced it.

    position: where, 0 for that which the command names. moved: what it moved in a wallet, for then it has no points
    among its own postings. stream: where it stands, if that is the stream of another client id than owner, who has what
    it brought by now. reversed: whether a correction before has named it.
    """

    __slots__ = ("event", "moved", "owner", "position", "replaced", "reversed", "stream", "version")

    def __init__(
        self,
        version: int,
        event: Event,
        *,
        replaced: bool = False,
        position: int = 0,
        moved: PointsMoved | None = None,
    ) -> None:
        self.version = version
        self.event = event
        self.replaced = replaced
        self.position = position
        self.moved = moved
        self.reversed = False
        self.stream = ""
        self.owner = ""


def look_after(found: Found, stream: str, read: Callable[[str], Iterable[Event]]) -> None:
    """Find out what became of an event: whose it is now, and whether it was replaced or reversed.

    stream: where it stands. read: gives all events of a stream, in order. Who had it may have become another
    participant, and that one a third; what each of them has told afterwards counts too. Source: EC-12.
    """
    place, at = (stream, found.version), stream
    while at:
        giver, found.owner, following = found.owner, participant_of(at), ""
        joined = False
        for event in read(at):
            match event:
                case HistoryGiven():
                    following = enrolment_stream(event.to, campaign_of(at))
                case HistoryJoined():
                    joined |= event.other == giver
                    found.replaced |= place in {(each.stream, each.version) for each in event.twice}
                case CorrectionMade():
                    found.reversed |= event.reverses == found.position
                case _ if at == stream:
                    found.replaced |= replaces(event, found.version)
                case _ if joined:
                    found.replaced |= _outdates(event, found)
        at = following
    found.stream = "" if found.owner == participant_of(stream) else stream


def _outdates(event: Event, found: Found) -> bool:
    """Whether an event of who stays has replaced one that another client id had told before."""
    if isinstance(event, StepsSynced) and isinstance(found.event, StepsSynced):
        return event.standing == "counted" and event.day == found.event.day
    return (
        isinstance(event, TeamGoalLost)
        and isinstance(found.event, TeamGoalMet)
        and event.day == found.event.day
    )


def around(positions: Iterable[int]) -> list[int]:
    """The positions to read for these: a fact and what it moved in a wallet are neighbours, and either may be named."""
    return sorted({near for position in positions for near in (position - 1, position, position + 1)})


def fact_at(position: int, standing: Mapping[int, Standing]) -> tuple[str, Found] | None:
    """The fact that a position names, with the stream that it stands in; None when there is none.

    standing: what is at the positions ``around`` it. Of ``points-moved`` the fact is what it names as its cause.
    """
    named = standing.get(position)
    if named is not None and isinstance(named[2], PointsMoved):
        position -= 1
        cause, named = named[2], standing.get(position)
        if named is None or (cause.stream, cause.version) != named[:2]:
            return None
    if named is None:
        return None
    stream, version, event = named
    beside = standing.get(position + 1, named)[2]
    moved = (
        beside if isinstance(beside, PointsMoved) and (beside.stream, beside.version) == named[:2] else None
    )
    return stream, Found(version, event, position=position, moved=moved)


def correct(
    state: Enrolment, command: Correct, context: Context, reversed_event: Found | None
) -> tuple[Event, ...]:
    """Reverse what an event of this stream has earned, once, saying who did it and why.

    reversed_event: what stands in the log at command.reverses, if it is of this participant, under this client id or
    another of the same person. Of a day's syncs only the one
    that stands can be reversed, and with it all that the day has earned; a team's goal only if it was not lost.
    The balance may go below zero when the points were spent; nothing can be bought until it is positive again.
    Refuses: NothingToReverse, DayStillOpen, AlreadyReversed. Source: GX-03.
    """
    amounts = _earned(reversed_event, context.rules) if reversed_event else []
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
    mark = -reversed_event.position if reversed_event.stream else version
    if reversed_event.reversed or mark in play.reversed:
        raise AlreadyReversed(f"position {command.reverses} is reversed already")
    return (
        context.event(
            CorrectionMade,
            trial=event.trial,
            postings=credit_points(
                context.rules.book(event.trial), context.request.participant, play.balance, amounts
            ),
            reverses=reversed_event.position or command.reverses,
            reverses_version=version,
            actor=context.request.actor,
            reason=command.reason,
            reverses_stream=reversed_event.stream,
        ),
    )


def _earned(found: Found, rules: Rulebook) -> list[tuple[int, str]]:
    """The amounts, with their clauses, that take back what an event has earned.

    What was issued, or taken back; a payment earns nothing: what it brought has a life of its own.
    """
    event = found.event
    if isinstance(event, StepsSynced):
        return [(-points, rules.clauses.get(rule, "")) for rule, points in event.earned.items()]
    postings = (found.moved or event).postings
    issued = issuing_account(rules.book(event.trial))
    if isinstance(event, NOT_EARNED) or not any(leg.account == issued for leg in postings):
        return []
    return [
        (-leg.amount, leg.clause) for leg in postings if leg.balance_after is not None and leg.asset == POINTS
    ]
