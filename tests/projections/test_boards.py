"""Standings: their order, and how they are published."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from ledger.rulebook import Board, Key, Rulebook
from projections import board_reads, boards, replay
from projections.board_reads import Standing
from projections.standing import Row, entry, percent, shown
from tests.conftest import Database
from tests.given import SX
from tests.projections.standings import (
    JS,
    JS_BOARD,
    SX_BOARD,
    Log,
    kept,
    noon,
    opened,
    teams,
    walkers,
    written,
)

NOW = noon(date(2023, 11, 5))
DAY = JS.starts
WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype IN ('tuple', 'transactionid')"
KEYS = [
    Key(by=by, order=order)
    for by in ("days_attained", "attainment_rate", "sign_in_days", "total_steps", "last_sync")
    for order in ("descending", "ascending")
]
PAIRS = [(KEYS[one], KEYS[two]) for one, two in ((9, 0), (8, 3), (1, 5), (4, 2), (0, 5), (3, 4))]


def refreshed(
    database: Database, log: Log, board: Board, rules: Rulebook, as_of: datetime = NOW
) -> list[Row]:
    written(database, log)
    with opened(database) as connection:
        assert boards.refresh(connection, rules, board, rules.id, as_of) is not None
        return kept(connection, board, rules)


def order(rows: Sequence[Row]) -> list[str]:
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    return [row.entrant for row in rows]


async def _reader(database: Database) -> psycopg.AsyncConnection[Any]:
    options = f"-csearch_path={database.schema} -ctimezone=UTC -cenable_seqscan=off"
    return await psycopg.AsyncConnection.connect(database.url, autocommit=True, options=options)


@pytest.mark.rule("JS-05")
def test_four_keys_in_opposite_directions_and_ties_by_the_id(database: Database) -> None:
    log = Log(JS)
    people: list[tuple[str, list[int], int, int | None]] = [
        # id, steps of the days, sign-ins, seconds after noon of the last sync
        ("z-best", [6000, 6000, 6000], 1, 50),
        ("b-signs", [6000, 6000], 3, 50),
        ("c-steps", [6000, 6001], 2, 50),
        ("d-early", [6000, 6000], 2, 10),
        ("f-late", [6000, 6000], 2, 11),
        ("e-late", [6000, 6000], 2, 11),
        ("g-none", [], 0, None),
        ("a-walked", [0], 0, 0),
    ]
    for who, steps, signs, seconds in people:
        log.enrols(who, noon(DAY))
        for number, count in enumerate(steps, start=1):
            when = noon(DAY + timedelta(days=3), seconds or 0)  # the last sync of all days at one moment
            log.syncs(who, DAY + timedelta(days=3 - number), count, when)
        for number in range(signs):
            log.signs_in(who, DAY + timedelta(days=number), noon(DAY))
    rows = refreshed(database, log, JS_BOARD, JS)
    assert order(rows) == [
        "z-best",
        "b-signs",
        "c-steps",
        "d-early",
        "e-late",
        "f-late",
        "a-walked",
        "g-none",
    ]
    assert rows[2].figures == (2, 2, 12_001, noon(DAY + timedelta(days=3), 50))
    assert rows[-1].figures == (0, 0, 0, None)


@pytest.mark.rule("SX-23")
def test_rate_then_mean_and_equal_fractions_are_equal(database: Database) -> None:
    log = Log(SX)
    days = [SX.starts + timedelta(days=number) for number in range(2)]
    members = {"t-half": [3, 1], "s-half": [2], "t-more": [2, 2, 3], "t-rate": [0], "t-third": [2, 2, 1]}
    for team, steps in members.items():
        for number, count in enumerate(steps):
            who = f"{team}-{number}"
            log.enrols(who, noon(days[0]))
            log.adds(team, who, days[0], noon(days[0]))
            log.syncs(who, days[0], count, noon(days[0]))
    log.attains("t-rate", days[0], noon(days[0]))
    rows = refreshed(database, log, SX_BOARD, SX, noon(days[1]))
    assert order(rows) == ["t-rate", "t-more", "s-half", "t-half", "t-third"]
    assert [row.figures for row in rows] == [
        ((1, 100), (0, 1)),
        ((0, 100), (7, 3)),
        ((0, 100), (2, 1)),
        ((0, 100), (4, 2)),
        ((0, 100), (5, 3)),
    ]
    assert rows[0].name == "t-rate 队"


@pytest.mark.rule("SX-23")
def test_steps_from_before_joining_are_not_the_teams(database: Database) -> None:
    log = Log(SX)
    first, second = SX.starts, SX.starts + timedelta(days=1)
    log.enrols("p-1", noon(first))
    log.syncs("p-1", first, 9000, noon(first))
    log.adds("t-1", "p-1", second, noon(second))
    log.syncs("p-1", second, 500, noon(second))
    (row,) = refreshed(database, log, SX_BOARD, SX, noon(second))
    assert row.figures == ((0, 100), (500, 1))


@pytest.mark.rule("JS-05")
@pytest.mark.parametrize("seed", range(4))
def test_a_standing_is_what_plain_python_gives(database: Database, seed: int) -> None:
    log = walkers(seed)
    written(database, log)
    with opened(database) as connection:
        for keys in (JS_BOARD.keys, *[(key,) for key in KEYS], *PAIRS):
            board = msgspec.structs.replace(JS_BOARD, id="b", keys=keys)
            connection.execute("DELETE FROM boards")
            assert boards.refresh(connection, JS, board, JS.id, NOW)
            rows = kept(connection, board, JS)
            assert rows == replay.replay(JS, board, JS.id, log.facts(), frozen=False)
            assert len(rows) == 40


@pytest.mark.rule("SX-23")
@pytest.mark.parametrize("seed", range(4))
def test_a_standing_of_teams_is_what_plain_python_gives(database: Database, seed: int) -> None:
    log = teams(seed)
    written(database, log)
    turned = (Key(by="average_steps", order="ascending"), Key(by="days_attained"), Key(by="total_steps"))
    with opened(database) as connection:
        for keys in (SX_BOARD.keys, turned):
            board = msgspec.structs.replace(SX_BOARD, id="b", keys=keys)
            connection.execute("DELETE FROM boards")
            assert boards.refresh(connection, SX, board, SX.id, noon(SX.starts))
            assert kept(connection, board, SX) == replay.replay(SX, board, SX.id, log.facts(), frozen=False)


def test_a_live_rank_is_the_place_in_the_standing_of_now(database: Database) -> None:
    log = walkers(9)
    turned = msgspec.structs.replace(JS_BOARD, keys=(Key(by="last_sync"), KEYS[3]))
    written(database, log)

    async def ranks(board: Board) -> list[Row | None]:
        async with await _reader(database) as connection:
            return [
                await board_reads.live_rank(connection, JS, board, JS.id, f"p-{number}", NOW)
                for number in range(41)
            ]

    for board in (JS_BOARD, turned):
        *found, nobody = asyncio.run(ranks(board))
        expected = replay.replay(JS, board, JS.id, log.facts(), frozen=False)
        assert sorted(filter(None, found), key=lambda row: row.rank) == expected
        assert nobody is None


@pytest.mark.rule("JS-06")
def test_the_first_600_are_prepared_and_everybody_has_a_place(database: Database) -> None:
    log = Log(JS)
    for number in range(650):
        who = f"p-{number:03}"
        log.enrols(who, noon(DAY))
        log.add(f"{who}@js-2023", _one_sync(number))
    refreshed(database, log, JS_BOARD, JS)

    async def read() -> tuple[Standing | None, list[Any], Any]:
        async with await _reader(database) as connection:
            standing = await board_reads.standing(connection, "js-2023", "participants", prepared=True)
            places = [
                await board_reads.place(connection, "participants", "js-2023", "participants", f"p-{n:03}")
                for n in (649, 50, 49, 0, 650)
            ]
            page = await board_reads.page(connection, "participants", "js-2023", "participants", 598, 10)
            return standing, places, page

    standing, places, page = asyncio.run(read())
    assert standing is not None
    rows = msgspec.json.decode(standing.rows)
    assert (len(rows), standing.entrants, standing.listed) == (600, 650, 600)
    assert rows[0] == {
        "rank": 1,
        "entrant": "p-649",
        "keys": {
            "days_attained": 0,
            "sign_in_days": 0,
            "total_steps": 649,
            "last_sync": "2023-11-02T04:00:00.000Z",
        },
    }
    assert [place and place[1].rank for place in places] == [1, 600, 601, 650, None]
    assert [row.rank for row in page[1]] == [599, 600]


def _one_sync(steps: int) -> Any:
    log = Log(JS)
    log.syncs("p", DAY, steps, noon(DAY))
    return log.entries[0].event


def test_readers_see_the_standing_before_until_the_next_is_whole(database: Database) -> None:
    log = walkers(1)
    refreshed(database, log, JS_BOARD, JS)
    played = len(log.entries)
    log.enrols("p-new", noon(DAY))
    written(database, log, played)
    done: list[object] = []

    def refresh() -> None:
        with opened(database) as connection:
            done.append(boards.refresh(connection, JS, JS_BOARD, JS.id, NOW))

    async def look() -> tuple[Standing | None, Any]:
        async with await _reader(database) as connection:
            await connection.execute("SET statement_timeout TO '15s'")
            standing = await board_reads.standing(connection, "js-2023", "participants")
            return standing, await board_reads.place(
                connection, "participants", "js-2023", "participants", "p-new"
            )

    thread = threading.Thread(target=refresh)
    with opened(database) as holder, opened(database) as watch:
        with holder.transaction():
            # So the refresh computes all of it, and only its last statement has to wait.
            holder.execute("SELECT FROM boards FOR UPDATE")
            thread.start()
            while not watch.execute(WAITS).fetchone():
                assert thread.is_alive()
            before = asyncio.run(look())
            assert not done
        thread.join()
    assert done
    after = asyncio.run(look())
    assert before[0] is not None
    assert after[0] is not None
    assert (before[0].entrants, before[1]) == (40, None)
    assert after[0].entrants == 41
    assert after[1] is not None


def test_only_the_newest_two_standings_are_kept_and_a_read_one_waits_for_its_end(
    database: Database,
) -> None:
    log = walkers(2)
    refreshed(database, log, JS_BOARD, JS)

    def tables(connection: psycopg.Connection[Any]) -> list[str]:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'standing%'")
        return sorted(name for (name,) in found)

    with opened(database) as connection, opened(database) as reader:
        first = tables(connection)
        reader.execute("BEGIN")
        reader.execute(f"SELECT count(*) FROM {first[0]}")
        for _ in range(3):
            played = len(log.entries)
            log.signs_in("p-1", DAY, noon(DAY))
            written(database, log, played)
            assert boards.refresh(connection, JS, JS_BOARD, JS.id, NOW)
        assert len(tables(connection)) == 3
        assert first[0] in tables(connection)
        reader.execute("COMMIT")
        played = len(log.entries)
        log.signs_in("p-1", DAY, noon(DAY))
        written(database, log, played)
        assert boards.refresh(connection, JS, JS_BOARD, JS.id, NOW)
        assert len(tables(connection)) == 2
        assert first[0] not in tables(connection)


def test_nothing_new_is_the_same_standing_at_a_later_moment(database: Database) -> None:
    log = walkers(3)
    refreshed(database, log, JS_BOARD, JS)
    with opened(database) as connection:
        before = boards.published(connection, "js-2023", "participants")
        later = boards.refresh(connection, JS, JS_BOARD, JS.id, NOW + timedelta(minutes=5))
        after = boards.published(connection, "js-2023", "participants")
    assert before is not None
    assert after is not None
    assert later is not None
    assert later.edition == before.edition == after.edition
    assert after.slot == after.as_of == before.as_of + timedelta(minutes=5)


def test_two_refreshes_at_once_are_one(database: Database) -> None:
    written(database, walkers(3))
    with opened(database) as one, opened(database) as other:
        with boards._alone(one, "js-2023", "participants") as alone:
            assert alone
            assert boards.refresh(other, JS, JS_BOARD, JS.id, NOW) is None
        assert boards.refresh(other, JS, JS_BOARD, JS.id, NOW)


def test_a_key_that_entrants_do_not_have_is_told(database: Database) -> None:
    board = msgspec.structs.replace(JS_BOARD, keys=(Key(by="average_steps"),))
    with opened(database) as connection, pytest.raises(ValueError, match="participants cannot be ranked by"):
        boards.refresh(connection, JS, board, JS.id, NOW)


def test_the_bytes_of_an_entry() -> None:
    moment = datetime.fromisoformat("2023-11-08T21:14:09+08:00")
    assert entry(Row(1, "p-1", None, (7, 6, 61_234, moment))) == (
        b'{"rank":1,"entrant":"p-1","keys":[7,6,61234,"2023-11-08T13:14:09.000Z"]}'
    )
    assert entry(Row(2, "p-2", None, (0, None))) == b'{"rank":2,"entrant":"p-2","keys":[0,null]}'
    assert entry(Row(3, "t-1", "一队", ((62, 100), (41_001, 6)))) == (
        b'{"rank":3,"entrant":"t-1","keys":[[62,100],[41001,6]]}'
    )


@pytest.mark.rule("SX-23")
def test_fractions_are_shown_rounded_half_up() -> None:
    assert [percent(*each) for each in ((4, 7), (1, 3), (2, 3), (7, 7), (0, 7), (1, 32), (1, 2_000_000))] == [
        "57.1429",
        "33.3333",
        "66.6667",
        "100.0000",
        "0.0000",
        "3.1250",
        "0.0001",
    ]
    keys = shown(Row(1, "t", "t 队", ((1, 2), (5, 2))), ["attainment_rate", "average_steps"])
    assert keys == {
        "rank": 1,
        "entrant": "t",
        "name": "t 队",
        "keys": {
            "attainment_rate": {"numerator": 1, "denominator": 2, "percent": "50.0000"},
            "average_steps": {"steps": 5, "members": 2, "rounded": 3},
        },
    }
