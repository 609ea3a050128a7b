"""What the views say of funds, help, quizzes, attendance and certificates."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
import pytest

from ledger.activity_commands import RecordAttendance
from ledger.fund_commands import DecideHelp, DepositInFund
from ledger.join_events import HistoryJoined
from ledger.member_commands import ApplyForHelp, FlagHardship, MergeMembers
from projections import fund_reads, wallet_reads
from projections.reads import Connection
from projections.rebuild import rebuild
from tests.conftest import Database
from tests.given import Entry, Story, moment
from tests.projections.logs import append, catch_up, stored, views
from tests.unit.eco import PRIMED
from tests.unit.test_funds import NANJING, Treasury
from tests.unit.test_help import Helped

T = TypeVar("T")
TABLES = [
    "funds",
    "fund_entries",
    "projects",
    "help_applications",
    "quiz_answers",
    "attendance",
    "certificates",
]


def ask(database: Database, read: Callable[[Connection], Awaitable[T]]) -> T:
    async def reading() -> T:
        options = f"-csearch_path={database.schema} -ctimezone=UTC"
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, options=options
        ) as connection:
            return await read(connection)

    return asyncio.run(reading())


def played() -> Story:
    """Three attained days, a donation on each, a project that is paid, answers, an occasion, a grant."""
    story = Treasury(PRIMED)
    for day in (1, 2, 3):
        story.syncs(10_500, f"07-0{day} 21:00")
    story.answers("q-1", "B", "07-04 10:00").answers("q-1", "A", "07-04 10:01")
    story.answers("d-2", "C", "07-04 10:02").answers("d-1", "C", "07-05 10:02")
    story.attends("park-walk", "07-06 09:00", actor="li.wei")
    story.at("07-07 10:00")
    story.deposits(1_000).published("trees", 900).puts_forward("bees").reviews("bees", approved=False)
    story.pays("trees", 500)
    story.does(DepositInFund(fund="help", amount=800, ref="bank/3"))
    story.post(FlagHardship(hardship=True, reason="low income"))
    for number, amount in ((1, 300), (2, None)):
        story.post(ApplyForHelp(ref=f"forms/{number}", amount=300))
        decided = DecideHelp(number=number, approved=amount is not None, amount=amount, reason="reviewed")
        story.post(decided, actor="wang.fang")
    story.post(ApplyForHelp(ref="forms/3"))
    return story


def shown(database: Database, parts: int = 1) -> None:
    story = played()
    rows = stored(story.log)
    size = -(-len(rows) // parts)
    for first in range(0, len(rows), size):
        append(database, rows[first : first + size])
        catch_up(database)


@pytest.mark.rule("EC-07", "EC-13", "ZG-10")
def test_a_fund_shows_what_came_in_what_went_out_and_every_movement(database: Database) -> None:
    shown(database)
    funds = ask(database, lambda connection: fund_reads.funds(connection, "eco"))
    assert funds[NANJING] == fund_reads.FundRow(NANJING, 300, 1_000, 500, 3)
    assert (funds[NANJING].balance, funds["help"].balance) == (800, 500)
    entries = ask(database, lambda connection: fund_reads.entries(connection, "eco", NANJING, limit=3))
    assert [(entry.kind, entry.amount, entry.balance) for entry in entries] == [
        ("project", -500, 800),
        ("deposit", 1_000, 1_300),
        ("donation", 100, 300),
    ]
    assert (entries[0].project, entries[0].actor, entries[2].participant) == ("trees", "operator", "p-1")
    last = entries[-1].position
    older = ask(database, lambda conn: fund_reads.entries(conn, "eco", NANJING, before=last))
    assert [entry.balance for entry in older] == [200, 100]


@pytest.mark.rule("EC-13")
def test_projects_show_how_far_they_are(database: Database) -> None:
    shown(database)
    projects = ask(database, lambda connection: fund_reads.projects(connection, "eco", NANJING))
    assert [(each.project, each.status, each.amount, each.paid) for each in projects] == [
        ("trees", "published", 900, 500),
        ("bees", "turned_down", 500, 0),
    ]


@pytest.mark.rule("ZG-10")
def test_applications_for_help_show_what_became_of_them(database: Database) -> None:
    shown(database)
    found = ask(database, lambda connection: fund_reads.help_applications(connection, "eco"))
    assert [(each.number, each.status, each.asked, each.granted) for each in found] == [
        (1, "approved", 300, 300),
        (2, "refused", 300, None),
        (3, "applied", None, None),
    ]
    waiting = ask(database, lambda connection: fund_reads.help_applications(connection, "eco", "applied"))
    assert [each.number for each in waiting] == [3]
    grants = [row for row in views(database, ["balances"])["balances"] if row[0] == "grants:eco:p-1"]
    assert [row[3:6] for row in grants] == [("p-1", 300, 300)]


@pytest.mark.rule("EC-08", "ZG-06")
def test_answers_show_tries_and_the_right_one(database: Database) -> None:
    shown(database, parts=9)
    answers = ask(database, lambda conn: fund_reads.quiz_answers(conn, "eco", "p-1", "hundred"))
    assert [(each.asked, each.tries, each.right_at) for each in answers] == [
        ("q-1", 2, moment("07-04 10:01"))
    ]
    daily = ask(database, lambda conn: fund_reads.quiz_answers(conn, "eco", "p-1", "daily"))
    assert [(each.asked, each.question, each.right_at) for each in daily] == [
        ("2019-07-04", "d-2", None),
        ("2019-07-05", "d-1", None),
    ]


@pytest.mark.rule("EC-04", "EC-14")
def test_certificates_and_attendance_are_shown(database: Database) -> None:
    shown(database)
    (certificate,) = ask(database, lambda conn: fund_reads.certificates(conn, "eco", "p-1"))
    assert (certificate.number, certificate.clause) == ("eco/pioneer/p-1", "EC-04")
    (came,) = ask(database, lambda conn: fund_reads.attendance(conn, "eco", "park-walk"))
    assert (came.participant, came.actor) == ("p-1", "li.wei")


def test_the_views_are_the_same_however_the_log_is_cut_and_when_they_are_made_again(
    database: Database,
) -> None:
    shown(database, parts=11)
    first = views(database, TABLES)
    assert all(first[table] for table in TABLES)
    for name in ("funds", "doings"):
        assert rebuild(database.url, database.schema, name).same
    assert views(database, TABLES) == first


@pytest.mark.rule("EC-12")
@pytest.mark.parametrize("parts", [1, 2])
def test_what_a_client_id_did_is_the_participants_to_whom_it_was_joined(
    database: Database, parts: int
) -> None:
    story = (
        Story(PRIMED)
        .enrol(at="06-25 08:00", branch="nanjing")
        .enrol("p-2", at="06-25 08:00", branch="nanjing")
    )
    for who in ("p-1", "p-2"):
        story.answers("q-1", "A", "07-01 10:00" if who == "p-2" else "07-01 11:00", who=who)
        story.post(RecordAttendance(occasion="park-walk"), who=who, at="07-06 09:00")
    story.answers("q-3", "B", "07-02 10:00", who="p-2")
    for day in (1, 2, 3):
        story.syncs(6_000, f"07-0{day} 21:00", who="p-2")
    said = {
        name: getattr(story.log[-1].event, name) for name in ("occurred_at", "recorded_at", "source", "id")
    }
    joined = HistoryJoined(**said, other="p-2", gave=1)
    rows = stored([*story.log, Entry("p-1@eco", 99, joined)])
    cut = len(rows) - 1 if parts == 2 else 0
    for part in (rows[:cut], rows[cut:]):
        if part:
            append(database, part)
            catch_up(database)
    answers = ask(database, lambda conn: fund_reads.quiz_answers(conn, "eco", "p-1", "hundred"))
    assert [(each.asked, each.tries, each.right_at) for each in answers] == [
        ("q-1", 2, moment("07-01 10:00")),
        ("q-3", 1, moment("07-02 10:00")),
    ]
    came = ask(database, lambda conn: fund_reads.attendance(conn, "eco", "park-walk"))
    assert [each.participant for each in came] == ["p-1"]
    (certificate,) = ask(database, lambda conn: fund_reads.certificates(conn, "eco", "p-1"))
    assert certificate.number == "eco/pioneer/p-2", "a number that was printed stays what it is"
    assert not ask(database, lambda conn: fund_reads.certificates(conn, "eco", "p-2"))


@pytest.mark.rule("EC-12", "ZG-10")
@pytest.mark.parametrize("batch", [1, 4, 1000])
def test_help_of_a_client_id_is_found_under_the_participant_to_whom_it_was_joined(
    database: Database, batch: int
) -> None:
    story = Helped()
    story.applies(90).grants(amount=90)
    for who in ("p-2", "p-3"):
        story.flags(who=who).applies(200, who=who).applies(300, who=who).grants(amount=150, who=who)
    for stays, other in (("p-2", "p-3"), ("p-1", "p-2")):
        story.post(MergeMembers(other=other, reason="same person"), who=stays, campaign="")
        story.applies(who=stays)
    story.grants(3, 299, who="p-3")  # the second of p-2
    append(database, stored(story.log))
    catch_up(database, batch=batch)
    found = ask(database, lambda connection: fund_reads.help_applications(connection, "eco"))
    assert {each.participant for each in found} == {"p-1"}
    shown = {each.number: (each.status, each.asked, each.granted) for each in found}
    assert shown == {
        1: ("approved", 90, 90),
        2: ("approved", 200, 150),
        3: ("approved", 300, 299),
        4: ("approved", 200, 150),
        5: ("applied", 300, None),
        6: ("applied", None, None),
        7: ("applied", None, None),
    }
    of_ledger = {each.number: each.status for each in story.member().helps}
    assert of_ledger == {number: status for number, (status, *_) in shown.items()}
    held = {row[0]: row[4:6] for row in views(database, ["balances"])["balances"]}
    assert (held["grants:eco:p-1"], held["grants:eco:p-2"], held["joining:eco"][0]) == ((689, 689), (0, 0), 0)
    wallet = ask(database, lambda connection: wallet_reads.wallet(connection, "p-1"))
    assert wallet.balance == story.member().balance, "grants are money, and no points of a wallet"
    assert rebuild(database.url, database.schema, "funds").same
