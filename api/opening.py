"""Opening a ledger from the settings: every command of ours that needs one starts here."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import structlog

import migrations
from ledger import postgres
from ledger.clock import EPOCH, Clock
from ledger.ledger import Ledger
from ledger.postgres import EmbeddedPostgres
from ledger.settings import Settings
from ledger.vault import Vault, check_key, load_key

log = structlog.get_logger("api")

LOOK_EVERY = 1.0
"""Seconds between two looks at whether the embedded server still lives."""


@contextmanager
def open_database(settings: Settings, *, serving: bool = False) -> Iterator[str]:
    """The URL of the ledger's database, found or started, its tables up to date, for as long as the block lasts.

    serving: an embedded server that dies meanwhile is brought back. Raises the clear errors of ledger.postgres and of
    migrations.
    """
    with ExitStack() as stack:
        if settings.database_url:
            url = settings.database_url
        else:
            server = stack.enter_context(postgres.start(settings.home))
            url = server.url
            if serving:
                stack.enter_context(_kept_alive(server))
        migrations.migrate(url, settings.schema)
        yield url


@contextmanager
def _kept_alive(server: EmbeddedPostgres) -> Iterator[None]:
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            if server.died:
                log.warning("database_died", base=str(server.base))
                try:
                    server.ensure()
                except Exception:
                    log.exception("database_stays_away")  # and look again: whatever it was may pass
                else:
                    log.warning("database_back")

    thread = threading.Thread(target=look, name="database-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def open_ledger(settings: Settings, *, serving: bool = False) -> Ledger:
    """Find or start the database, bring its tables up to date, and start the writer.

    serving: this is the service, not a command beside it. It gives the ledger the clock of its settings, and brings an
    embedded server back when it dies; a command takes both as they stand.
    """
    with ExitStack() as stack:
        url = stack.enter_context(open_database(settings, serving=serving))
        vault = Vault(load_key(settings.master_key, settings.home))
        check_key(vault, url, settings.schema)
        ledger = Ledger(url, settings.schema, vault)
        try:
            if serving:
                ledger.set_clock(_clock(settings, ledger.clock()))
        except BaseException:
            ledger.close()
            raise
        ledger.on_close = stack.pop_all()
    return ledger.start()


def _clock(settings: Settings, found: Clock) -> Clock:
    """The clock that the settings ask for. One that follows events goes on from where it stood."""
    start = settings.clock_start()
    if start:
        return Clock(start, datetime.now(UTC))
    if settings.clock == "events":
        return Clock(found.base or EPOCH)
    return Clock()
