"""Step syncs where the clocks change, and under other settings: the rules are data."""

import msgspec
import pytest
from msgspec.structs import replace

from ledger.events import StepsSynced
from ledger.refusals import DayClosed, NotPlayed
from ledger.rulebook import Rulebook
from ledger.rulebook_base import Words
from ledger.rulebook_campaigns import Enrolment, PointsRule, SignIn, Steps, Window
from tests.given import SX, Story

SHORT = Rulebook(
    format=1,
    id="short-walk",
    title=Words(zh="健步走", en="Short walk"),
    starts=SX.starts,
    ends=SX.ends,
    clause="JS-01",
    enrolment=Enrolment(clause="JS-02"),
    sign_in=SignIn(clause="JS-03"),
    steps=Steps(clause="JS-03", goal_clause="JS-04", daily_goal=6_000, daily_cap=20_000, total_cap=140_000),
    points=(
        PointsRule(id="steps", on="steps", every=1_000, amount=3, clause="JS-04"),
        PointsRule(id="goal", on="daily_goal", amount=7, clause="JS-04"),
    ),
)


def in_zone(timezone: str, window: Window) -> Story:
    assert SX.steps is not None
    rules = replace(SX, timezone=timezone, steps=replace(SX.steps, window=window), enrolment=SHORT.enrolment)
    rules = replace(
        rules, trial=None, starts=rules.starts.replace(month=1), ends=rules.ends.replace(month=12)
    )
    return Story(rules, published="2018-12-01T00:00:00+00:00").enrol(at="2019-01-01T12:00:00+00:00")


def standing(story: Story) -> str:
    event = story.answer[0]
    assert isinstance(event, StepsSynced)
    return event.standing


@pytest.mark.rule("SX-05")
def test_without_a_window_every_sync_of_the_day_counts_and_the_last_stands() -> None:
    story = Story(SHORT).enrol(branch="any union at all", at="07-01 00:00")
    story.syncs(9_000, "07-01 00:00:00").expect(StepsSynced, total=9_000, balance=34, attained=1)
    story.syncs(8_000, "07-01 07:00").expect(total=8_000, balance=31)
    story.syncs(21_000, "07-02 00:09:59", day="07-01").expect(total=20_000, balance=67)
    story.syncs(1, "07-02 00:10:00", day="07-01").expect(DayClosed, total=20_000)


@pytest.mark.rule("SX-06")
def test_the_total_cap_ends_counting_and_not_attaining() -> None:
    story = Story(SHORT).enrol(at="07-01 06:00")
    for day in range(1, 8):
        story.syncs(20_000, f"07-{day:02} 21:00")
    story.expect(total=140_000, attained=7, balance=7 * 67)
    story.syncs(20_000, "07-08 21:00").expect(total=140_000, attained=8, balance=7 * 67 + 7)


@pytest.mark.rule("SX-06")
def test_the_day_that_reaches_the_total_cap_counts_only_what_was_left() -> None:
    assert SHORT.steps is not None
    capped = replace(SHORT, steps=replace(SHORT.steps, total_cap=25_000))
    story = Story(capped).enrol(at="07-01 06:00").syncs(20_000, "07-01 21:00").syncs(8_000, "07-02 21:00")
    story.expect(total=25_000, balance=67 + 15 + 7)
    story.syncs(9_000, "07-02 22:00").expect(total=25_000)
    story.syncs(4_000, "07-02 23:00").expect(total=24_000, balance=67 + 12)


@pytest.mark.rule("SX-08")
def test_a_campaign_without_a_route_lights_nothing() -> None:
    Story(SHORT).enrol(at="07-01 06:00").syncs(20_000, "07-01 21:00").expect(StepsSynced, lit=0)


def test_a_campaign_without_steps_refuses_them() -> None:
    no_steps = replace(SHORT, steps=None, points=())
    Story(no_steps).enrol(at="07-01 06:00").syncs(20_000, "07-01 21:00").expect(NotPlayed)


@pytest.mark.rule("SX-05")
def test_on_the_day_that_clocks_go_forward_the_window_is_on_the_wall_clock() -> None:
    story = in_zone("Europe/Berlin", Window(opens="20:00", closes="24:00"))
    assert standing(story.syncs(6000, "2019-03-31T17:59:59+00:00")) == "provisional"
    assert standing(story.syncs(6000, "2019-03-31T18:00:00+00:00")) == "counted"
    assert standing(story.syncs(6000, "2019-03-31T22:09:59+00:00", day="2019-03-31")) == "counted"
    story.syncs(6000, "2019-03-31T22:10:00+00:00", day="2019-03-31").expect(DayClosed, total=6000)


@pytest.mark.rule("SX-05")
def test_on_the_day_that_clocks_go_back_the_window_is_on_the_wall_clock() -> None:
    story = in_zone("Europe/Berlin", Window(opens="20:00", closes="24:00"))
    assert standing(story.syncs(6000, "2019-10-27T18:59:59+00:00")) == "provisional"
    assert standing(story.syncs(6000, "2019-10-27T19:00:00+00:00")) == "counted"
    story.syncs(6000, "2019-10-27T23:10:00+00:00", day="2019-10-27").expect(DayClosed)


@pytest.mark.rule("SX-05")
def test_of_the_hour_that_comes_twice_the_second_is_later() -> None:
    story = in_zone("Europe/Berlin", Window())
    story.syncs(9_000, "2019-10-27T02:30:00+01:00").expect(total=9_000)
    story.syncs(1_000, "2019-10-27T02:45:00+02:00", delivered="2019-10-27T03:00:00+01:00").expect(total=9_000)
    assert standing(story) == "superseded"


@pytest.mark.rule("SX-05")
def test_a_closed_day_is_not_reopened_when_midnight_comes_twice() -> None:
    """Havana's clocks went from 1:00 back to 0:00: 0:05 came twice, and the second is after the grace."""
    story = in_zone("America/Havana", Window(opens="20:00", closes="24:00"))
    story.syncs(6000, "2019-11-03T04:09:59+00:00", day="2019-11-02").expect(StepsSynced, total=6000)
    story.syncs(7000, "2019-11-03T04:10:00+00:00", day="2019-11-02").expect(DayClosed)
    story.syncs(7000, "2019-11-03T05:05:00+00:00", day="2019-11-02").expect(DayClosed, total=6000)


@pytest.mark.rule("SX-05")
def test_the_grace_is_ten_minutes_when_midnight_does_not_come() -> None:
    """Beirut's clocks went from 0:00 to 1:00: the grace ends at 1:10 on the wall."""
    story = in_zone("Asia/Beirut", Window(opens="20:00", closes="24:00"))
    story.syncs(6000, "2019-03-31T01:09:59+03:00", day="2019-03-30").expect(StepsSynced, total=6000)
    story.syncs(7000, "2019-03-31T01:10:00+03:00", day="2019-03-30").expect(DayClosed, total=6000)


def test_the_made_up_campaign_could_be_a_file() -> None:
    assert msgspec.convert(msgspec.to_builtins(SHORT), Rulebook) == SHORT
