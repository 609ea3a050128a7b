"""Boards of unions: a million people in 5,000 units of a tree three deep, made, checked and reported."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from time import perf_counter

import psycopg
from msgspec.structs import replace

from ledger.rulebook import Board
from ledger.rulebook_file import load
from projections import boards, unit_reads
from projections.session import Connection, connect
from tests.benchmarks import service
from tests.benchmarks.report import Report
from tests.benchmarks.service import ROOT

PEOPLE = 1_000_000
UNITS = 5_000
CITIES = 13
TEXT = (ROOT / "ledger" / "rulebooks" / "ec-2018.toml").read_bytes()
LISTED = load(TEXT.decode())
BOARD = replace(LISTED.board_ids["units-a"], id="units", group="unit", freezes_at=None, honours=None)
RULES = replace(
    LISTED, boards=(BOARD,), enrolment=replace(LISTED.enrolment, branches=(), tree="bench-province")
)
ALL: Board = replace(BOARD, id="all-units", group=None)
NOW = datetime(2018, 12, 20, 12, tzinfo=UTC)

Person = tuple[str, str, int, int]
"""Id, union, attained days, steps; no steps for who has never synced."""

PLAIN = """
    CREATE TABLE plain AS
    SELECT e.branch, count(*) AS members, count(p.participant) AS walked, sum(p.days_attained) AS attained,
        sum(p.total_steps) AS steps
    FROM enrolments AS e LEFT JOIN progress AS p ON p.book = 'ec-2018' AND p.participant = e.participant
    WHERE e.campaign = 'ec-2018' GROUP BY e.branch
"""


def of_a_million(report: Report) -> None:
    """ec-2018 with 1,000,000 people in 5,000 units under 13 cities of a province."""
    people = list(_people())
    with service.database() as url, service.running(url, TEXT), connect(url, "jifen", "bench") as db:
        _fill(db, people)
        report.say("span: the views → a published standing of units with score and rates; all by one process")
        plain = 0.0
        for board, name in ((BOARD, "a board of 5,000 units"), (ALL, "with cities and the province above")):
            seconds = _refreshes(db, board)
            plain = _plain(db)
            report.add(f"{name}: refresh", seconds, "s", "a plain GROUP BY of the same rows", seconds / plain)
        report.add(
            "a plain GROUP BY of the same rows", plain, "s", "CREATE TABLE AS, no rates, no tree, no ranks"
        )
        _check(db, people)
        report.say("ranks and figures are those of plain Python with exact fractions, row by row")
        seconds = asyncio.run(_report(url))
        report.add(
            "the report of 5,014 unions", seconds, "s", "a plain GROUP BY of the same rows", seconds / plain
        )


def _people() -> list[Person]:
    """Everybody's figures, in units of very different sizes; a few belong to a city itself."""
    random = Random(2018)
    weights = [1 + random.random() * 9 for _ in range(UNITS)]
    units = random.choices([f"unit-{number:04}" for number in range(UNITS)], weights, k=PEOPLE)
    people = []
    for number, unit in enumerate(units):
        union = f"city-{random.randrange(CITIES):02}" if random.random() < 0.01 else unit
        steps = 5_000 * random.randrange(1, 30) if random.random() < 0.9 else 0
        people.append((f"p-{number:07}", union, random.randrange(18) if steps else 0, steps))
    return people


def _fill(db: Connection, people: Sequence[Person]) -> None:
    """Write the views directly, as if they had followed a log up to its head."""
    unions: list[tuple[str, str | None, str]] = [("bench-province", None, "province")]
    unions += [(f"city-{number:02}", "bench-province", "city") for number in range(CITIES)]
    unions += [(f"unit-{number:04}", f"city-{number % CITIES:02}", "unit") for number in range(UNITS)]
    with db.cursor() as cursor:
        with cursor.copy(
            "COPY branches (id, name, folded, grams, kind, first_kind, parent, pending, position, path) FROM STDIN"
        ) as copy:
            for id, parent, kind in unions:
                above = {"province": "", "city": "bench-province/"}.get(kind, f"bench-province/{parent}/")
                copy.write_row((id, id, id, [], kind, kind, parent, False, 1, f"{above}{id}/"))
        with cursor.copy("COPY enrolments (campaign, participant, branch, enrolled_at) FROM STDIN") as copy:
            for who, union, _, _ in people:
                copy.write_row(("ec-2018", who, union, RULES.starts))
        with cursor.copy(
            "COPY progress (book, participant, days_attained, sign_in_days, total_steps, last_sync_at) FROM STDIN"
        ) as copy:
            for who, _, attained, steps in people:
                if steps:
                    copy.write_row(("ec-2018", who, attained, 0, steps, NOW))
        cursor.execute(
            "INSERT INTO projection_tracking SELECT name, position FROM log_head,"
            " unnest(ARRAY['progress', 'runs', 'branches']) AS name"
        )
        cursor.execute("VACUUM ANALYZE enrolments, progress, branches, runs")
        cursor.execute("CHECKPOINT")  # what the filling has left to write is not the refresh's to wait for


def _refreshes(db: Connection, board: Board) -> float:
    """Seconds of a refresh: the slowest of three, each after something has moved."""
    seconds = []
    for turn in range(3):
        db.execute("UPDATE boards SET position = position - 1")
        began = perf_counter()
        made = boards.refresh(db, RULES, board, RULES.id, NOW + turn * timedelta(minutes=5))
        seconds.append(perf_counter() - began)
        assert made is not None
        assert made.entrants == UNITS + (0 if board.group else CITIES + 1)
    return max(seconds)


def _plain(db: Connection) -> float:
    with db.transaction():
        for setting in boards.SETTINGS:
            db.execute(setting)
        began = perf_counter()
        db.execute(PLAIN)
        seconds = perf_counter() - began
        db.execute("DROP TABLE plain")
    return seconds


def _check(db: Connection, people: Sequence[Person]) -> None:
    """The whole standing, with all unions, against sums and fractions outside the database."""
    sums: dict[str, list[int]] = {}
    for _, union, attained, steps in people:
        number = int(union[5:])
        city = union if union.startswith("city") else f"city-{number % CITIES:02}"
        for each in {union, city, "bench-province"}:
            held = sums.setdefault(each, [0, 0, 0])
            held[0] += 1
            held[1] += steps > 0
            held[2] += attained

    def key(item: tuple[str, list[int]]) -> tuple[Fraction, Fraction, str]:
        union, (members, walked, attained) = item
        return -Fraction(walked + attained, 2 * members), -Fraction(walked, members), union

    wanted = [(rank, union, *held) for rank, (union, held) in enumerate(sorted(sums.items(), key=key), 1)]
    ((edition, keys, days),) = db.execute(
        "SELECT edition, keys, days FROM boards WHERE board = %s", (ALL.id,)
    ).fetchall()
    with db.transaction():
        rows = list(boards.stream(db, ALL, keys, days, edition))
    found = []
    for row in rows:
        (part, whole), (walked, members) = row.figures  # type: ignore[misc]
        assert whole == 100 * members
        found.append((row.rank, row.entrant, members, walked, part // 50 - walked))
    assert found == wanted, "the standing is not that of plain Python"


async def _report(url: str) -> float:
    options = "-csearch_path=jifen -ctimezone=UTC -cenable_seqscan=off"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, options=options) as connection:
        began = perf_counter()
        found = await unit_reads.report(
            connection, RULES, RULES.id, under=None, after="", limit=UNITS + CITIES + 2
        )
        seconds = perf_counter() - began
    assert len(found) == UNITS + CITIES + 1
    assert found[0].members == PEOPLE
    return seconds
