"""Reading a rulebook file: every fault has its path, its line and a code, and all are told at once."""

import hashlib
import tomllib
from datetime import date, datetime, time
from pathlib import Path

import msgspec
import pytest

import ledger
from ledger.rulebook import Rulebook
from ledger.rulebook_file import CODES, MAX_BYTES, MAX_FAULTS, RulebookFaulty, digest, load, reread
from tests.small_rulebook import SMALL, changed, faults, line_of

SX = (Path(ledger.__file__).parent / "rulebooks" / "sx-2019.toml").read_text("utf-8")


class Row(msgspec.Struct, frozen=True):
    """A change to SMALL; the one fault that it makes; what stands on its line; and words of its detail."""

    old: str
    new: str
    code: str
    path: str
    at: str
    says: str = ""


ROWS = [
    # members that should not be there, or should
    Row("daily_goal = 5", "daly_goal = 1\ndaily_goal = 5",
        "unknown_member", "steps.daly_goal", "daly_goal", "mean daily_goal"),
    Row("size = 3", "size = 3\nzzz = 3", "unknown_member", "teams.zzz", "zzz", "there are clause, goal_clause, size"),
    Row("weight = 9", 'weight = 9, "x y" = 1', "unknown_member", 'pools[0].prizes[0]."x y"', "One yuan"),
    Row("[sign_in]", "[colour]\nx = 1\n[sign_in]", "unknown_member", "colour", "[colour]"),
    Row("amount = 7\n", "", "missing_member", "points[0].amount", '[[points]]\nid = "signed"', "from 1 to"),
    Row('title = { zh = "小活动", en = "Small walk" }\n', "", "missing_member", "title", "format = 1", "a table"),
    Row(', en = "Small walk"', "", "missing_member", "title.en", "小活动"),
    Row('on = "every_day_signed_in"\n', "", "missing_member", "badges[0].on", "[[badges]]", "one of every_day"),
    Row('question.text = "一加一？"\n', "", "missing_member", "route.checkpoints[0].question.text", 'answer = "2"'),
    # values of another kind
    Row("format = 1", "format = 2", "wrong_value", "format", "format", "Expected 1, found 2."),
    Row("format = 1", "format = true", "wrong_value", "format", "format", "found true"),
    Row('id = "small"', 'id = "Small Walk"', "wrong_value", "id", "Small Walk", 'found "Small Walk"'),
    Row('id = "small"', 'id = "small\\n"', "wrong_value", "id", "small\\n", "control character"),
    Row('id = "small"', f'id = "{"x" * 41}"',
        "wrong_value", "id", f"id = \"{'x' * 41}", "found a text of 41 characters"),
    Row('clause = "XY-01"', 'clause = "xy 1"', "wrong_value", "clause", "xy 1", 'like "SX-07"'),
    Row("starts = 2024-05-01", 'starts = "2024-05-01"', "wrong_value", "starts", "starts = \"", "a date"),
    Row("starts = 2024-05-01", "starts = 2024-05-01T00:00:00Z", "wrong_value", "starts", "T00:00:00Z", "a date"),
    Row("starts = 2024-05-01", "starts = 1999-05-01", "wrong_value", "starts", "1999", "2000 to 2199"),
    Row("T12:00:00+08:00", "T12:00:00", "wrong_value", "pools[0].deadline", "T12", "without an offset"),
    Row("2024-05-07T12:00:00+08:00", "2024-05-07",
        "wrong_value", "pools[0].deadline", "line = 2024-05-07", "with an offset"),
    Row("2024-05-07T12:00:00+08:00", "12:00:00", "wrong_value", "pools[0].deadline", "12:00:00", "with an offset"),
    Row("T12:00:00+08:00", "T12:00:00+08:00\nbudget = true",
        "wrong_value", "pools[0].budget", "budget = true", "found true"),
    Row("amount = 7", "amount = true", "wrong_value", "points[0].amount", "amount = true", "found true"),
    Row("amount = 7", "amount = 7.0", "wrong_value", "points[0].amount", "7.0", "the floating-point number 7.0"),
    Row("amount = 7", "amount = nan",
        "wrong_value", "points[0].amount", "nan", "found the floating-point number nan"),
    Row("amount = 7", "amount = 0",
        "wrong_value", "points[0].amount", "amount = 0", "from 1 to 1,000,000,000, found 0"),
    Row("amount = 7", "amount = 9999999999999999999",
        "wrong_value", "points[0].amount", "= 9999999999999999999", "beyond all bounds"),
    Row("amount = 7", 'amount = "7"', "wrong_value", "points[0].amount", 'amount = "7"', 'found "7"'),
    Row("amount = 7", "amount = [7]", "wrong_value", "points[0].amount", "[7]", "found an array of 1"),
    Row("size = 3", "size = 1001", "wrong_value", "teams.size", "1001", "from 2 to 1,000, found 1001"),
    Row("team_goal = 15", "captain_can_remove = 1\nteam_goal = 15",
        "wrong_value", "teams.captain_can_remove", "remove = 1", "true or false"),
    Row('"18:00"', '"18.00"', "wrong_value", "steps.window.opens", "window", "a time of day"),
    Row('"18:00"', "18:00:00", "wrong_value", "steps.window.opens", "window", "found 18:00:00"),
    Row('grace = "5m"', 'grace = "5 m"', "wrong_value", "steps.window.grace", "window", "a duration"),
    Row('on = "steps"', 'on = "stepps"',
        "wrong_value", "points[1].on", "stepps", "one of sign_in, steps, daily_goal"),
    Row('"一加一？"', '" "', "wrong_value", "route.checkpoints[0].question.text", '" "', "not blank"),
    Row('"一加一？"', '""', "wrong_value", "route.checkpoints[0].question.text", 'text = ""', "1 to 4,000"),
    Row('"一加一？"', '"\\u0000"',
        "wrong_value", "route.checkpoints[0].question.text", "u0000", "control characters"),
    Row("{ A =", '{ "\\u0007" = "x", A =',
        "wrong_value", 'route.checkpoints[1].question.choices."\\u0007"', "西安", "control"),
    Row('{ A = "西安", B = "渭河" }', "[]", "wrong_value", "route.checkpoints[1].question.choices", "[]", "a table"),
    Row('B = "渭河"', "B = 2", "wrong_value", "route.checkpoints[1].question.choices.B", "B = 2", "a text"),
    # tables and arrays
    Row('{ by = "attainment_rate" }', "",
        "wrong_value", "boards[0].keys", "keys = []", "an array of 1 or more, found an array of 0"),
    Row('[{ by = "attainment_rate" }]', '{ by = "attainment_rate" }',
        "wrong_value", "boards[0].keys", "keys = { by", "an array"),
    Row('[{ by = "attainment_rate" }]', '[\n"attainment_rate"]',
        "wrong_value", "boards[0].keys[0]", '"attainment', "a table"),
    Row('["always-here"]', '"always-here"', "wrong_value", "pools[0].cost_badges", "cost_badges", "an array, found"),
    Row('["always-here"]', '["always-here",\n2]', "wrong_value", "pools[0].cost_badges[1]", "2]", "found 2"),
    Row('{ opens = "18:00", closes = "22:00", grace = "5m" }', "true",
        "wrong_value", "steps.window", "true", "a table, found true"),
    # texts that are no TOML
    Row("format = 1", "format = 1\x00", "not_text", "", "format", "NUL"),
    Row("ends = 2024-05-07", "ends = 2024-02-30", "not_toml", "", "02-30", "This is not TOML: Invalid date"),
    Row("size = 3", "size = 3\nsize = 3", "not_toml", "", "size = 3\nm"),
    Row("size = 3", "size == 3", "not_toml", "", "size"),
    Row("T22:00:00+08:00\n", "T22:00:00+08:00\nvisible =", "not_toml", "", "visible =\n", "Invalid value"),
    Row("size = 3", "size = 3" + "0" * 5000, "too_large", "", "size", "longer than 100 digits"),
    Row("size = 3", f"size = {'[' * 99}3{']' * 99}", "too_deep", "", "size", "32 levels"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.path}-{row.new[:24]}")
def test_each_fault_is_found_at_its_line(row: Row) -> None:
    text = changed((row.old, row.new))
    found = faults(text)
    assert [(f.code, f.path, f.line) for f in found[:1]] == [(row.code, row.path, line_of(text, row.at))], (
        found
    )
    assert row.says in found[0].detail
    assert found[0].detail.endswith(".")
    assert len(found) == (2 if "\x00" in row.new else 1), found


def test_a_sound_file_gives_what_it_says_and_nothing_else() -> None:
    dates = (date, datetime, time)
    for text in (SMALL, SX):
        assert (
            load(text)
            == load(text.encode())
            == msgspec.convert(tomllib.loads(text), Rulebook, builtin_types=dates)
        )


def test_windows_line_ends_are_no_fault_and_lines_count_the_same() -> None:
    assert load(SMALL.replace("\n", "\r\n")) == load(SMALL)
    broken = changed(("daily_max = 12", "daily_max = 0"))
    assert faults(broken.replace("\n", "\r\n")) == faults(broken) != ()


def test_faults_of_every_kind_are_reported_together_in_the_order_of_their_lines() -> None:
    text = changed(
        ('id = "small"', 'id = "SMALL"'),
        ("ends = 2024-05-07", "ends = 2024-04-30"),
        ('t = "north"', 't = "west"'),
        ("daily_goal = 5000", "daily_goal = 9000"),
        ("size = 3\n", ""),
        ("amount = 7", "amuont = 7"),
        ("every = 1000\n", ""),
        ("amount = 100, ", ""),
    )
    found = faults("\ufeff" + text)
    assert [(fault.path, fault.code) for fault in found] == [
        ("", "not_text"),
        ("id", "wrong_value"),
        ("ends", "contradiction"),
        ("enrolment.branches[1].parent", "unknown_reference"),
        ("steps.daily_goal", "contradiction"),
        ("teams.size", "missing_member"),
        ("points[0].amount", "missing_member"),
        ("points[0].amuont", "unknown_member"),
        ("points[1].every", "missing_member"),
        ("pools[0].prizes[0].amount", "missing_member"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        [('id = "north"', 'id = "NORTH"')],  # a child names it as its parent
        [('id = "always-here"', "id = 1")],  # a pool costs it
        [("ends = 2024-05-07", 'ends = "soon"')],
        [("daily_cap = 8000", 'daily_cap = "8000"')],
        [("leg = 5000", "leg = 0")],
        [("total_steps = 9000", "total_steps = -1")],
        [('answer = "A"', "answer = 1")],
        [('cost_badges = ["always-here"]', "cost_badges = 1"), ("cost_points = 3\n", "")],
        [('id = "teams"', 'id = ""')],
        [("stock = 5, weight = 1", "stock = 5, weight = 1.5")],
        [('[sign_in]\nclause = "XY-04"\n', ""), ('id = "small"', 'sign_in = 1\nid = "small"')],
        [('timezone = "Asia/Shanghai"', "timezone = 8")],
        [('parent = "north"', 'parent = "North"')],
        [('"2m"', "2")],
    ],
    ids=lambda changes: str(changes[0][1]),
)
def test_a_value_that_cannot_be_read_brings_no_other_faults_along(changes: list[tuple[str, str]]) -> None:
    assert [fault.code for fault in faults(changed(*changes))] == ["wrong_value"]


def test_names_that_cannot_be_read_are_no_duplicates_and_no_circle() -> None:
    text = changed(('id = "signed"', "id = 1"), ('id = "walked"', "id = 1"), ('id = "north-1"', "id = 1"))
    text = text.replace('id = "north"', 'id = "north", parent = 1')
    assert [fault.code for fault in faults(text)] == ["wrong_value"] * 4


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (SMALL.encode().replace(b"Small", b"Sm\xffll"), ("not_text", 3)),
        (SMALL.encode("gb18030"), ("not_text", 3)),
        (SMALL.encode("utf-16"), ("not_text", 1)),
        (SMALL.replace("Small", "\ud800"), ("not_text", 3)),
        (b"#" * (MAX_BYTES + 1), ("too_large", None)),
        (b"\xef\xbb\xbf" + SMALL.encode(), ("not_text", 1)),
        (b"", ("missing_member", 1)),
        (b"#" * MAX_BYTES, ("missing_member", 1)),
        (b"\x00", ("not_text", 1)),
        (b'x = "never closed\n', ("not_toml", 1)),
        (b"\n\nx = [1,\n", ("not_toml", 3)),
        (b"\xff\xfe\x00", ("not_text", 1)),
    ],
)
def test_bytes_that_are_no_toml_text_are_a_fault_with_a_line(
    raw: bytes | str, expected: tuple[str, int | None]
) -> None:
    first = faults(raw)[0]
    assert (first.code, first.line) == expected


def test_beyond_a_thousand_faults_the_rest_is_counted() -> None:
    text = "".join(f"member-{n} = 1\n" for n in range(5_000)) + SMALL
    found = faults(text)
    assert len(found) == MAX_FAULTS + 1
    assert (found[-1].code, found[-1].line) == ("too_many", MAX_FAULTS + 1)
    assert "4,000 more" in found[-1].detail


def test_every_code_is_proven_by_a_row() -> None:
    from tests.unit import test_rulebook_checks

    proven = {row.code for row in ROWS} | {row.code for row in test_rulebook_checks.ROWS}
    assert proven | {"too_many"} == set(CODES)


def test_the_exception_says_where_the_first_fault_is() -> None:
    with pytest.raises(RulebookFaulty, match=r"^line 24: steps\.daily_goal: .* \(and 1 more\)$"):
        load(changed(("daily_goal = 5000\n", ""), ("size = 3", "size = 1")))
    with pytest.raises(RulebookFaulty, match=r"^The file has 1,048,577 bytes"):
        load(b"#" * (MAX_BYTES + 1))


def test_the_digest_is_of_the_exact_bytes() -> None:
    assert digest(SX) == digest(SX.encode()) == hashlib.sha256(SX.encode()).hexdigest()
    assert digest(SX + "\n") != digest(SX)


def test_a_published_text_is_read_again_whatever_has_been_forbidden_since() -> None:
    text = SX.replace("daily_goal = 6000", "daily_goal = 60000")
    with pytest.raises(RulebookFaulty):
        load(text)
    assert reread(text).steps.daily_goal == 60000  # type: ignore[union-attr]  # it has a table of steps
    with pytest.raises(RulebookFaulty):
        reread("format = 1")
