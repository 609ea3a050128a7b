"""A ledger on a database that is there and migrated: its writer, its clock, and what it knows of campaigns."""

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Self

from ledger.campaign import Campaign, Version
from ledger.clock import Clock
from ledger.codec import decode
from ledger.decide import CAMPAIGN, campaign_stream
from ledger.events import CampaignAmended, CampaignPublished
from ledger.rulebook import Rulebook
from ledger.rulebook_file import reread
from ledger.states import decode_state
from ledger.store import LedgerDatastore, LedgerRecorder
from ledger.writer import Writer


class Ledger:
    """One ledger of one database. Close it, or use it as a context manager."""

    def __init__(self, url: str, schema: str, clock: Clock) -> None:
        self.url = url
        self.schema = schema
        self.clock = clock
        self.recorder = LedgerRecorder(LedgerDatastore(url, schema))
        self.writer = Writer(self.recorder, clock)
        self._rulebooks: dict[str, Rulebook] = {}
        self.on_close = ExitStack()

    def start(self) -> Self:
        """Begin to take requests."""
        self.writer.start()
        return self

    def close(self) -> None:
        """Answer what is waiting, then let go of the database (and of the embedded server, if it is ours)."""
        self.writer.stop()
        self.recorder.datastore.close()
        self.on_close.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> datetime:
        """What time it is for this ledger. An adjustable clock is read from the database."""
        if self.clock.adjustable:
            rows = self.recorder.read("SELECT clock_base, clock_set_at FROM log_head")
            self.clock.refresh(*rows[0])
        return self.clock.now()

    def set_clock(self, now: datetime) -> None:
        """Move an adjustable clock, for every process of the ledger."""
        with self.recorder.group() as group:
            group.set_clock(now, datetime.now(UTC))
        self.clock.refresh(now, datetime.now(UTC))

    def head(self) -> int:
        """The newest position of the log, 0 when it is empty."""
        return int(self.recorder.read("SELECT position FROM log_head")[0][0])

    def campaigns(self) -> list[str]:
        """Ids of the published campaigns, in the order of their ids."""
        rows = self.recorder.read(
            "SELECT originator_id FROM aggregate_snapshots WHERE originator_id BETWEEN %s AND %s"
            " ORDER BY originator_id",
            (CAMPAIGN, CAMPAIGN + "~"),
        )
        return [row[0].removeprefix(CAMPAIGN) for row in rows]

    def campaign(self, campaign: str) -> Campaign | None:
        """Which versions of its rules a campaign has; None when it is not published."""
        stream = campaign_stream(campaign)
        rows = self.recorder.read("SELECT state FROM aggregate_snapshots WHERE originator_id = %s", (stream,))
        if not rows:
            return None
        state = decode_state(stream, bytes(rows[0][0]))
        assert isinstance(state, Campaign)
        return state

    def rulebook(self, campaign: str, moment: datetime | None = None) -> Rulebook | None:
        """The rules in force at a moment (now, when left out); None when the campaign is not published."""
        state = self.campaign(campaign)
        version = state.at(moment or self.now()) if state else None
        if version is None:
            return None
        if version.digest not in self._rulebooks:
            self._rulebooks[version.digest] = reread(self.rulebook_text(campaign, version) or "")
        return self._rulebooks[version.digest]

    def rulebook_text(self, campaign: str, version: Version | None = None) -> str | None:
        """The text of a version of a campaign's rules; of the newest when left out."""
        text = None
        rows = self.recorder.read(
            "SELECT topic, state FROM stored_events WHERE originator_id = %s ORDER BY originator_version",
            (campaign_stream(campaign),),
        )
        for topic, state in rows:
            event = decode(topic, bytes(state))
            if isinstance(event, CampaignPublished | CampaignAmended):
                text = event.text
                if version and event.version == version.number:
                    break
        return text
