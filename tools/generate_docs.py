"""Write docs/events.md from the events, commands and refusals themselves; ``--check`` only says whether it is stale.

Run it with ``.venv/bin/python tools/generate_docs.py`` after changing one of them; a test fails when it is stale.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect as shapes

ROOT = Path(__file__).parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from ledger.command import Command  # noqa: E402
from ledger.commands import COMMAND_TYPES, ORDER  # noqa: E402
from ledger.events import EVENT_TYPES, Event  # noqa: E402
from ledger.posting import Posting  # noqa: E402
from ledger.refusals import REFUSALS  # noqa: E402

TARGET = ROOT / "docs" / "events.md"

INTRODUCTION = """\
<!-- Made by tools/generate_docs.py from the events, commands and refusals of ledger/. Change those, then run it. -->

# Events, commands and refusals

A client posts a *command* to `POST /v1/events`: a claim of what happened. A rule decides it. What follows is one or
more *events*, facts in the past tense that stand in the log for ever, or a *refusal*, which is in the log too. Members
in **bold** are always there; the others may be left out, and then mean what is said beside them.
"""

EVENTS = """\
## Events

Stored as JSON, under a topic. A topic never changes its shape: a new shape is a new topic. The stream that an event
belongs to and its place in it stand beside it in the log: `p-000123@sx-2019` holds what a participant did in a
campaign, `campaign/sx-2019` the campaign's rules, `team/sx-2019/lanterns-7` a team, `pool/sx-2019/red-packet` a prize
pool and `board/sx-2019/teams` a ranking that was frozen. What belongs to the public trial has the book
`sx-2019.trial` in these names. One request can lead to events in several streams; they follow each other in the log.
"""

COMMANDS = """\
## Commands

The `data` of a CloudEvent of this `type`. A command that does not fit is malformed: the answer points at the member,
and nothing is recorded. Members that are not listed are malformed too.
"""

OPERATORS = """\
### Commands of operators and of the scheduler

Not posted as events: they have addresses of their own, or are given by the worker when their time has come.
"""

REFUSED = """\
## Refusals

The business says no: `422` with the code, the clause and the position of the `activity-refused.v1` event that records
it. When several hold, the first of this list is the answer. Where no clause is given, the answer names the clause of
the campaign's rulebook.

| code | clause | meaning |
|---|---|---|
"""


def render() -> str:
    """The whole page."""
    parts = [INTRODUCTION, EVENTS, "### Every event\n", said(Event), members(shape(Event))]
    parts += ["### A posting\n", said(Posting), members(shape(Posting))]
    for topic, event in EVENT_TYPES.items():
        own = [field for field in shape(event) if field.name not in Event.__struct_fields__]
        parts += [f"### `{topic}`\n", said(event), members(own)]
    parts.append(COMMANDS)
    for name, command in COMMAND_TYPES.items():
        parts += [f"### `{name}`\n", said(command), members(shape(command))]
    parts.append(OPERATORS)
    for command in sorted(Command.__subclasses__(), key=lambda each: ORDER.index(each.__module__)):
        if not command.POSTED:
            parts += [f"#### {command.__name__}\n", said(command), members(shape(command))]
    parts.append(REFUSED + "".join(refusals()))
    return "\n".join(part for part in parts if part)


def refusals() -> Iterator[str]:
    """A row for each refusal."""
    for refusal in REFUSALS:
        meaning = " ".join(inspect.cleandoc(refusal.__doc__ or "").split())
        yield f"| `{refusal.CODE}` | {refusal.CLAUSE} | {meaning} |\n"


def said(cls: type) -> str:
    """A docstring as Markdown: its paragraphs, and each line that explains members as an item."""
    text = inspect.cleandoc(cls.__doc__ or "").replace("``", "`")
    summary, _, rest = text.partition("\n\n")
    lines = [" ".join(summary.split()), ""]
    for line in rest.splitlines():
        name = line.partition(":")[0].partition(",")[0].strip()
        if name in getattr(cls, "__struct_fields__", ()):
            lines.append(f"- {line}")
        elif line.startswith("Source:"):
            lines += ["", line]
        elif lines[-1].startswith(("- ", "  ")):
            lines.append(f"  {line}")
        else:
            lines.append(line)
    return "\n".join(lines).strip() + "\n"


def shape(cls: type[msgspec.Struct]) -> list[shapes.Field]:
    """The members of a struct, as stored."""
    info = shapes.type_info(cls)
    assert isinstance(info, shapes.StructType)
    return list(info.fields)


def members(fields: list[shapes.Field]) -> str:
    """A table of members."""
    if not fields:
        return "No members of its own.\n"
    rows = ["| member | what | left out |", "|---|---|---|"]
    for field in fields:
        name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
        rows.append(f"| {name} | {words(field.type)} | {'' if field.required else default(field)} |")
    return "\n".join(rows) + "\n"


def default(field: shapes.Field) -> str:
    """What a member means that is not there."""
    value: Any = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    if value is None or isinstance(value, msgspec.Raw):
        return "nothing said"
    if isinstance(value, bool):
        return "no"
    return "none" if value in ((), {}, "") else str(value)


SIMPLE: dict[type[shapes.Type], str] = {
    shapes.BoolType: "yes or no",
    shapes.DateType: "day",
    shapes.DateTimeType: "moment",
    shapes.RawType: "JSON",
    shapes.AnyType: "JSON",
}


def words(kind: shapes.Type) -> str:
    """A type in words."""
    match kind:
        case shapes.Metadata():
            return words(kind.type)
        case shapes.UnionType():
            return " or ".join(words(each) for each in kind.types if not isinstance(each, shapes.NoneType))
        case shapes.LiteralType():
            return " or ".join(f"`{value}`" for value in kind.values)
        case shapes.IntType():
            return "whole number" + span(kind.ge, kind.le, "")
        case shapes.StrType():
            pattern = f" like `{kind.pattern}`" if kind.pattern else ""
            return "text" + pattern + span(kind.min_length, kind.max_length, " characters")
        case shapes.VarTupleType():
            return f"list of {words(kind.item_type)}"
        case shapes.TupleType():
            return f"[{', '.join(words(each) for each in kind.item_types)}]"
        case shapes.DictType():
            return f"{words(kind.value_type)} for each name"
        case shapes.StructType():
            names = ", ".join(field.name for field in kind.fields)
            parts = f"[{names}]" if kind.array_like else f"{{{names}}}"
            return "posting" if kind.cls is Posting else parts
        case _:
            return SIMPLE[type(kind)]


def span(least: int | None, most: int | None, unit: str) -> str:
    """The limits of a member; huge ones are only there so that the database can hold the number."""
    if most is not None and most < 2**53:
        return f", {least or 0:,} to {most:,}{unit}"
    return f", {least:,} or more{unit}" if least else ""


def main() -> int:
    """Write the page, or say that it is stale."""
    page = render()
    if "--check" in sys.argv[1:]:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == page:
            return 0
        print(f"{TARGET.relative_to(ROOT)} is stale: run python tools/generate_docs.py", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
