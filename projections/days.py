"""What stands for each day of a participant: steps, whether the day is attained, whether there was a sign-in."""

from datetime import date, datetime
from operator import itemgetter

from ledger.events import SignedIn, StepsSynced
from ledger.join_events import HistoryJoined
from projections.projection import Fact, Row, Stage

CHANGED_DAYS = Stage(
    "changed_days",
    {
        "book": "text",
        "participant": "text",
        "day": "date",
        "counted": "int4",
        "replaces": "bool",
        "attained": "bool",
        "last_sync_at": "timestamptz",
        "provisional": "int4",
        "provisional_at": "timestamptz",
        "signed_in": "bool",
        "sign_in_recorded_at": "timestamptz",
    },
)


class Day:
    """What a batch of events says of one day. None, or False, is: nothing; what stood before stays.

    replaces: whether a counted sync of an earlier batch stood for the day.
    """

    __slots__ = (
        "attained",
        "counted",
        "last_sync_at",
        "provisional",
        "provisional_at",
        "replaces",
        "sign_in_recorded_at",
        "signed_in",
    )

    def __init__(self) -> None:
        self.counted: int | None = None
        self.replaces = False
        self.attained = False
        self.last_sync_at: datetime | None = None
        self.provisional: int | None = None
        self.provisional_at: datetime | None = None
        self.signed_in = False
        self.sign_in_recorded_at: datetime | None = None


class ChangedDays:
    """Folds syncs and sign-ins into one row for each day that they change."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str, date], Day] = {}

    def _day(self, fact: Fact, day: date) -> Day:
        key = (fact.book, fact.participant, day)
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = Day()
        return found

    def sync(self, fact: Fact, event: StepsSynced) -> None:
        """The newest counted sync in the log stands; of the provisional ones, the newest by its own time (SX-05)."""
        if event.standing == "counted":
            day = self._day(fact, event.day)
            if day.counted is None:
                day.replaces = event.replaces is not None
            day.counted = event.counted
            day.attained = event.attained
            day.last_sync_at = event.occurred_at
        elif event.standing == "provisional":
            day = self._day(fact, event.day)
            if day.provisional_at is None or event.occurred_at >= day.provisional_at:
                day.provisional = event.steps
                day.provisional_at = event.occurred_at

    def sign_in(self, fact: Fact, event: SignedIn) -> None:
        """The participant signed in on that day (SX-11)."""
        day = self._day(fact, event.day)
        day.signed_in = True
        day.sign_in_recorded_at = day.sign_in_recorded_at or event.recorded_at

    def join(self, fact: Fact, event: HistoryJoined) -> None:
        """What is different by what another client id had done (EC-12)."""
        for joined in event.days:
            day = self._day(fact, joined.day)
            if joined.counted is not None:
                if day.counted is None:
                    day.replaces = True
                day.counted, day.attained = joined.counted, joined.attained
                day.last_sync_at = joined.synced_at
            if joined.provisional is not None:
                day.provisional, day.provisional_at = joined.provisional, joined.provisional_at
            if joined.signed_in_at is not None:
                day.signed_in, day.sign_in_recorded_at = True, joined.signed_in_at

    def rows(self) -> list[Row]:
        """The rows, in the order of the table's key: neighbours in the index are written together."""
        return [
            (
                *key,
                day.counted,
                day.replaces,
                day.attained,
                day.last_sync_at,
                day.provisional,
                day.provisional_at,
                day.signed_in,
                day.sign_in_recorded_at,
            )
            for key, day in sorted(self._days.items(), key=itemgetter(0))
        ]
