"""The report of a campaign's unions: who enrolled, took part, walked and attained, for each and all below it.

Computed when it is asked for: about a second for a million people. Source: SX-27, SX-28, JS-12, EC-09.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Literal

from ledger.rulebook import Rulebook
from projections import units
from projections.branch_reads import range_of
from projections.reads import Connection

COLUMNS = SQL("entrant, name, kind, members, active, walked, days_attained, total_steps")
SETTINGS = (
    "SET LOCAL enable_seqscan TO on",  # these statements do read all of it
    "SET LOCAL work_mem TO '128MB'",
    "SET LOCAL jit TO off",
)
BELOW = """
    SELECT b.id, b.name, b.kind, CASE WHEN b.id <> t.stands THEN b.above END, b.path
    FROM branches AS b
    JOIN branches AS t ON t.id = %(top)s AND b.path >= t.path AND b.path < rtrim(t.path, '/') || '0'
    WHERE b.merged_into IS NULL AND b.path > %(after)s AND b.path >= %(begins)s AND b.path < %(until)s
    ORDER BY b.path
    LIMIT %(limit)s
"""
OF_TREE = "SELECT id, name, above, path FROM branches WHERE id = ANY(%s)"


class Unit(msgspec.Struct, frozen=True):
    """A union of a campaign's report. parent: the one above it in the campaign. place: by what the list goes on.

    quota: what it is to bring, with that of those merged into it; None for no quota. Figures include all below it:
    members take part (EC-09), active ones have signed in, synced or run, walked ones have walked or run.
    """

    id: str
    name: str
    kind: str
    parent: str | None
    place: str
    quota: int | None = None
    members: int = 0
    active: int = 0
    walked: int = 0
    attained: int = 0
    steps: int = 0
    merged_from: tuple[str, ...] = ()


Figures = Mapping[str, tuple[str, str, int, int, int, int, int]]
"""Union → name, kind, members, active, walked, attained member-days, steps."""


async def report(
    conn: Connection, rules: Rulebook, book: str, *, under: str | None, after: str, limit: int
) -> list[Unit]:
    """The unions of a campaign after a place, at most so many.

    A list in the order of the rulebook, then units below it that somebody takes part for; a tree in its own order.
    under: path of a union of the tree; then only those that stand below it, by the name that the tree knows.
    """
    async with conn.transaction():
        for setting in SETTINGS:
            await conn.execute(setting)
        if rules.enrolment.tree and not rules.enrolment.branches:
            found = await _of_the_tree(conn, rules, under, after, limit)
            figures = await _figures(conn, rules, book, [unit.id for unit in found])
        else:
            figures = await _figures(conn, rules, book, None)
            whole = await _of_a_list(conn, rules, figures, under)
            found = [unit for unit in whole if unit.place > after][:limit]
    return [_filled(unit, figures) for unit in found]


async def totals(conn: Connection, rules: Rulebook, book: str) -> Unit:
    """Everybody of a campaign, each once, whatever the unions."""
    async with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        for setting in SETTINGS:
            await cursor.execute(setting)
        statement = SQL(
            "SELECT coalesce(sum(members), 0)::bigint, coalesce(sum(active), 0)::bigint,"
            " coalesce(sum(walked), 0)::bigint, coalesce(sum(attained), 0)::bigint,"
            " coalesce(sum(steps), 0)::bigint FROM ({}) AS o"
        )
        await cursor.execute(statement.format(units.own(rules, book)))
        row = await cursor.fetchone()
    assert row is not None
    return Unit("", "", "", None, "", None, *row)


async def _figures(
    conn: Connection, rules: Rulebook, book: str, wanted: Sequence[str] | None
) -> dict[str, tuple[str, str, int, int, int, int, int]]:
    condition: Composable = SQL("")
    if wanted is not None:
        condition = SQL("WHERE entrant = ANY({}::text[])").format(Literal(list(wanted)))
    statement = SQL("SELECT {} FROM ({}) AS u {}").format(COLUMNS, units.units(rules, book), condition)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement)
        return {row[0]: row[1:] for row in await cursor.fetchall()}


async def _of_the_tree(
    conn: Connection, rules: Rulebook, under: str | None, after: str, limit: int
) -> list[Unit]:
    begins, until = range_of(under)
    named = {"top": rules.enrolment.tree, "after": after, "begins": begins, "until": until, "limit": limit}
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(BELOW, named)
        return [Unit(*row) for row in await cursor.fetchall()]


async def _of_a_list(conn: Connection, rules: Rulebook, figures: Figures, under: str | None) -> list[Unit]:
    listed = {branch.id: branch for branch in rules.enrolment.branches}
    statement = SQL(
        "WITH RECURSIVE {} SELECT id, gone FROM nodes WHERE gone IS NOT NULL AND id = ANY({}::text[])"
    )
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement.format(units.nodes(rules), Literal(list(listed))))
        gone: dict[str, str] = dict(await cursor.fetchall())
        others = sorted(figures.keys() - listed.keys())
        await cursor.execute(OF_TREE, ([*listed, *others],))
        tree = {id: (name, above, path) for id, name, above, path in await cursor.fetchall()}
    found = []
    for number, branch in enumerate(listed.values()):
        if branch.id not in gone:
            parent = gone.get(branch.parent, branch.parent) if branch.parent else None
            merged = tuple(id for id, into in gone.items() if into == branch.id)
            quota = _quota(rules, branch.id, merged)
            found.append(
                Unit(branch.id, branch.name, branch.group, parent, f"{number:06}", quota, merged_from=merged)
            )
    for id in others:
        name, kind, *_ = figures[id]
        _, above, path = tree.get(id, (name, None, id))
        found.append(Unit(id, name, kind, above, f"~{path}"))
    if under is None:
        return found
    begins, until = range_of(under)
    return [
        unit
        for unit in found
        if unit.id in tree and tree[unit.id][0] == unit.name and begins <= tree[unit.id][2] < until
    ]


def _quota(rules: Rulebook, union: str, merged: Iterable[str]) -> int | None:
    """A union's own quota, and those of unions that were merged into it, but for those that it included before."""
    above = {branch.id: branch.parent for branch in rules.enrolment.branches}
    quotas = {branch.id: branch.quota for branch in rules.enrolment.branches}

    def stood_below(id: str) -> bool:
        at = above[id]
        while at is not None and at != union:
            at = above[at]
        return at == union

    told = [quotas[union], *(quotas[id] for id in merged if quotas[union] is None or not stood_below(id))]
    stated = [quota for quota in told if quota is not None]
    return sum(stated) if stated else None


def _filled(unit: Unit, figures: Figures) -> Unit:
    if unit.id not in figures:
        return unit
    _, _, members, active, walked, attained, steps = figures[unit.id]
    return msgspec.structs.replace(
        unit, members=members, active=active, walked=walked, attained=attained, steps=steps
    )
