"""What a decision may look at besides its state and command: the rules, the time, and the request itself."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ledger.command import Request
from ledger.enrolment import Enrolment
from ledger.events import Event
from ledger.member import Member
from ledger.refusal import Malformed
from ledger.refusals import AfterCampaign, BeforeCampaign, FutureDated, TrialOver
from ledger.rulebook import Rulebook
from ledger.rulebook_base import Words
from ledger.rulebook_campaigns import Enrolment as EnrolmentRules
from ledger.streams import enrolment_stream, member_stream

E = TypeVar("E", bound=Event)


def instant(tz: ZoneInfo, day: date, seconds: int) -> datetime:
    """The moment, in UTC, at which clocks first show so many seconds after 0:00 of a day; 86,400 is its end.

    Where the clocks change, what they show comes twice or never; moments compare, clock readings do not.
    """
    return (datetime(day.year, day.month, day.day, tzinfo=tz) + timedelta(seconds=seconds)).astimezone(UTC)


@lru_cache(maxsize=4096)
def day_window(tz: ZoneInfo, day: date, window: tuple[int, int, int]) -> tuple[datetime, datetime]:
    """The window of a day as moments: when it opens, and the end of the grace. window: as ``Rulebook.window`` says."""
    opens, closes, delivered_by = window
    return instant(tz, day, opens), instant(tz, day, closes) + timedelta(seconds=delivered_by - closes)


NO_RULES = Rulebook(
    format=1,
    id="ledger",
    title=Words(zh="台账", en="Ledger"),
    starts=date(2000, 1, 1),
    ends=date(2199, 12, 31),
    clause="SJ-06",
    enrolment=EnrolmentRules(clause="SJ-06"),
)
"""The rules of what belongs to the ledger and to no campaign: a time zone, and how far ahead an event may be dated."""


class Context:
    """One request under one version of the rules, at one moment.

    now: when it is recorded. occurred_at: when it happened; both UTC. occurred: the same on the campaign's wall clock.
    member: the person who asks, as it was before; an empty one when nobody does.
    """

    __slots__ = ("member", "now", "occurred", "occurred_at", "request", "rules", "version")

    def __init__(
        self,
        request: Request,
        rules: Rulebook,
        version: int,
        now: datetime,
        member: Member = Member(),  # noqa: B008
    ) -> None:
        occurred_at = request.occurred_at
        if occurred_at is None:
            if request.command.POSTED:
                raise Malformed("/time", "time is needed: when it happened, as RFC 3339 with an offset")
            occurred_at = now  # an operator's or the scheduler's own act
        self.request = request
        self.member = member
        self.rules = rules
        self.version = version
        self.now = now
        self.occurred_at = occurred_at
        try:
            self.occurred = occurred_at.astimezone(rules.tz)
        except OverflowError:
            raise Malformed("/time", "the time is outside the years that can be computed with") from None

    def event(self, cls: type[E], *, trial: bool = False, **members: Any) -> E:
        """An event of this request: the members that every event has, and those given."""
        return cls(
            occurred_at=self.occurred_at,
            recorded_at=self.now,
            source=self.request.source,
            id=self.request.id,
            rules=self.version,
            trial=trial,
            **members,
        )

    def require_not_future(self) -> None:
        """Refuse FutureDated when the event's time is ahead of ours by more than the tolerance. Source: GX-04."""
        if self.occurred_at - self.now > self.rules.tolerance:
            raise FutureDated(
                f"the event is dated {self.occurred_at.isoformat()}, later than now ({self.now.isoformat()}) by more"
                f" than {self.rules.future_tolerance}; check the clock of the device and send it again under a new id"
            )

    def require_phase(self, day: date, state: Enrolment) -> bool:
        """Whether a day belongs to the trial (True) or the campaign (False). Refuses all other days.

        Refuses: BeforeCampaign, AfterCampaign, TrialOver (a day of the trial, once the campaign has begun).
        Source: SX-01, GX-04.
        """
        rules = self.rules
        phase = rules.phase_of(day)
        if phase == "campaign":
            return False
        if phase == "trial":
            assert rules.trial is not None
            if not state.trial or self.now >= instant(rules.tz, rules.starts, 0):
                raise TrialOver("the trial is over and the campaign has begun", rules.trial.clause)
            return True
        if day > rules.ends:
            raise AfterCampaign(f"{day} is after the campaign's last day, {rules.ends}", rules.clause)
        raise BeforeCampaign(f"{day} is before the campaign begins on {rules.starts}")

    def require_begun(self, state: Enrolment) -> bool:
        """Like require_phase of the event's day, but the days after the end are the campaign's: prizes live on.

        Refuses: BeforeCampaign, TrialOver. Source: SX-01, SX-18, JS-10.
        """
        day = self.occurred.date()
        return False if day > self.rules.ends else self.require_phase(day, state)

    def shown(self, moment: datetime) -> str:
        """A moment as people of the campaign read it: RFC 3339 on its wall clock."""
        return moment.astimezone(self.rules.tz).isoformat()

    @property
    def stream(self) -> str:
        """The stream of the participant in the campaign."""
        return enrolment_stream(self.request.participant, self.request.campaign)

    @property
    def person(self) -> str:
        """The stream of the person, whatever campaigns it takes part in."""
        return member_stream(self.request.participant)

    def is_open(self, day: date) -> bool:
        """Whether a day's count can still change: its window and the grace for delivery are not over."""
        return self.now < self.window(day)[1]

    def first_day(self, trial: bool) -> date:
        """The first day of the trial or of the campaign."""
        return self.rules.trial.starts if trial and self.rules.trial else self.rules.starts

    def window(self, day: date) -> tuple[datetime, datetime]:
        """When the sync window of a day of the campaign opens, and when the grace for delivery after it ends."""
        return day_window(self.rules.tz, day, self.rules.window)

    def before_midnight(self, day: date) -> timedelta:
        """How long before 0:00 of a day the event happened, on the campaign's wall clock; negative after it."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return midnight - self.occurred.replace(tzinfo=UTC)  # both as clocks show them, whatever the zone
