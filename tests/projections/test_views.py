"""What the views say of a log."""

from datetime import date

import pytest

from ledger.events import CheckpointDimmed, CheckpointLit, CheckpointPassed, StepsSynced
from tests.conftest import Database
from tests.given import SX, Story, moment
from tests.projections.logs import append, campaign, catch_up, connect, expected_progress, one, stored, views


def shown(database: Database, story: Story) -> None:
    append(database, stored(story.log))
    catch_up(database)


def test_every_book_sums_to_zero_and_earned_less_spent_is_the_balance(database: Database) -> None:
    shown(database, campaign())
    with connect(database) as connection:
        sums = connection.execute(
            "SELECT book, asset, sum(balance) FROM balances GROUP BY book, asset"
        ).fetchall()
        assert sorted(sums) == [("sx-2019", "points", 0), ("sx-2019.trial", "points", 0)]
        assert one(connection, "SELECT count(*) FROM balances WHERE earned <> balance") == 0


def test_a_balance_is_what_the_ledger_says(database: Database) -> None:
    story = campaign()
    shown(database, story)
    with connect(database) as connection:
        balances: dict[str | None, int] = dict(
            connection.execute("SELECT participant, balance FROM balances WHERE book = 'sx-2019'").fetchall()
        )
    del balances[None]
    assert balances == {f"p-{n}": story.enrolment(f"p-{n}").play.balance for n in range(1, 7)}


@pytest.mark.rule("GX-06")
def test_the_statement_leads_from_every_balance_to_its_events(database: Database) -> None:
    story = campaign()
    shown(database, story)
    with connect(database) as connection:
        assert (
            one(
                connection,
                "SELECT count(*) FROM balances b WHERE participant IS NOT NULL AND (balance, position) <> ("
                " SELECT balance_after, position FROM statement s WHERE s.account = b.account"
                " ORDER BY position DESC, leg DESC LIMIT 1)",
            )
            == 0
        )
        rows = connection.execute("SELECT position, topic, source, id FROM statement").fetchall()
    assert rows
    for position, topic, source, id_ in rows:
        event = story.log[position - 1].event
        assert (topic, source, id_) == (event.TOPIC, event.source, event.id)


@pytest.mark.rule("GX-03")
def test_a_correction_takes_back_what_was_earned_and_the_steps_stay(database: Database) -> None:
    story = Story().enrol(at="06-20 09:00").syncs(8000, "07-01 21:00")
    story.corrects(story.position, "07-02 09:00")
    shown(database, story)
    found = views(database)
    assert [row[4:6] for row in found["balances"] if row[3]] == [(0, 0)]
    assert [row[5] for row in sorted(found["statement"], key=lambda row: row[1:3])] == [4, 1, -4, -1]
    assert [row[2:5] for row in found["progress"]] == [(8000, 1, 0)]


@pytest.mark.rule("SX-01")
def test_the_trial_is_kept_apart_from_the_campaign(database: Database) -> None:
    story = Story().enrol(at="06-20 09:00").signs_in("06-21 09:00").syncs(7000, "06-21 20:30")
    shown(database, story)
    before = views(database)
    assert {row[0] for row in before["progress"]} == {"sx-2019.trial"}
    played = len(story.log)
    story.signs_in("07-01 09:00").syncs(10_000, "07-01 20:30")
    append(database, stored(story.log[played:]))
    catch_up(database)
    after = views(database)
    for table in ("progress", "days", "balances"):
        assert set(before[table]) < set(after[table])
    book = [row[0] for row in after["progress"]].index("sx-2019")
    assert after["progress"][book][2:5] == expected_progress(story.enrolment())
    assert after["enrolments"] == before["enrolments"]


@pytest.mark.rule("SX-05")
def test_the_last_counted_sync_of_a_day_stands_also_when_it_is_lower(database: Database) -> None:
    shown(database, Story().enrol(at="06-20 09:00").syncs(9000, "07-01 21:00").syncs(5000, "07-01 22:00"))
    ((_, _, day, counted, provisional, attained, signed_in, last, *_),) = views(database, ["days"])["days"]
    assert (day, counted, provisional, attained, signed_in) == (date(2019, 7, 1), 5000, None, False, False)
    assert last == moment("07-01 22:00")
    assert [row[2:5] for row in views(database)["progress"]] == [(5000, 0, 0)]


def test_a_provisional_sync_counts_nothing_and_the_newest_by_its_own_time_is_shown(
    database: Database,
) -> None:
    story = Story().enrol(at="06-20 09:00").syncs(4000, "07-01 12:00")
    story.syncs(2000, "07-01 10:00", delivered="07-01 12:30")
    shown(database, story)
    ((_, _, _, counted, provisional, attained, _, last, *_),) = views(database, ["days"])["days"]
    assert (counted, provisional, attained, last) == (None, 4000, False, None)
    assert [row[2:6] for row in views(database)["progress"]] == [(0, 0, 0, None)]


@pytest.mark.rule("SX-06")
def test_steps_above_the_cap_are_in_no_counted_figure(database: Database) -> None:
    shown(database, Story().enrol(at="06-20 09:00").syncs(23_456, "07-01 21:00"))
    found = views(database)
    assert [row[3] for row in found["days"]] == [10_000]
    assert "23456" not in repr(found)


@pytest.mark.rule("SX-08")
@pytest.mark.rule("SX-09")
def test_a_dimmed_checkpoint_is_dark_again_and_its_pass_stands(database: Database) -> None:
    story = Story().enrol(at="06-20 09:00")
    for day in range(1, 7):
        story.syncs(10_000, f"07-{day:02} 20:30")
    story.expect(StepsSynced, CheckpointLit)
    lit_at = moment("07-06 20:30")
    story.answers("cp-01", SX.route.checkpoints[0].question.answer, "07-06 20:40")  # type: ignore[union-attr]
    assert type(story.answer[-1]) is CheckpointPassed
    shown(database, story)
    passed_at = moment("07-06 20:40")
    assert views(database)["checkpoints"] == [("sx-2019", "p-1", 1, lit_at, passed_at, None)]
    played = len(story.log)
    story.syncs(0, "07-06 21:00").expect(StepsSynced, CheckpointDimmed)
    story.reflects(1, "07-06 21:10")
    append(database, stored(story.log[played:]))
    catch_up(database)
    reflected_at = moment("07-06 21:10")
    assert views(database)["checkpoints"] == [("sx-2019", "p-1", 1, None, passed_at, reflected_at)]


@pytest.mark.rule("SX-20")
def test_a_badge_shows_the_event_that_awarded_it(database: Database) -> None:
    story = Story().enrol(at="06-18 09:00")
    for day in range(18, 31):
        story.signs_in(f"06-{day} 09:00")
    shown(database, story)
    assert views(database)["badges"] == [
        ("sx-2019.trial", "p-1", "full-attendance", moment("06-30 09:00"), len(story.log), "SX-20")
    ]
