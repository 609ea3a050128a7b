"""What the API is told: pages, cursors, the trial apart, and one statement for a participant's page."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
import pytest

from projections import reads
from projections.projection import query
from projections.reads import Balance, Connection
from tests.conftest import Database
from tests.given import Story, moment
from tests.projections.logs import append, campaign, catch_up, connect, stored

T = TypeVar("T")


def ask(database: Database, question: Callable[[Connection], Awaitable[T]]) -> T:
    """The answer to a question on a fresh connection."""

    async def answered() -> T:
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, options=f"-csearch_path={database.schema}"
        ) as connection:
            return await question(connection)

    return asyncio.run(answered())


@pytest.fixture
def story(database: Database) -> Story:
    """A log that the views have taken."""
    played = campaign()
    append(database, stored(played.log))
    catch_up(database)
    return played


def test_balances_are_those_of_all_books(database: Database, story: Story) -> None:
    trial, own = (f"points:{book}:p-1" for book in ("sx-2019.trial", "sx-2019"))
    play = story.enrolment("p-1").play
    found = {balance.account: balance for balance in ask(database, lambda c: reads.balances(c, "p-1"))}
    assert set(found) == {trial, own}
    newest = found[own].position
    assert found[own] == Balance(own, "points", "sx-2019", play.balance, play.balance, 0, newest)
    assert story.log[newest - 1].stream == "p-1@sx-2019"
    assert ask(database, lambda c: reads.balances(c, "p-99")) == []


def test_the_statement_is_paged_newest_first_without_gap_or_repeat(database: Database, story: Story) -> None:
    whole = ask(database, lambda c: reads.statement(c, "p-1", limit=1000))
    assert [(row.position, row.leg) for row in whole] == sorted(
        ((row.position, row.leg) for row in whole), reverse=True
    )
    pages: list[reads.StatementRow] = []
    before: tuple[int, int] | None = None
    while page := ask(database, lambda c, b=before: reads.statement(c, "p-1", before=b, limit=3)):  # type: ignore[misc]
        assert len(page) <= 3
        pages += page
        before = page[-1].position, page[-1].leg
    assert pages == whole
    account = "points:sx-2019.trial:p-1"
    trial = ask(database, lambda c: reads.statement(c, "p-1", account=account))
    assert trial == [row for row in whole if row.account == account]
    assert sum(row.amount for row in trial) == trial[0].balance_after


@pytest.mark.rule("SX-01")
def test_progress_and_days_of_the_trial_and_the_campaign_are_apart(database: Database, story: Story) -> None:
    trial = ask(database, lambda c: reads.progress(c, "sx-2019.trial", "p-1"))
    own = ask(database, lambda c: reads.progress(c, "sx-2019", "p-1"))
    play = story.enrolment("p-1").play
    assert trial is not None
    assert own is not None
    assert (trial.total_steps, trial.days_attained, trial.sign_in_days) == (7000, 1, 1)
    assert (own.total_steps, own.days_attained, own.sign_in_days) == (
        play.total,
        play.attained,
        play.sign_ins,
    )
    assert trial.enrolled_at == own.enrolled_at == moment("06-20 09:00")
    assert (own.branch, own.unit, own.department) == ("xian", "一车间", None)
    days = ask(database, lambda c: reads.days(c, "sx-2019", "p-1"))
    assert [day.day.isoformat() for day in days] == [f"2019-07-0{n}" for n in range(1, 5)]
    assert {(day.counted, day.provisional, day.attained, day.signed_in) for day in days} == {
        (4000, 3000, False, True)
    }
    assert len(ask(database, lambda c: reads.days(c, "sx-2019.trial", "p-1"))) == 1


def test_who_is_not_enrolled_has_no_progress(database: Database, story: Story) -> None:
    assert ask(database, lambda c: reads.progress(c, "sx-2019", "p-99")) is None
    page = ask(database, lambda c: reads.participant_page(c, "sx-2019", "p-99"))
    assert (page.position, page.points, page.progress, page.checkpoints, page.badges) == (
        len(story.log),
        None,
        None,
        (),
        (),
    )


def test_the_page_says_the_same_as_the_single_reads(database: Database) -> None:
    story = Story().enrol(at="06-18 09:00")
    for day in range(18, 31):
        story.signs_in(f"06-{day} 09:00").syncs(10_000, f"06-{day} 20:30")
    append(database, stored(story.log))
    catch_up(database)
    book = "sx-2019.trial"
    page = ask(database, lambda c: reads.participant_page(c, book, "p-1"))
    assert page.progress == ask(database, lambda c: reads.progress(c, book, "p-1"))
    assert page.checkpoints == tuple(ask(database, lambda c: reads.checkpoints(c, book, "p-1")))
    assert page.badges == tuple(ask(database, lambda c: reads.badges(c, book, "p-1")))
    (balance,) = ask(database, lambda c: reads.balances(c, "p-1"))
    assert page.points == reads.Points(balance.balance, balance.earned, balance.spent)
    assert len(page.checkpoints) == 2
    assert [badge.badge for badge in page.badges] == ["full-attendance"]


def test_the_timeline_is_every_event_of_the_person_newest_first(database: Database, story: Story) -> None:
    mine = [n for n, entry in enumerate(story.log, start=1) if entry.stream == "p-1@sx-2019"][::-1]
    other = [
        ("p-1@js-2023", version, *row[2:]) for version, row in enumerate(stored(story.log[1:6]), start=1)
    ]
    near = [
        (stream, 1, *stored(story.log[1:2])[0][2:]) for stream in ("p-10@sx-2019", "p-1A@x", "p-1.@x", "p-1")
    ]
    head = append(database, other + near)
    mine = [*range(head - 4, head - 9, -1), *mine]
    pages: list[int] = []
    before: int | None = None
    while page := ask(database, lambda c, b=before: reads.timeline(c, "p-1", before=b, limit=4)):  # type: ignore[misc]
        pages += [row.position for row in page]
        before = pages[-1]
    assert pages == mine
    newest = ask(database, lambda c: reads.timeline(c, "p-1", limit=1))[0]
    assert (newest.originator_id, newest.originator_version, newest.topic) == other[-1][:3]
    assert newest.state == other[-1][3]


def test_the_timeline_and_the_statement_read_a_page_and_not_the_table(
    database: Database, story: Story
) -> None:
    append(database, [(f"x-{n}@sx-2019", 1, "none.v1", b"{}") for n in range(5000)])
    questions: dict[str, dict[str, Any]] = {
        "timeline": {"participant": "p-1", "before": 2**62, "limit": 5},
        "statement": {"participant": "p-1", "account": None, "position": 2**62, "leg": 0, "limit": 5},
    }
    with connect(database) as connection:
        connection.execute("ANALYZE")
        connection.execute("SET enable_seqscan TO off")
        for name, parameters in questions.items():
            asked = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query(name)
            row = connection.execute(asked, parameters).fetchone()
            assert row is not None
            plan = row[0][0]["Plan"]
            assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 60


def test_the_position_is_that_of_the_slowest_view(database: Database, story: Story) -> None:
    head = len(story.log)
    assert ask(database, reads.position) == head
    with connect(database) as connection:
        connection.execute(
            "UPDATE projection_tracking SET notification_id = 7 WHERE application_name = 'badges'"
        )
        connection.execute("DELETE FROM projection_tracking WHERE application_name = 'progress'")
    assert ask(database, reads.position) == 0
    assert ask(database, lambda c: reads.position(c, ["badges", "balances"])) == 7
    assert ask(database, lambda c: reads.position(c, ["balances"])) == head
