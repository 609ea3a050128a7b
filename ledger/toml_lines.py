"""Which line of a TOML text each of its members stands on; tomllib does not say.

Pure. ``locate`` goes over the text once, before tomllib does, and notes every table, key and array element. It judges
no grammar: where it understands nothing it stops, and tomllib names the error. It does refuse what would bring
tomllib down: tables and arrays nested without end, and numbers without end.
"""

import contextlib
import re
import tomllib

import msgspec

Place = tuple[str | int, ...]
"""Where a member is: names of tables and members, and places in arrays counted from 0."""

MAX_DEPTH = 32
MAX_NUMBER = 100

_BLANK = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_SPACE = re.compile(r"[ \t]*+")
_REST = re.compile(r"[^\n]*+")
_BARE = re.compile(r"[A-Za-z0-9_-]++")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?!"")(?:[^"\\\n]++|\\.)*+"'
    r"|'(?!'')[^'\n]*+'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]++")
_LONG_NUMBER = re.compile(rf"[+-]?[0-9][0-9A-Za-z_]{{{MAX_NUMBER},}}")


def spell(place: Place) -> str:
    """A place as people read it: ``points[2].amount``. Names that are not plain stand in quotes."""
    said = ""
    for part in place:
        if isinstance(part, int):
            said += f"[{part}]"
            continue
        name = part if _BARE.fullmatch(part) else msgspec.json.encode(part).decode()
        said += f".{name}" if said else name
    return said


class ExcessError(Exception):
    """More than any rulebook needs, and more than it is safe to parse: nesting or a number without end."""

    def __init__(self, line: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.line = line
        self.code = code
        self.detail = detail


class Lines:
    """The line of every member of a text, counted from 1."""

    def __init__(self, found: dict[Place, int]) -> None:
        self._found = found

    def of(self, place: Place) -> int:
        """The line of a member; of the nearest table or array around it when the text does not have it."""
        while place and place not in self._found:
            place = place[:-1]
        return self._found.get(place, 1)


def locate(text: str) -> Lines:
    """Find the line of every member of a TOML text.

    A text that is not TOML gives the lines up to the error. Raises ExcessError for what is not to be parsed.
    """
    scan = _Scan(text.replace("\r\n", "\n"))
    with contextlib.suppress(_NotUnderstoodError):  # tomllib stops there too, and says why
        scan.document()
    return Lines(scan.found)


class _NotUnderstoodError(Exception):
    """The text goes on in a way that is not TOML."""


class _Scan:
    """One pass over a text. ``at`` is where it has got to, ``line`` the line of that."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.found: dict[Place, int] = {}
        self.tables: dict[Place, int] = {}  # how many [[tables]] of a name there are so far

    def document(self) -> None:
        table: Place = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_REST)
            self.skip(_BLANK)

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Go past what the pattern matches here, and return it."""
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _NotUnderstoodError
        self.at = match.end()
        self.line += match[0].count("\n")
        return match[0]

    def take(self, mark: str) -> bool:
        """Go past a mark if it stands here."""
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise _NotUnderstoodError

    def note(self, place: Place) -> None:
        """Remember that a place, and whatever is around it, stands on this line unless it was seen before."""
        if len(place) > MAX_DEPTH:
            raise self.too_deep()
        for end in range(len(place), 0, -1):
            if place[:end] in self.found:
                break
            self.found[place[:end]] = self.line

    def too_deep(self) -> ExcessError:
        return ExcessError(self.line, "too_deep", f"Tables and arrays nest deeper than {MAX_DEPTH} levels.")

    def header(self) -> Place:
        """[table] or [[table]]: note it and return where its members go."""
        many = self.take("[[")
        if not many:
            self.expect("[")
        *around, name = self.key()
        self.expect("]]" if many else "]")
        place: Place = ()
        for part in around:
            place = self.newest((*place, part))
        place = (*place, name)
        if many:
            self.tables[place] = self.tables.get(place, 0) + 1
            place = self.newest(place)
        self.note(place)
        self.found[place] = self.line  # [a] may follow [a.b], which noted it too
        return place

    def newest(self, place: Place) -> Place:
        """The last of several [[tables]], or the place itself."""
        return (*place, self.tables[place] - 1) if place in self.tables else place

    def key(self) -> list[str]:
        """A dotted key: its parts, at least one."""
        parts: list[str] = []
        while not parts or self.take("."):
            self.skip(_SPACE)
            quoted = self.text.startswith(('"', "'"), self.at)
            parts.append(self.quoted() if quoted else self.skip(_BARE))
            self.skip(_SPACE)
            if len(parts) > MAX_DEPTH:
                raise self.too_deep()
        return parts

    def quoted(self) -> str:
        try:
            return str(tomllib.loads(f"key = {self.skip(_STRING)}")["key"])
        except tomllib.TOMLDecodeError as error:
            raise _NotUnderstoodError from error

    def pair(self, table: Place) -> None:
        place = (*table, *self.key())
        self.note(place)
        self.expect("=")
        self.skip(_SPACE)
        self.value(place)

    def value(self, place: Place) -> None:
        if self.take("["):
            self.array(place)
        elif self.take("{"):
            self.inline_table(place)
        elif self.text.startswith(('"', "'"), self.at):
            self.skip(_STRING)
        elif _LONG_NUMBER.match(self.text, self.at):
            raise ExcessError(self.line, "too_large", f"A number is longer than {MAX_NUMBER} digits.")
        else:
            self.skip(_SCALAR)

    def array(self, place: Place) -> None:
        index = 0
        self.skip(_BLANK)
        while not self.take("]"):
            self.note((*place, index))
            self.value((*place, index))
            self.skip(_BLANK)
            if not self.take(","):
                self.expect("]")
                return
            self.skip(_BLANK)
            index += 1

    def inline_table(self, place: Place) -> None:
        self.skip(_BLANK)
        while not self.take("}"):
            self.pair(place)
            self.skip(_BLANK)
            if not self.take(","):
                self.expect("}")
                return
            self.skip(_BLANK)
