"""The ledger's clock: the only place that asks what time it is.

The real time; or, under JIFEN_ALLOW_TIME_TRAVEL, a clock that ticks from an instant or follows the newest time seen
in posted events. Which of them, and where it stands, is kept in ``log_head``: so all processes of a ledger agree, the
commands beside the service too, and a clock that follows events survives a restart.
"""

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, cut to whole milliseconds, as the log records it."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Clock:
    """A reading of the ledger's clock; one for each thread that needs it.

    base, set_at: both None, the real time; base alone, the newest time seen in events; both, base is what the clock
    showed at the real time set_at, and it ticks.
    """

    def __init__(self, base: datetime | None = None, set_at: datetime | None = None) -> None:
        self.base = base
        self.set_at = set_at

    @classmethod
    def following_events(cls) -> "Clock":
        """A clock that has seen no event yet."""
        return cls(EPOCH)

    @property
    def adjustable(self) -> bool:
        """Whether the clock may be set."""
        return self.base is not None

    def now(self) -> datetime:
        """What time it is, in UTC and whole milliseconds."""
        if self.base is None:
            return milliseconds(datetime.now(UTC))
        if self.set_at is None:
            return milliseconds(self.base)
        return milliseconds(self.base + (datetime.now(UTC) - self.set_at))

    def follow(self, occurred_at: datetime | None) -> datetime:
        """What time it is once an event of that time was seen: a clock that follows events moves, never back."""
        if (
            self.base is not None
            and self.set_at is None
            and occurred_at is not None
            and occurred_at > self.base
        ):
            self.base = milliseconds(occurred_at)
        return self.now()

    def moved_to(self, now: datetime) -> "Clock":
        """The same kind of clock, set to another time."""
        return Clock(now, None if self.set_at is None else datetime.now(UTC))
