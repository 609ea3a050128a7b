"""Double entry: whatever has a value moves between named accounts (glossary: account, posting, asset).

An account is a name such as ``points:sx-2019:p-000123``; it holds one asset. A posting is one signed leg. The
postings of an event sum to zero for each asset, so the whole book does. Amounts are integers: points, or fen.
"""

from collections.abc import Iterable

import msgspec

POINTS = "points"


class InvariantBroken(Exception):
    """A mistake of ours, never of a client: a rule produced something that the ledger must not hold."""


class Posting(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One signed leg.

    amount: in the asset's smallest unit, never 0.
    balance_after: of the account, given for the account in whose stream the event stands; absent for the other side.
    clause: the rule that moved it, for example ``SX-12``.
    """

    account: str
    asset: str
    amount: int
    clause: str = ""
    balance_after: int | None = None


def points_account(book: str, participant: str) -> str:
    """The account that holds a participant's points of one campaign (its book)."""
    return f"points:{book}:{participant}"


def issuing_account(book: str) -> str:
    """The account that a campaign's points come from; its balance is minus all points in circulation."""
    return f"issued:{book}"


def credit_points(
    book: str, participant: str, balance: int, amounts: Iterable[tuple[int, str]]
) -> tuple[Posting, ...]:
    """Postings that move points to (or, when negative, from) a participant.

    balance: the participant's balance before.
    amounts: (amount, clause) for each rule that moves something; zeros are left out.
    Returns one leg a rule with its running balance, and one leg on the issuing account that balances them.
    """
    account = points_account(book, participant)
    legs = []
    total = 0
    for amount, clause in amounts:
        if amount:
            total += amount
            legs.append(Posting(account, POINTS, amount, clause, balance + total))
    if not legs:
        return ()
    if total:
        legs.append(Posting(issuing_account(book), POINTS, -total))
    return tuple(legs)


def check_balanced(postings: tuple[Posting, ...]) -> None:
    """Raise InvariantBroken unless the postings sum to zero for each asset."""
    for asset in {leg.asset for leg in postings}:
        if total := sum([leg.amount for leg in postings if leg.asset == asset]):
            raise InvariantBroken(f"postings do not sum to zero: {total} {asset} too much")
