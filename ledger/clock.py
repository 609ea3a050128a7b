"""The ledger's clock: the only place that asks what time it is.

``system`` is the real time. Under JIFEN_ALLOW_TIME_TRAVEL it may tick from a given instant, or follow the newest time
seen in posted events (``events``). Where an adjustable clock stands is kept in ``log_head``, so all processes of a
ledger agree, and in ``events`` mode it survives a restart.
"""

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, cut to whole milliseconds, as the log records it."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Clock:
    """One process's view of the ledger's clock.

    mode: ``system``, ``events`` or ``ticking``. base and set_at say where an adjustable clock stood, and at which real
    time; the writer refreshes them from the head under the lock, readers now and then.
    """

    def __init__(self, mode: str = "system") -> None:
        self.mode = mode
        self.base = EPOCH
        self.set_at = EPOCH

    @property
    def adjustable(self) -> bool:
        """Whether the clock may be set."""
        return self.mode != "system"

    def refresh(self, base: datetime | None, set_at: datetime | None) -> None:
        """Take over where the head says that the clock stands."""
        if base is not None and set_at is not None:
            self.base, self.set_at = base, set_at

    def now(self) -> datetime:
        """What time it is, in UTC and whole milliseconds."""
        real = datetime.now(UTC)
        if self.mode == "ticking":
            real = self.base + (real - self.set_at)
        elif self.mode == "events":
            real = self.base
        return milliseconds(real)

    def follow(self, occurred_at: datetime | None) -> datetime:
        """What time it is once an event of that time was seen: in ``events`` mode it moves the clock forward."""
        if self.mode == "events" and occurred_at is not None and occurred_at > self.base:
            self.base, self.set_at = milliseconds(occurred_at), datetime.now(UTC)
        return self.now()
