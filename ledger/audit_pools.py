"""What an audit finds out about prize pools: that no more has left one than its rules give, and that both sides agree.

Sees every event once, in whatever order the streams come, and is asked at the end.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from hashlib import blake2b

from ledger.events import (
    CampaignAmended,
    CampaignPublished,
    DrawEntered,
    DrawMade,
    DrawRun,
    EntryTaken,
    Event,
    PlacesAwarded,
    PrizeDrawn,
    PrizeWon,
)
from ledger.fold import State
from ledger.pool import Pool as PoolState
from ledger.posting import pool_account
from ledger.prizes import prize_name
from ledger.rulebook import Pool, Rulebook
from ledger.rulebook_file import reread
from ledger.shop_events import ItemRedeemed, RedemptionCancelled, StockReturned, StockTaken
from ledger.streams import POOL, TRIAL, book_of, campaign_of, pool_stream

OF_A_POOL = re.compile("[#@:]")
"""What follows the pool's stream in the cause of a prize: of a contest, a place, or a redemption or gift."""

Label = int | str
"""What two events of one decision are about: a draw (its number), ``ticket 7``, ``prize grand.7``, ``redemption 7``."""


def pool_of_event(stream: str, event: Event) -> str:
    """The stream of the pool that a participant's event is about; empty when it comes from no draw and no place."""
    match event:
        case DrawMade() | DrawEntered():
            campaign = campaign_of(stream)
            return pool_stream(campaign + TRIAL if event.trial else campaign, event.pool)
        case ItemRedeemed() | RedemptionCancelled():
            campaign = campaign_of(stream)
            return pool_stream(campaign + TRIAL if event.trial else campaign, event.pool)
        case PrizeWon() if event.cause.startswith(POOL):  # otherwise it replaces a prize
            return OF_A_POOL.split(event.cause)[0]
    return ""


NOBODY: Mapping[str, str] = {}


class Links:
    """Whether a pool and its participants tell the same, event by event: of one request, with the same in it.

    Each side's digest is added or taken away under what it is about, so what agrees leaves nothing behind.
    """

    def __init__(self, joined: Mapping[str, str]) -> None:
        self._joined = joined
        self._rest: dict[Label, int] = {}
        self._optional: dict[Label, int] = {}
        self._holders: dict[int, str] = {}
        self._worth: dict[tuple[int, str, str, int], Label] = {}

    def pool(self, stream: str, event: Event) -> None:
        """One more event of the pool's stream, in its order."""
        match event:
            case PrizeDrawn():
                told = (event.participant, event.outcome, event.amount, event.voucher)
                self._add(event.number, 1, event, told)
                self._worth.setdefault((event.rules, event.outcome, "", event.amount), event.number)
            case EntryTaken():
                self._holders[event.number] = event.participant
                self._add(f"ticket {event.number}", 1, event, (event.participant,))
            case DrawRun():
                redraw = f".c{event.contest}" if event.contest > 1 else ""
                for number, prize in event.winners:
                    name = prize_name(event.pool, number) + redraw
                    winner = self._holders.get(number, "")
                    self._award(name, event, (self._now(winner), prize, f"{stream}#{event.contest}"))
            case StockTaken():
                for number in range(1, event.quantity + 1):
                    name = prize_name(event.pool, event.number, number)
                    taken = (self._now(event.participant), event.item, f"{stream}:{event.number}")
                    self._add(f"prize {name}", 1, event, taken)
                if event.price:  # otherwise it is a gift
                    self._add(f"redemption {event.number}", 1, event, _redeemed(event.participant, event))
            case StockReturned():
                self._add(f"return of {event.prize}", 1, event, (event.item,))
            case PlacesAwarded():
                members: Counter[int] = Counter()
                for rank, winner, prize in event.winners:
                    members[rank] += 1
                    name = prize_name(event.pool, rank, members[rank])
                    self._award(name, event, (self._now(winner), prize, f"{stream}@{rank}"))

    def person(self, stream: str, event: Event) -> None:
        """One more event of a participant's stream that is about this pool."""
        who = stream.rpartition("@")[0]
        match event:
            case DrawMade():
                label: Label = event.number
                self._add(label, -1, event, (who, event.outcome, event.amount, event.voucher))
                self._worth.setdefault((event.rules, event.outcome, event.kind, event.amount), label)
                if event.prize != ("" if event.kind == "nothing" else prize_name(event.pool, event.number)):
                    self._add(label, -1, event, (event.prize,))
            case DrawEntered():
                self._add(f"ticket {event.number}", -1, event, (who,))
            case ItemRedeemed():
                self._add(f"redemption {event.number}", -1, event, _redeemed(who, event))
            case RedemptionCancelled():
                self._add(f"return of {event.prize}", -1, event, (event.item,))
            case PrizeWon():
                label = f"prize {event.prize}"
                self._add(label, -1, event, (self._now(who), event.outcome, event.cause))
                self._worth.setdefault((event.rules, event.outcome, event.kind, event.amount), label)

    def _now(self, participant: str) -> str:
        """Who a participant is by the end of the log: a prize can go to a client id's other one (EC-12)."""
        return self._joined.get(participant, participant)

    def tickets_seen(self) -> None:
        """The pool's stream is at its end: who holds which ticket is not needed any more."""
        self._holders.clear()

    def faults(self, rules: Mapping[int, Pool]) -> Iterator[tuple[Label, str]]:
        """What does not hold, and of which draw, ticket or prize. rules: the pool by version of the rulebook."""
        for label, rest in self._rest.items():
            if rest + self._optional.get(label, 0):
                yield label, "the pool and the participant's own stream do not say the same of it"
        for (version, outcome, kind, amount), label in self._worth.items():
            prize = rules[version].by_id.get(outcome) if version in rules else None
            if prize is None:
                yield label, f"version {version} of the rules has no prize {outcome}"
            elif (amount, kind or prize.kind) != (prize.amount or 0, prize.kind):
                yield label, f"{outcome} is {kind or 'a prize'} of {amount} fen, not what the rules give"

    def _award(self, name: str, event: Event, told: tuple[object, ...]) -> None:
        """A prize of a batch draw or a place. In the trial a winner who has begun the campaign gets none (SX-01)."""
        label = f"prize {name}"
        if event.trial:
            self._optional[label] = _digest(event, told)
        else:
            self._add(label, 1, event, told)

    def _add(self, label: Label, sign: int, event: Event, told: tuple[object, ...]) -> None:
        rest = self._rest.pop(label, 0) + sign * _digest(event, told)
        if rest:
            self._rest[label] = rest


def _redeemed(who: str, event: ItemRedeemed | StockTaken) -> tuple[object, ...]:
    """What both sides say of a redemption."""
    return who, event.item, event.quantity, event.price


def _digest(event: Event, told: tuple[object, ...]) -> int:
    """What both sides of a decision have in common."""
    parts = repr((event.source, event.id, event.rules, event.trial, told))
    return int.from_bytes(blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).digest())


class PoolAudit:
    """Collects what the log says of pools, and tells what does not hold.

    joined: client id → the participant that it is of by the end of the log.
    """

    def __init__(self, joined: Mapping[str, str] = NOBODY) -> None:
        self._rules: dict[str, dict[int, Rulebook]] = {}
        self._pools: dict[str, PoolState] = {}
        self._links: defaultdict[str, Links] = defaultdict(lambda: Links(joined))
        self._drawn: Counter[tuple[str, str]] = Counter()

    def see(self, stream: str, event: Event) -> None:
        """One more event."""
        if stream.startswith(POOL):
            self._links[stream].pool(stream, event)
        elif pool := pool_of_event(stream, event):
            self._links[pool].person(stream, event)
        match event:
            case DrawMade():
                self._drawn[pool_of_event(stream, event), event.outcome] += 1
            case PrizeDrawn():
                self._drawn[stream, event.outcome] -= 1
            case CampaignPublished() | CampaignAmended():
                self._rules.setdefault(event.campaign, {})[event.version] = reread(event.text)

    def number_fault(self, before: State, event: Event) -> str:
        """What is wrong with the number of a draw or a ticket in its pool; empty when nothing is."""
        match before, event:
            case PoolState(), PrizeDrawn() | EntryTaken() if event.number != before.draws + 1:
                return f"draw {event.number} follows {before.draws}"
            case PoolState(), StockTaken() if event.number != before.draws + 1:
                return f"redemption {event.number} follows {before.draws}"
        return ""

    def keep(self, stream: str, state: State) -> None:
        """The state of a stream after all its events."""
        if isinstance(state, PoolState):
            self._pools[stream] = state
            self._links[stream].tickets_seen()

    def faults(self, balances: Mapping[tuple[str, str], int]) -> Iterator[tuple[str, str]]:
        """(stream, what does not hold) of all pools. balances: by account and asset, of the whole log."""
        for (stream, outcome), difference in self._drawn.items():
            if difference:
                yield stream, f"{outcome}: {difference} more draws by participants than by the pool"
        for stream, links in self._links.items():
            for label, told in links.faults(self._rules_of(stream)):
                yield stream, f"{f'draw {label}' if isinstance(label, int) else label}: {told}"
        for stream, state in self._pools.items():
            book, id = book_of(stream), stream.rpartition("/")[2]
            versions = list(self._rules_of(stream).values())
            for prize, gone in state.gone.items():
                yield from ((stream, told) for told in _stock_faults(prize, gone, versions))
                left = -balances.get((pool_account(book, id), prize), 0)
                money = any(v.by_id[prize].kind in ("money", "nothing") for v in versions if prize in v.by_id)
                if not money and left != gone and not book.endswith(TRIAL):
                    yield stream, f"{gone} of {prize} have left the pool, {left} its account"
            budgets = [version.budget for version in versions]
            if budgets and all(budget is not None and state.spent > budget for budget in budgets):
                yield stream, f"{state.spent} fen of the budget are spent, more than there were"

    def _rules_of(self, stream: str) -> dict[int, Pool]:
        """A pool as each version of its campaign's rules has it."""
        id = stream.rpartition("/")[2]
        books = self._rules.get(campaign_of(stream), {})
        return {version: rules.pool_ids[id] for version, rules in books.items() if id in rules.pool_ids}


def _stock_faults(prize: str, gone: int, versions: list[Pool]) -> Iterator[str]:
    if gone < 0:
        yield f"{-gone} of {prize} came back that had never left"
    stocks = [version.by_id[prize].stock for version in versions if prize in version.by_id]
    if not stocks:
        yield f"{prize} has left the pool, and no version of the rules has it"
    elif all(stock is not None and gone > stock for stock in stocks):
        yield f"{gone} of {prize} have left the pool, more than there were"
