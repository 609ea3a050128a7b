"""Double entry: legs that sum to zero, running balances, a clause on each."""

from collections import Counter

import pytest

from ledger.events import StepsSynced
from ledger.posting import InvariantBroken, Posting, check_balanced, credit_points
from tests.given import Story


def lively() -> Story:
    """A participant who earns by every rule there is, loses some, and is corrected."""
    story = Story().enrol(at="06-18 08:00").signs_in("06-20 08:00").syncs(9_000, "06-20 21:00")
    for day in range(1, 8):
        story.signs_in(f"07-{day:02} 08:00").syncs(10_000, f"07-{day:02} 21:00")
    story.syncs(4_000, "07-07 22:00").answers("cp-01", "A", "07-07 22:30").reflects(1, "07-07 22:31")
    return story.corrects(story.position, "07-08 09:00")


@pytest.mark.rule("SX-12")
def test_points_come_from_the_issuing_account() -> None:
    legs = credit_points("sx-2019", "p-1", 10, [(4, "SX-12"), (1, "SX-13")])
    assert legs == (
        Posting("points:sx-2019:p-1", "points", 4, "SX-12", 14),
        Posting("points:sx-2019:p-1", "points", 1, "SX-13", 15),
        Posting("issued:sx-2019", "points", -5),
    )


def test_nothing_moves_for_amounts_of_zero() -> None:
    assert credit_points("sx-2019", "p-1", 10, []) == ()
    assert credit_points("sx-2019", "p-1", 10, [(0, "SX-12"), (0, "SX-13")]) == ()


def test_amounts_that_cancel_each_other_need_no_other_side() -> None:
    legs = credit_points("sx-2019", "p-1", 10, [(3, "SX-12"), (-3, "SX-13")])
    assert [(leg.account, leg.amount, leg.balance_after) for leg in legs] == [
        ("points:sx-2019:p-1", 3, 13),
        ("points:sx-2019:p-1", -3, 10),
    ]
    check_balanced(legs)


@pytest.mark.parametrize(
    "legs",
    [
        (Posting("a", "points", 1),),
        (Posting("a", "points", 1), Posting("b", "CNY-fen", -1)),
        (Posting("a", "points", 1), Posting("b", "points", -2)),
    ],
)
def test_legs_that_do_not_sum_to_zero_for_each_asset_are_our_own_mistake(legs: tuple[Posting, ...]) -> None:
    with pytest.raises(InvariantBroken):
        check_balanced(legs)


def test_legs_that_sum_to_zero_for_each_asset_pass() -> None:
    check_balanced(())
    check_balanced((Posting("a", "points", 1), Posting("b", "points", -1), Posting("a", "fen", 0)))


@pytest.mark.rule("GX-06")
def test_the_whole_book_sums_to_zero_and_ends_at_the_balance() -> None:
    story = lively()
    books: Counter[str] = Counter()
    for entry in story.log:
        for leg in entry.event.postings:
            books[leg.account] += leg.amount
    assert sum(books.values()) == 0
    assert books["points:sx-2019:p-1"] == story.enrolment().play.balance == 7 + 6 * 6 + 2
    assert books["points:sx-2019.trial:p-1"] == -books["issued:sx-2019.trial"] == 1 + 4 + 1


@pytest.mark.rule("GX-06")
def test_every_movement_of_a_participants_points_names_its_clause_and_the_balance_after_it() -> None:
    balances: Counter[str] = Counter()
    clauses = set()
    for entry in lively().log:
        for leg in entry.event.postings:
            if leg.account.startswith("points:"):
                balances[leg.account] += leg.amount
                assert leg.balance_after == balances[leg.account]
                assert leg.amount != 0
                clauses.add(leg.clause)
            else:
                assert leg.balance_after is None
    assert clauses == {"SX-11", "SX-12", "SX-13", "SX-15"}


@pytest.mark.rule("GX-06")
def test_every_posting_stands_in_an_event_that_names_its_request_and_rules() -> None:
    for entry in lively().log:
        assert entry.event.source
        assert entry.event.id
        assert entry.event.rules == 1
        assert entry.event.recorded_at >= entry.event.occurred_at


@pytest.mark.rule("GX-06", "SX-05")
def test_a_sync_that_changes_nothing_moves_nothing() -> None:
    story = Story().enrol(at="06-30 08:00").syncs(8_000, "07-01 21:00").syncs(9_000, "07-01 22:00")
    (event,) = story.answer
    assert isinstance(event, StepsSynced)
    assert event.postings == ()
    story.expect(total=9_000, balance=5)
