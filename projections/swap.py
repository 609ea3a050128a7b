"""Tables beside the live ones: made like them, compared with them, and put in their place by name.

Grants on a table stay with the table that goes: give them by ALTER DEFAULT PRIVILEGES, so that new tables have them.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Cursor
from psycopg.sql import SQL, Identifier, Literal

from projections.projection import REBUILD_TABLE

TABLE_ONLY = """
    SELECT coalesce(reloptions, '{}'), obj_description(oid, 'pg_class') FROM pg_class WHERE oid = %s::regclass
"""
SAME_INDEXES = """
    SELECT new_name.relname, old_name.relname
    FROM pg_index AS new
    JOIN pg_index AS old
        ON new.indkey::text = old.indkey::text
        AND new.indisprimary = old.indisprimary
        AND new.indisunique = old.indisunique
        AND pg_get_expr(new.indpred, new.indrelid) IS NOT DISTINCT FROM pg_get_expr(old.indpred, old.indrelid)
    JOIN pg_class AS new_name ON new_name.oid = new.indexrelid
    JOIN pg_class AS old_name ON old_name.oid = old.indexrelid
    WHERE new.indrelid = %s::regclass AND old.indrelid = %s::regclass
"""
CONTENTS = "SELECT count(*), coalesce(sum(hash_record_extended(t, 0)), 0) FROM {} AS t"
ONLY_IN_ONE = "SELECT count(*) FROM (TABLE {} EXCEPT ALL TABLE {}) AS t"


class Comparison(msgspec.Struct, frozen=True):
    """A live table and the rebuilt one at the same position: rows of each, and rows that only one of them has."""

    table: str
    live: int
    rebuilt: int
    only_live: int
    only_rebuilt: int

    @property
    def same(self) -> bool:
        """Whether both hold the same rows."""
        return not self.only_live and not self.only_rebuilt

    def __str__(self) -> str:
        if self.same:
            return f"{self.table}: {self.rebuilt:,} rows, as before"
        lost, new = f"{self.only_live:,} rows gone", f"{self.only_rebuilt:,} new"
        return f"{self.table}: {self.rebuilt:,} rows, {lost}, {new}"


def drop_beside(cursor: Cursor[Any], tables: Iterable[str]) -> None:
    """Remove what an abandoned rebuild has left."""
    for table in tables:
        cursor.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(table + REBUILD_TABLE)))


def create_beside(cursor: Cursor[Any], tables: Iterable[str]) -> None:
    """Make an empty table like each live one, its comment and storage parameters included."""
    for table in tables:
        beside = Identifier(table + REBUILD_TABLE)
        cursor.execute(SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(beside, Identifier(table)))
        row = cursor.execute(TABLE_ONLY, (table,)).fetchone()
        assert row is not None
        for option in row[0]:
            name, _, value = option.partition("=")
            cursor.execute(
                SQL("ALTER TABLE {} SET ({} = {})").format(beside, Identifier(name), Literal(value))
            )
        cursor.execute(SQL("COMMENT ON TABLE {} IS {}").format(beside, Literal(row[1])))


def compare(cursor: Cursor[Any], table: str) -> Comparison:
    """Count and hash both tables; only if that tells them apart, find out by how many rows."""
    live, rebuilt = Identifier(table), Identifier(table + REBUILD_TABLE)
    contents = [cursor.execute(SQL(CONTENTS).format(each)).fetchone() for each in (live, rebuilt)]
    counts = [row[0] for row in contents if row is not None]
    differences = [0, 0]
    if contents[0] != contents[1]:
        for place, pair in enumerate(((live, rebuilt), (rebuilt, live))):
            row = cursor.execute(SQL(ONLY_IN_ONE).format(*pair)).fetchone()
            assert row is not None
            differences[place] = row[0]
    return Comparison(table, *counts, *differences)


def swap(cursor: Cursor[Any], tables: Iterable[str]) -> None:
    """Put the rebuilt tables in the place of the live ones; their indexes and constraints keep the live names.

    In the caller's transaction. Waits for readers of the live tables, and new ones wait for the commit.
    """
    for table in tables:
        beside = table + REBUILD_TABLE
        indexes = cursor.execute(SAME_INDEXES, (beside, table)).fetchall()
        cursor.execute(SQL("DROP TABLE {}").format(Identifier(table)))
        cursor.execute(SQL("ALTER TABLE {} RENAME TO {}").format(Identifier(beside), Identifier(table)))
        for new, old in indexes:
            cursor.execute(SQL("ALTER INDEX {} RENAME TO {}").format(Identifier(new), Identifier(old)))
