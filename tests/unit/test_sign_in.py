"""Signing in: one point, once a day, on the day that it happened."""

from datetime import date

import pytest
from msgspec.structs import replace

from ledger.events import SignedIn
from ledger.refusals import (
    AfterCampaign,
    AlreadySignedIn,
    BeforeCampaign,
    FutureDated,
    NotEnrolled,
    NotPlayed,
)
from ledger.rulebook_campaigns import PointsRule
from tests.given import SX, Story


def enrolled(story: Story | None = None) -> Story:
    return (story or Story()).enrol(at="06-30 10:00")


@pytest.mark.rule("SX-11")
def test_a_sign_in_earns_a_point() -> None:
    story = enrolled().signs_in("07-01 08:00").expect(SignedIn, balance=1, sign_ins=1)
    (event,) = story.answer
    assert isinstance(event, SignedIn)
    assert (event.day, event.number) == (date(2019, 7, 1), 0)
    assert [(leg.account, leg.amount, leg.clause) for leg in event.postings] == [
        ("points:sx-2019:p-1", 1, "SX-11"),
        ("issued:sx-2019", -1, ""),
    ]


@pytest.mark.rule("SX-11")
@pytest.mark.parametrize("again", ["07-01 08:00:01", "07-01 23:59:59"])
def test_a_second_sign_in_of_the_day_is_refused(again: str) -> None:
    enrolled().signs_in("07-01 08:00").signs_in(again).expect(AlreadySignedIn, balance=1, sign_ins=1)


@pytest.mark.rule("SX-11")
def test_the_day_turns_at_midnight_of_the_campaign() -> None:
    story = enrolled().signs_in("07-01 23:59:59").signs_in("07-02 00:00:00").expect(SignedIn, balance=2)
    story.signs_in("2019-07-02T15:59:59Z").expect(AlreadySignedIn)
    story.signs_in("2019-07-02T16:00:00Z").expect(SignedIn, sign_ins=3)


@pytest.mark.rule("SX-11", "SX-20")
def test_a_sign_in_that_is_delivered_late_counts_for_its_day() -> None:
    story = enrolled().signs_in("07-02 08:00").signs_in("07-01 22:00", delivered="07-02 09:00")
    story.expect(SignedIn, balance=2, sign_ins=2)
    story.signs_in("07-01 23:00", delivered="07-02 09:01").expect(AlreadySignedIn, sign_ins=2)


@pytest.mark.rule("GX-04")
def test_a_sign_in_from_the_future_is_refused_beyond_the_tolerance() -> None:
    story = enrolled().signs_in("07-01 08:05:00", delivered="07-01 08:00:00").expect(SignedIn)
    story.signs_in("07-02 08:05:01", delivered="07-02 08:00:00").expect(FutureDated, sign_ins=1)
    assert "clock" in story.refusal.detail


@pytest.mark.rule("GX-04", "SX-01")
def test_a_sign_in_outside_the_campaign_is_refused() -> None:
    story = Story().enrol(at="06-18 00:00:00").signs_in("06-17 23:59:59", delivered="06-18 08:00")
    story.expect(BeforeCampaign)
    story.signs_in("10-08 23:59:59").expect(SignedIn)
    story.signs_in("10-09 00:00:00").expect(AfterCampaign, sign_ins=1)


@pytest.mark.rule("SX-02")
def test_a_sign_in_needs_an_enrolment() -> None:
    Story().signs_in("07-01 08:00").expect(NotEnrolled, balance=0)


@pytest.mark.rule("SX-11")
def test_what_a_sign_in_is_worth_is_a_setting() -> None:
    rules = replace(SX, points=(PointsRule(id="in", on="sign_in", amount=7, clause="ZG-05"),))
    enrolled(Story(rules)).signs_in("07-01 08:00").expect(SignedIn, balance=7)
    worthless = enrolled(Story(replace(SX, points=()))).signs_in("07-01 08:00").expect(SignedIn, balance=0)
    assert worthless.answer[0].postings == ()


def test_a_campaign_without_sign_in_refuses_it() -> None:
    enrolled(Story(replace(SX, sign_in=None))).signs_in("07-01 08:00").expect(NotPlayed)


@pytest.mark.rule("SX-11")
def test_participants_do_not_see_each_other() -> None:
    story = (
        enrolled().enrol("p-2").signs_in("07-01 08:00").signs_in("07-01 08:00", who="p-2").expect(SignedIn)
    )
    story.expect(balance=1).expect(who="p-2", balance=1)


@pytest.mark.rule("SX-02", "GX-04")
def test_what_happened_before_somebody_enrolled_does_not_count() -> None:
    story = Story().enrol(at="07-05 10:00")
    story.signs_in("07-04 08:00", delivered="07-05 10:01").expect(NotEnrolled, sign_ins=0)
    story.signs_in("07-05 09:56", delivered="07-05 10:02").expect(
        SignedIn, sign_ins=1
    )  # clocks may be skewed
