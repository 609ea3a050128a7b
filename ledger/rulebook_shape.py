"""Does a parsed TOML table have the shape of a struct? Finds everything that is wrong, not only the first.

Pure, and knows no campaign: the struct types in ``rulebook`` say what is expected. What is wrong is replaced by
``FAULTY``, so that the rest can still be judged.
"""

import difflib
import functools
import types
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from ledger.toml_lines import Place

T = TypeVar("T", bound=msgspec.Struct)

FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Days outside these are slips of the pen; inside them no arithmetic on days can overflow."""

SHOWN = 40
"""A longer text is not repeated in a message."""


class Finding(NamedTuple):
    """One thing that is wrong. code: stable; detail: a sentence saying what was found and what was expected."""

    place: Place
    code: str
    detail: str


class _Faulty:
    """Stands for a value that could not be read; a fault already says so.

    Like NaN it compares false with everything, has every member, and contains every name: a check written for sound
    rulebooks finds nothing wrong with it.
    """

    def __getattr__(self, name: str) -> "_Faulty":
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __contains__(self, name: object) -> bool:
        return True

    def _itself(self, other: object) -> "_Faulty":  # noqa: ARG002 - the signature of an operator
        return self

    def _false(self, other: object) -> bool:  # noqa: ARG002 - the signature of a comparison
        return False

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _itself
    __lt__ = __le__ = __gt__ = __ge__ = _false
    __eq__ = __ne__ = _false
    __hash__ = object.__hash__


FAULTY: Any = _Faulty()


def build(kind: type[T], table: dict[str, Any]) -> tuple[T, list[Finding]]:
    """A struct from a parsed table, with FAULTY in place of what is wrong, and everything that is wrong.

    Codes: unknown_member, missing_member, wrong_value. Nothing is converted: an int is not a bool or a float, a
    text is not a date.
    """
    walk = _Walk()
    return walk.struct(kind, table, ()), walk.findings


class _Walk:
    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def wrong(self, place: Place, expected: str, found: str) -> None:
        self.findings.append(Finding(place, "wrong_value", f"Expected {expected}, found {found}."))

    def struct(self, kind: type[msgspec.Struct], value: object, place: Place) -> Any:
        if not isinstance(value, dict):
            self.wrong(place, "a table", in_words(value))
            return FAULTY
        fields = _fields(kind)
        for name in (name for name in value if name not in fields):
            detail = f"There is no member of this name here{_instead(name, tuple(fields))}."
            self.findings.append(Finding((*place, name), "unknown_member", detail))
        members: dict[str, Any] = {}
        for name, field in fields.items():
            if name in value:
                members[name] = self.value(field.type, value[name], (*place, name))
            elif field.required:
                members[name] = FAULTY
                detail = f"It is missing; expected {_expected(field.type)}."
                self.findings.append(Finding((*place, name), "missing_member", detail))
        return kind(**members)

    def value(self, kind: Any, value: object, place: Place) -> Any:
        whole, plain, meta = _taken_apart(kind)
        if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
            return self.struct(plain, value, place)
        if get_origin(plain) is tuple:
            return self.array(whole, get_args(plain)[0], meta, value, place)
        if get_origin(plain) is dict:
            return self.mapping(get_args(plain)[1], value, place)
        try:
            leaf = msgspec.convert(value, whole, builtin_types=(date, datetime, time))
        except msgspec.ValidationError:
            self.wrong(place, _expected(whole), in_words(value))
            return FAULTY
        return leaf if self.sound(leaf, meta, place) else FAULTY

    def array(self, whole: Any, item: Any, meta: Meta, value: object, place: Place) -> Any:
        if not isinstance(value, list):
            self.wrong(place, _expected(whole), in_words(value))
            return FAULTY
        if not (meta.min_length or 0) <= len(value) <= (meta.max_length or len(value)):
            self.wrong(place, _expected(whole), in_words(value))
        return tuple(self.value(item, each, (*place, index)) for index, each in enumerate(value))

    def mapping(self, item: Any, value: object, place: Place) -> Any:
        if not isinstance(value, dict):
            self.wrong(place, "a table", in_words(value))
            return FAULTY
        for name in value:
            self.sound(name, Meta(), (*place, name))
        return {name: self.value(item, each, (*place, name)) for name, each in value.items()}

    def sound(self, leaf: object, meta: Meta, place: Place) -> bool:
        """What a type cannot say: texts that can be shown, days that can be computed with, times with an offset."""
        if isinstance(leaf, str):
            allowed = "\n\t" if meta.pattern is None else ""
            if any(unicodedata.category(letter) == "Cc" and letter not in allowed for letter in leaf):
                self.wrong(place, "a text without control characters", in_words(leaf))
                return False
            if not leaf.strip():
                self.wrong(place, "a text that is not blank", in_words(leaf))
                return False
        if isinstance(leaf, date) and not FIRST_YEAR <= leaf.year <= LAST_YEAR:
            self.wrong(place, f"a year from {FIRST_YEAR} to {LAST_YEAR}", in_words(leaf))
            return False
        if isinstance(leaf, datetime) and leaf.tzinfo is None:
            self.wrong(place, _expected(datetime), f"{in_words(leaf)} without an offset")
            return False
        return True


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(kind)}


@functools.lru_cache(4096)
def _instead(name: str, names: tuple[str, ...]) -> str:
    """Did you mean? Names beyond a sensible length are not compared: that takes long."""
    near = difflib.get_close_matches(name, names, 1) if len(name) <= SHOWN else []
    return f"; did you mean {near[0]}" if near else f"; there are {', '.join(names)}"


def _taken_apart(kind: Any) -> tuple[Any, Any, Meta]:
    """A member's type without ``| None`` (TOML has no null), the same without its Meta, and the Meta."""
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = (each for each in get_args(kind) if each is not types.NoneType)
    if get_origin(kind) is Annotated:
        plain, meta = get_args(kind)
        return kind, plain, meta
    return kind, kind, Meta()


def _expected(kind: Any) -> str:
    """What a member takes, as the middle of a sentence."""
    _, plain, meta = _taken_apart(kind)
    if meta.description:
        return meta.description
    if get_origin(plain) is Literal:
        choices = ", ".join(str(choice) for choice in get_args(plain))
        return choices if len(get_args(plain)) == 1 else f"one of {choices}"
    if get_origin(plain) is tuple:
        least, most = meta.min_length or 0, meta.max_length
        return "an array" + (f" of {least} to {most}" if most else f" of {least} or more" if least else "")
    if plain is int:
        return f"a whole number from {meta.ge:,} to {meta.le:,}"
    return _PLAINLY.get(plain, "a table")


_PLAINLY = {
    bool: "true or false",
    date: "a date, like 2019-07-01 (without quotes)",
    datetime: "a date and time with an offset, like 2019-10-08T00:00:00+08:00 (without quotes)",
}


def in_words(value: object) -> str:
    """What was found, as the end of a sentence; never long, whatever it is."""
    match value:
        case bool():
            return str(value).lower()
        case str() if len(value) > SHOWN:
            return f"a text of {len(value):,} characters"
        case str():
            return msgspec.json.encode(value).decode()
        case int() if abs(value) >= 10**18:
            return "a number beyond all bounds"
        case float():
            return f"the floating-point number {value}"
        case datetime():
            return value.isoformat()
        case list():
            return f"an array of {len(value)}"
        case dict():
            return "a table"
        case _:
            return str(value)
