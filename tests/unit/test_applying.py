"""Joining a union by oneself: in at once, with consent, in a union of the tree or one that is typed in."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from ledger.branch_events import BranchNamed, BranchRegistered
from ledger.branch_refusals import BranchNotInTree
from ledger.command import Consent
from ledger.commands import Enrol
from ledger.events import Enrolled, PrizeWon, SignedIn
from ledger.member import Membership
from ledger.member_commands import ApplyForMembership, CorrectDetails
from ledger.member_events import DetailsCorrected, MembershipApplied
from ledger.member_refusals import AlreadyMember, ConsentMissing, EmploymentUnknown, MembershipNeeded
from ledger.refusal import Malformed, Refusal
from ledger.refusals import (
    AfterCampaign,
    BeforeCampaign,
    BranchUnknown,
    FutureDated,
    MembershipRequired,
    NotPlayed,
)
from tests.given import Story, moment, replayed
from tests.unit.programmes import (
    AT,
    JOIN,
    OTHER_PHONE,
    PHONE,
    ROSTER,
    consents,
    form,
    joining,
    member,
    walk,
)
from tests.unit.trees import CITY, merge, register


def applied(story: Story) -> MembershipApplied:
    """The application in the newest answer."""
    (event,) = (each for each in story.answer if isinstance(each, MembershipApplied))
    return event


@pytest.mark.rule("SJ-01", "SJ-03")
def test_who_applies_is_in_at_once_and_takes_part() -> None:
    story = member()
    assert isinstance(story.answer[0], Enrolled)
    assert story.log[-len(story.answer)].stream == "p-1@join"
    event = applied(story)
    assert (event.campaign, event.branch, event.employment, event.trade) == ("join", "zj-1", "staff", None)
    assert story.member().membership == Membership("zj-1", "applied", moment(AT).astimezone(UTC), "staff")
    assert (story.enrolment().branch, story.member().is_member) == ("zj-1", True)
    story.signs_in("2021-03-03 08:00").expect(SignedIn)
    assert replayed(story.log) == story.states


@pytest.mark.rule("SJ-01")
def test_the_programme_is_found_by_what_it_serves_and_can_be_named() -> None:
    assert not joining().post(form(), at=AT, campaign="join").refused
    both = joining().also(replace(JOIN, id="join-too"))
    with pytest.raises(Malformed, match=r"one of join, join-too") as fault:
        both.post(form(), at=AT, campaign="")
    assert fault.value.pointer == "/campaign"
    assert not both.post(form(), at=AT, campaign="join-too").refused
    assert both.enrolment(campaign="join-too").branch == "zj-1"
    elsewhere = register(Story(ROSTER, published="2020-01-01 08:00"), *CITY)
    elsewhere.post(form(branch="zj-1"), at=AT, campaign="roster").expect(NotPlayed)


@pytest.mark.rule("SJ-02")
@pytest.mark.parametrize(
    "consent",
    [
        True,
        consents(),
        (Consent(version="7"), Consent(version="2021-1", document="form")),
        (*consents(), Consent(version="9", document="of-another-form")),
    ],
)
def test_every_document_is_agreed_to_in_its_version(consent: Any) -> None:
    event = applied(member(consent=consent))
    at = moment(AT).astimezone(UTC)
    assert event.consents == (("form", "2021-1", at), ("pledge", "7", at))


@pytest.mark.rule("SJ-02")
def test_a_consent_has_its_own_time_or_that_of_the_application() -> None:
    yesterday = datetime(2021, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))
    event = applied(member(consent=consents(at=yesterday)))
    assert event.consents[1] == ("pledge", "7", datetime(2021, 3, 1, 12, tzinfo=UTC))
    story = joining().post(form(consent=consents(at=moment("2021-03-02 10:06"))), at=AT)
    assert "still to come" in story.expect(ConsentMissing).refusal.detail
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(Malformed) as fault:
        joining().post(form(consent=consents(at=early)), at=AT)
    assert fault.value.pointer == "/data/consent/at"


@pytest.mark.rule("SJ-02")
@pytest.mark.parametrize(
    ("consent", "named", "not_named"),
    [
        (None, ("申请书", "Application", "2021-1", "承诺书", "Pledge", "version 7"), ()),
        (False, ("申请书", "承诺书"), ()),
        ("2021-1", ("承诺书",), ("申请书",)),
        (Consent(version="7"), ("申请书",), ("承诺书",)),
        (Consent(version="2021-1", document="form"), ("承诺书",), ("申请书",)),
        (Consent(version="2021-1", document="pledge"), ("申请书", "承诺书"), ()),
        (consents("2020-1"), ("申请书", "2021-1"), ("承诺书",)),
        ((), ("申请书", "承诺书"), ()),
    ],
)
def test_what_is_not_agreed_to_is_named_in_both_languages(
    consent: Any, named: tuple[str, ...], not_named: tuple[str, ...]
) -> None:
    story = joining().post(form(consent=consent), at=AT).expect(ConsentMissing)
    assert story.refusal.clause == "XY-12"
    assert all(each in story.refusal.detail for each in named)
    assert not any(each in story.refusal.detail for each in not_named)
    assert story.member() == replace(story.member(), membership=None)


@pytest.mark.rule("SJ-02")
def test_one_version_in_a_word_is_for_all_documents_that_have_it() -> None:
    assert JOIN.application is not None
    same = tuple(replace(each, version="v1") for each in JOIN.application.documents)
    rules = replace(JOIN, application=replace(JOIN.application, documents=same))
    story = register(Story(rules, published="2020-12-01 08:00"), *CITY)
    for n, consent in enumerate(("v1", Consent(version="v1")), 1):
        assert len(applied(story.post(form(consent=consent), who=f"p-{n}", at=AT)).consents) == 2
    bare = replace(JOIN, application=replace(JOIN.application, documents=()))
    story = register(Story(bare, published="2020-12-01 08:00"), *CITY)
    assert applied(story.post(form(consent=None), at=AT)).consents == ()


@pytest.mark.rule("SJ-01")
@pytest.mark.parametrize(
    ("employment", "trade", "detail"),
    [
        (None, None, "staff, new-form"),
        ("pensioner", None, "'pensioner'"),
        ("new-form", None, "needs a trade, one of courier, driver"),
        ("new-form", "juggler", "'juggler'"),
        ("staff", "juggler", "'juggler'"),
    ],
)
def test_an_employment_or_trade_that_the_programme_does_not_know_is_refused(
    employment: str | None, trade: str | None, detail: str
) -> None:
    story = joining().post(form(employment=employment, trade=trade), at=AT).expect(EmploymentUnknown)
    assert detail in story.refusal.detail
    assert story.refusal.clause == "XY-11"


@pytest.mark.rule("SJ-01")
def test_a_new_form_worker_names_the_trade() -> None:
    assert applied(member(employment="new-form", trade="courier")).trade == "courier"


@pytest.mark.rule("SJ-01")
@pytest.mark.parametrize("branch", ["zj-1", "一厂工会", "镇江市总工会", "jiangsu"])
def test_a_union_is_named_by_id_or_exact_name(branch: str) -> None:
    ids = {"一厂工会": "zj-1", "镇江市总工会": "zhenjiang"}
    assert applied(member(branch=branch)).branch == ids.get(branch, branch)


@pytest.mark.rule("SJ-07")
def test_a_unit_that_was_not_found_is_typed_in_and_waits() -> None:
    story = member(place="镇江市总工会", unit_name=" 三厂  工会 ")
    (registered,) = (each for each in story.answer if isinstance(each, BranchRegistered))
    assert (registered.name, registered.parent, registered.pending) == ("三厂 工会", "zhenjiang", True)
    assert applied(story).branch == registered.branch == story.enrolment().branch
    assert isinstance(story.answer[0], Enrolled)
    again = story.post(form(place="zhenjiang", unit_name="三厂 工会"), who="p-2")
    assert applied(again).branch == registered.branch
    assert not any(isinstance(each, BranchRegistered | BranchNamed) for each in again.answer)


@pytest.mark.rule("SJ-07")
def test_a_unit_that_is_there_is_not_typed_in_again() -> None:
    story = member(place="zhenjiang", unit_name="一厂工会")
    assert applied(story).branch == "zj-1"
    assert not any(isinstance(each, BranchRegistered) for each in story.answer)


@pytest.mark.rule("SJ-07")
def test_who_names_a_merged_unit_joins_what_it_is_part_of() -> None:
    story = merge(joining(), "zj-1", "zj-2")
    for n, branch in enumerate(("zj-1", "一厂工会"), 1):
        assert applied(story.post(form(branch=branch), who=f"p-{n}", at=AT)).branch == "zj-2"


@pytest.mark.rule("SJ-07")
@pytest.mark.parametrize(
    "told",
    [
        {"branch": None},
        {"place": "zhenjiang"},
        {"place": "zhenjiang", "unit_name": "  "},
        {"branch": None, "unit_name": "三厂工会"},
        {"branch": "zj-1", "place": "zhenjiang", "unit_name": "三厂工会"},
        {"branch": "zj-1", "unit_name": "三厂工会"},
    ],
)
def test_one_union_is_named_in_one_way(told: dict[str, str | None]) -> None:
    command = ApplyForMembership(employment="staff", consent=True, **told)  # type: ignore[arg-type]
    with pytest.raises(Malformed) as fault:
        joining().post(command, at=AT)
    assert fault.value.pointer == "/data/branch"


@pytest.mark.rule("SJ-01", "SJ-07")
def test_a_union_that_is_nowhere_or_outside_the_programme_is_refused() -> None:
    joining().post(form(branch="nowhere"), at=AT).expect(BranchNotInTree)
    joining().post(form(place="nowhere", unit_name="三厂工会"), at=AT).expect(BranchNotInTree)
    story = register(joining(), replace(CITY[0], id="hubei", name="湖北省总工会"))
    assert story.post(form(branch="hubei"), at=AT).expect(BranchUnknown).refusal.clause == "XY-02"
    story.post(form(place="hubei", unit_name="三厂工会"), at=AT).expect(BranchUnknown)
    assert "named" in {stream.partition("/")[0] for stream in story.states}
    assert not any(stream.startswith("branch/p-") for stream in story.states)


@pytest.mark.rule("SJ-01")
def test_a_rulebook_with_unions_of_its_own_takes_the_units_below_them_too() -> None:
    own = walk(enrolment='branches = [{ id = "zhenjiang", name = "镇江市总工会" }]')
    rules = replace(JOIN, enrolment=own.enrolment)
    story = Story(rules, published="2020-12-01 08:00")
    register(story, *(each for each in CITY if each.id != "zhenjiang"))
    assert applied(story.post(form(branch="zj-1"), at=AT)).branch == "zj-1"
    assert applied(story.post(form(branch="镇江市总工会"), who="p-2")).branch == "zhenjiang"
    story.post(form(branch="nanjing"), who="p-3").expect(BranchUnknown)
    merge(story, "zhenjiang", "nanjing")
    assert applied(story.post(form(branch="zj-2"), who="p-3")).branch == "zj-2"


@pytest.mark.rule("SJ-01")
def test_a_rulebook_with_no_union_at_all_takes_the_whole_tree() -> None:
    rules = replace(JOIN, enrolment=replace(JOIN.enrolment, tree=None))
    story = register(Story(rules, published="2020-12-01 08:00"), *CITY)
    assert applied(story.post(form(branch="nanjing"), at=AT)).branch == "nanjing"


@pytest.mark.rule("SJ-04")
def test_an_application_is_for_the_unions_that_the_programme_is_for() -> None:
    assert JOIN.membership is not None
    cities = replace(JOIN, membership=replace(JOIN.membership, groups=("city",), branches=("zhenjiang",)))
    story = register(Story(cities, published="2020-12-01 08:00"), *CITY)
    assert not story.post(form(branch="zj-1"), at=AT).refused
    for n, branch in enumerate(("jiangsu", "nanjing")):
        story.post(form(branch=branch), who=f"q-{n}").expect(MembershipRequired)


@pytest.mark.rule("SJ-03", "SJ-09")
def test_a_member_does_not_become_one_again() -> None:
    story = member().post(form(branch="zj-2")).expect(AlreadyMember)
    assert "zj-1" in story.refusal.detail
    stands = story.member().membership
    assert stands is not None
    assert stands.branch == "zj-1"


@pytest.mark.rule("SJ-09")
def test_the_same_person_through_two_channels_is_one_member() -> None:
    story = member(identities={"phone": PHONE})
    story.post(form(branch="zj-2", identities={"phone": PHONE}), who="p-2")
    assert not story.refused
    assert not any(isinstance(each, MembershipApplied) for each in story.answer)
    assert story.member("p-2").became == "p-1"
    assert story.member("p-1").aliases == ("p-2",)
    membership = story.member("p-1").membership
    assert membership is not None
    assert (membership.branch, membership.status) == ("zj-1", "applied")
    story.post(form(), who="p-2").expect(AlreadyMember)
    assert replayed(story.log) == story.states


@pytest.mark.rule("SJ-09")
def test_who_is_known_but_no_member_joins_as_the_one_person() -> None:
    story = joining().also(walk(id="walk"))
    story.post(Enrol(branch="zj-2", identities={"phone": PHONE}), at=AT, campaign="walk")
    story.post(form(identities={"phone": PHONE}), who="p-2")
    assert (story.member("p-2").became, story.member("p-1").is_member) == ("p-1", True)
    assert story.enrolment("p-1").branch == "zj-1"
    story.signs_in("2021-03-03 08:00", who="p-2").expect(SignedIn)
    assert story.enrolment("p-1").play.sign_ins == 1


@pytest.mark.rule("SJ-09")
def test_another_person_with_another_phone_is_another_member() -> None:
    story = member(identities={"phone": PHONE})
    applied(story.post(form(identities={"phone": OTHER_PHONE}), who="p-2"))
    assert story.member("p-1").identities == {"phone": (PHONE,)}
    assert (story.member("p-2").became, story.member("p-2").is_member) == ("", True)


@pytest.mark.rule("SJ-01", "GX-04")
@pytest.mark.parametrize(
    ("at", "delivered", "refusal"),
    [
        ("2020-12-31 23:59:59", "", BeforeCampaign),
        ("2022-01-01 00:00:00", "", AfterCampaign),
        ("2021-03-02 10:05:01", AT, FutureDated),
    ],
)
def test_people_are_taken_in_while_the_programme_runs(
    at: str, delivered: str, refusal: type[Refusal]
) -> None:
    joining().post(form(), at=at, delivered=delivered).expect(refusal)
    assert not joining().post(form(), at="2021-12-31 23:59:59").refused
    assert not joining().post(form(), at="2021-01-01 00:00:00").refused


@pytest.mark.rule("SJ-01", "SX-01")
def test_a_trial_takes_nobody_in_for_that_is_for_ever() -> None:
    trial = walk(
        enrolment='tree = "jiangsu"\n[trial]\nstarts = 2020-12-10\nends = 2020-12-20\nclause = "XY-35"'
    )
    window = replace(JOIN.enrolment, opens=moment("2020-12-10 00:00").date())
    story = register(Story(replace(JOIN, trial=trial.trial, enrolment=window), "2020-12-01 08:00"), *CITY)
    story.post(form(), at="2020-12-15 10:00").expect(BeforeCampaign)


@pytest.mark.rule("ZG-04", "SJ-03")
def test_a_promotion_gives_something_to_a_first_application_in_its_time() -> None:
    assert any(isinstance(each, PrizeWon) for each in member().answer)
    story = joining()
    for at in ("2021-02-28 23:59:59", "2021-04-01 00:00:00"):
        story.post(form(), who=f"p-{at[:7]}", at=at)
        assert not any(isinstance(each, PrizeWon) for each in story.answer)


@pytest.mark.rule("SJ-06")
def test_what_is_said_of_the_work_can_be_corrected() -> None:
    story = member().post(CorrectDetails(employment="new-form", trade="driver", unit="物流站"), campaign="")
    (event,) = story.expect(DetailsCorrected).answer
    assert isinstance(event, DetailsCorrected)
    assert (event.employment, event.trade, event.unit, event.department) == (
        "new-form",
        "driver",
        "物流站",
        None,
    )
    assert work(story) == ("new-form", "driver")
    assert work(story.post(CorrectDetails(trade="courier"))) == ("new-form", "courier")
    assert work(story.post(CorrectDetails(employment="new-form", department="夜班"))) == (
        "new-form",
        "courier",
    )
    assert work(story.post(CorrectDetails(department="三车间"))) == ("new-form", "courier")
    assert work(story.post(CorrectDetails(employment="staff"))) == ("staff", None)
    story.post(CorrectDetails(employment="new-form")).expect(EmploymentUnknown)
    story.post(CorrectDetails(employment="clown")).expect(EmploymentUnknown)
    assert work(story) == ("staff", None)


def work(story: Story) -> tuple[str, str | None]:
    """Employment and trade of the member."""
    membership = story.member().membership
    assert membership is not None
    return membership.employment, membership.trade


@pytest.mark.rule("SJ-06")
def test_name_and_identity_number_are_not_among_what_can_be_corrected() -> None:
    assert set(CorrectDetails.__struct_fields__) == {"employment", "trade", "unit", "department"}
    with pytest.raises(Malformed, match="nothing is to be corrected"):
        member().post(CorrectDetails())


@pytest.mark.rule("SJ-06", "GX-04")
def test_only_a_member_corrects_and_not_ahead_of_time() -> None:
    unit = CorrectDetails(unit="物流站")
    assert joining().post(unit, at=AT).expect(MembershipNeeded).refusal.clause == "XY-14"
    member().post(unit, at="2021-03-03 10:05:01", delivered="2021-03-03 10:00").expect(FutureDated)
