"""What the API asks of the union tree. Each call is one statement, or two for a search; nothing waits."""

from datetime import datetime

import msgspec

from projections.branches import folded
from projections.projection import query
from projections.reads import Connection, rows

VIEWS = ("branches",)
SHORTEST = 2
"""Characters that a search takes at least (SJ-07)."""
LAST = "\U0010ffff"
"""No text of a name comes after this."""
EVERYWHERE = ("", LAST)


class BranchRow(msgspec.Struct, frozen=True):
    """A union. above: of the tree as it is today. stands: itself, or what it is part of since it was merged.

    folded, path: by what lists are ordered. parts: whether unions stand below it.
    """

    id: str
    name: str
    kind: str
    above: str | None
    pending: bool
    merged: bool
    stands: str
    position: int
    folded: str
    path: str
    parts: bool

    @property
    def status(self) -> str:
        """pending, confirmed or merged."""
        return "merged" if self.merged else "pending" if self.pending else "confirmed"


Found = tuple[bool, str, str]
"""Where a page of a search ends: whether its last name began with the text, the folded name, the id."""


def range_of(prefix: str | None) -> tuple[str, str]:
    """The paths of a union and all below it: from the first on, before the second. None: all of the tree."""
    return EVERYWHERE if prefix is None else (prefix, prefix[:-1] + "0")  # 0 comes after /


async def below(conn: Connection, above: str | None, after: tuple[str, str], limit: int) -> list[BranchRow]:
    """The unions right below one, None for the top, after a folded name and id."""
    parameters = {"above": above, "folded": after[0], "id": after[1], "limit": limit}
    return [BranchRow(*row) for row in await rows(conn, "branches_below", parameters)]


async def pending(conn: Connection, under: str | None, after: str, limit: int) -> list[BranchRow]:
    """The unions that wait to be confirmed or merged, after a path. under: path of a union, None for all."""
    begins, until = range_of(under)
    parameters = {"path": after, "under": begins, "until": until, "limit": limit}
    return [BranchRow(*row) for row in await rows(conn, "branches_pending", parameters)]


async def search(
    conn: Connection, text: str, under: str | None, after: Found | None, limit: int
) -> list[tuple[bool, BranchRow]]:
    """The unions whose name begins with a text, then those that have it inside; each with whether it begins so.

    text: two characters or more, as somebody wrote it. under: path of a union, None for all of the tree.
    """
    wanted = folded(text)
    begins, until = range_of(under)
    parameters: dict[str, object] = {
        "text": wanted,
        "text_until": wanted + LAST,
        "under": begins,
        "until": until,
    }
    parameters["grams"] = sorted({wanted[place : place + 2] for place in range(len(wanted) - 1)})
    found: list[tuple[bool, BranchRow]] = []
    for phase, name in ((True, "branches_beginning"), (False, "branches_containing")):
        if after is not None and phase and not after[0]:
            continue
        here = after is not None and after[0] == phase
        parameters["folded"], parameters["id"] = (after[1], after[2]) if here and after else ("", "")
        parameters["limit"] = limit - len(found)
        if limit > len(found):
            async with conn.cursor() as cursor:  # planned anew: how rare a text is decides the way
                await cursor.execute(query(name), parameters, prepare=False)
                found += [(phase, BranchRow(*row)) for row in await cursor.fetchall()]
    return found


async def branch(conn: Connection, id: str) -> tuple[BranchRow, list[BranchRow]] | None:
    """A union, and the unions above what stands for it, the top first; None if the tree never had it."""
    found = [BranchRow(*row) for row in await rows(conn, "branch", {"id": id})]
    mine = next((row for row in found if row.id == id), None)
    if mine is None:
        return None
    return mine, [row for row in found if not row.merged and row.id not in (id, mine.stands)]


async def absorbed(conn: Connection, id: str, limit: int) -> list[tuple[str, str, datetime]]:
    """The unions that are part of one because they were merged: id, name, when."""
    return [
        (id, name, at) for id, name, at in await rows(conn, "branches_absorbed", {"id": id, "limit": limit})
    ]


async def path_of(conn: Connection, id: str) -> str | None:
    """The path of what stands for a union; None if the tree never had it."""
    row = await (await conn.execute("SELECT path FROM branches WHERE id = %s", (id,))).fetchone()
    return str(row[0]) if row else None
