"""Commands that work on the ledger's database themselves, beside or without a running service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from api.opening import open_database, open_ledger
from ledger.command import Request
from ledger.outcomes import Outcome
from ledger.settings import Settings, SettingsError


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


@contextmanager
def database(*, existing: bool = False) -> Iterator[tuple[str, str]]:
    """URL and schema of the migrated database, for as long as the block lasts.

    existing: do not make an embedded one where there is none yet; raises SettingsError.
    """
    current = settings()
    if existing and not current.database_url and not (current.home / "postgres").exists():
        raise SettingsError(
            f"There is no ledger in {current.home.resolve()}; set JIFEN_HOME or JIFEN_DATABASE_URL."
        )
    with open_database(current) as url:
        yield url, current.schema
