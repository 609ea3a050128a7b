"""Step syncs: which one stands, what counts of it, and what it earns."""

from datetime import date

import pytest
from msgspec.structs import replace

from ledger.events import StepsSynced
from ledger.refusals import DayClosed, FutureDated
from ledger.rulebook_campaigns import Window
from tests.given import SX, Story


def enrolled(story: Story | None = None) -> Story:
    return (story or Story()).enrol(at="06-30 10:00")


def synced(story: Story) -> StepsSynced:
    event = story.answer[0]
    assert isinstance(event, StepsSynced)
    return event


@pytest.mark.rule("SX-05")
@pytest.mark.parametrize(
    ("at", "day", "standing"),
    [
        ("07-01 00:00:00", "07-01", "provisional"),
        ("07-01 19:59:59", "07-01", "provisional"),
        ("07-01 20:00:00", "07-01", "counted"),
        ("07-01 23:59:59", "07-01", "counted"),
        ("07-02 00:00:00", "07-01", "counted"),
        ("07-02 00:09:59", "07-01", "counted"),
        ("07-02 00:00:00", "07-02", "provisional"),
    ],
)
def test_a_sync_counts_from_the_opening_of_the_window_to_the_end_of_its_grace(
    at: str, day: str, standing: str
) -> None:
    story = enrolled().syncs(8312, at, day=day).expect(StepsSynced)
    assert synced(story).standing == standing
    story.expect(total=8312 if standing == "counted" else 0, balance=5 if standing == "counted" else 0)


@pytest.mark.rule("SX-05")
@pytest.mark.parametrize("at", ["07-02 00:10:00", "07-02 21:00:00", "09-01 21:00:00"])
def test_a_day_is_closed_from_the_second_that_its_grace_ends(at: str) -> None:
    enrolled().syncs(8312, at, day="07-01").expect(DayClosed, total=0)


@pytest.mark.rule("SX-05")
def test_a_sync_of_the_window_may_be_delivered_until_its_grace_ends() -> None:
    story = (
        enrolled().syncs(8312, "07-01 23:58:00", delivered="07-02 00:09:59").expect(StepsSynced, total=8312)
    )
    story.syncs(9000, "07-01 23:59:00", delivered="07-02 00:10:00").expect(DayClosed, total=8312)


@pytest.mark.rule("SX-05")
def test_a_clock_ahead_does_not_lengthen_the_grace() -> None:
    story = enrolled().syncs(8312, "07-02 00:09:59", day="07-01", delivered="07-02 00:06").expect(total=8312)
    story.syncs(9000, "07-02 00:10:00", day="07-01", delivered="07-02 00:06").expect(DayClosed, total=8312)


@pytest.mark.rule("SX-05")
def test_a_closed_day_stands_as_its_last_sync_left_it() -> None:
    story = enrolled().syncs(8312, "07-01 21:00").syncs(4000, "07-02 21:00")
    story.syncs(20_000, "07-01 22:00", delivered="07-02 21:05").expect(DayClosed, total=12_312, balance=7)


@pytest.mark.rule("SX-05")
def test_the_last_sync_of_the_window_stands() -> None:
    story = enrolled().syncs(4000, "07-01 20:30").expect(balance=2, attained=0)
    story.syncs(8312, "07-01 22:00").expect(StepsSynced, total=8312, balance=5, attained=1)
    assert (synced(story).was, synced(story).replaces) == (4000, 2)
    assert synced(story).earned == {"steps": 4, "daily-goal": 1}


@pytest.mark.rule("SX-05", "SX-12", "SX-13")
def test_a_lower_last_sync_takes_its_points_back() -> None:
    story = enrolled().syncs(8312, "07-01 20:30").expect(balance=5, attained=1)
    story.syncs(2500, "07-01 22:00").expect(StepsSynced, total=2500, balance=1, attained=0)
    mine = [leg for leg in synced(story).postings if leg.balance_after is not None]
    assert [(leg.amount, leg.clause, leg.balance_after) for leg in mine] == [
        (-3, "SX-12", 2),
        (-1, "SX-13", 1),
    ]


@pytest.mark.rule("SX-05")
def test_a_sync_of_nothing_takes_everything_back() -> None:
    enrolled().syncs(10_000, "07-01 20:30").syncs(0, "07-01 22:00").expect(total=0, balance=0, attained=0)


@pytest.mark.rule("SX-05")
def test_an_older_sync_that_arrives_later_is_recorded_and_changes_nothing() -> None:
    story = enrolled().syncs(8312, "07-01 22:00")
    story.syncs(9999, "07-01 20:30", delivered="07-01 22:10").expect(StepsSynced, total=8312, balance=5)
    assert (synced(story).standing, synced(story).steps, synced(story).counted) == ("superseded", 9999, 0)


@pytest.mark.rule("SX-05")
def test_of_two_syncs_of_one_moment_the_later_to_arrive_stands() -> None:
    enrolled().syncs(8312, "07-01 22:00").syncs(4000, "07-01 22:00").expect(total=4000, balance=2)


@pytest.mark.rule("SX-05")
def test_a_provisional_sync_that_arrives_after_a_counted_one_is_still_worth_nothing() -> None:
    story = enrolled().syncs(3000, "07-01 21:00")
    story.syncs(9000, "07-01 12:00", delivered="07-01 21:30").expect(total=3000, balance=1)
    assert synced(story).standing == "provisional"


@pytest.mark.rule("SX-05")
def test_yesterday_can_still_be_replaced_after_today_has_begun() -> None:
    story = enrolled().syncs(4000, "07-01 23:00").syncs(100, "07-02 00:05", day="07-02").expect(total=4000)
    story.syncs(6000, "07-02 00:06", day="07-01").expect(total=6000, balance=4, attained=1)


@pytest.mark.rule("SX-06")
@pytest.mark.parametrize(
    ("steps", "counted"), [(9_999, 9_999), (10_000, 10_000), (10_001, 10_000), (98_765, 10_000)]
)
def test_steps_above_the_daily_cap_stay_in_the_log_and_do_not_count(steps: int, counted: int) -> None:
    story = enrolled().syncs(steps, "07-01 21:00").expect(total=counted)
    assert (synced(story).steps, synced(story).counted) == (steps, counted)


@pytest.mark.rule("SX-12", "SX-13")
@pytest.mark.parametrize(
    ("steps", "by_steps", "by_goal"),
    [
        (0, 0, 0),
        (1_999, 0, 0),
        (2_000, 1, 0),
        (3_999, 1, 0),
        (5_999, 2, 0),
        (6_000, 3, 1),
        (9_999, 4, 1),
        (10_000, 5, 1),
        (12_000, 5, 1),
        (1_000_000, 5, 1),
    ],
)
def test_a_point_for_every_2000_counted_steps_and_one_for_the_goal(
    steps: int, by_steps: int, by_goal: int
) -> None:
    story = enrolled().syncs(steps, "07-01 21:00").expect(balance=by_steps + by_goal, attained=by_goal)
    legs = {leg.clause: leg.amount for leg in synced(story).postings if leg.balance_after is not None}
    assert legs == {clause: n for clause, n in (("SX-12", by_steps), ("SX-13", by_goal)) if n}


@pytest.mark.rule("SX-12")
def test_the_rest_of_a_day_is_not_carried_over_to_the_next() -> None:
    enrolled().syncs(3_999, "07-01 21:00").syncs(3_999, "07-02 21:00").expect(balance=2)


@pytest.mark.rule("SX-12")
def test_at_most_five_points_a_day_when_more_steps_count() -> None:
    assert SX.steps is not None
    generous = replace(SX, steps=replace(SX.steps, daily_cap=40_000))
    enrolled(Story(generous)).syncs(40_000, "07-01 21:00").expect(total=40_000, balance=6)


@pytest.mark.rule("SX-05", "GX-04")
@pytest.mark.parametrize(
    ("at", "standing"),
    [("06-30 23:55:00", "provisional"), ("06-30 23:54:59", "refused"), ("06-30 21:00", "refused")],
)
def test_a_day_cannot_be_synced_before_it_begins(at: str, standing: str) -> None:
    story = enrolled(Story()).syncs(8312, at, day="07-01")
    if standing == "refused":
        story.expect(FutureDated, total=0)
    else:
        assert synced(story.expect(StepsSynced, total=0)).standing == standing


@pytest.mark.rule("SX-01")
def test_a_provisional_sync_for_the_first_day_does_not_end_the_trial_early() -> None:
    story = enrolled().syncs(100, "06-30 23:56", day="07-01").signs_in("06-30 23:58").expect(sign_ins=1)
    assert story.enrolment().trial


@pytest.mark.rule("SX-05")
@pytest.mark.parametrize(
    "at",
    [
        "2019-07-01T20:00:00+08:00",
        "2019-07-01T12:00:00Z",
        "2019-07-01T12:00:00+00:00",
        "2019-07-01T22:00:00+10:00",
        "2019-07-01T04:30:00-07:30",
        "2019-07-02T02:00:00+14:00",
    ],
)
def test_the_same_moment_counts_the_same_in_every_offset(at: str) -> None:
    story = enrolled().syncs(8312, at).expect(StepsSynced, total=8312)
    assert (synced(story).day, synced(story).standing) == (date(2019, 7, 1), "counted")
    assert synced(story).occurred_at.isoformat() == "2019-07-01T12:00:00+00:00"


@pytest.mark.rule("SX-05")
def test_a_second_before_the_window_is_provisional_in_every_offset() -> None:
    for at in ("2019-07-01T19:59:59+08:00", "2019-07-01T11:59:59Z", "2019-07-02T01:59:59+14:00"):
        assert synced(enrolled().syncs(8312, at)).standing == "provisional"


@pytest.mark.rule("SX-05")
def test_a_day_is_not_reopened_when_newer_ones_have_replaced_it() -> None:
    """With a grace of a day and clocks a day ahead, three days could be open; the state keeps the newest two."""
    assert SX.steps is not None
    loose = replace(SX, future_tolerance="24h", steps=replace(SX.steps, window=Window(grace="24h")))
    story = enrolled(Story(loose)).syncs(6000, "07-01 23:00").syncs(6000, "07-02 23:00")
    story.syncs(6000, "07-03 08:00", delivered="07-02 23:30").expect(total=18_000)
    story.syncs(7000, "07-01 23:30", delivered="07-02 23:40").expect(DayClosed, total=18_000)
