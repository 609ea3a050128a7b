"""The shipped rulebook of 扫码入会 says what the published notice says, and its main lines can be played."""

import re
from pathlib import Path

import pytest

import ledger
from ledger.events import DrawMade
from ledger.member import Member
from ledger.member_commands import ApplyForMembership, ReviewMembership
from ledger.member_refusals import ConsentMissing, EmploymentUnknown, MembershipNeeded
from ledger.rulebook_file import load
from tests.given import Story

FILE = Path(ledger.__file__).parent / "rulebooks" / "sj.toml"
SJ = load(FILE.read_bytes())


def applied(**how: object) -> Story:
    """The programme, and p-1 who has applied as a courier of Suzhou."""
    said = {
        "branch": "suzhou-federation",
        "employment": "new-form",
        "trade": "courier",
        "consent": True,
    } | how
    return Story(SJ, "2021-01-01 08:00").post(ApplyForMembership(**said), at="2021-03-01 09:00")  # type: ignore[arg-type]


def member(told: Story) -> Member:
    """The person p-1."""
    state = told.states["member/p-1"]
    assert isinstance(state, Member)
    return state


@pytest.mark.rule("SJ-01")
def test_an_application_names_union_employment_and_for_new_forms_of_work_the_trade() -> None:
    application = SJ.application
    assert application is not None
    assert application.trade_for == ("new-form",)
    assert {"truck-driver", "courier", "ride-hailing-driver", "food-delivery"} <= set(application.trades)
    assert set(application.names) == {*application.employment, *application.trades}
    applied(trade=None).expect(EmploymentUnknown)
    applied(employment="astronaut").expect(EmploymentUnknown)
    assert not applied(employment="staff", trade=None).refused


@pytest.mark.rule("SJ-02")
def test_application_and_pledge_must_be_agreed_to_in_their_versions() -> None:
    assert SJ.application is not None
    assert [document.id for document in SJ.application.documents] == ["application", "pledge"]
    applied(consent=None).expect(ConsentMissing)
    assert not applied(consent="2021-1").refused
    applied(consent="2020-9").expect(ConsentMissing)


@pytest.mark.rule("SJ-03")
def test_who_applies_is_a_member_at_once() -> None:
    told = applied()
    assert member(told).is_member
    assert not member(told).is_reviewed


@pytest.mark.rule("SJ-04", "SJ-08")
def test_a_member_signs_in_and_answers_and_once_reviewed_draws() -> None:
    told = applied()
    if not told.enrolment().branch:
        told.enrol(branch="suzhou-federation", at="2021-03-01 09:05")
    told.signs_in("2021-03-01 10:00")
    for day in (1, 2):
        for question in SJ.quizzes[0].questions[5 * day : 5 * day + 5]:
            told.answers(question.id, question.answer, f"2021-03-{day:02} 10:30")
    assert member(told).balance == 11
    told.draws("points-draw", "2021-03-02 11:00").expect(MembershipNeeded)
    assert told.refusal.clause == "SJ-04"
    told.post(ReviewMembership(approved=True), campaign="", at="2021-03-03 09:00")
    told.draws("points-draw", "2021-03-03 11:00")
    assert isinstance(told.answer[0], DrawMade)
    assert member(told).balance == 1


@pytest.mark.rule("SJ-04")
def test_who_is_no_member_cannot_enrol_and_is_told_how_to_join() -> None:
    told = Story(SJ, "2021-01-01 08:00").enrol(branch="suzhou-federation", at="2021-03-01 09:05")
    told.expect(MembershipNeeded)
    assert SJ.membership is not None
    assert SJ.membership.how_to_join.zh in told.refusal.detail


def test_every_clause_is_named_in_the_file() -> None:
    named = set(re.findall(r"SJ-[0-9]{2}", FILE.read_text("utf-8")))
    assert named == {f"SJ-{number:02}" for number in range(1, 10)}
