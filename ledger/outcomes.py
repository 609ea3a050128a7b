"""What the writer answers: an outcome is read off the stored events, so a repeat's is the same, word for word."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from ledger.codec import decode
from ledger.events import ActivityRefused, Event, PoolOpened
from ledger.posting import Posting
from ledger.streams import participant_of

Status = Literal["accepted", "refused", "invalid", "conflict", "unavailable", "fault"]


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event as it stands in the log. state: its stored bytes; stream: where it stands."""

    position: int
    topic: str
    version: int
    state: bytes
    stream: str = ""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """The answer to one request.

    status: ``accepted`` and ``refused`` are in the log; ``invalid`` and ``conflict`` left no trace; ``unavailable``
    means that nothing is known: send it again. ``fault`` is a mistake of ours, logged; sending it again does not help.
    repeat: the request was answered before, and this is that answer. events: contiguous, the first at position.
    code, clause, detail: why not. pointer: JSON pointer to the member at fault, for ``invalid``.
    """

    status: Status
    repeat: bool = False
    position: int = 0
    recorded_at: datetime | None = None
    events: tuple[Recorded, ...] = ()
    postings: tuple[Posting, ...] = ()
    code: str = ""
    clause: str = ""
    detail: str = ""
    pointer: str = ""

    @classmethod
    def of(cls, events: Sequence[Event], recorded: tuple[Recorded, ...], *, repeat: bool) -> "Outcome":
        """The outcome that stored events tell. postings: those on accounts of who asked, which have a balance.

        The first event stands in the stream of who asked, but for a pool that opens with its first draw; others may
        stand in those of a team, a pool or its members.

        events: what recorded holds, decoded; the first time they are at hand.
        """
        first = events[0]
        refusal = first if isinstance(first, ActivityRefused) else None
        asked = recorded[0].stream
        if isinstance(first, PoolOpened):
            others = (
                place.stream
                for event, place in zip(events, recorded, strict=True)
                if type(event) is not PoolOpened
            )
            asked = next(others, asked)
        who = participant_of(asked)
        return cls(
            status="refused" if refusal else "accepted",
            repeat=repeat,
            position=recorded[0].position,
            recorded_at=first.recorded_at,
            events=recorded,
            postings=tuple(
                leg
                for event, place in zip(events, recorded, strict=True)
                if place.stream == asked or (who and participant_of(place.stream) == who)
                for leg in event.postings
                if leg.balance_after is not None
            ),
            code=refusal.code if refusal else "",
            clause=refusal.clause if refusal else "",
            detail=refusal.detail if refusal else "",
        )

    @classmethod
    def again(cls, recorded: tuple[Recorded, ...]) -> "Outcome":
        """The outcome of a request that was answered before by these events."""
        return cls.of([decode(each.topic, each.state) for each in recorded], recorded, repeat=True)

    @classmethod
    def fault(cls) -> "Outcome":
        """Something of ours broke over the request; the log of the service says what."""
        return cls(
            status="fault", code="fault", detail="something broke here over this event; it is in our log"
        )

    @classmethod
    def unavailable(cls, detail: str) -> "Outcome":
        """Nothing is known of the request; the caller should send it again."""
        return cls(status="unavailable", code="unavailable", detail=detail)
