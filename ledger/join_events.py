"""Events by which two participants become one: in the streams of both, in a campaign, and in those of their teams.

What the persons are beside campaigns is in member_events.py: MemberJoined and MemberBecame. Source: EC-12, SJ-09.
"""

from datetime import date, datetime

import msgspec

from ledger.event import Event


class JoinedEnrolment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """How the other had enrolled. recorded_at: when that was written."""

    branch: str
    enrolled_at: datetime
    recorded_at: datetime
    unit: str | None = None
    department: str | None = None


class JoinedDay(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What stands for a day from now on. What is not given stays as it is.

    counted, attained, earned: of the sync that stands, which is ``version`` of ``stream`` and happened at synced_at.
    was: what counted for this participant before. provisional: as a phone counted it, at provisional_at.
    signed_in_at: when the other's sign-in was written, if only the other had signed in. metres: that both have run on
    the day, if the other has; runs: of the other.
    """

    day: date
    counted: int | None = None
    was: int = 0
    attained: bool = False
    synced_at: datetime | None = None
    stream: str = ""
    version: int = 0
    earned: dict[str, int] = msgspec.field(default_factory=dict)
    provisional: int | None = None
    provisional_at: datetime | None = None
    signed_in_at: datetime | None = None
    metres: int | None = None
    runs: int = 0


class JoinedCheckpoint(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the other had reached of a campaign checkpoint and this one had not."""

    number: int
    lit_at: datetime | None = None
    passed_at: datetime | None = None
    reflected_at: datetime | None = None


class JoinedBadge(msgspec.Struct, frozen=True, gc=False):
    """A badge that only the other had."""

    badge: str
    awarded_at: datetime
    clause: str


class JoinedChance(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A chance of the other, and what is true of it now. number: of the draw or ticket that it was used for."""

    pool: str
    chance: str
    state: str
    granted_at: datetime
    expires_at: datetime | None = None
    rank: int | None = None
    number: int | None = None


class Twice(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What would count twice, and counts once. stream, version: of the event whose points are taken back.

    topic: of the event. points: how many, with the clause that gave them. day: on which it counted.
    """

    stream: str
    version: int
    topic: str
    points: int = 0
    clause: str = ""
    day: date | None = None


class HistoryGiven(Event, frozen=True, kw_only=True):
    """All that a client id had in a campaign is another participant's from now on. Stream: participant (joined).

    to: who stays. What the id held moves to the account ``joining:{book}``, and from there to who stays. Nothing
    follows in this stream. spent: asset → what had been spent of what was earned.
    """

    TOPIC = "history-given.v1"

    to: str
    spent: dict[str, int] = msgspec.field(default_factory=dict)


class HistoryJoined(Event, frozen=True, kw_only=True):
    """What another client id had in a campaign is this participant's from now on. Stream: participant (stays).

    other: the client id; gave: version of ``history-given`` in its stream. The postings take over what it held, and
    take back what would count twice; ``twice`` says of which events. enrolment: if only the other had enrolled.
    days, checkpoints, badges, chances: what is different for this participant now.
    viewed: contents that only the other had viewed. spent: as in ``history-given``.
    play: members of the state (enrolment.Play) that are different now, by name.
    Source: EC-12, SJ-09.
    """

    TOPIC = "history-joined.v1"

    other: str
    gave: int
    enrolment: JoinedEnrolment | None = None
    days: tuple[JoinedDay, ...] = ()
    checkpoints: tuple[JoinedCheckpoint, ...] = ()
    badges: tuple[JoinedBadge, ...] = ()
    chances: tuple[JoinedChance, ...] = ()
    viewed: tuple[str, ...] = ()
    twice: tuple[Twice, ...] = ()
    spent: dict[str, int] = msgspec.field(default_factory=dict)
    play: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)


class MemberReplaced(Event, frozen=True, kw_only=True):
    """A member of a team turned out to be another participant, who has the place from now on. Stream: team.

    member: who had it. by: who has it, with the same first day, and the captain's place if it was that.
    Source: EC-12, SX-03.
    """

    TOPIC = "member-replaced.v1"

    team: str
    member: str
    by: str
