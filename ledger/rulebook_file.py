"""Read a rulebook file, and say everything that is wrong with it: where, what was found, what was expected.

Pure. A file is published as it is, so what stands here decides what a campaign can be; nothing is guessed, repaired
or ignored.
"""

import hashlib
import re
import tomllib
from typing import Any

import msgspec

from ledger.rulebook import Rulebook
from ledger.rulebook_checks import check
from ledger.rulebook_shape import build
from ledger.toml_lines import ExcessError, locate, spell

MAX_BYTES = 1 << 20
MAX_FAULTS = 1000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

CODES = (
    "too_large",
    "not_text",
    "too_deep",
    "not_toml",
    "unknown_member",
    "missing_member",
    "wrong_value",
    "duplicate",
    "unknown_reference",
    "contradiction",
    "too_many",
)
"""Every code that a fault can have. Stable."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a file.

    path: the member, like ``points[2].amount`` (arrays count from 0); empty for the file as a whole.
    line: counted from 1; for a missing member the line of its table; None when no line is to blame.
    code: one of CODES. detail: a sentence for people.
    """

    path: str
    line: int | None
    code: str
    detail: str


class RulebookFaulty(Exception):
    """A file is no rulebook. faults: at least one, in the order of their lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first, others = faults[0], len(faults) - 1
        line = "" if first.line is None else f"line {first.line}"
        said = ": ".join(part for part in (line, first.path, first.detail) if part)
        super().__init__(f"{said} (and {others} more)" if others else said)
        self.faults = faults


def digest(text: str | bytes) -> str:
    """SHA-256 of the exact bytes of a file, in hexadecimal."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def load(text: str | bytes) -> Rulebook:
    """The rulebook in a file: TOML in UTF-8, at most 1 MiB.

    Raises RulebookFaulty with every fault of the file: those of its shape and those of its sense together. A file
    that cannot be parsed has only its first; of a file with more than 1,000 the rest is counted, not listed.
    """
    body, faults = _text(text)
    try:
        lines = locate(body)
        table: dict[str, Any] = tomllib.loads(body)
    except ExcessError as excess:
        raise RulebookFaulty((*faults, Fault("", excess.line, excess.code, excess.detail))) from excess
    except tomllib.TOMLDecodeError as error:
        raise RulebookFaulty((*faults, _not_toml(body, str(error)))) from error
    book, findings = build(Rulebook, table)
    findings += check(book)
    faults += (Fault(spell(each.place), lines.of(each.place), each.code, each.detail) for each in findings)
    faults.sort(key=lambda fault: fault.line or 0)
    if len(faults) > MAX_FAULTS:
        detail = f"{len(faults) - MAX_FAULTS:,} more faults follow; mend these first."
        faults[MAX_FAULTS:] = [Fault("", faults[MAX_FAULTS].line, "too_many", detail)]
    if faults:
        raise RulebookFaulty(tuple(faults))
    return book


def reread(text: str) -> Rulebook:
    """The rulebook of a text that was published: it was checked then, and a check that is newer does not undo it.

    Raises RulebookFaulty only when the text does not have the shape of a rulebook any more.
    """
    book, findings = build(Rulebook, tomllib.loads(text))
    if findings:
        raise RulebookFaulty(
            tuple(Fault(spell(each.place), None, each.code, each.detail) for each in findings)
        )
    return book


def _text(text: str | bytes) -> tuple[str, list[Fault]]:
    """The characters of a file, and what is wrong with them if it can still be parsed."""
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        detail = f"The file has {len(raw):,} bytes; a rulebook has at most {MAX_BYTES:,}."
        raise RulebookFaulty((Fault("", None, "too_large", detail),))
    body = raw.removeprefix(BYTE_ORDER_MARK)
    faults = []
    if body != raw:
        faults.append(
            Fault("", 1, "not_text", "The file begins with a byte order mark; save it as plain UTF-8.")
        )
    if (at := body.find(0)) >= 0:
        faults.append(_not_text(body, at, "A NUL character"))
    try:
        return body.decode(), faults
    except UnicodeDecodeError as error:
        faults.append(_not_text(body, error.start, "A byte that is not UTF-8"))
        raise RulebookFaulty(tuple(faults)) from error


def _not_text(body: bytes, at: int, what: str) -> Fault:
    return Fault(
        "", body.count(b"\n", 0, at) + 1, "not_text", f"{what} was found; a rulebook is text in UTF-8."
    )


def _not_toml(body: str, message: str) -> Fault:
    """tomllib names the line in its message, or the end of the document."""
    said = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    what, line = (said[1], said[2]) if said else (message, None)
    at = int(line) if line else body.rstrip("\n").count("\n") + 1
    return Fault("", at, "not_toml", f"This is not TOML: {what}.")
