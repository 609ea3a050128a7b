"""What an audit finds out about funds: that none was ever below zero, and that both sides of what moved say the same.

Sees every event once, in whatever order the streams come, and is asked at the end.
"""

from collections import Counter
from collections.abc import Iterator

from ledger.activity_events import DonationMade
from ledger.event import Event
from ledger.fund_events import FundCredited, GrantPaid, ProjectPaid
from ledger.member_events import HelpDecided
from ledger.streams import TRIAL, book_of, campaign_of, fund_stream, participant_of


class FundAudit:
    """Collects what the log says of donations and grants, and tells what does not hold."""

    def __init__(self) -> None:
        self._donated: Counter[tuple[str, str]] = Counter()
        self._granted: Counter[tuple[str, str, int]] = Counter()
        self._below: list[tuple[str, str]] = []

    def see(self, stream: str, event: Event) -> None:
        """One more event."""
        match event:
            case DonationMade():
                book = campaign_of(stream) + (TRIAL if event.trial else "")
                self._donated[fund_stream(book, event.fund), participant_of(stream)] += event.amount
            case FundCredited() if event.participant:
                self._donated[stream, event.participant] -= event.amount
            case HelpDecided() if event.approved:
                self._granted[event.campaign, participant_of(stream), event.number] += event.amount
            case GrantPaid():
                self._granted[book_of(stream), event.member, event.number] -= event.amount
        if isinstance(event, ProjectPaid | GrantPaid) and event.balance < 0:
            self._below.append((stream, f"it paid {event.amount} fen, {-event.balance} more than it held"))

    def faults(self) -> Iterator[tuple[str, str]]:
        """(stream, what does not hold)."""
        yield from self._below
        for (stream, who), rest in self._donated.items():
            if rest:
                yield stream, f"{rest} fen more were donated for {who} than came in"
        for (campaign, who, number), rest in self._granted.items():
            if rest:
                yield "", f"help {number} of {who} in {campaign}: {rest} fen more were granted than paid"
