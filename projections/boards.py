"""Rankings (排行榜): the published standing of each board, made anew from the views now and then, and at last for ever.

A standing is a table of its own, ``standing_<edition>``, and the board's row in ``boards`` says which one is published.
A refresh fills and indexes a new table, then changes that row: readers see the old standing until it commits and the
new one after, and never wait. The standing before stays for those who have just read its name.

What a scheduler does for each board of a book, on a connection of session.py, as often as it likes:

    now = …; head = …                    # the ledger's clock, and the log's head read after it
    standing = published(connection, book, board.id)
    if freeze_due(rules, board, book, standing, now):
        frozen = freeze(connection, rules, board, book, head)    # raises NotReady: try again later
        …submit FreezeBoard(board.id, frozen.position, frozen.root, frozen.entrants)
    elif as_of := due(rules, board, book, standing, now, position(connection, board)):
        refresh(connection, rules, board, book, as_of)

Everything may run twice, at once, and after any downtime. Source: JS-05, JS-06, JS-07, SX-23.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg import Cursor
from psycopg.sql import SQL, Composable, Identifier

from ledger import merkle
from ledger.codec import decode
from ledger.commands import Place
from ledger.context import instant
from ledger.events import BoardFrozen
from ledger.posting import InvariantBroken
from ledger.rulebook import Board, Refresh, Rulebook
from ledger.rulebook_base import seconds, seconds_of_day
from ledger.streams import TRIAL, board_stream
from projections import units
from projections.delivery import tracking
from projections.projection import query
from projections.session import Connection
from projections.standing import Frozen, Row, columns, days_of, entry, figures, named, order, reader, shown

PREPARED = 1000
"""Most rows that a board keeps ready to be sent."""
LINGER = timedelta(days=7)
"""How long after its last day a board that is never frozen is still refreshed: for what is delivered late."""
READ_AT_ONCE = 20_000
PATIENCE = 3.0
"""Seconds for which the refresh of a refresh moment waits for the views."""

SETTINGS = (
    "SET LOCAL enable_seqscan TO on",  # these statements do read all of it
    "SET LOCAL work_mem TO '256MB'",
    "SET LOCAL maintenance_work_mem TO '256MB'",
)
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('jifen board ' || current_schema() || ' ' || %s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('jifen board ' || current_schema() || ' ' || %s, 0))"
PARKED = "SELECT count(*) FROM parked_events WHERE projection = ANY(%s)"
STALE = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname ~ '^standing_[0-9]+$'
        AND NOT EXISTS (
            SELECT FROM boards AS b WHERE c.relname IN ('standing_' || b.edition, 'standing_' || b.previous)
        )
"""


class NotReady(Exception):
    """The views do not have all that a final standing needs yet, or somebody else is making it right now."""


class Published(msgspec.Struct, frozen=True):
    """What is published of a board.

    rested: it is time for another refresh, if there is something new. recorded: the log says that it is frozen.
    """

    recorded: bool
    edition: int
    as_of: datetime
    slot: datetime | None
    position: int
    entrants: int
    frozen: bool
    root: str | None
    last_day: date | None
    rested: bool


class Refreshed(msgspec.Struct, frozen=True):
    """A standing that was just published. root, last_day: of a final one."""

    edition: int
    position: int
    entrants: int
    root: str = ""
    last_day: date | None = None


def views(board: Board) -> tuple[str, ...]:
    """The projections that a board is made from."""
    if board.entrants == "branches":
        return units.VIEWS
    return ("progress", "teams") if board.entrants == "teams" else ("progress",)


def position(connection: Connection, board: Board) -> int:
    """How far the views of a board are."""
    standing = tracking(connection, views(board))
    return min(standing.get(name, 0) for name in views(board))


def published(connection: Connection, book: str, board: str) -> Published | None:
    """What is published of a board; None before the first refresh."""
    found, _ = _published(connection, book, board)
    return found


def _published(connection: Connection, book: str, board: str) -> tuple[Published | None, BoardFrozen | None]:
    parameters = {
        "book": book,
        "board": board,
        "stream": board_stream(book, board),
        "topic": BoardFrozen.TOPIC,
    }
    row = connection.execute(query("board_published"), parameters, binary=True).fetchone()
    assert row is not None
    event = None if row[-1] is None else decode(BoardFrozen.TOPIC, row[-1])
    assert event is None or isinstance(event, BoardFrozen)
    return None if row[0] is None else Published(event is not None, *row[:-1]), event


def slot(rules: Rulebook, refresh: Refresh, now: datetime) -> datetime:
    """The newest moment at or before now for which the rulebook wants a refresh. Source: JS-07.

    From ``opens`` on, every so often, before ``closes``, by the campaign's wall clock; in the hours between, the last
    one of the day before.
    """
    local = now.astimezone(rules.tz)
    opens, closes, every = (
        seconds_of_day(refresh.opens),
        seconds_of_day(refresh.closes),
        seconds(refresh.every),
    )
    second = local.hour * 3600 + local.minute * 60 + local.second
    day = local.date()
    if second < opens:
        second, day = closes, day - timedelta(days=1)
    last = (min(second, closes - 1) - opens) // every
    return instant(rules.tz, day, opens + last * every)


def due(
    rules: Rulebook, board: Board, book: str, standing: Published | None, now: datetime, position: int
) -> datetime | None:
    """As of when a board is to be refreshed now; None when it is not. Pure.

    position: how far its views are. A board without ``refresh`` is refreshed as soon as they have moved, but no more
    than a third of the time. In the hours without refreshes there is none; the very first is made at any time.
    """
    if standing and standing.frozen:
        return None
    trial = book.endswith(TRIAL)
    first, last = rules.opens, rules.trial.ends if trial and rules.trial else rules.ends
    if not instant(rules.tz, first, 0) <= now < instant(rules.tz, last, 86_400) + LINGER:
        return None
    if standing is None:
        return now
    if board.refresh is None:
        return now if position > standing.position and standing.rested else None
    wanted = slot(rules, board.refresh, now)
    if not _is_open(rules, board.refresh, now) or (standing.slot is not None and standing.slot >= wanted):
        return None
    return wanted


def _is_open(rules: Rulebook, refresh: Refresh, now: datetime) -> bool:
    local = now.astimezone(rules.tz)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return seconds_of_day(refresh.opens) <= second < seconds_of_day(refresh.closes)


def freeze_due(rules: Rulebook, board: Board, book: str, standing: Published | None, now: datetime) -> bool:
    """Whether a board is to be frozen now: everything for it has been delivered, and the log does not say so yet. Pure.

    A board whose event is in the log, but whose standing is lost, is due again: ``freeze`` makes the same once more.
    """
    frozen = Frozen.of(rules, board)
    if frozen is None or book.endswith(TRIAL) or now < frozen.recorded_before:
        return False
    return standing is None or not standing.frozen or not standing.recorded


def refresh(
    connection: Connection, rules: Rulebook, board: Board, book: str, as_of: datetime
) -> Refreshed | None:
    """Compute the standing of now and publish it as that of ``as_of``. None when somebody else is at it.

    A frozen board stays as it is. When nothing has moved since the standing before, that is published again. The
    standing of a refresh moment has what the log held at that moment, unless the views are too slow for that.
    Raises ValueError for a key that the entrants do not have; psycopg.Error when the database fails.
    """
    with _alone(connection, book, board.id) as alone:
        if not alone:
            return None
        standing, event = _published(connection, book, board.id)
        if event is not None or (standing and standing.frozen):
            return None
        made_for = None
        if board.refresh is not None:
            made_for = slot(rules, board.refresh, as_of)
            _let_views_come(connection, board)
        if standing and position(connection, board) == standing.position:
            connection.execute(
                "UPDATE boards SET as_of = %s, slot = %s, refreshed_at = clock_timestamp()"
                " WHERE book = %s AND board = %s",
                (as_of, made_for, book, board.id),
            )
            return Refreshed(standing.edition, standing.position, standing.entrants)
        return _make(connection, rules, board, book, as_of, made_for, None)


def freeze(connection: Connection, rules: Rulebook, board: Board, book: str, at_least: int) -> Refreshed:
    """Compute the final standing and keep it for ever; the same again, at once, when that was done before.

    at_least: the log's head, read when ``freeze_due`` said yes, or later: the views have to be so far. What counts is
    told by the times in the events, so it does not matter how much later this runs.
    Raises NotReady; InvariantBroken when the log says that the board was frozen with another root.
    """
    frozen = Frozen.of(rules, board)
    if frozen is None:
        raise ValueError(f"the board {board.id} is never frozen")
    with _alone(connection, book, board.id) as alone:
        if not alone:
            raise NotReady(f"the board {board.id} is being made by another process")
        standing, event = _published(connection, book, board.id)
        if standing and standing.frozen and standing.root and standing.last_day:
            made = Refreshed(
                standing.edition, standing.position, standing.entrants, standing.root, standing.last_day
            )
        else:
            made = _make(connection, rules, board, book, frozen.as_of, None, frozen, at_least)
    if event is None:
        return made
    if (event.root, event.entrants) != (made.root, made.entrants):
        raise InvariantBroken(
            f"the board {board.id} of {book} was frozen at position {event.position} with the root {event.root},"
            f" but the views give {made.root}"
        )
    return msgspec.structs.replace(made, position=event.position)


def _let_views_come(connection: Connection, board: Board) -> None:
    """Wait until the views have what the log holds now, but not for long: they may be halted."""
    head = connection.execute("SELECT position FROM log_head").fetchall()[0][0]
    give_up = time.monotonic() + PATIENCE
    while position(connection, board) < head and time.monotonic() < give_up:
        time.sleep(0.02)


@contextmanager
def _alone(connection: Connection, book: str, board: str) -> Iterator[bool]:
    """Hold off everybody else from a board, if nobody is at it.

    Before the snapshot is taken, so the lock cannot be one of its transaction.
    """
    name = f"{book}/{board}"
    alone = connection.execute(LOCK, (name,)).fetchone() == (True,)
    try:
        yield alone
    finally:
        if alone and not connection.closed:
            connection.execute(UNLOCK, (name,))


def _make(
    connection: Connection,
    rules: Rulebook,
    board: Board,
    book: str,
    as_of: datetime,
    made_for: datetime | None,
    frozen: Frozen | None,
    at_least: int = 0,
) -> Refreshed:
    """One transaction, one snapshot: the table, its indexes, the board's row."""
    keys = [key.by for key in board.keys]
    days = days_of(rules, board, book, as_of, frozen)
    wanted = columns(board)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for setting in SETTINGS:
            cursor.execute(setting)
        reached = position(connection, board)
        if reached < at_least:
            raise NotReady(f"the views of the board {board.id} are at {reached}, not yet at {at_least}")
        if frozen:
            cursor.execute("SET LOCAL synchronous_commit TO on")
            _require_nothing_parked(cursor, board)
        edition = _one(cursor, SQL("SELECT nextval('standing_editions')"))
        table = Identifier(f"standing_{edition}")
        cursor.execute(
            SQL(
                "CREATE TABLE {} AS SELECT row_number() OVER (ORDER BY {})::integer AS rank, {} FROM ({}) AS f"
            ).format(
                table,
                order(board),
                SQL(", ").join(
                    [Identifier(each) for each in ("entrant", *(("name",) if named(board) else ()), *wanted)]
                ),
                figures(rules, board, book, days, frozen),
            )
        )
        entrants = cursor.rowcount
        for column in ("rank", "entrant"):
            cursor.execute(SQL("CREATE UNIQUE INDEX ON {} ({})").format(table, Identifier(column)))
        root = merkle.root(_leaves(connection, board, keys, days, edition)).hex() if frozen else None
        visible = min(board.visible or PREPARED, PREPARED)
        rows = [shown(row, keys) for row in _rows(cursor, board, keys, days, edition, visible)]
        cursor.execute(
            query("board_publish"),
            {
                "book": book,
                "board": board.id,
                "edition": edition,
                "as_of": as_of,
                "slot": made_for,
                "position": reached,
                "entrants": entrants,
                "frozen": frozen is not None,
                "root": root,
                "last_day": frozen.last_day if frozen else None,
                "keys": keys,
                "days": days,
                "visible": board.visible,
                "rows": msgspec.json.encode(rows),
            },
        )
    _drop_stale(connection)
    return Refreshed(edition, reached, entrants, root or "", frozen.last_day if frozen else None)


def _require_nothing_parked(cursor: Cursor[Any], board: Board) -> None:
    """A final standing without an event that a view could not take would be wrong for ever."""
    if parked := _one(cursor, PARKED, (list(views(board)),)):
        raise NotReady(
            f"{parked} events are parked for {' or '.join(views(board))}: mend that, then `jifen projections"
            f" retry-parked`; until then the board {board.id} cannot be frozen"
        )


def _one(cursor: Cursor[Any], statement: Any, parameters: Sequence[object] | None = None) -> Any:
    row = cursor.execute(statement, parameters).fetchone()
    assert row is not None
    return row[0]


def _select(board: Board, keys: Sequence[str], days: int, edition: int, where: Composable) -> tuple[Any, Any]:
    selected, read = reader(board.entrants, tuple(keys), days)
    statement = SQL("SELECT {} FROM {} {} ORDER BY rank").format(
        SQL(", ").join(map(Identifier, selected)), Identifier(f"standing_{edition}"), where
    )
    return statement, read


def _rows(
    cursor: Cursor[Any], board: Board, keys: Sequence[str], days: int, edition: int, first: int
) -> list[Row]:
    statement, read = _select(board, keys, days, edition, SQL("WHERE rank <= %s"))
    return [read(values) for values in cursor.execute(statement, (first,), binary=True).fetchall()]


def stream(
    connection: Connection, board: Board, keys: Sequence[str], days: int, edition: int
) -> Iterator[Row]:
    """All rows of a standing in order, some thousands at a time. In a transaction of the caller's."""
    statement, read = _select(board, keys, days, edition, SQL(""))
    with connection.cursor(name="standing") as cursor:
        cursor.itersize = READ_AT_ONCE
        cursor.execute(statement, binary=True)
        for values in cursor:
            yield read(values)


def _leaves(
    connection: Connection, board: Board, keys: Sequence[str], days: int, edition: int
) -> list[bytes]:
    return [merkle.leaf_hash(entry(row)) for row in stream(connection, board, keys, days, edition)]


def _drop_stale(connection: Connection) -> None:
    """Drop standings that nobody is told of any more. One that is still being read is dropped the next time."""
    for (table,) in connection.execute(STALE).fetchall():
        try:
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout TO '100ms'")
                connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(table)))
        except psycopg.errors.LockNotAvailable:
            continue


def places(connection: Connection, board: Board, book: str, first: int) -> list[Place]:
    """The first rows of a frozen board, each with the proof that it stands there, for decisions and for anybody.

    Computes the whole tree: some seconds for a million rows. Raises NotReady while the board is not frozen;
    InvariantBroken when its rows do not have its root any more.
    """
    with connection.transaction():
        row = connection.execute(
            "SELECT edition, root, keys, days FROM boards WHERE book = %s AND board = %s AND frozen",
            (book, board.id),
        ).fetchone()
        if row is None:
            raise NotReady(f"the board {board.id} of {book} is not frozen")
        edition, root, keys, days = row
        entries: list[tuple[Row, bytes]] = []
        leaves = []
        for each in stream(connection, board, keys, days, edition):
            said = entry(each)
            leaves.append(merkle.leaf_hash(said))
            if len(entries) < first:
                entries.append((each, said))
    tree = merkle.Tree(leaves)
    if tree.root.hex() != root:
        raise InvariantBroken(
            f"the rows of the frozen board {board.id} of {book} do not have its root {root}"
        )
    return [
        Place(each.rank, each.entrant, said.decode(), tuple(map(bytes.hex, tree.proof(each.rank - 1))))
        for each, said in entries
    ]
