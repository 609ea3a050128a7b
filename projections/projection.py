"""What a projection is: events in, rows out, and the statements that merge those rows into its tables.

Nothing here touches tracking or parked events; see delivery.py for the transaction around it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, LiteralString

import msgspec
from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier

from ledger.events import Event

QUERIES = Path(__file__).parent / "queries"
REBUILD_NAME = ".rebuild"
REBUILD_TABLE = "__rebuild"
MANY_DEAD_ROWS = 20_000

Row = tuple[Any, ...]
Rows = tuple[list[Row], ...]
"""The rows for each of a projection's stages, in the order of its stages."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """An event as it stands in the log, decoded.

    stream: its originator id. participant: whose stream it is, empty for those of campaigns, teams, pools and boards.
    book: the campaign, or its trial, that it counts in (SX-01).
    """

    position: int
    stream: str
    event: Event
    participant: str
    campaign: str
    book: str


class Stage(msgspec.Struct, frozen=True):
    """Where rows are copied to: a table of the projection, or a temporary one that its statements read.

    columns: name → PostgreSQL type, in the order of the rows' members.
    """

    name: str
    columns: dict[str, str]
    temporary: bool = True


@cache
def query(name: str) -> LiteralString:
    """The text of ``queries/{name}.sql``. Its first line says what it is for."""
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


class Projection:
    """A view of the log. Subclasses say which tables, and how events become rows.

    Rows may depend on the order of events within one stream, never on the order between streams: a parked stream is
    delivered later than its neighbours. ``fold`` is pure: it may run in any thread, at any time, and again.

    rebuilding: whether to write the tables of a rebuild, under a tracking of its own, instead of the live ones.
    """

    NAME: ClassVar[str]
    TABLES: ClassVar[tuple[str, ...]]
    STAGES: ClassVar[tuple[Stage, ...]]
    STATEMENTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, rebuilding: bool = False) -> None:
        self.name = self.NAME + REBUILD_NAME if rebuilding else self.NAME
        suffix = REBUILD_TABLE if rebuilding else ""
        tables = {table: Identifier(table + suffix) for table in self.TABLES}
        self._copies = [_copy(stage, tables) for stage in self.STAGES]
        self._dead = dict.fromkeys((stage.name for stage in self.STAGES), 0)
        self._statements = [SQL(query(name)).format(**tables) for name in self.STATEMENTS]

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """The rows that these events, in this order, lead to. Events that say nothing to the view are passed over."""
        raise NotImplementedError

    def prepare(self, cursor: Cursor[Any]) -> None:
        """Make the temporary tables, once for each connection."""
        for stage in self.STAGES:
            if stage.temporary:
                cursor.execute(_create(stage))

    def write(self, cursor: Cursor[Any], rows: Rows) -> None:
        """Merge folded rows into the tables, in the caller's transaction."""
        for stage, copy_into, staged in zip(self.STAGES, self._copies, rows, strict=True):
            if stage.temporary:
                self._empty(cursor, stage, len(staged))
            if staged:
                with cursor.copy(copy_into) as copy:
                    copy.set_types(list(stage.columns.values()))
                    for row in staged:
                        copy.write_row(row)
        for statement in self._statements:
            cursor.execute(statement)

    def _empty(self, cursor: Cursor[Any], stage: Stage, coming: int) -> None:
        """Empty a temporary table before its next rows.

        Deleting is quick and leaves the dead rows behind; truncating takes some milliseconds, so it has to wait until
        there are many of them. (ON COMMIT DELETE ROWS truncates every time.)
        """
        dead = self._dead[stage.name]
        verb = SQL("TRUNCATE {}") if dead > MANY_DEAD_ROWS else SQL("DELETE FROM {}")
        cursor.execute(verb.format(Identifier(stage.name)))
        self._dead[stage.name] = coming if dead > MANY_DEAD_ROWS else dead + coming


def _copy(stage: Stage, tables: dict[str, Identifier]) -> Composed:
    target = Identifier(stage.name) if stage.temporary else tables[stage.name]
    columns = SQL(", ").join(map(Identifier, stage.columns))
    return SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(target, columns)


def _create(stage: Stage) -> Composed:
    columns = SQL(", ").join(
        SQL("{} {}").format(Identifier(n), Identifier(t)) for n, t in stage.columns.items()
    )
    return SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} ({})").format(Identifier(stage.name), columns)
