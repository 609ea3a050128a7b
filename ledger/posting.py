"""Double entry: whatever has a value moves between named accounts (glossary: account, posting, asset).

An account is a name such as ``points:sx-2019:p-000123``; it holds one asset. A posting is one signed leg. The
postings of an event sum to zero for each asset, so the whole book does. Amounts are integers: points, or fen.
"""

from collections.abc import Iterable

import msgspec

POINTS = "points"
MONEY = "CNY-fen"


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


def spent_account(book: str) -> str:
    """The account that points go to when something is paid with them."""
    return f"spent:{book}"


def wallet_account(participant: str) -> str:
    """The account of a member's wallet: points that belong to no one campaign."""
    return f"points:member:{participant}"


def expired_account() -> str:
    """The account that points of wallets go to when they were not spent in time."""
    return "expired:member"


def joining_account(book: str) -> str:
    """The account over which goes what a participant had who turns out to be another."""
    return f"joining:{book}"


def lapsed_account(book: str) -> str:
    """The account of voucher codes that were handed out and not used in time."""
    return f"lapsed:{book}"


def prize_account(asset: str, book: str, participant: str) -> str:
    """The account that holds what a participant has won and not yet been sent: money in fen, or prizes by their id."""
    return f"{'money' if asset == MONEY else 'prizes'}:{book}:{participant}"


def pool_account(book: str, pool: str) -> str:
    """The account that a pool's prizes come from; its balance is minus all that has left it."""
    return f"pool:{book}:{pool}"


def transit_account(book: str) -> str:
    """The account of what was issued and has neither arrived nor come back."""
    return f"transit:{book}"


def delivered_account(book: str) -> str:
    """The account of what has arrived."""
    return f"delivered:{book}"


def fund_account(book: str, fund: str) -> str:
    """The account of what a fund holds; never below zero."""
    return f"fund:{book}:{fund}"


def sponsor_account(book: str) -> str:
    """The account that donations come from; its balance is minus all that was donated."""
    return f"sponsor:{book}"


def deposits_account(book: str) -> str:
    """The account that other money of funds comes from; its balance is minus all that was paid in."""
    return f"deposits:{book}"


def project_account(book: str, fund: str, project: str) -> str:
    """The account of what a project got."""
    return f"project:{book}:{fund}:{project}"


def granted_account(book: str) -> str:
    """The account between a fund and a member who gets a grant; empty again at once."""
    return f"granted:{book}"


def grants_account(book: str, participant: str) -> str:
    """The account of the grants that a member got."""
    return f"grants:{book}:{participant}"


def move(
    asset: str, amount: int, giver: tuple[str, int | None], taker: tuple[str, int | None], clause: str
) -> tuple[Posting, Posting]:
    """Two legs that move an amount. giver, taker: an account, and its balance before if the event is in its stream."""
    return (
        Posting(giver[0], asset, -amount, clause, None if giver[1] is None else giver[1] - amount),
        Posting(taker[0], asset, amount, clause, None if taker[1] is None else taker[1] + amount),
    )


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
