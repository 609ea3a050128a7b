"""Reading rosters: whatever a union's spreadsheet wrote, every line is a person or is told, without what it held."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.roster import LONGEST_LINE, Listed, Remark, UnreadableFile, chunks, columns_of, judged, reading_of
from tests.people import person

WANG, LI, ZHANG = person(0), person(1), person(2)
HEADER = "姓名,身份证号,手机号,单位"


def read(raw: bytes, size: int = 2) -> Iterator[Listed | Remark]:
    file = io.BytesIO(raw)
    reading = reading_of(file)
    for lines in chunks(file, size):
        yield from reading.people(lines)


def line(who: tuple[str, str, str], union: str = "镇江市总工会") -> str:
    return ",".join((*who, union))


def text(*lines: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join((header, *lines)) + end


def codes(raw: bytes) -> list[tuple[int, str, bool]]:
    return [(each.line, each.code, each.taken) for each in read(raw) if isinstance(each, Remark)]


def people(raw: bytes) -> list[tuple[int, str, str]]:
    return [(each.line, each.name, each.id_number) for each in read(raw) if isinstance(each, Listed)]


THREE = text(*map(line, (WANG, LI, ZHANG)))
ALL = [(number, who.name, who.id_number) for number, who in enumerate((WANG, LI, ZHANG), start=2)]


@pytest.mark.rule("ZG-01")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_roster_is_read_in_either_encoding_with_either_line_end(encoding: str, end: str) -> None:
    raw = text(*map(line, (WANG, LI, ZHANG)), end=end).encode(encoding)
    assert people(raw) == ALL
    assert codes(raw) == []
    first = next(each for each in read(raw) if isinstance(each, Listed))
    assert (first.phone, first.union, first.reference) == (f"+86{WANG.phone}", "镇江市总工会", "")


@pytest.mark.parametrize(("main", "other"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_a_line_in_another_encoding_is_read_and_told(main: str, other: str) -> None:
    lines = [HEADER.encode(main), *(line(who).encode(main) for who in (WANG, LI)), line(ZHANG).encode(other)]
    raw = b"\n".join(lines)
    assert people(raw) == ALL
    assert codes(raw) == [(4, "mixed_encoding", True)]


def test_a_line_that_is_in_no_encoding_for_certain_is_told_and_its_neighbours_are_taken() -> None:
    broken = line(LI).encode()[:4] + b"\xff" + line(LI).encode()[4:]
    raw = b"\n".join((HEADER.encode(), line(WANG).encode(), broken, line(ZHANG).encode()))
    assert people(raw) == [ALL[0], ALL[2]]
    assert codes(raw) == [(3, "bad_encoding", False)]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("", "no_id_number"),
        (WANG.id_number[:-1] + ("1" if WANG.id_number[-1] != "1" else "2"), "bad_check_digit"),
        ("321199500101000", "old_id_number"),
        ("3.21199E+17", "spoilt_id_number"),
        ("321199195001010", "old_id_number"),
        ("abc", "bad_id_number"),
    ],
)
def test_a_number_that_is_none_is_told_without_repeating_it(told: str, code: str) -> None:
    raw = text(line((WANG.name, told, WANG.phone)), line(LI)).encode()
    assert codes(raw) == [(2, code, False)]
    (remark,) = [each for each in read(raw) if isinstance(each, Remark)]
    assert WANG.name not in remark.says
    assert not told or told not in remark.says
    assert people(raw) == [ALL[1]]


@pytest.mark.parametrize("told", [f"'{WANG.id_number}", f'"=""{WANG.id_number}"""', f"\t{WANG.id_number} "])
def test_what_spreadsheets_put_around_a_number_is_left_out(told: str) -> None:
    assert people(text(line((WANG.name, told, WANG.phone))).encode()) == [ALL[0]]


def test_a_phone_that_is_none_costs_the_person_nothing() -> None:
    raw = text(line((WANG.name, WANG.id_number, "12345")), line((LI.name, LI.id_number, ""))).encode()
    assert codes(raw) == [(2, "bad_phone", True)]
    assert people(raw) == ALL[:2]


@pytest.mark.parametrize("reference", [WANG.id_number, WANG.phone])
def test_a_reference_that_names_somebody_stays_out_of_the_log(reference: str) -> None:
    raw = text(line(WANG) + f",{reference}", line(LI) + ",ZG-7", header=HEADER + ",编号").encode()
    assert codes(raw) == [(2, "personal_reference", True)]
    assert [each.reference for each in read(raw) if isinstance(each, Listed)] == ["", "ZG-7"]


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (f"{LI.name},{LI.id_number}", "bad_columns"),
        (f"{LI.name},{LI.id_number},{LI.phone},单位,多", "bad_columns"),
        (f'"{LI.name},{LI.id_number},{LI.phone},单位', "bad_columns"),
        (f'{LI.name}",{LI.id_number},{LI.phone},单位', "bad_columns"),
        (f'{LI.name[0]}"x"{LI.name[1:]},{LI.id_number},{LI.phone},单位', "bad_columns"),
        (f"{LI.name},{LI.id_number},{LI.phone},", "no_union"),
        ("x" * (3 * LONGEST_LINE), "too_long"),
    ],
)
def test_a_line_that_is_no_person_is_told_and_swallows_no_other(made: str, code: str) -> None:
    raw = text(line(WANG), made, "", "  ", line(ZHANG)).encode()
    assert codes(raw) == [(3, code, False)]
    assert people(raw) == [ALL[0], (6, ZHANG.name, ZHANG.id_number)]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_cells_may_be_divided_by_other_signs(delimiter: str) -> None:
    assert people(THREE.replace(",", delimiter).encode()) == ALL


@pytest.mark.parametrize(
    "header",
    ["Name,ID Number,Phone,Union", "职工姓名,身份证号码,联系电话,所在工会", "name,id_number,mobile,branch"],
)
def test_columns_are_known_by_many_names(header: str) -> None:
    assert people(text(line(WANG), header=header).encode()) == [ALL[0]]


def test_columns_may_stand_in_any_order_and_others_are_left_alone() -> None:
    raw = text(f"镇江市总工会,1,{WANG.id_number},x", header="工会,序号,身份证号,备注").encode()
    assert [each for each in read(raw) if isinstance(each, Listed)] == [
        Listed(2, WANG.id_number, "镇江市总工会", "", "", "")
    ]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        ("姓名,手机号\n".encode(), "id_number and union"),
        ("身份证号,证件号码,单位\n".encode(), "could be the id_number"),
        (THREE.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\0\0\0", "no text"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(raw: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        list(read(raw))


def test_the_encoding_is_that_of_most_lines() -> None:
    assert judged(b"a,b\n1,2\n") == "utf-8"
    assert judged("小\n王小明\n镇江\n".encode("gb18030")) == "gb18030"


def test_a_header_may_have_spaces_and_wide_letters() -> None:
    assert columns_of([" 身份证号 ", "Ｕｎｉｏｎ"]) == {"id_number": 0, "union": 1}


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_every_line_is_a_person_or_is_told(tail: bytes) -> None:
    raw = THREE.encode() + tail.replace(b"\0", b"")
    found = list(read(raw))
    assert [each.line for each in found] == sorted(each.line for each in found)
    assert people(raw)[:2] == ALL[:2]
