"""Every event type, once. What is stored is the JSON of these structs; see docs/events.md, generated from here.

An event is a fact in the past tense. Its stream (originator id) and place in it (originator version) stand in
columns of the log, not in the struct: a participant's facts of a campaign are in ``p-000123@sx-2019``, the rules
of a campaign in ``campaign/sx-2019``. A changed shape is a new topic and an upcast in codec.py.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger import (
    activity_events,
    branch_events,
    fund_events,
    join_events,
    member_events,
    office,
    shop_events,
)
from ledger.event import Event
from ledger.prize_events import (
    AddressSubmitted,
    Beacon,
    BeaconPromise,
    BoardFrozen,
    ChanceExpired,
    ChanceGranted,
    DayClosed,
    DrawEntered,
    DrawForfeited,
    DrawMade,
    DrawRun,
    DrawSealed,
    EntryTaken,
    PlacesAwarded,
    PoolClosed,
    PoolOpened,
    PrizeCount,
    PrizeDelivered,
    PrizeDrawn,
    PrizeIssued,
    PrizeLapsed,
    PrizeReplaced,
    PrizeReturned,
    PrizeWon,
    SeedRevealed,
    StockMoved,
    VoucherHanded,
    VoucherRedeemed,
    VouchersImported,
)
from ledger.team_events import (
    CaptainRewarded,
    ContentViewed,
    MemberAdded,
    MemberRemoved,
    TeamAnnounced,
    TeamCreated,
    TeamDayAttained,
    TeamDayLost,
    TeamFilled,
    TeamGoalLost,
    TeamGoalMet,
    TeamGoalSet,
    TeamJoined,
    TeamLeft,
)

__all__ = [
    "EVENT_TYPES",
    "ActivityRefused",
    "AddressSubmitted",
    "BadgeAwarded",
    "Beacon",
    "BeaconPromise",
    "BoardFrozen",
    "CampaignAmended",
    "CampaignPublished",
    "CaptainRewarded",
    "ChanceExpired",
    "ChanceGranted",
    "CheckpointDimmed",
    "CheckpointLit",
    "CheckpointPassed",
    "ContentViewed",
    "CorrectionMade",
    "DayClosed",
    "DrawEntered",
    "DrawForfeited",
    "DrawMade",
    "DrawRun",
    "DrawSealed",
    "Enrolled",
    "EntryTaken",
    "Event",
    "MemberAdded",
    "MemberRemoved",
    "PlacesAwarded",
    "PoolClosed",
    "PoolOpened",
    "PrizeCount",
    "PrizeDelivered",
    "PrizeDrawn",
    "PrizeIssued",
    "PrizeLapsed",
    "PrizeReplaced",
    "PrizeReturned",
    "PrizeWon",
    "QuestionAnswered",
    "ReflectionPosted",
    "SeedRevealed",
    "SignedIn",
    "StepsSynced",
    "StockMoved",
    "TeamAnnounced",
    "TeamCreated",
    "TeamDayAttained",
    "TeamDayLost",
    "TeamFilled",
    "TeamGoalLost",
    "TeamGoalMet",
    "TeamGoalSet",
    "TeamJoined",
    "TeamLeft",
    "VoucherHanded",
    "VoucherRedeemed",
    "VouchersImported",
]


class CampaignPublished(Event, frozen=True, kw_only=True):
    """A campaign's first rulebook. The event carries the text, so the rules are part of the history (GX-08)."""

    TOPIC = "campaign-published.v1"

    campaign: str
    version: int
    text: str
    digest: str
    effective_at: datetime
    actor: str


class CampaignAmended(Event, frozen=True, kw_only=True):
    """A new version of a campaign's rulebook, in force for what happens at or after effective_at (GX-08)."""

    TOPIC = "campaign-amended.v1"

    campaign: str
    version: int
    text: str
    digest: str
    effective_at: datetime
    actor: str


class Enrolled(Event, frozen=True, kw_only=True):
    """A participant joined a campaign (报名). branch: id of the union in the rulebook. Source: SX-02."""

    TOPIC = "enrolled.v1"

    branch: str
    unit: str | None = None
    department: str | None = None
    consent: str | None = None


class SignedIn(Event, frozen=True, kw_only=True):
    """A daily sign-in (签到打卡). day: in the campaign's time zone; number: 0 for the first day. Source: SX-11."""

    TOPIC = "signed-in.v1"

    day: date
    number: int


class StepsSynced(Event, frozen=True, kw_only=True):
    """A step count that a phone handed over. Source: SX-05, SX-06, SX-12, SX-13.

    steps: as the phone counted them; counted: what counts of them, after the caps.
    standing: ``counted`` (inside the sync window, the newest so far), ``provisional`` (before the window: shown, worth
    nothing) or ``superseded`` (inside the window, but a newer sync was already here).
    was: what counted for the day before this event. replaces: originator version of the sync that stood until now.
    earned: points that the day has earned by now, by the id of the points rule. The postings move the difference.
    """

    TOPIC = "steps-synced.v1"

    day: date
    steps: int
    standing: Literal["counted", "provisional", "superseded"]
    provider: str
    device: str | None = None
    distance_m: int | None = None
    counted: int = 0
    was: int = 0
    attained: bool = False
    replaces: int | None = None
    earned: dict[str, int] = msgspec.field(default_factory=dict)


class CheckpointLit(Event, frozen=True, kw_only=True):
    """A campaign checkpoint (关卡) was reached. Source: SX-08, EC-03.

    total: counted steps so far, or attained days where those light the checkpoints.
    """

    TOPIC = "checkpoint-lit.v1"

    checkpoint: int
    total: int


class CheckpointDimmed(Event, frozen=True, kw_only=True):
    """A lower last sync took a participant back below a lit checkpoint. Source: SX-05, SX-08, EC-03.

    total: counted steps, or attained days, now. It reverses the newest ``checkpoint-lit`` of the same checkpoint
    (GX-03); a pass stands, and so does a badge.
    """

    TOPIC = "checkpoint-dimmed.v1"

    checkpoint: int
    total: int


class QuestionAnswered(Event, frozen=True, kw_only=True):
    """An answer to a checkpoint's question, right or wrong; any number of tries. Source: SX-09."""

    TOPIC = "question-answered.v1"

    question: str
    checkpoint: int
    answer: str
    correct: bool


class CheckpointPassed(Event, frozen=True, kw_only=True):
    """A checkpoint was passed (通关) by the right answer. Source: SX-09."""

    TOPIC = "checkpoint-passed.v1"

    checkpoint: int
    question: str


class ReflectionPosted(Event, frozen=True, kw_only=True):
    """A reflection or travel note (感想/游记), or a photo for a poster. ref: where it lies. Source: SX-10, SX-15."""

    TOPIC = "reflection-posted.v1"

    checkpoint: int
    ref: str


class BadgeAwarded(Event, frozen=True, kw_only=True):
    """A badge was earned. badge: its id in the rulebook. Source: SX-20, SX-21."""

    TOPIC = "badge-awarded.v1"

    badge: str
    clause: str


class ActivityRefused(Event, frozen=True, kw_only=True):
    """A rule said no. Nothing else changed. The first answer stands for every repeat of the request (GX-01).

    activity: CloudEvents type that was refused; data: what the client said; code, clause, detail: which rule, and why.
    """

    TOPIC = "activity-refused.v1"

    activity: str
    code: str
    clause: str
    detail: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


class CorrectionMade(Event, frozen=True, kw_only=True):
    """An operator reversed what an event of this stream had posted; the event itself stays. Source: GX-03.

    reverses: position of the event; reverses_version: its originator version; actor: who; reason: why.
    reverses_stream: its stream, if that is of another client id of the same person (EC-12).
    """

    TOPIC = "correction-made.v1"

    reverses: int
    reverses_version: int
    actor: str
    reason: str
    reverses_stream: str = ""


# Events that live in files of their own are known by being imported here; in this order, whatever was imported first.
KNOWN = (activity_events, branch_events, fund_events, join_events, member_events, office, shop_events)
ORDER = (*(module.__name__ for module in KNOWN), "ledger.prize_events", "ledger.team_events", __name__)


def _all_events(base: type[Event]) -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for cls in sorted(base.__subclasses__(), key=lambda cls: ORDER.index(cls.__module__)):
        if not cls.TOPIC or cls.TOPIC in found:
            raise TypeError(f"{cls.__name__}: the topic {cls.TOPIC!r} is missing or used twice")
        found[cls.TOPIC] = cls
    return found


EVENT_TYPES: dict[str, type[Event]] = _all_events(Event)
"""Topic → struct. A topic that is used twice fails at import."""
