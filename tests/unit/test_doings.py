"""Comments, news, contents, occasions, and many days at once. ZG-05, EC-14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.activity_commands import DaySteps, SyncManyDays
from ledger.activity_events import (
    ArticleRead,
    AttendanceRecorded,
    CommentPosted,
    ContentCounted,
    DaysReceived,
    DonationMade,
)
from ledger.events import ChanceGranted, CheckpointLit, ContentViewed, StepsSynced, TeamGoalMet
from ledger.fund_events import FundCredited
from ledger.fund_refusals import AlreadyDone, OccasionUnknown, TooLate
from ledger.refusals import (
    AfterCampaign,
    BeforeCampaign,
    DayClosed,
    FutureDated,
    NotEnrolled,
    NotPlayed,
    PrerequisiteMissing,
)
from ledger.rulebook_base import Words
from ledger.rulebook_campaigns import Prerequisite, Teams
from ledger.tally import KEPT_DAYS
from tests.given import Story, day_of, replayed
from tests.unit.eco import ECO, PRIMED, Eco

VIDEO = Prerequisite(id="video", name=Words(zh="视频", en="Video"), clause="JS-13")


@pytest.mark.rule("ZG-05")
def test_comments_earn_up_to_the_days_most_and_more_are_recorded() -> None:
    story = Eco()
    for number in range(5):
        story.comments(f"c/{number}", f"07-01 10:0{number}").expect(CommentPosted)
    story.expect(balance=3)
    assert story.answer[0].postings == ()
    story.comments("c/9", "07-02 00:00").expect(balance=4)


@pytest.mark.rule("ZG-05")
def test_the_last_doing_of_a_day_earns_what_is_left_of_the_most() -> None:
    story = Eco()
    for number, balance in enumerate((2, 4, 5, 5)):
        story.reads(f"news/{number}", f"07-01 10:0{number}").expect(ArticleRead, balance=balance)


@pytest.mark.rule("ZG-05")
def test_the_same_news_count_once_on_a_day() -> None:
    story = Eco().reads("news/1", "07-01 10:00").reads("news/1", "07-01 11:00").expect(AlreadyDone)
    story.comments("news/1", "07-01 11:01").expect(CommentPosted)
    story.reads("news/1", "07-02 11:00").expect(ArticleRead, balance=5)


@pytest.mark.rule("ZG-05", "GX-04")
def test_what_is_delivered_late_counts_for_its_day_until_it_is_too_late() -> None:
    story = (
        Eco().reads("a", "07-02 08:00").reads("b", "07-02 08:01").reads("c", "07-02 08:02").expect(balance=5)
    )
    story.reads("d", "07-01 20:00", delivered="07-02 20:00").expect(ArticleRead, balance=7)
    story.reads("e", "07-01 20:00", delivered="07-02 20:01").expect(TooLate)
    story.reads("f", "07-02 20:10", delivered="07-02 20:01").expect(FutureDated)
    story.reads("g", "06-30 20:10").expect(BeforeCampaign)
    story.reads("h", "07-02 20:10", who="stranger").expect(NotEnrolled)


@pytest.mark.rule("ZG-05")
def test_a_campaign_without_such_points_takes_no_such_doings() -> None:
    story = Eco(replace(ECO, points=())).comments("c", "07-01 10:00").expect(NotPlayed)
    story.reads("c", "07-01 10:00").expect(NotPlayed)
    story.views("c", "07-01 10:00").expect(ContentViewed, balance=0)


@pytest.mark.rule("ZG-05")
def test_contents_earn_once_on_a_day_and_viewing_again_changes_nothing() -> None:
    story = Eco().views("film/1", "07-01 10:00").expect(ContentCounted, balance=1)
    story.views("film/1", "07-01 10:01").expect(ContentCounted, balance=1)
    story.views("film/2", "07-01 10:02").views("film/3", "07-01 10:03").expect(balance=2)
    assert story.enrolment().viewed == (), "only what has to be viewed is remembered for ever"


@pytest.mark.rule("ZG-05", "JS-13")
def test_what_has_to_be_viewed_earns_once_ever_and_is_viewed_for_good() -> None:
    story = Eco(replace(ECO, prerequisites=(VIDEO,))).comments("c", "07-01 09:00").expect(PrerequisiteMissing)
    story.views("video", "07-01 10:00").expect(ContentViewed, ContentCounted, balance=1)
    story.views("video", "07-05 10:00").expect(ContentViewed, balance=1)
    story.comments("c", "07-05 10:01").expect(CommentPosted)
    assert story.enrolment().viewed == ("video",)


@pytest.mark.rule("JS-13")
@pytest.mark.parametrize(
    ("at", "delivered"), [("06-28 10:00", "06-28 10:00"), ("07-01 10:00", "07-05 10:00")]
)
def test_what_has_to_be_viewed_counts_as_viewed_when_it_earns_nothing(at: str, delivered: str) -> None:
    story = Eco(replace(ECO, prerequisites=(VIDEO,))).views("video", at, delivered=delivered)
    story.expect(ContentViewed, balance=0)
    story.comments("c", "07-05 11:00").expect(CommentPosted)


@pytest.mark.rule("ZG-05")
def test_other_content_that_comes_too_late_is_refused() -> None:
    Eco().views("film/1", "07-01 10:00", delivered="07-05 10:00").expect(TooLate)


@pytest.mark.rule("EC-14")
def test_an_organiser_records_who_came() -> None:
    story = Eco().attends("park-walk", "07-06 09:00", delivered="07-20 09:00", actor="li.wei")
    story.expect(AttendanceRecorded, balance=10)
    came = story.answer[0]
    assert isinstance(came, AttendanceRecorded)
    assert (came.actor, came.day) == ("li.wei", day_of("07-06"))


@pytest.mark.rule("EC-14")
def test_an_occasion_is_attended_once_on_one_of_its_days() -> None:
    story = Eco().attends("park-walk", "07-05 23:59").expect(OccasionUnknown)
    story.attends("no-walk", "07-06 09:00").expect(OccasionUnknown)
    story.attends("park-walk", "07-07 09:00").expect(AttendanceRecorded)
    story.attends("park-walk", "07-07 09:01").expect(AlreadyDone, balance=10)
    story.attends("park-walk", "07-07 09:00", who="stranger").expect(NotEnrolled)
    story.attends("park-walk", "08-11 09:00").expect(AfterCampaign)


@pytest.mark.rule("EC-14")
def test_attendance_says_which_client_recorded_it_when_no_person_did() -> None:
    story = Eco().attends("park-walk", "07-06 09:00", actor="")
    came = story.answer[0]
    assert isinstance(came, AttendanceRecorded)
    assert came.actor == "//tests/app"


@pytest.mark.rule("ZG-05", "GX-04")
def test_a_day_that_nobody_remembers_any_more_is_too_late_whatever_the_rulebook_takes() -> None:
    story = Eco(replace(ECO, late="30d"))
    for day in range(2, 2 + KEPT_DAYS):
        story.comments("c", f"07-{day:02} 10:00").expect(CommentPosted)
    story.comments("late", "07-01 10:00", delivered="07-12 10:00").expect(TooLate)
    story.comments("late", "07-02 10:00", delivered="07-12 10:00").expect(CommentPosted)
    story.comments("late", "07-02 10:00", delivered="07-12 10:00").expect(AlreadyDone)


@pytest.mark.rule("ZG-05")
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 9), st.booleans()), max_size=60))
def test_no_day_ever_brings_more_than_its_most(doings: list[tuple[int, int, bool]]) -> None:
    story = Eco()
    for number, (day, ref, comment) in enumerate(sorted(doings, key=lambda each: each[0])):
        at = f"07-{day:02} 10:{number:02}"
        story = story.comments(f"{ref}", at) if comment else story.reads(f"{ref}", at)
    earned = 0
    for day in {day for day, _, _ in doings}:
        comments = {ref for when, ref, comment in doings if comment and when == day}
        news = {ref for when, ref, comment in doings if not comment and when == day}
        earned += min(3, len(comments)) + min(5, 2 * len(news))
    story.expect(balance=earned)
    assert len(story.enrolment().play.doings.days) <= KEPT_DAYS
    assert replayed(story.log) == story.states


def payload(*days: tuple[str, int]) -> SyncManyDays:
    return SyncManyDays(days=tuple(DaySteps(day=day_of(day), steps=steps) for day, steps in days))


@pytest.mark.rule("SX-05", "GX-01")
def test_each_day_of_a_payload_that_can_be_taken_is_a_sync_in_order() -> None:
    story = Eco()
    story.post(payload(("07-02", 5_000), ("06-30", 9), ("07-01", 6_000)), at="07-02 00:05")
    story.expect(
        DaysReceived,
        StepsSynced,
        CheckpointLit,
        ChanceGranted,
        StepsSynced,
        CheckpointLit,
        ChanceGranted,
        lit=2,
    )
    received = story.answer[0]
    assert isinstance(received, DaysReceived)
    assert received.taken == (day_of("07-01"), day_of("07-02"))
    assert received.skipped == ((day_of("06-30"), "before_campaign"),)
    assert received.days == 3
    assert replayed(story.log) == story.states


@pytest.mark.rule("SX-05")
def test_a_payload_of_which_no_day_can_be_taken_is_refused_for_the_first() -> None:
    story = Eco().post(payload(("07-01", 5), ("06-20", 7)), at="07-03 12:00").expect(BeforeCampaign)
    assert b"steps" not in bytes(story.refusal.data), "what the phone counted is not told to participants"
    story.post(payload(("07-01", 5)), at="07-03 12:00").expect(DayClosed)
    story.post(payload(("07-03", 5)), at="07-03 12:00", who="stranger").expect(NotEnrolled)


@pytest.mark.rule("SX-05")
def test_a_day_that_a_payload_names_twice_is_taken_once() -> None:
    story = Eco().post(payload(("07-01", 5_000), ("07-01", 400)), at="07-01 20:00")
    story.expect(DaysReceived, StepsSynced, total=400)


@pytest.mark.rule("EC-07", "SX-17")
def test_the_days_of_a_payload_bring_what_syncs_bring() -> None:
    teams = Teams(clause="SX-03", goal_clause="SX-17", size=2, member_goal=4_000, team_goal=8_000)
    rule = replace(ECO.points[0], id="team", on="team_goal", amount=2, daily_max=None)
    rules = replace(PRIMED, teams=teams, points=(*ECO.points, rule), route=None, badges=())
    story: Story = Eco(rules).enrol("p-2", at="06-25 09:00", branch="suzhou")
    story.creates("t", "07-01 08:00").joins("t", "07-01 08:01", who="p-2")
    story.syncs(5_000, "07-01 09:00", who="p-2")
    story.post(payload(("07-01", 12_000)), at="07-01 10:00")
    kinds = [type(event) for event in story.answer]
    assert kinds.count(TeamGoalMet) == 2
    assert {DonationMade, FundCredited, ChanceGranted} <= set(kinds)
