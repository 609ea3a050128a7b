"""What an audit of shops finds when somebody has tampered with the log, and that it finds nothing else."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ledger.commands import IssuePrize, LapsePrize
from ledger.events import CampaignPublished, Event, PrizeWon
from ledger.rulebook_file import load
from ledger.shop_events import ItemRedeemed, RedemptionCancelled, StockReturned, StockTaken
from tests.given import Entry, Story, moment
from tests.store.selling import text
from tests.unit.test_audit_pools import audited
from tests.unit.wallets import cancels, redeems

Log = list[Entry]


def sold() -> Log:
    """The log of a shop: two flasks redeemed together, one given back, one sold again and sent, one that lapsed."""
    rules = text(thermos=3, price=1)
    story = Story(load(rules))
    for who in ("p-1", "p-2"):
        story.enrol(who, at="07-01 08:00").signs_in("07-01 08:01", who=who).syncs(
            8_000, "07-01 21:00", who=who
        )
    redeems(story, "thermos", "07-02 10:00", quantity=2)
    cancels(story, "shop.1.2", "07-02 10:01")
    redeems(story, "thermos", "07-02 10:02", who="p-2")
    story.post(LapsePrize(prize="shop.1.1", reason="not claimed"), at=moment("07-20 10:00"))
    story.post(IssuePrize(prize="shop.2.1"), who="p-2", at="07-20 10:01")
    (published, *log) = story.log
    assert isinstance(published.event, CampaignPublished)
    return [replace(published, event=replace(published.event, text=rules)), *log]


def newest(log: Log, kind: type[Event]) -> int:
    return max(n for n, entry in enumerate(log) if isinstance(entry.event, kind))


def without(kind: type[Event]) -> Callable[[Log], Log]:
    def tampered(log: Log) -> Log:
        place = newest(log, kind)
        return [*log[:place], *log[place + 1 :]]

    return tampered


def says(kind: type[Event], /, **members: object) -> Callable[[Log], Log]:
    """The newest event of a kind says something else."""

    def tampered(log: Log) -> Log:
        place = newest(log, kind)
        forged = replace(log[place], event=replace(log[place].event, **members))
        return [*log[:place], forged, *log[place + 1 :]]

    return tampered


def test_an_honest_shop_has_no_faults() -> None:
    assert audited(sold()) == []


UNLIKE = "do not say the same of it"


@pytest.mark.rule("ZG-07", "GX-02", "GX-06")
@pytest.mark.parametrize(
    ("tampered", "found"),
    [
        (without(StockTaken), "prize shop.2.1: the pool and"),
        (without(PrizeWon), "prize shop.2.1: the pool and"),
        (without(ItemRedeemed), "redemption 2: the pool and"),
        (without(StockReturned), "return of shop.1.2: the pool and"),
        (without(RedemptionCancelled), "return of shop.1.2: the pool and"),
        (without(StockReturned), "2 of thermos have left the pool, 1 its account"),
        (says(StockTaken, participant="p-1"), UNLIKE),
        (says(StockTaken, quantity=2), UNLIKE),
        (says(StockTaken, price=7), "redemption 2: the pool and"),
        (says(StockTaken, number=9), "redemption 9 follows 1"),
        (says(StockReturned, item="movie"), "1 of movie came back that had never left"),
        (says(PrizeWon, kind="voucher"), "is voucher of"),
        (says(ItemRedeemed, price=0), "redemption 2: the pool and"),
        (says(StockTaken, quantity=9), "more than there were"),
    ],
)
def test_what_was_tampered_with_is_found(tampered: Callable[[Log], Log], found: str) -> None:
    told = audited(tampered(sold()))
    assert any(found in each for each in told), told
