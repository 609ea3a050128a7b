"""Read a CSV of daily step counts, as trackers and spreadsheets really write them.

Pure: lines of text in, rows and reasons out. Nothing is guessed and nothing is lost in silence: every line
that holds something becomes a `Row` or a `Rejected` with its line number. A date such as 4/12/2016 is read by
evidence from the whole file (`survey`), never by habit. Each physical line stands alone, so one stray quote
cannot swallow the rest. The text streams; only the last count of each person's day is kept, to see repeats.
"""

import codecs
import csv
import datetime as dt
import difflib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal

import msgspec

from api.cli.steps_fields import DateFormat, Unfit, one_day, person_id, readings, step_count

Encoding = Literal["utf-8-sig", "utf-16", "gb18030"]

_RAW_SHOWN = 80


class Columns(msgspec.Struct, frozen=True):
    """Which of the CSV's columns holds the person, the day and the step count."""

    person: str = "person"
    day: str = "day"
    steps: str = "steps"

    @classmethod
    def parse(cls, text: str) -> "Columns":
        """Read `person=Id,day=ActivityDate,steps=TotalSteps`; a part left out keeps its own name.

        Raises ValueError with a sentence when a part is not one of the three or names no column.
        """
        named: dict[str, str] = {}
        for part in text.split(","):
            ours, _, theirs = (piece.strip() for piece in part.partition("="))
            if ours not in cls.__struct_fields__ or not theirs:
                raise ValueError(
                    f"{part.strip()!r} is not person=…, day=… or steps=… with the name of a column."
                )
            named[ours] = theirs
        return cls(**named)


class Row(msgspec.Struct, frozen=True):
    """One count of a person's day, fit to be sent.

    line: its line in the file, counted from 1. day: shifted, if a shift was asked for.
    occurrence: 1 for the first count of the person's day, 2 for the next that differs, and so on.
    follows: the line of the count that it supersedes; None for the first.
    """

    line: int
    person: str
    day: dt.date
    steps: int
    occurrence: int
    follows: int | None


class Rejected(msgspec.Struct, frozen=True):
    """A line that was not taken. raw: its text, cut short; code: stable; says: what is wrong, what to do."""

    line: int
    raw: str
    code: str
    says: str


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


class Survey(msgspec.Struct, frozen=True):
    """What a first pass over the file found.

    readable: lines whose person, day and count are all good. first_day: the earliest of their days.
    date_format: the order of days such as 4/12/2016; None when nothing decides it or no line needs it.
    undecided: the first line that can be read two ways although nothing decides which.
    notices: sentences for whoever imports.
    """

    readable: int
    first_day: dt.date | None
    date_format: DateFormat | None
    undecided: int | None
    notices: tuple[str, ...]


def judge_encoding(chunks: Iterable[bytes]) -> tuple[Encoding, str | None]:
    """The encoding of a file's bytes, and a notice unless it is UTF-8. Raises UnreadableFile if none fits."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")}
    for number, chunk in enumerate(chain(chunks, [b""])):
        if number == 0 and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", "The file is UTF-16 (a spreadsheet's “Unicode text”) and is read as that."
        for name in tuple(decoders):
            try:
                decoders[name].decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                del decoders[name]
    if "utf-8-sig" in decoders:
        return "utf-8-sig", None
    if "gb18030" in decoders:
        return "gb18030", "The file is not UTF-8; it is read as GB 18030, the encoding of Chinese Windows."
    raise UnreadableFile("The file is neither UTF-8, UTF-16 nor GB 18030 text; save it as CSV in UTF-8.")


def survey(lines: Iterable[str], mapping: Columns, *, date_format: DateFormat | None = None) -> Survey:
    """Read the file once to learn how its dates are meant and which day is the earliest.

    date_format: what the person said; it goes before any evidence. Raises UnreadableFile, as read_steps does.
    """
    proof: dict[DateFormat, int] = {}
    earliest: dict[DateFormat, dt.date] = {}
    either: int | None = None
    readable = 0
    for fields in _fields(lines, mapping):
        if isinstance(fields, Rejected):
            continue
        try:
            person_id(fields.person)
            step_count(fields.steps)
            possible = readings(fields.day)
        except Unfit:
            continue
        readable += 1
        if len(possible) == 1:
            proof.setdefault(next(iter(possible)), fields.line)
        elif either is None and len(set(possible.values())) == 2:
            either = fields.line
        for order, day in possible.items():
            earliest[order] = min(day, earliest.get(order, day))
    judged = date_format or (next(iter(proof)) if len(proof) == 1 else None)
    notices = []
    if judged and not date_format:
        notices.append(f"Dates are read {judged}: line {proof[judged]} can be read in no other way.")
    if judged is None and either is not None:
        why = "no line of the file shows" if not proof else "the lines of the file contradict each other on"
        notices.append(
            f"Line {either} has a date that can be read in two ways, and {why} which is meant: "
            "say --date-format day-first or --date-format month-first."
        )
    first = earliest.get(judged) if judged else min(earliest.values(), default=None)
    return Survey(readable, first, judged, either if judged is None else None, tuple(notices))


def read_steps(
    lines: Iterable[str],
    mapping: Columns,
    *,
    shift_days: int = 0,
    date_format: DateFormat | None = None,
    prefix: str = "",
) -> Iterator[Row | Rejected]:
    """Read every line that holds something, in file order.

    shift_days: added to every day. prefix: put before every person's id. date_format: the survey's; without
    it a date with two readings is rejected. A person's day that comes again with the same count is a
    duplicate; with another count it is a later sync of that day, and the last stands, as it does for a phone
    (SX-05, JS-03). Raises UnreadableFile when there is no header or it lacks a column of the mapping.
    """
    shift = dt.timedelta(days=shift_days)
    known: dict[tuple[str, dt.date], Row] = {}
    for fields in _fields(lines, mapping):
        if isinstance(fields, Rejected):
            yield fields
            continue
        try:
            person = person_id(fields.person, prefix)
            day = _shifted(one_day(readings(fields.day), date_format), shift)
            steps = step_count(fields.steps)
        except Unfit as unfit:
            yield Rejected(fields.line, fields.raw, unfit.code, str(unfit))
            continue
        before = known.get((person, day))
        if before and before.steps == steps:
            says = f"The same day with the same count as line {before.line}; nothing is lost without it."
            yield Rejected(fields.line, fields.raw, "duplicate_day", says)
            continue
        occurrence, follows = (before.occurrence + 1, before.line) if before else (1, None)
        row = Row(fields.line, person, day, steps, occurrence, follows)
        known[person, day] = row
        yield row


class _Fields(msgspec.Struct, frozen=True):
    """The three fields of a line as text."""

    line: int
    raw: str
    person: str
    day: str
    steps: str


def _fields(lines: Iterable[str], mapping: Columns) -> Iterator[_Fields | Rejected]:
    """Cut lines into the mapped fields. The first line that is not blank is the header."""
    numbered = (
        (number, line.rstrip("\r\n"))
        for number, line in enumerate(lines, start=1)
        if line.strip("\ufeff \t\r\n")
    )
    header, delimiter = _header(next(numbered, (1, ""))[1], mapping)
    person, day, steps = (header.index(name) for name in (mapping.person, mapping.day, mapping.steps))
    for number, line in numbered:
        raw = line if len(line) <= _RAW_SHOWN else line[: _RAW_SHOWN - 1] + "…"
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True))]
        except csv.Error:
            yield Rejected(
                number,
                raw,
                "stray_quote",
                "A quotation mark has no partner or stands inside a value; correct it.",
            )
            continue
        if not any(cells):
            continue
        if len(cells) <= max(person, day, steps):
            says = f"Only {len(cells)} of {len(header)} columns; complete the line, or remove it."
            yield Rejected(number, raw, "missing_column", says)
        elif any(cells[len(header) :]):
            says = f"More than {len(header)} columns; put a number that has a comma into quotation marks."
            yield Rejected(number, raw, "extra_column", says)
        else:
            yield _Fields(number, raw, cells[person], cells[day], cells[steps])


def _header(line: str, mapping: Columns) -> tuple[list[str], str]:
    """The names of the columns and the delimiter that gives all the mapped ones."""
    wanted = (mapping.person, mapping.day, mapping.steps)
    tries = {
        delimiter: [cell.strip("\ufeff \t") for cell in next(csv.reader([line], delimiter=delimiter), [])]
        for delimiter in ",;\t"
    }
    for delimiter, names in tries.items():
        if set(wanted) <= set(names):
            return names, delimiter
    names = max(tries.values(), key=len)
    if not any(names):
        raise UnreadableFile("The file is empty; its first line must name the columns.")
    missing = [name for name in wanted if name not in names]
    hints = {name: difflib.get_close_matches(name, names, n=1, cutoff=0.5) for name in missing}
    lacking = ", ".join(f"{name} (did you mean {hint[0]}?)" if hint else name for name, hint in hints.items())
    raise UnreadableFile(
        f"The header has no column {lacking}. It has: {', '.join(names)[:300]}. Name them with --map."
    )


def _shifted(day: dt.date, shift: dt.timedelta) -> dt.date:
    try:
        return day + shift
    except OverflowError:
        raise Unfit(
            "impossible_date", f"{day} moved by {shift.days} days is in no calendar; shift less."
        ) from None
