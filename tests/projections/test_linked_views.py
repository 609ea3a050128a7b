"""The views after two client ids became one participant, in whatever order and batches the events come."""

from typing import Any

import pytest
from msgspec.structs import replace

from api.cli.verifying import verify
from ledger.member_commands import MergeMembers
from ledger.rulebook import Board
from projections import boards, reads, replay
from tests.conftest import Database
from tests.given import SX, Entry, Story, moment
from tests.projections.logs import (
    Rows,
    append,
    catch_up,
    connect,
    expected_progress,
    forget,
    one,
    runner,
    stored,
    views,
)
from tests.projections.standings import JS_BOARD, SX_BOARD, Log, kept, opened, written
from tests.projections.test_reads import ask
from tests.unit.test_contests import entered, run, sealed
from tests.unit.wallets import WALLETED, cancels, earner, earns, redeems

EC12 = pytest.mark.rule("EC-12")
OF_A_PARTICIPANT = ("enrolments", "progress", "days", "checkpoints", "badges", "chances")


def merged() -> Story:
    """Two ids of one person, on some days the one, on some the other, on some both; the other's team has three."""
    story = Story()
    for who in ("p-1", "p-2", "p-3", "p-4"):
        story.enrol(who, at="06-20 09:00")
        story.signs_in("06-21 09:00", who=who).syncs(7_000, "06-21 20:30", who=who)
    story.creates("t-2", "07-01 07:00", who="p-2")
    story.joins("t-2", "07-01 07:10", who="p-3").joins("t-2", "07-01 07:20", who="p-4")
    for day in range(1, 8):
        for who in ("p-1", "p-2") if day % 3 == 0 else (f"p-{1 + day % 2}",):
            story.signs_in(f"07-0{day} 08:00", who=who).syncs(3_000, f"07-0{day} 12:00", who=who)
            story.syncs(10_000 - 1_000 * int(who[-1]), f"07-0{day} 21:0{who[-1]}", who=who)
    question = SX.route.checkpoints[0].question  # type: ignore[union-attr]
    assert question
    story.post(MergeMembers(other="p-2", reason="same person"), who="p-1", at="07-07 22:00", campaign="")
    story.answers("cp-01", question.answer, "07-07 22:10", who="p-2").reflects(1, "07-07 22:20", who="p-2")
    story.draws("red-packet", "07-07 22:30", who="p-2")
    return story


def shown(database: Database, story: Story, *, batch: int = 1000) -> Rows:
    append(database, stored(story.log))
    catch_up(database, batch=batch)
    return views(database)


@EC12
@pytest.mark.rule("SJ-09")
def test_who_stays_has_the_joint_rows_and_the_other_none(database: Database) -> None:
    story = merged()
    shown(database, story)
    with connect(database) as connection:
        for table in OF_A_PARTICIPANT:
            assert one(connection, f"SELECT count(*) FROM {table} WHERE participant = 'p-2'") == 0, table
        found = connection.execute(
            "SELECT total_steps, days_attained, sign_in_days FROM progress"
            " WHERE participant = 'p-1' AND book = 'sx-2019'"
        ).fetchall()
        assert found == [expected_progress(story.enrolment("p-1"))]
        sums = connection.execute(
            "SELECT sum(counted), count(*) FILTER (WHERE attained), count(*) FILTER (WHERE signed_in)"
            " FROM days WHERE participant = 'p-1' AND book = 'sx-2019'"
        ).fetchall()
        assert sums == found
        held: dict[str, int] = dict(
            connection.execute("SELECT account, balance FROM balances WHERE asset = 'points'").fetchall()
        )
        assert held["points:sx-2019:p-1"] == story.enrolment("p-1").play.balance
        assert held["points:sx-2019:p-2"] == held["joining:sx-2019"] == 0
        earned, spent = connection.execute(
            "SELECT earned, earned - balance FROM balances WHERE account = 'points:sx-2019:p-1'"
        ).fetchall()[0]
        assert (earned, spent) == (story.enrolment("p-1").play.balance + 20, 20)
        assert connection.execute("SELECT participant, became FROM participant_links").fetchall() == [
            ("p-2", "p-1")
        ]


@EC12
@pytest.mark.rule("ZG-08")
@pytest.mark.parametrize("batch", [1, 1000])
def test_what_was_earned_and_spent_of_a_wallet_goes_to_who_stays(database: Database, batch: int) -> None:
    story = earns(earner(days=1).enrol("p-2", at="06-30 11:00"), 1, 2, "p-2")  # 6 and 12 points
    story.enrol("p-3", at="06-30 11:00").signs_in("07-01 08:00", who="p-3")
    redeems(story, "towel", "07-03 10:00", who="p-2", quantity=2)
    cancels(story, "mall.1.1", "07-03 10:01", who="p-2")
    redeems(story, "towel", "07-03 10:02")
    for stays, other in (("p-2", "p-3"), ("p-1", "p-2")):
        merge = MergeMembers(other=other, reason="same person")
        story.post(merge, who=stays, at="07-04 09:00", campaign="")
    story.draws("lucky", "07-04 10:00", who="p-2")  # of who stays by now
    cancels(story, "mall.1.2", "07-04 10:01")  # what p-2 had bought
    shown(database, story, batch=batch)
    # Signed in on the first day by all three, and synced by two of them: that counts once.
    assert (story.member().balance, story.member().spent) == (12 - 2 - 5, 2 + 5)
    with connect(database) as connection:
        rows = connection.execute(
            "SELECT participant, balance, earned, earned - balance FROM balances WHERE book = 'member'"
            " AND participant IS NOT NULL ORDER BY participant"
        ).fetchall()
    assert rows == [("p-1", 5, 12, 7), ("p-2", 0, 0, 0), ("p-3", 0, 0, 0)]


@EC12
@pytest.mark.rule("ZG-08")
def test_a_wallet_that_was_spent_to_the_last_point_still_tells_what_was_spent(database: Database) -> None:
    story = Story(WALLETED).enrol("p-1", at="06-30 10:00")
    earns(story.enrol("p-2", at="06-30 10:00"), 1, 1, "p-2")
    redeems(story, "towel", "07-03 10:00", who="p-2")
    redeems(story, "top-up", "07-03 10:01", who="p-2")
    merge = MergeMembers(other="p-2", reason="same person")
    story.post(merge, who="p-1", at="07-04 09:00", campaign="")
    shown(database, story)
    held = {each.account: each for each in ask(database, lambda c: reads.balances(c, "p-1"))}
    wallet = held["points:member:p-1"]
    assert (wallet.balance, wallet.earned, wallet.spent) == (0, 6, 6)


@EC12
@pytest.mark.rule("SX-03")
def test_the_place_in_the_team_is_who_stays(database: Database) -> None:
    shown(database, merged())
    with connect(database) as connection:
        assert one(connection, "SELECT captain FROM teams WHERE team = 't-2'") == "p-1"
        rows = connection.execute(
            "SELECT participant, captain FROM team_members WHERE left_at IS NULL ORDER BY position"
        ).fetchall()
    assert rows == [("p-1", True), ("p-3", False), ("p-4", False)]


@EC12
@pytest.mark.rule("SX-03")
@pytest.mark.parametrize("batch", [1, 1000])
def test_a_captains_place_passes_on(database: Database, batch: int) -> None:
    story = Story()
    for who in ("p-1", "p-2", "p-3"):
        story.enrol(who, at="06-20 09:00")
    story.creates("t-1", "07-01 07:00", who="p-1").creates("t-2", "07-01 07:00", who="p-2")
    story.joins("t-2", "07-01 07:10", who="p-3")
    story.post(MergeMembers(other="p-2", reason="same person"), who="p-1", at="07-02 22:00", campaign="")
    shown(database, story, batch=batch)
    with connect(database) as connection:
        assert one(connection, "SELECT captain FROM teams WHERE team = 't-2'") == "p-3"
        rows = connection.execute(
            "SELECT participant, captain, left_at IS NULL FROM team_members WHERE team = 't-2' ORDER BY position"
        ).fetchall()
    assert rows == [("p-2", False, False), ("p-3", True, True)]


@EC12
@pytest.mark.rule("SX-03")
@pytest.mark.parametrize("batch", [1, 1000])
def test_a_team_that_a_joining_left_empty_has_its_next_member_as_captain(
    database: Database, batch: int
) -> None:
    story = Story()
    for who in ("p-1", "p-2", "p-3"):
        story.enrol(who, at="06-20 09:00")
    story.creates("t-1", "07-01 07:00", who="p-1").creates("t-2", "07-01 07:00", who="p-2")
    story.post(MergeMembers(other="p-2", reason="same person"), who="p-1", at="07-02 22:00", campaign="")
    story.joins("t-2", "07-03 07:10", who="p-3")
    shown(database, story, batch=batch)
    assert story.team("t-2").captain == "p-3"
    with connect(database) as connection:
        assert one(connection, "SELECT captain FROM teams WHERE team = 't-2'") == "p-3"
        rows = connection.execute(
            "SELECT participant FROM team_members WHERE team = 't-2' AND captain AND left_at IS NULL"
        ).fetchall()
    assert rows == [("p-3",)]


@EC12
def test_batches_and_rebuilds_make_no_difference(database: Database) -> None:
    story = merged()
    together = shown(database, story)
    forget(database)
    catch_up(database, batch=1)
    assert views(database) == together
    with runner(database) as running:  # what is delivered already changes nothing
        running.catch_up()
    assert views(database) == together


@EC12
@pytest.mark.parametrize("late", ["p-1", "p-2", "team"])
def test_the_order_between_streams_makes_no_difference(database: Database, late: str) -> None:
    story = merged()
    usual = without_positions(shown(database, story))
    forget(database, log=True)

    def is_late(entry: Entry) -> bool:
        return entry.stream.startswith((f"{late}@", f"{late}/"))

    moved = sorted(story.log, key=is_late)
    append(database, stored(moved))
    catch_up(database, batch=7)
    assert without_positions(views(database)) == usual


def without_positions(rows: Rows) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the views of participants and teams; a position depends on the order that is changed here."""
    keep = ("enrolments", "progress", "days", "checkpoints", "team_days", "teams", "participant_links")
    return {
        table: [tuple(row[:2] if table == "participant_links" else row) for row in rows[table]]
        for table in keep
    }


@EC12
@pytest.mark.rule("GX-06")
def test_reads_of_who_stays_tell_of_all_its_ids(database: Database) -> None:
    story = merged()
    shown(database, story)
    page = ask(database, lambda c: reads.participant_page(c, "sx-2019", "p-1"))
    assert page.progress is not None
    assert page.points is not None
    assert (page.points.balance, page.points.spent) == (story.enrolment("p-1").play.balance, 20)
    assert page.team is not None
    assert len(page.prizes) == page.prizes_count
    lines = ask(database, lambda c: reads.statement(c, "p-1", limit=500))
    assert {line.account for line in lines} >= {"points:sx-2019:p-1", "points:sx-2019:p-2"}
    streams = {row.originator_id for row in ask(database, lambda c: reads.timeline(c, "p-1", limit=500))}
    assert streams >= {"p-1@sx-2019", "p-2@sx-2019"}


@EC12
@pytest.mark.rule("SX-23")
@pytest.mark.parametrize("freezes_at", ["07-06 00:00", "07-09 00:00"])
@pytest.mark.parametrize("board", [JS_BOARD, SX_BOARD], ids=["participants", "teams"])
def test_a_final_standing_has_who_stays_and_is_what_the_replay_says(
    database: Database, board: Board, freezes_at: str
) -> None:
    story = merged()
    board = replace(board, freezes_at=moment(freezes_at))
    log = Log(SX)
    log.entries = story.log
    with opened(database) as connection:
        made = boards.freeze(connection, SX, board, SX.id, written(database, log))
        rows = kept(connection, board, SX)
    assert rows == replay.replay(SX, board, SX.id, log.facts())
    assert made.entrants == len(rows)
    if board.entrants == "participants":
        assert {row.entrant for row in rows} == {"p-1", "p-3", "p-4"}


@EC12
@pytest.mark.rule("JS-10")
def test_a_draw_whose_winner_became_another_participant_verifies(database: Database) -> None:
    story = sealed(entered(2, each=2))
    story.post(MergeMembers(other="p-2", reason="same person"), who="p-1", at="07-04 09:00", campaign="")
    story.post(run(story), who="", at="07-04 20:01", actor="li.wei")
    append(database, stored(story.log))
    with opened(database) as connection:
        checked = verify(connection, "pool/sx-2019/draw", "draw", {1: story.rules}, lambda _, __: None)
    assert (checked.held, checked.tickets, checked.faults) == (1, 4, [])
