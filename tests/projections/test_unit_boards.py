"""Boards of unions: rates as fractions, groups, mergers, and that SQL and plain Python say the same."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from ledger.activity_events import RunRecorded
from ledger.branch_events import BranchConfirmed, BranchMerged, BranchRegistered
from ledger.rulebook import Board, Key, Rulebook
from ledger.rulebook_campaigns import Branch as Union
from ledger.rulebook_file import load
from projections import board_reads, boards, replay
from projections.standing import Row, shown
from tests.conftest import Database
from tests.projections.standings import Log, kept, noon, opened, said, written
from tests.projections.test_boards import _reader as reader

EC = load((Path(__file__).parents[2] / "ledger/rulebooks/ec-2018.toml").read_text(encoding="utf-8"))
DAY = EC.starts
NOW = noon(DAY + timedelta(days=3))
BY_SCORE = EC.board_ids["units-a"]
KEYS = ("score", "participation_rate", "attainment_rate", "days_attained", "total_steps", "average_steps")
ALL = Board(
    id="all", name=BY_SCORE.name, clause="EC-10", entrants="branches", keys=(Key(by="score"),),
    freezes_at=BY_SCORE.freezes_at,
)  # fmt: skip
LISTED = replace(
    EC,
    boards=(ALL,),
    enrolment=replace(
        EC.enrolment,
        branches=(
            Union(id="city", name="城市", group="city"),
            Union(id="town", name="镇", group="town", parent="city"),
            Union(id="other", name="别处", group="city"),
            Union(id="old", name="旧", group="town", parent="other"),
        ),
    ),
)
TREE = replace(LISTED, enrolment=replace(EC.enrolment, branches=(), tree="top"))
TEXT = replace(LISTED, enrolment=replace(EC.enrolment, branches=(), tree=None))


class Units(Log):
    """A log with unions in it."""

    def registers(self, id: str, parent: str | None = None, *, name: str = "", kind: str = "unit") -> None:
        at = noon(DAY - timedelta(days=9))
        self.add(
            f"branch/{id}",
            BranchRegistered(**said(at), branch=id, name=name or id, kind=kind, parent=parent),
        )

    def merges(self, id: str, into: str, at: datetime = NOW) -> None:
        self.add(f"branch/{id}", BranchMerged(**said(at), branch=id, into=into, actor="x", reason="same"))

    def confirms(self, id: str, kind: str, at: datetime = NOW) -> None:
        self.add(f"branch/{id}", BranchConfirmed(**said(at), branch=id, name=id, kind=kind, actor="x"))

    def runs(self, who: str, day: int = 0) -> None:
        of = DAY + timedelta(days=day)
        event = RunRecorded(
            **said(noon(of)), day=of, distance_m=3000, duration_s=1, provider="x", total_m=3000
        )
        self.add(f"{who}@{self.rules.id}", event)

    def walks(self, who: str, branch: str, *steps: int) -> None:
        """Enrols, and walks so much on each of the first days; 0 is no sync."""
        self.enrols(who, noon(DAY), branch=branch)
        for number, count in enumerate(steps):
            if count:
                self.syncs(who, DAY + timedelta(days=number), count, noon(DAY + timedelta(days=number)))


def by(*keys: str, rules: Rulebook = LISTED, group: str | None = None) -> tuple[Rulebook, Board]:
    board = replace(ALL, keys=tuple(Key(by=key) for key in keys), group=group)  # type: ignore[arg-type]
    return replace(rules, boards=(board,)), board


def refreshed(database: Database, rules: Rulebook, board: Board) -> dict[str, Row]:
    with opened(database) as connection:
        connection.execute("UPDATE boards SET position = -1")
        assert boards.refresh(connection, rules, board, rules.id, NOW) is not None
        return {row.entrant: row for row in kept(connection, board, rules)}


@pytest.mark.rule("EC-09", "SX-27")
def test_the_score_is_half_participation_and_half_attainment_and_a_parent_includes_its_children(
    database: Database,
) -> None:
    log = Units(LISTED)
    log.walks("a", "city", 5000, 6000)
    log.walks("b", "city")
    log.walks("c", "town", 100)
    log.walks("d", "other", 5000)
    written(database, log)
    found = refreshed(database, *by(*KEYS))
    assert list(found) == ["other", "city", "town"]
    assert found["city"].figures == ((50 * 2 + 50 * 2, 100 * 3), (2, 3), (2, 3), 2, 11_100, (11_100, 3))
    assert found["town"].figures == ((50, 100), (1, 1), (0, 1), 0, 100, (100, 1))
    assert (found["city"].name, found["city"].rank) == ("城市", 2)
    assert shown(found["other"], KEYS)["keys"]["score"] == {
        "numerator": 100,
        "denominator": 100,
        "percent": "100.0000",
    }


@pytest.mark.rule("EC-09")
def test_a_run_is_a_record_too_and_a_sign_in_is_none(database: Database) -> None:
    log = Units(LISTED)
    log.walks("a", "city")
    log.runs("a")
    log.walks("b", "city")
    log.signs_in("b", DAY, noon(DAY))
    written(database, log)
    assert refreshed(database, *by("participation_rate"))["city"].figures == ((1, 2),)


@pytest.mark.rule("EC-09")
def test_attainment_is_divided_by_the_days_so_far_if_the_rulebook_says_so(database: Database) -> None:
    log = Units(LISTED)
    log.walks("a", "city", 5000, 5000, 5000)
    written(database, log)
    assert EC.score is not None
    daily = replace(LISTED, score=replace(EC.score, by_day=True))
    literal = refreshed(database, *by("score", "attainment_rate"))
    divided = refreshed(database, *by("score", "attainment_rate", rules=daily))
    assert literal["city"].figures == ((50 + 150, 100), (3, 1))
    assert divided["city"].figures == ((50 * 4 + 50 * 3, 400), (3, 4)), "the fourth day has begun"


@pytest.mark.rule("EC-10")
def test_units_compete_inside_their_group(database: Database) -> None:
    log = Units(LISTED)
    log.walks("a", "city", 100)
    log.walks("b", "town", 5000)
    log.walks("c", "old", 5000)
    written(database, log)
    assert list(refreshed(database, *by("score", group="town"))) == ["old", "town"]
    assert list(refreshed(database, *by("score", group="city"))) == ["other", "city"]


@pytest.mark.rule("EC-10")
def test_equal_fractions_tie_and_near_ones_do_not(database: Database) -> None:
    log = Units(LISTED)
    for number in range(6):
        log.walks(f"a-{number}", "city", 1 if number < 4 else 0)
    for number in range(3):
        log.walks(f"b-{number}", "other", 1 if number < 2 else 0)
    written(database, log)
    rows = refreshed(database, *by("participation_rate"))
    assert [(row.entrant, row.figures) for row in rows.values()] == [
        ("city", ((4, 6),)),
        ("other", ((2, 3),)),
    ]
    log.walks("a-6", "city", 1)
    written(database, log, len(log.entries) - 2)
    assert list(refreshed(database, *by("participation_rate"))) == ["city", "other"]


@pytest.mark.rule("SJ-07")
@pytest.mark.parametrize("rules", [LISTED, TREE])
def test_the_figures_of_a_merged_union_are_those_of_what_it_is_part_of(
    database: Database, rules: Rulebook
) -> None:
    log = Units(rules)
    for union in (Union(id="top", name="省"), *LISTED.enrolment.branches):
        parent = union.parent or ("top" if union.id != "top" else None)
        log.registers(union.id, parent, name=union.name, kind=union.group)
    log.walks("a", "old", 5000)
    log.walks("b", "city", 5000)
    log.merges("old", "town")
    written(database, log)
    found = refreshed(database, *by("total_steps", rules=rules))
    figures = {id: row.figures for id, row in found.items() if id != "top"}
    assert figures == {"city": (10_000,), "town": (5000,)}
    log.walks("c", "old", 5000)
    written(database, log, len(log.entries) - 2)
    assert refreshed(database, *by("total_steps", rules=rules))["town"].figures == (10_000,)


@pytest.mark.rule("SX-27")
def test_a_list_rules_over_a_tree_in_which_the_id_means_another_union(database: Database) -> None:
    log = Units(LISTED)
    log.registers("old", name="另一个")
    log.registers("town", name="镇")
    log.merges("old", "town")
    log.walks("a", "old", 5000)
    written(database, log)
    assert set(refreshed(database, *by("score"))) == {"old", "other"}


@pytest.mark.rule("SX-27")
def test_units_below_the_listed_ones_count_for_them(database: Database) -> None:
    log = Units(LISTED)
    log.registers("top", name="省")
    log.registers("city", "top", name="城市", kind="city")
    log.registers("other", "top", name="不是别处", kind="city")
    log.registers("shop", "city", name="门店")
    log.registers("stall", "shop", name="摊位")
    log.registers("elsewhere", "other", name="外面")
    log.registers("gone", "other", name="并走的")
    log.merges("gone", "stall")
    for who, branch in (("a", "stall"), ("b", "city"), ("c", "elsewhere"), ("d", "gone")):
        log.walks(who, branch, 5000)
    written(database, log)
    rules, board = by("total_steps")
    found = refreshed(database, rules, board)
    assert {id: row.figures for id, row in found.items()} == {
        "city": (15_000,),
        "shop": (10_000,),
        "stall": (10_000,),
        "elsewhere": (5000,),
    }
    again = replay.replay(rules, board, rules.id, log.facts(), frozen=False)
    assert {row.entrant: row.figures for row in again} == {id: row.figures for id, row in found.items()}


def test_without_a_list_or_a_tree_each_text_is_a_union(database: Database) -> None:
    log = Units(TEXT)
    log.walks("a", "随便写的工会", 5000)
    log.walks("b", "city", 5000)
    written(database, log)
    assert set(refreshed(database, *by("score", rules=TEXT))) == {"随便写的工会", "city"}


def many(rules: Rulebook, seed: int) -> Units:
    """Forty people of a tree three deep, some of whose unions are merged in time or after the end."""
    random, log = Random(seed), Units(rules)
    log.registers("top", kind="province")
    cities = [f"c-{number}" for number in range(4)]
    for city in cities:
        log.registers(city, "top", kind="city")
    places = [(f"u-{number}", random.choice(cities)) for number in range(9)]
    for unit, city in places:
        log.registers(unit, city)
    names = [unit for unit, _ in places] + cities
    for number in range(40):
        log.walks(f"p-{number}", random.choice(names), *[random.choice([0, 100, 5000]) for _ in range(3)])
        if random.random() < 0.3:
            log.runs(f"p-{number}", random.randrange(3))
    assert ALL.freezes_at is not None
    before, after = ALL.freezes_at - timedelta(minutes=5), ALL.freezes_at + timedelta(hours=1)
    log.merges("u-0", "u-1", before)
    log.merges("u-1", "c-0", before)
    log.confirms("u-2", "city", before)
    log.merges("c-1", "c-2", before)
    log.merges("u-3", "u-4", after)
    log.confirms("u-5", "city", after)
    log.enrols("late", after, branch="u-6")
    return log


@pytest.mark.rule("EC-10", "EC-09")
@pytest.mark.parametrize("group", [None, "city"])
@pytest.mark.parametrize("seed", range(3))
def test_a_final_standing_is_what_plain_python_gives_whatever_is_merged_afterwards(
    database: Database, seed: int, group: str | None
) -> None:
    assert EC.score is not None
    rules, board = by("score", "participation_rate", "average_steps", rules=TREE, group=group)
    rules = replace(rules, score=replace(EC.score, by_day=seed == 2))
    log = many(rules, seed)
    head = written(database, log)
    with opened(database) as connection:
        boards.freeze(connection, rules, board, rules.id, head)
        rows = kept(connection, board, rules)
    assert rows == replay.replay(rules, board, rules.id, log.facts())
    assert len(rows) > 3
    names = {row.entrant for row in rows}
    assert not names & {"u-0", "u-1", "c-1"}
    if group is None:
        assert {"u-3", "top"} <= names


@pytest.mark.rule("EC-11")
def test_the_rank_of_right_now_is_that_of_a_refresh(database: Database) -> None:
    rules, board = by("score", "total_steps", rules=TREE)
    log = many(rules, 7)
    written(database, log)
    rows = refreshed(database, rules, board)

    async def ranks() -> dict[str, Row | None]:
        async with await reader(database) as connection:
            return {
                entrant: await board_reads.live_rank(connection, rules, board, rules.id, entrant, NOW)
                for entrant in rows
            }

    assert asyncio.run(ranks()) == rows
