"""A board of a million people with many ties: making it, its order, and reading it through HTTP."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any

from ledger.rulebook_file import load
from projections import boards
from projections.session import Connection, connect
from tests.benchmarks import service
from tests.benchmarks.report import Report
from tests.benchmarks.service import ROOT, Load, Running

PEOPLE = 1_000_000
READS = 2_000
CONNECTIONS = 2
PLAIN_READS = 5
TEXT = (ROOT / "ledger" / "rulebooks" / "js-2023.toml").read_bytes()
RULES = load(TEXT.decode())
BOARD = RULES.board_ids["participants"]
NOW = datetime(2023, 11, 8, 12, tzinfo=UTC)
RANKING = "/v1/campaigns/js-2023/rankings/participants"

Figures = tuple[str, int, int, int, datetime | None]

PLAIN = """
    SELECT rank() OVER (ORDER BY {order}), e.participant, p.days_attained, p.sign_in_days, p.total_steps
    FROM enrolments AS e LEFT JOIN progress AS p ON p.book = 'js-2023' AND p.participant = e.participant
    WHERE e.campaign = 'js-2023' ORDER BY 1 LIMIT 600
"""
SORTED = """
    CREATE TABLE sorted AS SELECT e.participant, p.days_attained, p.sign_in_days, p.total_steps, p.last_sync_at
    FROM enrolments AS e LEFT JOIN progress AS p ON p.book = 'js-2023' AND p.participant = e.participant
    WHERE e.campaign = 'js-2023' ORDER BY {order}
"""
ORDER = (
    "p.days_attained DESC, p.sign_in_days DESC, p.total_steps DESC, p.last_sync_at NULLS LAST, e.participant"
)


def of_a_million(report: Report) -> None:
    """js-2023 with 1,000,000 people, about ten of them for each combination of the four keys."""
    people = list(_people())
    with (
        service.database() as url,
        service.running(url, TEXT) as running,
        connect(url, "jifen", "bench") as db,
    ):
        _fill(db, people)
        seconds = _refreshes(db)
        report.say(
            "span: the views → a published standing, sorted, ranked, indexed, committed; all by one process"
        )
        limit = _sorting(db)
        report.add(
            "a board of a million: refresh",
            seconds,
            "s",
            "sorting the same rows into a table",
            seconds / limit,
        )
        report.add("sorting the same rows into a table", limit, "s", "CREATE TABLE AS, no ranks, no index")
        _check_order(db, people)
        report.say("the order is that of a plain sort in Python, row by row")
        _reading(report, running, db)


def _people() -> Iterator[Figures]:
    """Everybody's figures: few values of each key, so that ties are everywhere; some have never synced."""
    random = Random(2023)
    names = list(range(PEOPLE))
    random.shuffle(names)
    for number in names:
        synced = random.random() < 0.95
        last = NOW - timedelta(minutes=random.randrange(100)) if synced else None
        steps = 10_000 * random.randrange(15) if synced else 0
        yield f"p-{number:07}", random.randrange(8) if synced else 0, random.randrange(8), steps, last


def _fill(db: Connection, people: Sequence[Figures]) -> None:
    """Write the views directly, as if they had followed a log up to its head."""
    enrolled = RULES.starts
    with db.cursor() as cursor:
        with cursor.copy("COPY enrolments (campaign, participant, branch, enrolled_at) FROM STDIN") as copy:
            for who, *_ in people:
                copy.write_row(("js-2023", who, "nanjing", enrolled))
        with cursor.copy(
            "COPY progress (book, participant, days_attained, sign_in_days, total_steps, last_sync_at) FROM STDIN"
        ) as copy:
            for row in people:
                copy.write_row(("js-2023", *row))
        cursor.execute("INSERT INTO projection_tracking SELECT 'progress', position FROM log_head")
        cursor.execute("VACUUM ANALYZE enrolments, progress")
        cursor.execute("CHECKPOINT")  # what the filling has left to write is not the refresh's to wait for


def _refreshes(db: Connection) -> float:
    """Seconds of a refresh: the slowest of three, each after something has moved."""
    seconds = []
    for turn in range(3):
        db.execute("UPDATE boards SET position = position - 1")
        began = perf_counter()
        made = boards.refresh(db, RULES, BOARD, RULES.id, NOW + turn * timedelta(minutes=5))
        seconds.append(perf_counter() - began)
        assert made is not None
        assert made.entrants == PEOPLE
    return max(seconds)


def _sorting(db: Connection) -> float:
    with db.transaction():
        for setting in boards.SETTINGS:
            db.execute(setting)
        began = perf_counter()
        db.execute(SORTED.format(order=ORDER))
        return perf_counter() - began


def _key(person: Figures) -> tuple[Any, ...]:
    who, attained, signed_in, steps, last = person
    return -attained, -signed_in, -steps, last is None, last or NOW, who


def _check_order(db: Connection, people: Sequence[Figures]) -> None:
    """The whole standing against a sort outside the database."""
    edition = db.execute("SELECT edition FROM boards").fetchall()[0][0]
    found = db.execute(f"SELECT rank, entrant FROM standing_{edition} ORDER BY rank", binary=True).fetchall()
    ordered = [(rank, person[0]) for rank, person in enumerate(sorted(people, key=_key), start=1)]
    assert found == ordered, "the standing is not in the order of a plain sort"


def _reading(report: Report, running: Running, db: Connection) -> None:
    report.say(f"span: request sent → answer read; {READS:,} reads over {CONNECTIONS} connections")
    random = Random(1)
    anybody = [f"{RANKING}/p-{random.randrange(PEOPLE):07}" for _ in range(READS)]
    plain = _plain(db)
    for name, paths in (("the first 600", [RANKING] * READS), ("anybody's rank", anybody)):
        _get_all(running, paths[:200])
        load = _get_all(running, paths)
        p99 = load.percentile(0.99)
        report.add(f"{name} of a million, p50", 1000 * load.percentile(0.50), "ms")
        report.add(
            f"{name} of a million, p99", 1000 * p99, "ms", "a plain query for each reader", p99 / plain
        )
    report.add(
        "a plain query for each reader", 1000 * plain, "ms", "ORDER BY … LIMIT 600 with rank(), median"
    )


def _plain(db: Connection) -> float:
    """Seconds of asking for the first 600 without a board: sorted for everyone who asks."""
    seconds = []
    with db.transaction():
        for setting in boards.SETTINGS:
            db.execute(setting)
        for _ in range(PLAIN_READS):
            began = perf_counter()
            rows = db.execute(PLAIN.format(order=ORDER)).fetchall()
            seconds.append(perf_counter() - began)
            assert len(rows) == 600
    return sorted(seconds)[PLAIN_READS // 2]


def _get_all(running: Running, paths: Sequence[str]) -> Load:
    """Read paths over some connections, each asking for its next when the last was answered."""
    load = Load()
    waiting = iter(paths)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        for path in waiting:
            began = perf_counter()
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {running.key}\r\n\r\n".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            start = head.index(b"content-length:") + 15
            body = await reader.readexactly(int(head[start : head.index(b"\r", start)]))
            load.seconds.append(perf_counter() - began)
            assert head.startswith(b"http/1.1 200"), body
            load.accepted += body.count(b'"rank":')
        writer.close()

    async def all_connections() -> None:
        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))

    began = perf_counter()
    asyncio.run(all_connections())
    load.wall = perf_counter() - began
    assert load.accepted == len(paths) * (600 if paths[0] == RANKING else 1)
    return load
