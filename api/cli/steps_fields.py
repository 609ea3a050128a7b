"""One field of a step file: a person's id, a day, a count. Pure; what does not fit says what to do."""

import datetime as dt
import re
from typing import Literal

DateFormat = Literal["day-first", "month-first"]

_PERSON = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE | re.ASCII)
_COUNT = re.compile(r"(?P<whole>\d+|\d{1,3}(?:,\d{3})+)(?:\.0{1,2})?", re.ASCII)
_NUMBER = re.compile(r"-?[\d,]*\.?\d+", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_MIDNIGHT = re.compile(
    r"(?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)?\s*AM)(?:Z|[+-]\d\d:?\d\d)?", re.IGNORECASE | re.ASCII
)


class Unfit(ValueError):
    """A field that cannot be used: a stable code, and a sentence that says what to do."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


def person_id(text: str, prefix: str = "") -> str:
    """The participant's id: prefix + text, 1 to 64 characters of A–Z a–z 0–9 . _ : - as an event's subject.

    Codes: missing_person, damaged_person, bad_person.
    """
    if not text:
        raise Unfit("missing_person", "No person on this line; fill the id in, or remove the line.")
    if _SCIENTIFIC.fullmatch(text):
        raise Unfit(
            "damaged_person",
            f"{text} is an id that a spreadsheet has rounded; export the column again as text.",
        )
    person = prefix + text
    if not _PERSON.fullmatch(person):
        raise Unfit(
            "bad_person",
            f"{_short(person)!r} cannot be a participant's id: 1 to 64 of A–Z a–z 0–9 . _ : - are allowed.",
        )
    return person


def step_count(text: str) -> int:
    """A count of 0 or more. 11,875 and 11875.0 are whole numbers too; 1.234 is not taken for a thousand.

    Codes: missing_steps, negative_steps, fractional_steps, not_a_count.
    """
    if not text:
        raise Unfit("missing_steps", "No count on this line; a day that was not counted is best left out.")
    if found := _COUNT.fullmatch(text):
        return int(found["whole"].replace(",", ""))
    if not _NUMBER.fullmatch(text):
        raise Unfit("not_a_count", f"{_short(text)!r} is not a number; write the day's steps in digits.")
    if text.startswith("-"):
        raise Unfit("negative_steps", f"{_short(text)} is below 0; a day has 0 steps or more.")
    raise Unfit(
        "fractional_steps", f"{_short(text)} is not a whole number; write the day's steps without a point."
    )


def readings(text: str) -> dict[DateFormat, dt.date]:
    """The days that a date can mean, by the order in which it is read; the same twice if the year is first.

    Such as 2016-03-25, 2016/3/25, 20160325, 2016年3月25日, 25/3/2016, 3.25.2016, 4-12-2016 and midnight.
    Codes: missing_day, unknown_date, impossible_date, time_of_day.
    """
    if not text:
        raise Unfit("missing_day", "No day on this line; fill it in as 2016-03-25, or remove the line.")
    date, time = _split(text)
    if found := _YEAR_FIRST.fullmatch(date) or _COMPACT.fullmatch(date):
        numbers = [int(group) for group in found.groups() if group and group.isdigit()]
        day_first = month_first = _date(*numbers)
    elif found := _YEAR_LAST.fullmatch(date):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        day_first, month_first = _date(year, second, first), _date(year, first, second)
    else:
        raise Unfit(
            "unknown_date", f"{_short(text)!r} is not a date that is known here; write it as 2016-03-25."
        )
    if time and not _MIDNIGHT.fullmatch(time):
        raise Unfit(
            "time_of_day",
            f"{_short(text)!r} is a moment, not a day; add the counts up to one total a day first.",
        )
    possible: dict[DateFormat, dt.date] = {}
    if day_first:
        possible["day-first"] = day_first
    if month_first:
        possible["month-first"] = month_first
    if not possible:
        raise Unfit("impossible_date", f"There is no {_short(date)} in the calendar; correct the date.")
    return possible


def one_day(possible: dict[DateFormat, dt.date], date_format: DateFormat | None) -> dt.date:
    """The day among its possible readings. Codes: ambiguous_date, impossible_date."""
    if date_format is None:
        if len(set(possible.values())) > 1:
            either = " or ".join(day.isoformat() for day in possible.values())
            raise Unfit(
                "ambiguous_date", f"This can be {either}; say --date-format day-first or month-first."
            )
        return next(iter(possible.values()))
    if date_format not in possible:
        only = next(iter(possible.values())).isoformat()
        raise Unfit(
            "impossible_date", f"This is no {date_format} date (it could only be {only}); correct it."
        )
    return possible[date_format]


def _split(text: str) -> tuple[str, str]:
    """The date and what follows it after a T or a space."""
    date, *time = re.split(r"[T\s]\s*", text, maxsplit=1)
    return date, time[0] if time else ""


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _short(text: str) -> str:
    return text if len(text) <= 32 else text[:31] + "…"
