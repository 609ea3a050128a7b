"""Badges: full attendance, and every checkpoint passed."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from ledger.events import (
    BadgeAwarded,
    CheckpointPassed,
    Event,
    QuestionAnswered,
    ReflectionPosted,
    SignedIn,
)
from tests.given import SHANGHAI, SX, Story, day_of

FIRST = datetime(2019, 7, 1, 8, tzinfo=SHANGHAI)


def on_day(number: int) -> str:
    """08:00 of the campaign's day, 1 to 100."""
    return (FIRST + timedelta(days=number - 1)).isoformat()


def signed_in(*days: int) -> Story:
    story = Story().enrol(at="06-30 10:00")
    for number in days:
        story.signs_in(on_day(number))
    return story


def badges(story: Story) -> list[str]:
    awarded: list[Event] = [entry.event for entry in story.log]
    return [event.badge for event in awarded if isinstance(event, BadgeAwarded)]


@pytest.mark.rule("SX-20")
def test_the_hundredth_sign_in_gives_the_badge_and_ninety_nine_do_not() -> None:
    story = signed_in(*range(1, 100)).expect(SignedIn, sign_ins=99, badges=())
    story.signs_in(on_day(100)).expect(SignedIn, BadgeAwarded, sign_ins=100, badges=("full-attendance",))
    badge = story.answer[-1]
    assert isinstance(badge, BadgeAwarded)
    assert (badge.badge, badge.clause) == ("full-attendance", "SX-20")


@pytest.mark.rule("SX-20")
@pytest.mark.parametrize("missed", [1, 50, 100])
def test_one_missed_day_loses_the_badge(missed: int) -> None:
    signed_in(*(day for day in range(1, 101) if day != missed)).expect(sign_ins=99, badges=())


@pytest.mark.rule("SX-20", "SX-11")
def test_a_sign_in_that_is_delivered_after_the_last_day_completes_the_attendance() -> None:
    story = signed_in(*range(1, 100)).signs_in("10-08 23:59:59", delivered="10-12 08:00")
    story.expect(SignedIn, BadgeAwarded)


@pytest.mark.rule("SX-20", "GX-08")
def test_full_attendance_is_awarded_once_though_the_campaign_is_made_longer() -> None:
    story = Story(replace(SX, ends=day_of("07-02"))).enrol(at="06-30 10:00")
    story.signs_in("07-01 08:00").signs_in("07-02 08:00").expect(SignedIn, BadgeAwarded)
    story.amend(replace(SX, ends=day_of("07-03")), "07-02 09:00").signs_in("07-03 08:00")
    story.expect(SignedIn, badges=("full-attendance",))


@pytest.mark.rule("SX-20")
def test_refused_second_sign_ins_do_not_count_for_attendance() -> None:
    story = Story(replace(SX, ends=day_of("07-03"), route=None)).enrol(at="06-30 10:00")
    for time in ("07-01 08:00", "07-01 09:00", "07-01 10:00", "07-02 08:00"):
        story.signs_in(time)
    story.expect(badges=(), sign_ins=2)
    story.signs_in("07-03 08:00").expect(SignedIn, BadgeAwarded)


@pytest.mark.rule("SX-20", "SX-01")
def test_attendance_in_the_trial_is_of_the_trial() -> None:
    story = Story().enrol(at="06-18 08:00")
    for day in range(18, 31):
        story.signs_in(f"06-{day} 09:00")
    story.expect(SignedIn, BadgeAwarded, badges=("full-attendance",))
    story.signs_in("07-01 08:00").expect(SignedIn, badges=(), sign_ins=1)


def all_passed(but: int = 0) -> Story:
    assert SX.route is not None
    near = replace(SX, route=replace(SX.route, total_steps=10_000))
    story = Story(near).enrol(at="06-30 10:00").syncs(10_000, "07-01 21:00").expect(lit=13)
    for number, checkpoint in enumerate(SX.route.checkpoints, 1):
        if number != but:
            assert checkpoint.question is not None
            story.answers(f"cp-{number:02}", checkpoint.question.answer, f"07-02 09:{number:02}")
    return story


@pytest.mark.rule("SX-21")
def test_the_thirteenth_pass_gives_the_badge() -> None:
    story = all_passed().expect(QuestionAnswered, CheckpointPassed, BadgeAwarded)
    assert badges(story) == ["with-the-motherland"]
    assert story.answer[-1] == replace(story.answer[-1], clause="SX-21")


@pytest.mark.rule("SX-21")
@pytest.mark.parametrize("missing", [1, 7, 13])
def test_twelve_passes_do_not(missing: int) -> None:
    story = all_passed(but=missing).expect(badges=())
    assert len(story.enrolment().play.passed) == 12
    assert SX.route is not None
    question = SX.route.checkpoints[missing - 1].question
    answer = question.answer if question else ""
    story.answers(f"cp-{missing:02}", "wrong", "07-02 10:00").expect(QuestionAnswered, badges=())
    story.answers(f"cp-{missing:02}", answer, "07-02 10:01").expect(badges=("with-the-motherland",))


@pytest.mark.rule("SX-20", "SX-21")
def test_a_badge_is_awarded_once() -> None:
    story = all_passed().syncs(0, "07-01 22:00", delivered="07-01 22:00").expect(lit=0)
    story.syncs(10_000, "07-01 23:00").expect(lit=13).reflects(13, "07-02 11:00").expect(ReflectionPosted)
    assert badges(story) == ["with-the-motherland"]


@pytest.mark.rule("SX-20", "SX-21")
def test_a_campaign_without_badges_awards_none() -> None:
    story = Story(replace(SX, ends=day_of("07-01"), badges=())).enrol(at="06-30 10:00")
    story.signs_in("07-01 08:00").expect(SignedIn, badges=())
