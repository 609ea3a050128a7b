"""A ledger on a test's database, with sx-2019 published, and the shortest way to let people do things in it."""

from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from itertools import count
from types import TracebackType
from typing import Self

from ledger.campaign import publish_request
from ledger.clock import Clock
from ledger.command import Command, Request, request
from ledger.commands import Enrol, SignIn, SyncSteps
from ledger.ledger import Ledger
from ledger.outcomes import Outcome
from tests.conftest import Database
from tests.store.vaults import VAULT

CHINA = timezone(timedelta(hours=8))
EVENING = datetime(2019, 7, 1, 21, tzinfo=CHINA).astimezone(UTC)
SX = (files("ledger") / "rulebooks" / "sx-2019.toml").read_text()

_ids = count(1)


def said(command: Command, participant: str, *, at: datetime = EVENING, id: str = "") -> Request:
    """A request of a client app about a participant in sx-2019."""
    return request(
        command,
        source="//test",
        id=id or f"t-{next(_ids)}",
        campaign="sx-2019",
        participant=participant,
        occurred_at=at,
    )


def sync(participant: str, steps: int, *, at: datetime = EVENING, id: str = "") -> Request:
    """A step sync for the day of its time."""
    command = SyncSteps(day=at.astimezone(CHINA).date(), steps=steps, provider="werun")
    return said(command, participant, at=at, id=id)


class Playing:
    """An open ledger whose clock follows the events."""

    def __init__(self, database: Database) -> None:
        self.ledger = Ledger(database.url, database.schema, VAULT).start()
        self.ledger.set_clock(Clock.following_events())
        self.submit(publish_request(SX, actor="test"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ledger.close()

    def submit(self, *requests: Request) -> list[Outcome]:
        """Outcomes of some requests, sent together."""
        return self.ledger.writer.submit_now(requests)

    def enrol(self, *participants: str) -> list[Outcome]:
        """Enrol participants."""
        return self.submit(*(said(Enrol(branch="xian"), participant) for participant in participants))

    def sign_in(self, *participants: str) -> list[Outcome]:
        """Let participants sign in on the first day."""
        return self.submit(*(said(SignIn(), participant) for participant in participants))
