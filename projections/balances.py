"""What each account holds, and what a participant has earned and spent."""

from collections.abc import Sequence

from projections.projection import Fact, Projection, Rows, Stage


class Balances(Projection):
    """One row an account, the other side included: the balances of a book and asset add up to zero.

    ``earned`` is what the rules gave, less what later syncs and corrections took back; what was paid for something
    moves the balance alone. Nothing can be bought yet, so every leg moves both.
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
        """One row for each account that moved: by how much, and by which event last."""
        moved: dict[tuple[str, str], tuple[int, int]] = {}
        for fact in facts:
            for leg in fact.event.postings:
                key = (leg.account, leg.asset)
                before = moved.get(key)
                amount = leg.amount + before[0] if before else leg.amount
                moved[key] = (amount, fact.position)
        return (
            [
                (account, asset, *owner(account), amount, amount, position)
                for (account, asset), (amount, position) in sorted(moved.items())
            ],
        )


def owner(account: str) -> tuple[str, str | None]:
    """The book of an account and its participant: ``points:sx-2019:p-1`` is p-1's, ``issued:sx-2019`` is nobody's."""
    _, book, *participant = account.split(":", 2)
    return book, participant[0] if participant else None
