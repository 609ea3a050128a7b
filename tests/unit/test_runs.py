"""Runs, and the entry to the health draw that a day's movement gives. EC-05, EC-06."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.activity_events import RunRecorded
from ledger.commands import SyncSteps
from ledger.events import ChanceGranted, DrawEntered, EntryTaken, StepsSynced
from ledger.refusals import (
    BeforeCampaign,
    ChanceUnknown,
    DayClosed,
    FutureDated,
    NotEnrolled,
    NotPlayed,
)
from tests.given import Story, day_of, moment, replayed
from tests.unit.eco import ECO, Eco

ENOUGH = 2_684
"""Steps of 60 cm that make 1.61 km."""


def chances(story: Story, pool: str = "health") -> list[str]:
    return [chance.id for chance in story.enrolment().play.rewards.chances_of(pool)]


@pytest.mark.rule("EC-05", "EC-06")
@pytest.mark.parametrize(("steps", "granted"), [(ENOUGH - 1, []), (ENOUGH, ["2019-07-01"])])
def test_walking_a_mile_gives_an_entry(steps: int, granted: list[str]) -> None:
    assert chances(Eco().syncs(steps, "07-01 21:00")) == granted


@pytest.mark.rule("EC-05", "EC-06")
@pytest.mark.parametrize(("metres", "granted"), [(1_609, []), (1_610, ["2019-07-01"])])
def test_running_a_mile_gives_an_entry(metres: int, granted: list[str]) -> None:
    assert chances(Eco().runs(metres, "07-01 21:00")) == granted


@pytest.mark.rule("EC-05")
def test_the_phones_own_distance_goes_before_the_length_of_steps() -> None:
    def synced(metres: int) -> list[str]:
        command = SyncSteps(day=day_of("07-01"), steps=9_000, provider="werun", distance_m=metres)
        return chances(Eco().post(command, at="07-01 21:00"))

    assert synced(1_609) == []
    assert synced(1_610) == ["2019-07-01"]


@pytest.mark.rule("EC-05")
def test_a_day_gives_one_entry_and_a_lower_last_sync_leaves_it() -> None:
    story = Eco().syncs(ENOUGH, "07-01 20:00").expect(StepsSynced, ChanceGranted)
    story.syncs(4_000, "07-01 21:00")
    assert chances(story) == ["2019-07-01"]
    story.syncs(10, "07-01 22:00").expect(StepsSynced)
    story.post(SyncSteps(day=day_of("07-01"), steps=9, provider="x"), at="07-01 22:30").expect(StepsSynced)
    assert chances(story) == ["2019-07-01"], "what was granted may be used already"


@pytest.mark.rule("EC-06")
def test_the_runs_of_a_day_add_up_and_walking_is_not_added_to_them() -> None:
    story = Eco().runs(900, "07-01 08:00")
    story.syncs(2_000, "07-01 12:00")
    assert chances(story) == [], (
        "900 m run and 1,200 m walked are no mile: the phone counts the steps of a run too"
    )
    story.runs(710, "07-01 18:00").expect(RunRecorded, ChanceGranted)
    run = story.answer[0]
    assert isinstance(run, RunRecorded)
    assert run.total_m == 1_610


@pytest.mark.rule("EC-05")
def test_the_entry_is_for_the_draw_of_its_pool() -> None:
    story = Eco().runs(2_000, "07-01 21:00")
    story.draws("health", "07-05 09:00").expect(DrawEntered, EntryTaken)
    story.draws("health", "07-05 09:01")
    assert story.refused, "one entry for a day"
    story.draws("health", "07-05 09:02", chance="2019-07-05").expect(ChanceUnknown)


@pytest.mark.rule("EC-06")
def test_a_run_is_taken_until_the_days_grace_is_over() -> None:
    story = Eco().runs(100, "07-01 23:00", delivered="07-02 00:09")
    story.expect(RunRecorded)
    story.runs(100, "07-01 23:30", delivered="07-02 00:10").expect(DayClosed)
    story.runs(100, "07-02 00:11", day="07-01").expect(DayClosed)


@pytest.mark.rule("EC-06", "GX-04")
def test_a_run_of_tomorrow_or_of_another_time_is_refused() -> None:
    story = Eco().runs(100, "07-01 20:00", day="07-02").expect(FutureDated)
    story.runs(100, "06-30 20:00", delivered="07-01 20:00").expect(BeforeCampaign)
    ahead = moment("07-01 20:00") + timedelta(minutes=6)
    story.at("07-01 20:00")
    story.post(SyncSteps(day=day_of("07-01"), steps=1, provider="x"), at=ahead, delivered="07-01 20:00")
    story.expect(FutureDated)
    story.runs(100, "07-01 20:00", who="stranger").expect(NotEnrolled)


@pytest.mark.rule("EC-06")
def test_a_campaign_without_steps_and_movement_takes_no_runs() -> None:
    story = Eco(replace(ECO, steps=None, route=None, badges=(), donations=(), pools=()))
    story.runs(100, "07-01 20:00").expect(NotPlayed)


@pytest.mark.rule("EC-06")
@given(
    st.lists(
        st.tuples(st.integers(1, 20), st.integers(1, 2_000), st.integers(0, 23)), min_size=1, max_size=40
    )
)
def test_the_state_of_runs_stays_small_and_each_day_gives_at_most_one_entry(
    runs: list[tuple[int, int, int]],
) -> None:
    story = Eco()
    metres: dict[int, int] = {}
    for day, distance, hour in sorted(runs, key=lambda run: (run[0], run[2])):
        story.runs(distance, f"07-{day:02} {hour:02}:30")
        metres[day] = metres.get(day, 0) + distance
    assert chances(story) == [f"2019-07-{day:02}" for day in sorted(metres) if metres[day] >= 1_610]
    assert len(story.enrolment().play.doings.runs) <= 2
    assert replayed(story.log) == story.states
