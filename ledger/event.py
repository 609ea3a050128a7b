"""The base of all events. The types themselves: events.py, team_events.py, prize_events.py."""

from datetime import datetime
from typing import ClassVar

import msgspec

from ledger.posting import Posting


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What every event says.

    occurred_at: when it happened, as the client says; recorded_at: when it was written. Both UTC.
    source, id: the request that caused it (CloudEvents source and id).
    rules: version of the campaign's rulebook that it was decided under, 0 for none.
    trial: it belongs to the public trial, from which nothing counts afterwards (SX-01).
    postings: what moved between accounts; sums to zero for each asset.
    """

    TOPIC: ClassVar[str] = ""

    occurred_at: datetime
    recorded_at: datetime
    source: str
    id: str
    rules: int = 0
    trial: bool = False
    postings: tuple[Posting, ...] = ()
