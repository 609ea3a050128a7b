"""A merger of two unions while people of both walk: nobody is lost, nothing counts twice, all figures follow."""

import asyncio
import threading
from datetime import timedelta

import psycopg
import pytest

from ledger.audit import audit
from ledger.branch_commands import BranchEntry, MergeBranch, RegisterBranches
from ledger.command import Command, Request, request
from ledger.commands import Enrol
from ledger.rulebook_file import load
from projections import unit_reads
from projections.runner import Runner
from projections.unit_reads import Unit
from tests.conftest import Database
from tests.store.playing import EVENING, SX, Playing, said, sync

PEOPLE = 12
ROUNDS = 15
RULES = load(SX)


def office(command: Command, id: str) -> Request:
    """A request of an operator that belongs to no campaign."""
    return request(command, source="//test/office", id=id, campaign="")


def report(database: Database) -> dict[str, Unit]:
    async def asked() -> list[Unit]:
        options = f"-csearch_path={database.schema}"
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, options=options
        ) as connection:
            return await unit_reads.report(connection, RULES, RULES.id, under=None, after="", limit=100)

    with Runner(database.url, database.schema) as runner:
        runner.catch_up()
    return {unit.id: unit for unit in asyncio.run(asked())}


@pytest.mark.rule("SJ-07", "SX-27")
def test_a_merger_while_syncs_run_leaves_the_figures_right(database: Database) -> None:
    homes = {f"p-{number}": ("tongchuan", "xian", "hancheng")[number % 3] for number in range(PEOPLE)}
    with Playing(database) as playing:
        playing.submit(*(said(Enrol(branch=home), who) for who, home in homes.items()))
        faults: list[str] = []

        def walk(who: str) -> None:
            for number in range(ROUNDS):
                at = EVENING + timedelta(minutes=number)
                (outcome,) = playing.submit(sync(who, 6000 + number, at=at))
                if outcome.status != "accepted":
                    faults.append(outcome.detail)

        walkers = [threading.Thread(target=walk, args=(who,)) for who in homes]
        for thread in walkers:
            thread.start()
        merged = playing.submit(
            office(MergeBranch(branch="tongchuan", into="xian", reason="one city"), "m-1"),
            office(MergeBranch(branch="weinan", into="xian", reason="one city"), "m-2"),
            said(Enrol(branch="tongchuan"), "p-late"),
        )
        for thread in walkers:
            thread.join()
    assert [outcome.status for outcome in merged] == ["accepted"] * 3
    assert faults == []
    assert audit(database.url, database.schema).sound
    found = report(database)
    assert not {"tongchuan", "weinan"} & found.keys()
    assert found["hancheng"].parent == "xian"
    assert (found["hancheng"].members, found["hancheng"].attained) == (4, 4)
    assert (found["xian"].members, found["xian"].active, found["xian"].attained) == (
        PEOPLE + 1,
        PEOPLE,
        PEOPLE,
    )
    assert found["xian"].steps == PEOPLE * (6000 + ROUNDS - 1)
    assert found["xian"].quota == 250_000 + 30_000 + 80_000
    assert sum(unit.members for unit in found.values() if unit.parent is None) == PEOPLE + 1


@pytest.mark.rule("SJ-07")
def test_mergers_that_would_close_a_circle_are_refused_whoever_is_first(database: Database) -> None:
    """Each alone would be allowed; one after the other, in one group, the second is not."""
    with Playing(database) as playing:
        playing.submit(
            office(
                RegisterBranches(branches=tuple(BranchEntry(id=id, name=id) for id in ("a", "b", "c"))), "r-1"
            )
        )
        outcomes = playing.submit(
            office(MergeBranch(branch="a", into="b", reason="one"), "m-1"),
            office(MergeBranch(branch="b", into="a", reason="two"), "m-2"),
            office(MergeBranch(branch="b", into="c", reason="three"), "m-3"),
            office(MergeBranch(branch="c", into="a", reason="four"), "m-4"),
        )
        assert [outcome.status for outcome in outcomes] == ["accepted", "refused", "accepted", "refused"]
        assert audit(database.url, database.schema).sound
