"""The reader of step files takes what is clear, and says of every other line what is wrong with it."""

import csv
import datetime as dt
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.steps_csv import (
    Columns,
    Rejected,
    Row,
    UnreadableFile,
    judge_encoding,
    read_steps,
    survey,
)
from api.cli.steps_fields import Unfit, one_day, person_id, readings, step_count

FITBIT = Columns(person="Id", day="ActivityDate", steps="TotalSteps")
DIRTY = Path(__file__).parents[1] / "data" / "steps_dirty.csv"
SAMPLE = files("api") / "samples" / "fitabase_2016" / "daily_steps.csv"

people = st.from_regex(r"[A-Za-z0-9._:-]{1,12}", fullmatch=True).filter(lambda text: "E" not in text.upper())
days = st.dates(dt.date(2016, 1, 1), dt.date(2030, 12, 31))
counts = st.integers(0, 60_000)


def dirty() -> list[str]:
    return DIRTY.read_text("utf-8-sig").splitlines()


def rejected(items: Iterable[Row | Rejected]) -> dict[int, str]:
    return {item.line: item.code for item in items if isinstance(item, Rejected)}


def taken(items: Iterable[Row | Rejected]) -> list[tuple[int, str, str, int]]:
    return [(one.line, one.person, str(one.day), one.steps) for one in items if isinstance(one, Row)]


def test_every_kind_of_dirt_has_its_code_and_line() -> None:
    order = survey(dirty(), FITBIT).date_format
    assert rejected(read_steps(dirty(), FITBIT, date_format=order)) == {
        5: "duplicate_day",
        10: "negative_steps",
        11: "not_a_count",
        12: "fractional_steps",
        14: "missing_column",
        16: "extra_column",
        17: "impossible_date",
        18: "time_of_day",
        19: "missing_steps",
        20: "damaged_person",
        21: "missing_person",
        25: "impossible_date",
        27: "stray_quote",
        30: "missing_day",
        31: "missing_column",
    }


def test_what_is_clear_in_a_dirty_file_is_taken() -> None:
    order = survey(dirty(), FITBIT).date_format
    assert taken(read_steps(dirty(), FITBIT, date_format=order)) == [
        (2, "1624580081", "2016-03-25", 1810),
        (3, "1624580081", "2016-03-26", 815),
        (6, "1624580081", "2016-04-12", 6627),
        (7, "1624580081", "2016-04-12", 8163),
        (8, "1624580081", "2016-04-13", 7007),
        (9, "2022484408", "2016-04-12", 11875),
        (13, "2022484408", "2016-04-16", 10100),
        (15, "2022484408", "2016-04-18", 14131),
        (22, "8053475328", "2016-04-12", 290),
        (23, "8053475328", "2016-04-12", 18060),
        (24, "8053475328", "2016-04-13", 16433),
        (26, "4020332650", "2016-05-08", 5862),
    ]


@pytest.mark.rule("SX-05", "JS-03")
def test_another_count_of_a_day_is_a_later_sync_and_follows_the_line_before() -> None:
    order = survey(dirty(), FITBIT).date_format
    later = [
        row for row in read_steps(dirty(), FITBIT, date_format=order) if isinstance(row, Row) and row.follows
    ]
    assert [(row.line, row.follows, row.occurrence) for row in later] == [(7, 6, 2), (23, 22, 2)]


def test_a_count_that_comes_back_after_another_is_not_a_duplicate() -> None:
    lines = ["person,day,steps", "a,2016-04-12,5", "a,2016-04-12,6", "a,2016-04-12,5", "a,2016-04-12,5"]
    items = list(read_steps(lines, Columns()))
    assert [row.occurrence for row in items if isinstance(row, Row)] == [1, 2, 3]
    assert rejected(items) == {5: "duplicate_day"}


def test_the_sample_is_clean_and_is_what_its_readme_says() -> None:
    lines = SAMPLE.read_text("utf-8").splitlines()
    found = survey(lines, FITBIT)
    rows = [item for item in read_steps(lines, FITBIT) if isinstance(item, Row)]
    assert found.notices == ()
    assert len(rows) == found.readable == len(lines) - 1 == 988
    assert len({row.person for row in rows}) == 17
    assert (min(row.day for row in rows), max(row.day for row in rows)) == (
        dt.date(2016, 3, 12),
        dt.date(2016, 5, 11),
    )
    assert max(row.steps for row in rows) == 37_322
    assert sum(1 for row in rows if row.steps == 0) == 116
    assert [line["Basis"] for line in csv.DictReader(lines)].count("hours") == 305


@given(
    st.dictionaries(st.tuples(people, days), counts, min_size=1),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y"]),
    st.sampled_from([",", ";", "\t"]),
    st.integers(-400, 400),
)
def test_what_was_written_is_read_again(
    written: dict[tuple[str, dt.date], int], form: str, delimiter: str, shift: int
) -> None:
    lines = [delimiter.join(("steps", "day", "note", "person"))]
    for (person, day), steps in written.items():
        lines.append(delimiter.join((str(steps), day.strftime(form), "", person)))
    said = {"%m/%d/%Y": "month-first", "%d.%m.%Y": "day-first", "%d-%m-%Y": "day-first"}.get(form)
    order = survey(lines, Columns()).date_format
    assert order in (said, None)
    items = list(read_steps(lines, Columns(), date_format=said, shift_days=shift))  # type: ignore[arg-type]
    read = {
        (row.person, row.day - dt.timedelta(days=shift)): row.steps for row in items if isinstance(row, Row)
    }
    assert read == written


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=60)))
def test_no_line_is_lost_in_silence_and_none_stops_the_reader(rubbish: list[str]) -> None:
    lines = ["person,day,steps", *(f"x{text}" for text in rubbish)]
    assert [item.line for item in read_steps(lines, Columns())] == list(range(2, len(lines) + 1))


def test_a_stray_quote_costs_its_own_line_only() -> None:
    lines = ["person,day,steps", 'a,2016-04-12,"5', "b,2016-04-12,6"]
    items = list(read_steps(lines, Columns()))
    assert (rejected(items), len(taken(items))) == ({2: "stray_quote"}, 1)


def test_blank_lines_and_empty_columns_hold_nothing_and_are_passed_over() -> None:
    lines = ["", "person,day,steps,,", " ", "a,2016-04-12,5,,", ",,,,", "a,2016-04-13,5"]
    assert taken(read_steps(lines, Columns())) == [(4, "a", "2016-04-12", 5), (6, "a", "2016-04-13", 5)]


@pytest.mark.parametrize(
    ("dates", "order", "first_day"),
    [
        (["4/12/2016", "4/13/2016"], "month-first", "2016-04-12"),
        (["4/12/2016", "13/4/2016"], "day-first", "2016-04-13"),
        (["2016-04-12", "4/4/2016"], None, "2016-04-04"),
    ],
)
def test_the_order_of_dates_is_judged_by_the_whole_file(
    dates: list[str], order: str | None, first_day: str
) -> None:
    found = survey(["person,day,steps", *(f"a,{date},5" for date in dates)], Columns())
    assert (found.date_format, found.undecided, str(found.first_day)) == (order, None, first_day)


@pytest.mark.parametrize("dates", [["4/12/2016"], ["4/12/2016", "13/4/2016", "4/13/2016"]])
def test_what_no_line_decides_is_said_and_not_guessed(dates: list[str]) -> None:
    lines = ["person,day,steps", *(f"a,{date},5" for date in dates)]
    found = survey(lines, Columns())
    assert found.undecided == 2
    assert "--date-format" in found.notices[0]
    assert rejected(read_steps(lines, Columns()))[2] == "ambiguous_date"


def test_a_broken_line_is_no_evidence_for_the_order_of_dates() -> None:
    found = survey(["person,day,steps", "a,4/13/2016,n/a", "a,4/12/2016,5"], Columns())
    assert found.undecided == 3


def test_what_the_person_says_goes_before_the_evidence() -> None:
    lines = ["person,day,steps", "a,4/13/2016,5", "a,4/12/2016,6"]
    assert survey(lines, Columns(), date_format="day-first").date_format == "day-first"
    items = list(read_steps(lines, Columns(), date_format="day-first"))
    assert (rejected(items), taken(items)) == ({2: "impossible_date"}, [(3, "a", "2016-12-04", 6)])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing_steps"),
        ("-5", "negative_steps"),
        ("1.5", "fractional_steps"),
        ("1.234", "fractional_steps"),
        ("1,23", "fractional_steps"),
        ("many", "not_a_count"),
        ("١٢", "not_a_count"),
        ("1e3", "not_a_count"),
    ],
)
def test_a_count_that_is_not_clear_is_not_taken(text: str, code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        step_count(text)
    assert unfit.value.code == code


@pytest.mark.parametrize(
    ("text", "steps"), [("0", 0), ("11,875", 11875), ("11875.0", 11875), ("1,234,567", 1234567)]
)
def test_a_whole_number_is_taken_however_it_is_written(text: str, steps: int) -> None:
    assert step_count(text) == steps


@pytest.mark.parametrize(
    "text", ["2016-04-12", "2016-04-12T00:00:00", "4/12/2016 12:00:00 AM", "2016年4月12日"]
)
def test_a_day_at_midnight_is_a_day(text: str) -> None:
    assert one_day(readings(text), "month-first") == dt.date(2016, 4, 12)


@pytest.mark.parametrize(
    ("text", "code"),
    [("12.4.16", "unknown_date"), ("42472", "unknown_date"), ("4/12/2016 12:00:00 PM", "time_of_day")],
)
def test_a_day_that_is_not_clear_is_not_taken(text: str, code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        readings(text)
    assert unfit.value.code == code


def test_a_prefix_counts_towards_the_length_of_an_id() -> None:
    assert person_id("7" * 62, "p-") == "p-" + "7" * 62
    with pytest.raises(Unfit):
        person_id("7" * 63, "p-")


def test_a_header_without_the_column_says_which_and_what_it_has() -> None:
    with pytest.raises(UnreadableFile, match=r"TotalSteps \(did you mean Total Steps\?\).*Date"):
        list(read_steps(["Id,Date,Total Steps"], Columns("Id", "Date", "TotalSteps")))
    with pytest.raises(UnreadableFile, match="empty"):
        survey([], Columns())


def test_columns_are_named_or_the_mapping_says_what_is_wrong() -> None:
    assert Columns.parse("person=工号, day=日期") == Columns("工号", "日期", "steps")
    with pytest.raises(ValueError, match="who=Id"):
        Columns.parse("who=Id")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_of_chinese_spreadsheets_are_recognised(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "steps.csv"
    file.write_text("工号,日期,步数\nA-1,2019年7月1日,8312\n", encoding)
    judged, notice = judge_encoding([file.read_bytes()[:7], file.read_bytes()[7:]])
    assert bool(notice) is (encoding in ("gb18030", "utf-16"))
    items = read_steps(file.read_text(judged).splitlines(), Columns("工号", "日期", "步数"))
    assert taken(items) == [(2, "A-1", "2019-07-01", 8312)]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="UTF-8"):
        judge_encoding([b"person,day,steps\n\xff\xff\xff\x80"])
