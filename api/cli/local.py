"""Commands that work on the ledger's database themselves, beside or without a running service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from api.opening import open_database, open_ledger
from ledger.commands import Request
from ledger.outcomes import Outcome
from ledger.settings import Settings


def settings() -> Settings:
    """The settings of this process's environment. Raises SettingsError."""
    return Settings.from_env(os.environ)


def submit(request: Request) -> Outcome:
    """Have the ledger decide one request; durable when this returns."""
    with open_ledger(settings()) as ledger:
        (outcome,) = ledger.writer.submit_now([request])
    return outcome


def rulebook_text(campaign: str) -> str | None:
    """The newest rulebook of a campaign, as it was published; None when there is none."""
    with open_ledger(settings()) as ledger:
        return ledger.rulebook_text(campaign)


def now() -> datetime:
    """What time it is for the ledger."""
    with open_ledger(settings()) as ledger:
        return ledger.now()


@contextmanager
def database() -> Iterator[tuple[str, str]]:
    """URL and schema of the migrated database, for as long as the block lasts."""
    current = settings()
    with open_database(current) as url:
        yield url, current.schema
