"""One member after the other of the shipped rulebooks deleted or mistyped: never a crash, always a line of the file."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger.rulebook_file import Fault
from tests.small_rulebook import faults

RULEBOOKS = Path(ledger.__file__).parent / "rulebooks"
SHIPPED = ("sx-2019.toml", "js-2023.toml", "ec-2018.toml", "zg.toml", "sj.toml")
TEXTS = [(RULEBOOKS / name).read_text("utf-8") for name in SHIPPED]
SCALAR = re.compile(r'\b([a-zA-Z_]+) = ("[^"\n]*"|[0-9][^\s,}]*|true|false)(?=[ ,\n])')
MEMBERS = [
    match
    for text in TEXTS
    for match in SCALAR.finditer(text)
    if "#" not in text[text.rfind("\n", 0, match.start()) : match.start()]
]


def spliced(match: re.Match[str], new: str) -> str:
    """A rulebook with one member replaced, or taken out together with a comma beside it."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    if not new and before.endswith(", "):
        before = before[:-2]
    elif not new:
        after = after.removeprefix(", ")
    return before + new + after


def within(found: tuple[Fault, ...], text: str) -> bool:
    """Whether every fault names a line of the text."""
    return all(fault.line is not None and 1 <= fault.line <= len(text.split("\n")) for fault in found)


@given(st.sampled_from(MEMBERS))
def test_any_one_member_deleted_is_a_fault_of_the_file_or_none(match: re.Match[str]) -> None:
    text = spliced(match, "")
    found = faults(text)
    assert within(found, text)
    assert all(fault.code != "not_toml" for fault in found), found


@given(
    st.sampled_from(MEMBERS),
    st.sampled_from(["1.5", "-1", "[]", "{}", "[[1], {}]", "07:30:00", "inf", '"\\u007f"']),
)
def test_any_one_member_mistyped_is_a_fault_on_its_line(match: re.Match[str], value: str) -> None:
    text = spliced(match, f"{match[1]} = {value}")
    found = faults(text)
    assert within(found, text)
    line = match.string[: match.start()].count("\n") + 1
    assert ("wrong_value", line) in [(fault.code, fault.line) for fault in found]


@given(st.sampled_from([match for match in MEMBERS if match[1] not in "ABC"]))
def test_any_one_name_mistyped_is_a_fault_on_its_line_with_the_name_that_was_meant(
    match: re.Match[str],
) -> None:
    text = spliced(match, f"{match[1]}x = {match[2]}")
    found = faults(text)
    assert within(found, text)
    line = match.string[: match.start()].count("\n") + 1
    details = [fault.detail for fault in found if (fault.code, fault.line) == ("unknown_member", line)]
    assert [f"did you mean {match[1]}." in detail for detail in details] == [True]


@given(
    st.sampled_from([text.encode() for text in TEXTS]),
    st.integers(0, max(len(text.encode()) for text in TEXTS)),
    st.integers(0, 40),
    st.binary(max_size=6) | st.sampled_from([b"[", b'"""', b"{", b"\n["]),
)
def test_no_damage_to_the_file_crashes(raw: bytes, at: int, length: int, new: bytes) -> None:
    raw = raw[:at] + new + raw[at + length :]
    assert within(faults(raw), raw.decode(errors="replace"))
