"""What each account holds, and what a participant has earned and spent."""

from collections.abc import Iterator, Sequence
from functools import partial

from ledger.events import CorrectionMade, Event, StepsSynced, TeamGoalLost
from ledger.join_events import HistoryGiven, HistoryJoined
from ledger.member_events import MemberBecame, MemberJoined, PointsExpired, PointsMoved
from ledger.posting import POINTS, points_account, prize_account, wallet_account
from ledger.shop_events import RedemptionCancelled
from projections.projection import Fact, Projection, Row, Rows, Stage

TAKES_BACK = frozenset(
    {StepsSynced, CorrectionMade, TeamGoalLost, PointsExpired}
    | {HistoryGiven, HistoryJoined, MemberBecame, MemberJoined}
)
"""What takes back something that was earned. Whatever else leaves an account was spent."""
Account = tuple[str, str]
"""An account and the asset that is counted in it."""
OWNED = frozenset({"points", "money", "prizes", "grants"})
"""What a participant's account begins with; see ledger/posting.py."""


class Balances(Projection):
    """One row an account, the other side included: the balances of a book and asset add up to zero.

    ``earned`` is what came in, less what later syncs, lost team days and corrections took back; what was paid for a
    draw, or left with a prize, moves the balance alone.
    """

    NAME = "balances"
    TABLES = ("balances",)
    STAGES = (
        Stage(
            "moved_accounts",
            {
                "account": "text",
                "asset": "text",
                "book": "text",
                "participant": "text",
                "balance": "int8",
                "earned": "int8",
                "position": "int8",
            },
        ),
    )
    STATEMENTS = ("balances_merge", "balances_given_back")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """One row for each account that moved: by how much, how much of it was earned, and by which event last."""
        moved: dict[Account, tuple[int, int, int]] = {}
        for fact in facts:
            for leg in fact.event.postings:
                amount = leg.amount
                earned = amount if _is_earned(fact.event, amount, leg.asset) else 0
                key = (leg.account, leg.asset)
                _add(moved, key, (amount, earned), fact.position)
            for key, spent in _spent(fact):
                _add(moved, key, (0, spent), fact.position)
        return ([_row(*key, *moved[key]) for key in sorted(moved)],)


def _add(
    moved: dict[Account, tuple[int, int, int]], key: Account, by: tuple[int, int], position: int
) -> None:
    amount, earned, _ = moved.get(key, (0, 0, 0))
    moved[key] = (amount + by[0], earned + by[1], position)


def _spent(fact: Fact) -> Iterator[tuple[Account, int]]:
    """What a client id had earned and spent: it counts as earned, and as spent, of who stays (EC-12)."""
    event = fact.event
    sign = 1 if isinstance(event, HistoryJoined | MemberJoined) else -1
    if isinstance(event, HistoryGiven | HistoryJoined):
        for asset, spent in event.spent.items():
            of = points_account if asset == POINTS else partial(prize_account, asset)
            yield (of(fact.book, fact.participant), asset), sign * spent
    elif isinstance(event, MemberBecame | MemberJoined) and event.spent:
        yield (wallet_account(fact.participant), POINTS), sign * event.spent


def _is_earned(event: Event, amount: int, asset: str) -> bool:
    """Whether what comes in was earned, or what goes out is taken back from what was."""
    if isinstance(event, PointsMoved):
        return not event.is_payment
    if isinstance(event, RedemptionCancelled) and asset == POINTS:
        return False  # the price comes back: less was spent
    return amount > 0 or type(event) in TAKES_BACK


def _row(account: str, asset: str, amount: int, earned: int, position: int) -> Row:
    """On the other side nobody earns or spends: there, all of it stands as earned."""
    book, participant = owner(account)
    return account, asset, book, participant, amount, amount if participant is None else earned, position


def owner(account: str) -> tuple[str, str | None]:
    """The book of an account and its participant: ``points:sx-2019:p-1`` is p-1's, ``pool:sx-2019:p-1`` is nobody's."""
    kind, book, *rest = account.split(":", 2)
    return book, rest[0] if rest and kind in OWNED else None
