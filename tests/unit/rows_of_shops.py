"""For every refusal about shops a request that meets it, and its clause; in order of precedence."""

from collections.abc import Callable

from ledger import fund_refusals as refusals
from ledger.refusal import Refusal
from ledger.refusals import NotEnoughPoints, NotEnrolled
from tests.given import Story
from tests.unit.wallets import PLAIN, earner, redeems

ROWS: list[tuple[type[Refusal], Callable[[], Story], str]] = [
    (refusals.ItemUnknown, lambda: redeems(earner(), "nothing-such", "07-04 10:00"), PLAIN.clause),
    (refusals.ItemNotOnSale, lambda: redeems(earner(), "rice", "07-04 10:00"), "ZG-07"),
    (refusals.ItemLimitReached, lambda: redeems(earner(), "towel", "07-04 10:00", quantity=3), "ZG-07"),
    (refusals.SoldOut, lambda: redeems(earner(), "top-up", "07-04 10:00", quantity=3), "ZG-07"),
]

PRECEDENCE: list[tuple[tuple[type[Refusal], type[Refusal]], Callable[[], Story]]] = [
    ((NotEnrolled, refusals.ItemUnknown), lambda: redeems(earner(), "no-such", "07-04 10:00", who="p-9")),
    (
        (refusals.ItemNotOnSale, refusals.ItemLimitReached),
        lambda: redeems(earner(), "towel", "10-20 10:00", quantity=3),
    ),
    (
        (refusals.ItemLimitReached, refusals.SoldOut),
        lambda: redeems(earner(), "towel", "07-04 10:00", quantity=4),
    ),
    (
        (refusals.SoldOut, NotEnoughPoints),
        lambda: redeems(earner(), "vase", "07-04 10:00", quantity=2),
    ),
]
