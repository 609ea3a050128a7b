"""Reading a roster: a CSV of people as unions and insurers really write it. Source: ZG-01.

Bytes in, people and remarks out, line by line: memory does not grow with the file. Every line that holds something
becomes a `Listed` or a remark that says why not. A remark names the line and never what it held.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import BinaryIO, Literal, NamedTuple

from ledger.personal import Unfit, names_somebody, normalised

Encoding = Literal["utf-8", "gb18030"]
Column = Literal["name", "id_number", "phone", "union", "reference"]

SPELLINGS: tuple[tuple[Column, str], ...] = (
    ("name", "姓名 职工姓名 会员姓名 名字 name fullname"),
    ("id_number", "身份证号 身份证号码 身份证 居民身份证号 公民身份号码 证件号码 证件号"),
    ("id_number", "idnumber idcard idno identitynumber"),
    ("phone", "手机号 手机号码 手机 移动电话 联系电话 联系方式 电话 电话号码 phone phonenumber mobile tel"),
    ("union", "单位 单位名称 工作单位 所在单位 工会 工会名称 所在工会 所属工会 基层工会 单位/工会"),
    ("union", "union branch unit"),
    ("reference", "编号 会员编号 会员号 会员证号 职工编号 工号 人员编号 reference ref memberno memberid"),
)
HEADERS: dict[str, Column] = {
    spelling: column for column, spellings in SPELLINGS for spelling in spellings.split()
}
"""How a column's header may be written, without spaces, underscores and capitals → what it holds."""

NEEDED: tuple[Column, ...] = ("id_number", "union")
SAMPLE = 1 << 20
LONGEST_LINE = 10_000
LONGEST_REFERENCE = 100

_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CHINESE = re.compile(r"[\x00-\x7f·\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]*")
_SPREADSHEET = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_ASIDE = re.compile(r"[\s_()（）-]+")


class UnreadableFile(Exception):
    """The file as a whole cannot be read. The text says what to do."""


class Listed(NamedTuple):
    """A person of a roster, normalised. union: as it is written there; all but line and id_number may be empty."""

    line: int
    id_number: str
    union: str
    name: str
    phone: str
    reference: str


class Remark(NamedTuple):
    """What there is to say of a line. taken: whether the person was taken all the same. says: what to do."""

    line: int
    code: str
    taken: bool
    says: str


Line = tuple[int, bytes]
"""A line of the file, with its number from 1."""


class Reading(NamedTuple):
    """How a roster is to be read. width: cells of its header; columns: where each of ours stands."""

    encoding: Encoding
    delimiter: str
    width: int
    columns: Mapping[Column, int]

    def people(self, lines: Iterable[Line]) -> Iterator[Listed | Remark]:
        """Each line in order: a person, preceded by what there is to remark of it; or a remark alone."""
        for number, raw in lines:
            line = raw.strip(b"\r\n")
            if len(raw) > LONGEST_LINE:
                yield Remark(number, "too_long", False, "The line is no person; look for a missing line end.")
            elif line.strip():
                yield from self._line(number, line)

    def _line(self, number: int, raw: bytes) -> Iterator[Listed | Remark]:
        text, mixed = _decoded(raw, self.encoding)
        if text is None:
            says = (
                f"The line is neither UTF-8 nor GB18030 for certain; save the whole file as {self.encoding}."
            )
            yield Remark(number, "bad_encoding", False, says)
            return
        if mixed:
            says = (
                f"The line is in another encoding than the file ({self.encoding}); it was read all the same."
            )
            yield Remark(number, "mixed_encoding", True, says)
        cells = _cells(text, self.delimiter)
        if cells is None or len(cells) < self.width or any(cells[self.width :]):
            says = (
                f"The line has not as many cells as the header ({self.width}); look at its commas and quotes."
            )
            yield Remark(number, "bad_columns", False, says)
            return
        yield from _person(number, {name: cells[at] for name, at in self.columns.items()})


def reading_of(file: BinaryIO) -> Reading:
    """How a roster is to be read, by its beginning; the file is at its beginning again. Raises UnreadableFile."""
    sample = file.read(SAMPLE)
    file.seek(0)
    if sample.startswith(_UTF_16) or b"\0" in sample:
        raise UnreadableFile("The file is UTF-16 or no text; save it as CSV in UTF-8.")
    encoding = judged(sample)
    first = sample.removeprefix(_BOM).partition(b"\n")[0].rstrip(b"\r")
    text, _ = _decoded(first[:LONGEST_LINE], encoding)
    tries = {each: _cells(text or "", each) or [] for each in ",;\t"}
    delimiter = max(tries, key=lambda each: len(tries[each]))
    header = [cell.strip() for cell in tries[delimiter]]
    if not any(header):
        raise UnreadableFile("The file is empty; its first line must name the columns.")
    return Reading(encoding, delimiter, len(header), columns_of(header))


def chunks(file: BinaryIO, size: int) -> Iterator[list[Line]]:
    """The lines after the header, so many at once."""
    lines = islice(enumerate(_lines(file), start=1), 1, None)
    while chunk := list(islice(lines, size)):
        yield chunk


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is too long, its beginning."""
    for line in iter(partial(file.readline, LONGEST_LINE + 1), b""):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        yield line


def judged(sample: bytes) -> Encoding:
    """The encoding of most lines of the beginning of a file. GB18030 is only for lines that are no UTF-8."""
    if sample.startswith(_BOM):
        return "utf-8"
    utf_8 = others = 0
    for line in sample.split(b"\n")[:-1] or [sample]:
        if not line.isascii():
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                others += 1
            else:
                utf_8 += 1
    return "gb18030" if others > utf_8 else "utf-8"


def columns_of(header: list[str]) -> dict[Column, int]:
    """Which column holds what. Raises UnreadableFile when one that is needed is missing, or stands there twice."""
    found: dict[Column, int] = {}
    for at, name in enumerate(header):
        column = HEADERS.get(_ASIDE.sub("", unicodedata.normalize("NFKC", name.strip("\ufeff"))).lower())
        if column is None:
            continue
        if column in found:
            raise UnreadableFile(
                f"Both {header[found[column]]!r} and {name!r} could be the {column}; leave one out."
            )
        found[column] = at
    missing = [column for column in NEEDED if column not in found]
    if missing:
        raise UnreadableFile(
            f"The header has no column for {' and '.join(missing)}. Known are, among others: 姓名, 身份证号, 手机号,"
            " 单位, 工会, 编号; name, id_number, phone, union, reference."
        )
    return found


def _decoded(raw: bytes, encoding: Encoding) -> tuple[str | None, bool]:
    """A line as text, and whether it is in another encoding than its file; None when it is in none for certain."""
    if raw.isascii():
        return raw.decode("ascii"), False
    utf_8 = _as(raw, "utf-8")
    if encoding == "utf-8":
        if utf_8 is not None:
            return utf_8, False
        text = _as(raw, "gb2312")  # of what GB18030 can say that alone is not met by chance
        return text, text is not None
    if utf_8 is not None and _CHINESE.fullmatch(utf_8):
        return utf_8, True
    return _as(raw, "gb18030"), False


def _as(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _cells(text: str, delimiter: str) -> list[str] | None:
    if '"' not in text:
        return text.split(delimiter)
    if text.count('"') % 2:
        return None  # half of a cell that goes over two lines: nobody may be entered under half a name
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None
    loose = cells is not None and '""' not in text and any('"' in cell for cell in cells)
    return None if loose else cells


def _person(number: int, cells: Mapping[Column, str]) -> Iterator[Listed | Remark]:
    """The person of a line, or why it is none."""
    told = cells["id_number"].strip("\t '\"=")
    if _SPREADSHEET.fullmatch(told):
        says = "A spreadsheet has rounded the identity number; make its column text and type it again."
        yield Remark(number, "spoilt_id_number", False, says)
        return
    try:
        id_number = normalised("id_number", told)
    except Unfit as fault:
        code = "no_id_number" if fault.code == "empty" else fault.code
        yield Remark(number, code, False, str(fault))
        return
    union = unicodedata.normalize("NFKC", cells["union"]).strip()
    if not union:
        yield Remark(number, "no_union", False, "The line names no union; write its id or its exact name.")
        return
    name, remark = _optional(number, "name", cells.get("name", ""))
    if remark:
        yield remark
    phone, remark = _optional(number, "phone", cells.get("phone", "").strip("\t '\"="))
    if remark:
        yield remark
    reference, remark = _reference(number, cells.get("reference", ""))
    if remark:
        yield remark
    yield Listed(number, id_number, union, name, phone, reference)


def _optional(number: int, field: str, told: str) -> tuple[str, Remark | None]:
    if not told or told.isspace():
        return "", None
    try:
        return normalised(field, told), None
    except Unfit as fault:
        return "", Remark(number, f"bad_{field}", True, f"{fault} The person was taken without it.")


def _reference(number: int, told: str) -> tuple[str, Remark | None]:
    reference = unicodedata.normalize("NFKC", told).strip()
    if len(reference) > LONGEST_REFERENCE or not reference.isprintable():
        says = f"The reference has more than {LONGEST_REFERENCE} characters, or some that cannot be printed."
        return "", Remark(number, "bad_reference", True, f"{says} The person was taken without it.")
    if reference and names_somebody(reference):
        says = "The reference is an identity number or a phone number, which the log must not hold."
        return "", Remark(number, "personal_reference", True, f"{says} The person was taken without it.")
    return reference, None
