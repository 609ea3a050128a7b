"""What the checks of a rulebook have in common: how a finding is said, and what FAULTY agrees with.

Pure. Codes: contradiction, duplicate, unknown_reference, missing_member, wrong_value.
"""

import re
from collections.abc import Container, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ledger.rulebook import Rulebook
from ledger.rulebook_base import seconds
from ledger.rulebook_shape import FAULTY, Finding
from ledger.toml_lines import Place, spell

MAX_DURATION = "24h"  # a day's count must be closed before the day after the next begins
ZONE = re.compile(r"UTC|[A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+)+")


def contradiction(place: Place, detail: str) -> Finding:
    """A member that cannot be true together with another."""
    return Finding(place, "contradiction", detail)


def missing(place: Place, why: str) -> Finding:
    """A member that something else in the rulebook asks for."""
    return Finding(place, "missing_member", f"It is missing; {why}.")


def unknown(place: Place, what: str, name: str) -> Finding:
    """A name that nothing in the rulebook has."""
    return Finding(place, "unknown_reference", f"There is no {what} {name} in this rulebook.")


def needs(book: Rulebook, place: Place, what: str, table: str) -> Iterator[Finding]:
    """Nothing when the rulebook has the table."""
    if getattr(book, table) is None:
        yield contradiction(place, f"{what} needs the table [{table}], which the rulebook does not have.")


def twice(said: Iterable[tuple[Place, str]]) -> Iterator[Finding]:
    """Names that stand in two places."""
    first: dict[str, Place] = {}
    for place, name in said:
        if name is FAULTY:
            continue
        if name in first:
            yield Finding(place, "duplicate", f"{name} is taken already, by {spell(first[name])}.")
        first.setdefault(name, place)


def names(members: Iterable[Any], member: str = "id") -> Container[str]:
    """The ids, or another member, of an array's members; anything may be one when not all could be read."""
    found = {getattr(each, member) for each in members}
    sound: Container[str] = FAULTY if members is FAULTY or FAULTY in found else found
    return sound


def is_absent(name: str, known: Container[str]) -> bool:
    """Whether a name that could be read is none of those that are known."""
    return name is not FAULTY and name not in known


def has_group(book: Rulebook, group: str) -> bool:
    """Whether unions of a group can be named: of the rulebook's own list, or of the ledger's tree, unknown here."""
    enrolment = book.enrolment
    return enrolment.tree is not None or not is_absent(group, names(enrolment.branches, "group"))


def is_stated(value: object) -> bool:
    """Whether a file says anything for a member that can be left out."""
    return not any(value is silence for silence in (None, False, ()))


def duration(place: Place, text: str, least: str = "0s") -> Iterator[Finding]:
    """Nothing for a duration from the least to 24 hours."""
    if text is not FAULTY and not seconds(least) <= seconds(text) <= seconds(MAX_DURATION):
        bounds = f"at most {MAX_DURATION}" if least == "0s" else f"from {least} to {MAX_DURATION}"
        yield Finding(place, "wrong_value", f"Expected {bounds}, found {text}.")


def is_zone(name: str) -> bool:
    """Whether a name is one of a time zone, the same on every machine."""
    if not ZONE.fullmatch(name):  # a path, or a name like localtime that each machine has another zone for
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
