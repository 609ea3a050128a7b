"""The line of every member of a TOML text, whatever way of writing it was chosen."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.toml_lines import MAX_DEPTH, MAX_NUMBER, ExcessError, Place, locate, spell

EVERY_WAY = """\
one = 1   # every number here is the number of its line
"two" = 2
'th ree' = 3
four . "fo\\"ur" = 4
text = "a # no comment [x] \\" y = 1"
multi = \"\"\"
not = 1
[not.a.table]
\\\"\"\" ""x\"\"\"\"\"  # two quotes before the end
after = 10
lines = '''
'x' ''''' # two of them
last = 13
list = [14, 14,
  15, # a comment, with ] and "
  [ 16, { a = 16, b = [
    17 ] } ],
]
time = 2019-07-01 08:00:00
inline = { x = 20, y = { z = 20 }, 'a b' = 20 }
[table]
x = 22
sub.x = 23
sub.y.z = 24
[ table . "other" ]
x = 26
  [[ many ]]
  x = 28
  [many.sub]
  x = 30
[[many]]
x = 32
[[many.deep]]
x = 34
[[many.deep]]
x = 36
[late.sub]
x = 38
[late]
x = 40"""


def numbers(value: Any, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Every whole number in a parsed text, and where it is."""
    if isinstance(value, int):
        yield place, value
    elif isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for part, each in pairs:
            yield from numbers(each, (*place, part))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_way_of_writing_a_member_gives_its_line(newline: str) -> None:
    text = EVERY_WAY.replace("\n", newline)
    expected = dict(numbers(tomllib.loads(text)))
    assert len(expected) == 26
    lines = locate(text)
    assert {place: lines.of(place) for place in expected} == expected


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("multi",), 6),
        (("lines",), 11),
        (("table",), 21),
        (("table", "sub"), 23),
        (("table", "other"), 25),
        (("many",), 27),
        (("many", 0), 27),
        (("many", 0, "sub"), 29),
        (("many", 1), 31),
        (("many", 1, "deep"), 33),
        (("many", 1, "deep", 1), 35),
        (("late",), 39),
        (("many", 1, "deep", 1, "missing"), 35),
        (("nowhere", 3, "x"), 1),
    ],
)
def test_tables_and_missing_members_have_a_line(place: Place, line: int) -> None:
    assert locate(EVERY_WAY).of(place) == line


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((), ""),
        (("points", 2, "amount"), "points[2].amount"),
        (("choices", "a b", "甲"), 'choices."a b"."甲"'),
        (('"',), '"\\""'),
    ],
)
def test_a_place_is_spelled_as_people_read_it(place: Place, said: str) -> None:
    assert spell(place) == said


@pytest.mark.parametrize(
    "line",
    [
        ".".join("a" * 300_000) + " = 1",
        '"\\""' + '."\\""' * 100_000 + " = 1",
        f"[{'.'.join('a' * 300_000)}]",
        f"[[{'.'.join('a' * 300_000)}]]",
        "a = " + "[" * 500_000,
        "a = " + "{a=" * 200_000,
        "a = " + "[{a=" * MAX_DEPTH,
    ],
    ids=lambda line: line[:12],
)
def test_endless_nesting_is_refused_before_it_is_parsed(line: str) -> None:
    with pytest.raises(ExcessError) as refused:
        locate(f"x = 1\n\n{line}")
    assert (refused.value.code, refused.value.line) == ("too_deep", 3)


@pytest.mark.parametrize(
    "digits", ["1" * 900_000, "0x" + "f" * 900_000, "-1" + "_1" * MAX_NUMBER, "1" * MAX_NUMBER + "e9"]
)
def test_endless_numbers_are_refused_before_they_are_parsed(digits: str) -> None:
    with pytest.raises(ExcessError) as refused:
        locate(f"x = [\n  {digits},\n]")
    assert (refused.value.code, refused.value.line) == ("too_large", 2)


def test_the_deepest_that_is_allowed_is_parsed() -> None:
    text = "a = " + "[" * (MAX_DEPTH - 1) + "1" + "]" * (MAX_DEPTH - 1)
    assert locate(text).of(("a",)) == 1
    tomllib.loads(text)


KEYS = st.sampled_from(["a", "b-1", '"q.\\"#"', "'l = '", '""'])
STRINGS = st.sampled_from(
    ['"x"', "'y # '", '"""\n]"" }"""', "'''\n\n'', '''", '"\\\\"', "''", '""', "2024-01-01 10:00:00"]
)


def values(depth: int = 3) -> st.SearchStrategy[str]:
    """TOML values whose tokens are spread over lines wherever that is allowed; NUMBER stands for a line number."""
    leaf = st.one_of(st.just("NUMBER"), STRINGS)
    if not depth:
        return leaf
    deeper = values(depth - 1)
    arrays = st.lists(deeper, max_size=3).map(lambda each: "[ # ]\n" + "\n,\n".join(each) + "\n]")
    tables = st.lists(st.tuples(KEYS, deeper), max_size=3, unique_by=lambda pair: pair[0]).map(
        lambda each: "{ " + ", ".join(f"{key} = {value}" for key, value in each) + " }"
    )
    return st.one_of(leaf, arrays, tables)


@given(st.lists(st.tuples(st.sampled_from(["", "[t{}]\n", "[[m]]\n", "[m.s{}]\n"]), values()), max_size=6))
def test_any_document_that_tomllib_reads_gives_each_number_its_line(parts: list[tuple[str, str]]) -> None:
    text = "".join(
        f"{head.format(i)}'k {i}' . x = {value} # [end]\n\n" for i, (head, value) in enumerate(parts)
    )
    numbered = "\n".join(line.replace("NUMBER", str(n)) for n, line in enumerate(text.split("\n"), 1))
    try:
        expected = dict(numbers(tomllib.loads(numbered)))
    except tomllib.TOMLDecodeError:
        locate(numbered)  # stops, and does not fail
        return
    lines = locate(numbered)
    assert {place: lines.of(place) for place in expected} == expected
