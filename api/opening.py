"""Opening a ledger from the settings: every command of ours that needs one starts here."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import migrations
from ledger import postgres
from ledger.clock import Clock
from ledger.ledger import Ledger
from ledger.settings import Settings


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """The URL of the ledger's database, found or started, its tables up to date, for as long as the block lasts.

    Raises the clear errors of ledger.postgres and of migrations.
    """
    with ExitStack() as stack:
        url = settings.database_url or stack.enter_context(postgres.start(settings.home)).url
        migrations.migrate(url, settings.schema)
        yield url


def open_ledger(settings: Settings, *, set_clock: bool = True) -> Ledger:
    """Find or start the database, bring its tables up to date, and start the writer.

    set_clock: whether a clock that starts at an instant is set to it now. Only the service does; a command beside it
    takes the clock as it stands.
    """
    with ExitStack() as stack:
        url = stack.enter_context(open_database(settings))
        start = settings.clock_start()
        ledger = Ledger(url, settings.schema, Clock("ticking" if start else settings.clock))
        stack.callback(ledger.close)
        if start and set_clock:
            ledger.set_clock(start)
        ledger.now()
        ledger.start()
        ledger.on_close = stack.pop_all()
    return ledger
