"""A ledger on a database that is there and migrated: its writer, its clock, and the text of its rulebooks."""

from contextlib import ExitStack
from datetime import datetime
from typing import Self

from ledger.clock import Clock
from ledger.codec import decode
from ledger.events import CampaignAmended, CampaignPublished
from ledger.store import LedgerDatastore, LedgerRecorder
from ledger.streams import campaign_stream
from ledger.vault import Vault
from ledger.writer import Writer


class Ledger:
    """One ledger of one database. Close it, or use it as a context manager."""

    def __init__(self, url: str, schema: str, vault: Vault) -> None:
        self.url = url
        self.schema = schema
        self.vault = vault
        self.recorder = LedgerRecorder(LedgerDatastore(url, schema))
        self.writer = Writer(self.recorder, vault)
        self.on_close = ExitStack()

    def start(self) -> Self:
        """Begin to take requests."""
        self.writer.start()
        return self

    def close(self) -> None:
        """Answer what is waiting, then let go of the database (and of the embedded server, if it is ours)."""
        with self.on_close:
            try:
                self.writer.stop()
            finally:
                self.recorder.datastore.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def clock(self) -> Clock:
        """Which clock the ledger has, and where it stands."""
        return Clock(*self.recorder.read("SELECT clock_base, clock_set_at FROM log_head")[0])

    def set_clock(self, clock: Clock) -> None:
        """Give the ledger another clock, or another time, for every process of it."""
        with self.recorder.group() as group:
            group.set_clock(clock)

    def now(self) -> datetime:
        """What time it is for this ledger."""
        return self.clock().now()

    def head(self) -> int:
        """The newest position of the log, 0 when it is empty."""
        return int(self.recorder.read("SELECT position FROM log_head")[0][0])

    def rulebook_text(self, campaign: str) -> str | None:
        """The newest rulebook of a campaign, as it was published; None when there is none."""
        text = None
        rows = self.recorder.read(
            "SELECT topic, state FROM stored_events WHERE originator_id = %s ORDER BY originator_version",
            (campaign_stream(campaign),),
        )
        for topic, state in rows:
            event = decode(topic, bytes(state))
            if isinstance(event, CampaignPublished | CampaignAmended):
                text = event.text
        return text
