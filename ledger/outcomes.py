"""What the writer answers: an outcome is read off the stored events, so a repeat's is the same, word for word."""

from datetime import datetime
from typing import Literal

import msgspec

from ledger.events import ActivityRefused
from ledger.posting import Posting

Status = Literal["accepted", "refused", "invalid", "conflict", "unavailable", "fault"]


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event as it stands in the log. state: its stored bytes."""

    position: int
    topic: str
    version: int
    state: bytes


class Gist(msgspec.Struct, frozen=True, gc=False):
    """The members of a stored event that an answer is made of."""

    recorded_at: datetime
    postings: tuple[Posting, ...] = ()
    code: str = ""
    clause: str = ""
    detail: str = ""


gist_of = msgspec.json.Decoder(Gist).decode


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
    def of(cls, events: tuple[Recorded, ...], *, repeat: bool) -> "Outcome":
        """The outcome that stored events tell. postings: those on accounts of their stream, which have a balance."""
        gists = [gist_of(event.state) for event in events]
        first = gists[0]
        refused = events[0].topic == ActivityRefused.TOPIC
        return cls(
            status="refused" if refused else "accepted",
            repeat=repeat,
            position=events[0].position,
            recorded_at=first.recorded_at,
            events=events,
            postings=tuple(leg for gist in gists for leg in gist.postings if leg.balance_after is not None),
            code=first.code if refused else "",
            clause=first.clause if refused else "",
            detail=first.detail if refused else "",
        )

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
