"""What an audit finds out about prize pools: that no more has left one than its rules give, and that both sides agree.

Sees every event once, in whatever order the streams come, and is asked at the end.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from ledger.events import CampaignAmended, CampaignPublished, DrawMade, EntryTaken, Event, PrizeDrawn
from ledger.fold import State
from ledger.pool import Pool as PoolState
from ledger.posting import pool_account
from ledger.rulebook import Pool, Rulebook
from ledger.rulebook_file import reread
from ledger.streams import TRIAL, book_of, campaign_of, pool_stream


class PoolAudit:
    """Collects what the log says of pools, and tells what does not hold."""

    def __init__(self) -> None:
        self._rules: dict[str, list[Rulebook]] = {}
        self._pools: dict[str, PoolState] = {}
        self._drawn: Counter[tuple[str, str]] = Counter()

    def see(self, stream: str, event: Event) -> None:
        """One more event."""
        match event:
            case DrawMade():
                campaign = campaign_of(stream)
                book = campaign + TRIAL if event.trial else campaign
                self._drawn[pool_stream(book, event.pool), event.outcome] += 1
            case PrizeDrawn():
                self._drawn[stream, event.outcome] -= 1
            case CampaignPublished() | CampaignAmended():
                self._rules.setdefault(event.campaign, []).append(reread(event.text))

    def number_fault(self, before: State, event: Event) -> str:
        """What is wrong with the number of a draw or a ticket in its pool; empty when nothing is."""
        match before, event:
            case PoolState(), PrizeDrawn() | EntryTaken() if event.number != before.draws + 1:
                return f"draw {event.number} follows {before.draws}"
        return ""

    def keep(self, stream: str, state: State) -> None:
        """The state of a stream after all its events."""
        if isinstance(state, PoolState):
            self._pools[stream] = state

    def faults(self, balances: Mapping[tuple[str, str], int]) -> Iterator[tuple[str, str]]:
        """(stream, what does not hold) of all pools. balances: by account and asset, of the whole log."""
        for (stream, outcome), difference in self._drawn.items():
            if difference:
                yield stream, f"{outcome}: {difference} more draws by participants than by the pool"
        for stream, state in self._pools.items():
            book, id = book_of(stream), stream.rpartition("/")[2]
            versions = [
                rules.pool_ids[id]
                for rules in self._rules.get(campaign_of(stream), [])
                if id in rules.pool_ids
            ]
            for prize, gone in state.gone.items():
                yield from ((stream, told) for told in _stock_faults(prize, gone, versions))
                left = -balances.get((pool_account(book, id), prize), 0)
                money = any(v.by_id[prize].kind in ("money", "nothing") for v in versions if prize in v.by_id)
                if not money and left != gone and not book.endswith(TRIAL):
                    yield stream, f"{gone} of {prize} have left the pool, {left} its account"
            budgets = [version.budget for version in versions]
            if budgets and all(budget is not None and state.spent > budget for budget in budgets):
                yield stream, f"{state.spent} fen of the budget are spent, more than there were"


def _stock_faults(prize: str, gone: int, versions: list[Pool]) -> Iterator[str]:
    if gone < 0:
        yield f"{-gone} of {prize} came back that had never left"
    stocks = [version.by_id[prize].stock for version in versions if prize in version.by_id]
    if not stocks:
        yield f"{prize} has left the pool, and no version of the rules has it"
    elif all(stock is not None and gone > stock for stock in stocks):
        yield f"{gone} of {prize} have left the pool, more than there were"
