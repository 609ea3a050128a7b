"""Enrolling: once, under a union of the rulebook, while enrolment is open."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from ledger.command import Consent
from ledger.commands import Enrol
from ledger.events import BadgeAwarded, Enrolled, SignedIn, StepsSynced
from ledger.refusals import AfterCampaign, AlreadyEnrolled, BeforeCampaign, BranchUnknown, FutureDated
from tests.given import SX, Story, day_of


@pytest.mark.rule("SX-02")
@pytest.mark.parametrize("branch", ["xian", "西安市总工会"])
def test_a_union_is_named_by_its_id_or_its_exact_name(branch: str) -> None:
    story = Story().enrol(branch=branch, at="06-18 00:00:00").expect(Enrolled)
    assert story.enrolment().branch == "xian"


@pytest.mark.rule("SX-02")
@pytest.mark.parametrize("branch", ["Xian", "西安", "西安市总工会 ", "nowhere"])
def test_a_union_that_the_rulebook_does_not_have_is_refused(branch: str) -> None:
    story = Story().enrol(branch=branch, at="07-01 08:00").expect(BranchUnknown)
    assert story.enrolment().branch == ""
    story.enrol(at="07-01 08:01").expect(Enrolled)


@pytest.mark.rule("SX-02")
def test_unit_department_and_consent_are_kept_and_nothing_personal_can_be_said() -> None:
    consent = Consent(version="2019-06", at=datetime(2019, 6, 20, tzinfo=UTC))
    command = Enrol(branch="xian", unit="西电集团", department="三车间", consent=consent)
    (event,) = Story().post(command, at="06-20 10:00").answer
    assert isinstance(event, Enrolled)
    assert (event.unit, event.department) == ("西电集团", "三车间")
    assert event.consent == "2019-06 2019-06-20T00:00:00+00:00"
    said = {"branch", "unit", "department", "consent"}
    assert set(Enrol.__struct_fields__) == said | {"identities"}, "which are keyed hashes"
    assert set(Enrolled.__struct_fields__) - set(SignedIn.__struct_fields__) == said


@pytest.mark.rule("SX-02")
@pytest.mark.parametrize(("consent", "kept"), [(True, "yes"), (False, "no"), ("v2", "v2"), (None, None)])
def test_consent_can_be_said_in_a_word(consent: bool | str | None, kept: str | None) -> None:
    (event,) = Story().post(Enrol(branch="xian", consent=consent), at="06-20 10:00").answer
    assert isinstance(event, Enrolled)
    assert event.consent == kept


@pytest.mark.rule("SX-02")
def test_a_participant_enrols_once() -> None:
    story = Story().enrol(at="06-20 10:00").enrol(branch="baoji", at="07-02 10:00").expect(AlreadyEnrolled)
    assert story.enrolment().branch == "xian"


@pytest.mark.rule("SX-02", "GX-04")
def test_enrolment_is_open_from_the_trial_to_the_last_day() -> None:
    story = Story().enrol(at="06-17 23:59:59").expect(BeforeCampaign)
    story.enrol("p-2", at="06-18 00:00:00").expect(Enrolled)
    story.enrol("p-3", at="10-08 23:59:59").expect(Enrolled)
    story.enrol("p-4", at="10-09 00:00:00").expect(AfterCampaign)


@pytest.mark.rule("SX-02", "GX-04")
def test_when_enrolment_opens_and_closes_is_a_setting() -> None:
    window = replace(SX.enrolment, opens=day_of("06-25"), closes=day_of("07-10"))
    story = Story(replace(SX, trial=None, enrolment=window))
    story.enrol(at="06-24 23:59:59").expect(BeforeCampaign)
    story.enrol(at="07-11 00:00:00").expect(AfterCampaign)
    story.enrol(at="06-25 00:00:00").expect(Enrolled)


@pytest.mark.rule("GX-04")
def test_an_enrolment_from_the_future_is_refused_beyond_the_tolerance() -> None:
    Story().enrol(at="07-01 08:05:01", delivered="07-01 08:00").expect(FutureDated)
    Story().enrol(at="07-01 08:05:00", delivered="07-01 08:00").expect(Enrolled)


@pytest.mark.rule("SX-26")
def test_individuals_compete_with_no_word_of_a_team_while_the_rulebook_has_teams() -> None:
    """Both competitions at once: no member of an enrolment, a sign-in or a sync chooses one against the other."""
    assert SX.teams is not None
    assert [board.entrants for board in SX.boards] == ["teams"]
    story = Story().enrol(at="06-20 10:00").signs_in("07-01 08:00").syncs(10_000, "07-01 21:00")
    story.expect(StepsSynced, balance=1 + 5 + 1, attained=1)
    for said in (Enrolled, SignedIn, StepsSynced, BadgeAwarded):
        assert not any("team" in member for member in said.__struct_fields__)
