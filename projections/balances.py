"""What each account holds, and what a participant has earned and spent."""

from collections.abc import Sequence

from ledger.events import CorrectionMade, StepsSynced, TeamGoalLost
from projections.projection import Fact, Projection, Row, Rows, Stage

TAKES_BACK = frozenset({StepsSynced, CorrectionMade, TeamGoalLost})
"""What takes back something that was earned. Whatever else leaves an account was spent."""
OWNED = frozenset({"points", "money", "prizes"})
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
    STATEMENTS = ("balances_merge",)

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """One row for each account that moved: by how much, how much of it was earned, and by which event last."""
        moved: dict[tuple[str, str], tuple[int, int, int]] = {}
        for fact in facts:
            for leg in fact.event.postings:
                amount = earned = leg.amount
                if amount < 0 and type(fact.event) not in TAKES_BACK:
                    earned = 0
                key = (leg.account, leg.asset)
                if before := moved.get(key):
                    amount += before[0]
                    earned += before[1]
                moved[key] = (amount, earned, fact.position)
        return ([_row(*key, *moved[key]) for key in sorted(moved)],)


def _row(account: str, asset: str, amount: int, earned: int, position: int) -> Row:
    """On the other side nobody earns or spends: there, all of it stands as earned."""
    book, participant = owner(account)
    return account, asset, book, participant, amount, amount if participant is None else earned, position


def owner(account: str) -> tuple[str, str | None]:
    """The book of an account and its participant: ``points:sx-2019:p-1`` is p-1's, ``pool:sx-2019:p-1`` is nobody's."""
    kind, book, *rest = account.split(":", 2)
    return book, rest[0] if rest and kind in OWNED else None
