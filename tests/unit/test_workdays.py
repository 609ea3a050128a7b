"""Working days: weekends and holidays off, the days worked in exchange on, deadlines counted over them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.workdays import is_working_day, known_years, working_days_after

DAYS = st.dates(date(2017, 12, 1), date(2024, 2, 1))


def test_the_years_of_the_campaigns_are_known() -> None:
    assert known_years() == (2018, 2019, 2020, 2023)


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2019, 9, 27), True),  # a Friday
        (date(2019, 9, 28), False),  # a Saturday
        (date(2019, 9, 29), True),  # a Sunday, worked for the National Day week
        (date(2019, 9, 30), True),
        (date(2019, 10, 1), False),
        (date(2019, 10, 4), False),  # a Friday of the week off
        (date(2019, 10, 7), False),  # its Monday, the last day off
        (date(2019, 10, 8), True),
        (date(2019, 10, 12), True),  # a Saturday, worked for it
        (date(2019, 10, 13), False),
        (date(2018, 12, 29), True),  # a Saturday of 2018, worked for the New Year of 2019
        (date(2018, 12, 31), False),  # a Monday of 2018, off for it
        (date(2020, 1, 31), False),  # a Friday: the Spring Festival was prolonged at short notice
        (date(2023, 10, 8), True),  # a Sunday
    ],
)
def test_a_day_is_worked_or_off(day: date, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("day", "works"), [(date(2021, 10, 1), True), (date(2021, 10, 2), False), (date(2022, 12, 30), True)]
)
def test_of_a_year_that_is_not_known_only_the_weekends_are(day: date, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        (date(2019, 9, 30), 1, date(2019, 10, 8)),  # over the whole week off
        (date(2019, 10, 3), 1, date(2019, 10, 8)),  # from within it
        (date(2019, 9, 27), 2, date(2019, 9, 30)),  # Sunday 29 and Monday 30
        (date(2019, 10, 11), 1, date(2019, 10, 12)),  # the Saturday worked
        (date(2019, 10, 8), 15, date(2019, 10, 28)),  # 9-12, 14-18, 21-25, 28
        (date(2019, 9, 20), 15, date(2019, 10, 16)),  # 23-27, 29, 30; 8-12, 14-16 October
    ],
)
def test_a_deadline_is_counted_over_working_days(day: date, count: int, last: date) -> None:
    assert working_days_after(day, count) == last


@pytest.mark.rule("SX-25")
@given(DAYS, st.integers(1, 60))
def test_a_deadline_has_so_many_working_days_before_and_on_it(day: date, count: int) -> None:
    last = working_days_after(day, count)
    assert is_working_day(last)
    between = [day + timedelta(days) for days in range(1, (last - day).days + 1)]
    assert sum(map(is_working_day, between)) == count


@given(DAYS)
def test_a_later_count_is_a_later_day(day: date) -> None:
    assert all(a < b for a, b in pairwise(working_days_after(day, count) for count in range(1, 20)))


@pytest.mark.parametrize("count", [0, -1])
def test_the_count_begins_at_one(count: int) -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        working_days_after(date(2019, 10, 8), count)
