"""Who may take part: members of certain unions, and whoever has viewed what must be viewed first."""

import pytest
from msgspec.structs import replace

from ledger.commands import AnswerQuestion, CreateTeam, SignIn, SubmitAddress, ViewContent
from ledger.events import ContentViewed, Enrolled, SignedIn
from ledger.refusals import AlreadyEnrolled, BranchUnknown, FutureDated, MembershipRequired, NotEnrolled
from ledger.refusals import PrerequisiteMissing as Missing
from ledger.rulebook_campaigns import Prerequisite
from tests.given import JS, SX, Story

VIDEO = ViewContent(ref="safety-video")


def js() -> Story:
    return Story(JS, published="2023-10-20 08:00")


@pytest.mark.rule("JS-02")
def test_a_member_of_the_system_enrols() -> None:
    for branch in ("education-science", "hohai-university", "南京大学工会"):
        js().enrol(branch=branch, at="2023-11-02 07:00").expect(Enrolled)


@pytest.mark.rule("JS-02")
def test_who_is_not_of_the_system_is_told_how_to_join() -> None:
    story = js().enrol(branch="nanjing-federation", at="2023-11-02 07:00").expect(MembershipRequired)
    assert story.refusal.clause == "JS-02"
    assert "申请入会" in story.refusal.detail
    assert "apply to the union" in story.refusal.detail
    assert not story.enrolment().branch
    story.enrol(branch="南京市总工会").expect(MembershipRequired)
    story.enrol(branch="nanjing").expect(Enrolled)


@pytest.mark.rule("JS-02")
def test_who_tries_an_activity_without_having_enrolled_is_told_how_to_join_too() -> None:
    story = js().signs_in("2023-11-02 08:00").expect(NotEnrolled)
    assert "申请入会" in story.refusal.detail
    assert "申请入会" not in Story().signs_in("07-01 08:00").refusal.detail


@pytest.mark.rule("JS-02")
def test_a_union_that_nobody_knows_is_unknown_and_not_foreign() -> None:
    story = js().enrol(branch="nowhere", at="2023-11-02 07:00").expect(BranchUnknown)
    story.enrol(branch="nanjing").enrol(branch="nanjing-federation").expect(MembershipRequired)
    story.enrol(branch="nanjing").expect(AlreadyEnrolled)


@pytest.mark.rule("JS-13")
def test_the_video_comes_before_everything_else() -> None:
    story = js().enrol(branch="nanjing", at="2023-11-02 07:00")
    story.signs_in("2023-11-02 08:00").expect(Missing)
    assert story.refusal.clause == "JS-13"
    assert "safety-video" in story.refusal.detail
    story.syncs(6_000, "2023-11-02 21:00").expect(Missing)
    for command in (
        AnswerQuestion(question="cp-01", answer="A"),
        CreateTeam(team="t", name="t"),
        SubmitAddress(prize="red-packet.1", address_ref="a"),
    ):
        story.post(command).expect(Missing)
    story.post(VIDEO).expect(ContentViewed).signs_in("2023-11-02 21:10")
    assert isinstance(story.answer[0], SignedIn)


@pytest.mark.rule("JS-13")
def test_viewing_is_for_those_who_have_enrolled_and_can_be_repeated() -> None:
    story = js().post(VIDEO, at="2023-11-01 08:00").expect(NotEnrolled)
    story.enrol(branch="nanjing", at="2023-11-02 07:00")
    story.post(VIDEO, at="2023-11-02 07:10", delivered="2023-11-02 07:00").expect(FutureDated)
    story.post(ViewContent(ref="another"), at="2023-11-02 07:11").expect(ContentViewed)
    story.post(SignIn(), at="2023-11-02 07:12").expect(Missing)
    story.post(VIDEO, at="2023-11-02 07:13").post(VIDEO, at="2023-11-02 07:14").expect(ContentViewed)
    assert story.enrolment().viewed == ("another", "safety-video")


@pytest.mark.rule("JS-13")
def test_of_several_contents_the_first_that_is_missing_is_named() -> None:
    video = JS.prerequisites[0]
    two = (*JS.prerequisites, Prerequisite(id="pledge", name=video.name, clause="JS-13"))
    story = Story(replace(JS, prerequisites=two), published="2023-10-20 08:00")
    story.enrol(branch="nanjing", at="2023-11-02 07:00").post(ViewContent(ref="pledge"))
    assert "safety-video" in story.signs_in("2023-11-02 08:00").expect(Missing).refusal.detail
    story.post(VIDEO).signs_in("2023-11-02 08:01")
    assert isinstance(story.answer[0], SignedIn)


@pytest.mark.rule("JS-13", "SX-01")
def test_what_was_viewed_in_the_trial_was_viewed() -> None:
    rules = replace(SX, prerequisites=JS.prerequisites)
    story = Story(rules).enrol(at="06-18 08:00").post(VIDEO).signs_in("06-19 08:00").expect(SignedIn)
    story.signs_in("07-01 08:00").expect(SignedIn)
    assert story.enrolment().viewed == ("safety-video",)


@pytest.mark.rule("JS-01", "JS-04")
def test_the_week_counts_twenty_thousand_a_day_and_six_make_it_attained() -> None:
    story = js().enrol(branch="nanjing", at="2023-11-02 07:00").post(VIDEO)
    story.syncs(25_000, "2023-11-02 12:00").expect(total=20_000, attained=1)
    story.syncs(5_999, "2023-11-02 23:59").expect(total=5_999, attained=0)
    story.syncs(6_000, "2023-11-03 00:09:59", day="2023-11-02").expect(total=6_000, attained=1)
