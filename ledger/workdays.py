"""Working days (工作日) in China: weekends and public holidays off, the weekend days worked in exchange on.

The holidays are package data under ``ledger/holidays``, one file a year; of a year without a file only the weekends
are known. Source: SX-25.
"""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import msgspec

SATURDAY = 5
DAY = timedelta(days=1)


class _Day(msgspec.Struct, frozen=True, rename="camel"):
    date: date
    is_off_day: bool


class _Year(msgspec.Struct, frozen=True):
    year: int
    days: tuple[_Day, ...]


@cache
def _years() -> tuple[_Year, ...]:
    texts = (
        each.read_bytes() for each in (files("ledger") / "holidays").iterdir() if each.name.endswith(".json")
    )
    return tuple(
        sorted((msgspec.json.decode(text, type=_Year) for text in texts), key=lambda each: each.year)
    )


@cache
def _exceptions() -> dict[date, bool]:
    """Whether a day is off, for the days that are named; a file can name days of the December before its year."""
    return {day.date: day.is_off_day for year in _years() for day in year.days}


def known_years() -> tuple[int, ...]:
    """The years whose holidays are known, ascending."""
    return tuple(each.year for each in _years())


def is_working_day(day: date) -> bool:
    """Whether people work on a day. In a year that is not known: from Monday to Friday."""
    off = _exceptions().get(day)
    return day.weekday() < SATURDAY if off is None else not off


def working_days_after(day: date, count: int) -> date:
    """The count-th working day after a day, the day itself not counted: the last day of a deadline.

    Raises ValueError for a count under 1. Source: SX-25.
    """
    if count < 1:
        raise ValueError(f"working days are counted from 1, not {count}")
    while count:
        day += DAY
        count -= is_working_day(day)
    return day
