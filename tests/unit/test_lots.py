"""Points in lots: whatever comes in, is spent, taken back or expires, the lots add up to the balance."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import lots
from ledger.lots import Moved, Spend
from ledger.member import Member
from ledger.member_events import Lot, PointsExpired, PointsMoved
from ledger.rulebook_programmes import Wallet

SHANGHAI = ZoneInfo("Asia/Shanghai")
T0 = datetime(2020, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SAID: dict[str, Any] = {
    "source": "s",
    "id": "i",
    "campaign": "zg",
    "stream": "p@zg",
    "version": 1,
    "cause": "x",
}


def at(day: float) -> datetime:
    """A moment so many days after the first of March."""
    return T0 + day * DAY


def lot(points: int, begins: float, expires: float | None = None) -> Lot:
    return Lot(points, at(begins), None if expires is None else at(expires))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def moved(member: Member, by: Moved, now: datetime) -> Member:
    event = PointsMoved(occurred_at=now, recorded_at=now, lots=by.lots, debt=by.debt, **SAID)
    return lots.evolve_lots(member, event)


def wallet(**terms: Any) -> Wallet:
    return Wallet(clause="ZG-08", **terms)


@pytest.mark.rule("ZG-08")
@pytest.mark.parametrize(
    ("terms", "begins", "expires"),
    [
        ({}, "2020-03-15", None),
        ({"begins": "next_day"}, "2020-03-16", None),
        ({"lasts": "1d", "until_end_of": "day"}, "2020-03-15", "2020-03-17"),
        ({"lasts": "36h", "until_end_of": "day"}, "2020-03-15", "2020-03-18"),
        ({"lasts": "365d"}, "2020-03-15", "2021-04-01"),
        ({"lasts": "16d"}, "2020-03-15", "2020-04-01"),
        ({"lasts": "17d"}, "2020-03-15", "2020-05-01"),
        ({"lasts": "365d", "until_end_of": "year"}, "2020-03-15", "2022-01-01"),
        ({"lasts": "291d", "until_end_of": "year", "begins": "next_day"}, "2020-03-16", "2021-01-01"),
    ],
)
def test_points_begin_and_expire_as_the_rulebook_says(
    terms: dict[str, Any], begins: str, expires: str | None
) -> None:
    told = lots.terms(wallet(**terms), SHANGHAI, date(2020, 3, 15))
    assert told == (local(begins), local(expires) if expires else None)


def test_a_lot_can_be_spent_from_its_beginning_until_it_expires() -> None:
    one = lot(5, 1, 3)
    usable = [lots.is_usable(one, at(day)) for day in (0, 0.999, 1, 2, 2.999, 3, 4)]
    assert usable == [False, False, True, True, True, False, False]


@pytest.mark.parametrize(
    ("spend", "expected"),
    [("expiring_first", (lot(2, 1, 5), lot(3, 0, 9))), ("earned_first", (lot(4, 0, 9), lot(1, 1, 5)))],
)
@pytest.mark.rule("ZG-08")
def test_a_payment_takes_from_the_lots_in_the_stated_order(spend: Spend, expected: tuple[Lot, ...]) -> None:
    have = (lot(4, 0, 9), lot(2, 1, 5), lot(7, 1.5), lot(9, 4, 4.5), lot(9, 0, 1.5))
    assert lots.spent(have, 5, spend, at(2)) == expected


def test_points_that_expire_together_and_have_begun_become_one_lot() -> None:
    member = moved(Member(), lots.credited((), 0, [lot(5, 1, 9)], at(0)), at(0))
    member = moved(member, lots.credited(member.lots, 0, [lot(3, 2, 9)], at(0)), at(0))
    assert member.lots == (lot(5, 1, 9), lot(3, 2, 9))
    member = moved(member, lots.credited(member.lots, 0, [lot(1, 3, 9)], at(3)), at(3))
    assert member.lots == (lot(9, 1, 9),)


def test_what_comes_in_pays_the_debt_first() -> None:
    assert lots.credited((), 7, [lot(5, 0, 9)], at(1)) == Moved((), -5)
    assert lots.credited((), 2, [lot(5, 0, 9)], at(1)) == Moved((lot(3, 0, 9),), -2)


@pytest.mark.rule("GX-03", "ZG-08")
def test_what_is_taken_back_comes_from_its_own_lot_then_the_others_then_debt() -> None:
    have = (lot(4, 0, 5), lot(3, 0, 9), lot(2, 8, 20), lot(6, 0, 1))
    own = [(at(0), at(9))]
    assert lots.taken_back(have, 2, own, "expiring_first", at(2)) == Moved((lot(-2, 0, 9),))
    assert lots.taken_back(have, 5, own, "expiring_first", at(2)) == Moved((lot(-2, 0, 5), lot(-3, 0, 9)))
    everything = lots.taken_back(have, 11, own, "expiring_first", at(2))
    assert (sum(each.points for each in everything.lots), everything.debt) == (-9, 2)
    assert lot(-2, 8, 20) in everything.lots, "what has not begun pays before there is debt"
    assert all(each.expires != at(1) for each in everything.lots), "what has expired is gone already"


def test_a_lot_that_was_made_part_of_another_is_found_there() -> None:
    have = (lot(9, 0, 9),)
    assert lots.taken_back(have, 2, [(at(1), at(9))], "expiring_first", at(2)) == Moved((lot(-2, 0, 9),))


def test_what_really_moved_is_told_apart_from_lots_that_were_made_one() -> None:
    assert lots.net((lot(-5, 2, 9), lot(8, 1, 9), lot(-1, 0, 5))) == (lot(3, 1, 9), lot(-1, 0, 5))


def test_the_price_of_several_is_split_among_them() -> None:
    assert lots.split((lot(5, 0, 3), lot(4, 0, 9)), 3) == [
        (lot(3, 0, 3),),
        (lot(2, 0, 3), lot(1, 0, 9)),
        (lot(3, 0, 9),),
    ]


def test_what_expires_next_lists_all_lots_that_will() -> None:
    have = (lot(1, 0), lot(2, 0, 9), lot(3, 4, 5), lot(4, 0, 1))
    assert lots.expires_next(have, at(2)) == (lot(3, 4, 5), lot(2, 0, 9))
    assert lots.expired(have, at(2)) == (lot(4, 0, 1),)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("credit", "credit", "spend", "take_back", "expire", "refund")),
        st.integers(1, 30),
        st.integers(0, 3),
        st.floats(0, 3),
    ),
    max_size=40,
)
TERMS = (
    wallet(lasts="3d", until_end_of="day"),
    wallet(begins="next_day", lasts="6d", until_end_of="day", spend="earned_first"),
    wallet(begins="next_day", lasts="20d"),
    wallet(),
)


@pytest.mark.rule("ZG-08", "GX-02")
@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_whatever_happens_the_lots_are_the_balance_and_nothing_is_spent_that_cannot_be(
    steps: list[tuple[str, int, int, float]],
) -> None:
    """Any order of events, of campaigns with other terms each, against a plain sum."""
    member, now, balance = Member(), at(0), 0
    last: tuple[Lot, ...] = ()
    for what, most, which, later in steps:
        points = most
        now += timedelta(days=round(later, 3))
        terms, before = TERMS[which], member
        match what:
            case "credit":
                coming = Lot(points, *lots.terms(terms, SHANGHAI, now.astimezone(SHANGHAI).date()))
                member, balance = (
                    moved(member, lots.credited(member.lots, member.debt, [coming], now), now),
                    balance + points,
                )
                assert before.debt - member.debt == min(before.debt, points), "the debt is paid first"
            case "spend":
                spendable = lots.spendable(member.lots, member.debt, now)
                assert spendable == sum(
                    each.points
                    for each in member.lots
                    if each.begins <= now and (each.expires is None or each.expires > now)
                )
                points = min(points, spendable)
                last = lots.spent(member.lots, points, terms.spend, now)
                assert sum(each.points for each in last) == points
                _check_order(before.lots, last, terms.spend, now)
                member, balance = moved(member, lots.paid(member.lots, last, now), now), balance - points
            case "refund":
                coming_back, last = last, ()
                back = sum(each.points for each in coming_back)
                member = moved(member, lots.credited(member.lots, member.debt, coming_back, now), now)
                balance += back
            case "take_back":
                of = lots.terms(terms, SHANGHAI, now.astimezone(SHANGHAI).date())
                by = lots.taken_back(member.lots, points, [of], terms.spend, now)
                member, balance = moved(member, by, now), balance - points
            case _:
                gone = lots.expired(member.lots, now)
                event = PointsExpired(occurred_at=now, recorded_at=now, source="s", id="i", lots=gone)
                member = lots.evolve_lots(member, event)
                balance -= sum(each.points for each in gone)
                assert not lots.expired(member.lots, now)
        assert member.balance == balance
        assert all(each.points > 0 for each in member.lots)
        assert member.debt >= 0
        if member.debt:
            assert all(lots.is_over(each, now) for each in member.lots)
        begun = [each.expires for each in member.lots if each.begins <= now]
        if what != "expire" and member.lots != before.lots:
            assert len(begun) == len(set(begun)), "what has begun and expires together is one lot"
        assert msgspec.json.decode(msgspec.json.encode(member), type=Member) == member


def _check_order(have: tuple[Lot, ...], taken: tuple[Lot, ...], spend: Spend, now: datetime) -> None:
    """What was left alone comes after what was taken from."""
    took = {(each.begins, each.expires): each.points for each in taken}

    def turn(each: Lot) -> tuple[datetime, datetime]:
        expires = each.expires or datetime.max.replace(tzinfo=UTC)
        return (each.begins, expires) if spend == "earned_first" else (expires, each.begins)

    for each in have:
        left = each.points - took.get((each.begins, each.expires), 0)
        if left and lots.is_usable(each, now):
            assert all(turn(other) <= turn(each) for other in taken)
