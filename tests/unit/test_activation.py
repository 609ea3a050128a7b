"""The roster and activating as one of it: once ever, with points, cover and what promotions add."""

from datetime import date

import pytest
from msgspec.structs import replace

from ledger.activation import last_day
from ledger.branch_refusals import BranchNotInTree
from ledger.command import Consent
from ledger.commands import Enrol, SignIn
from ledger.events import Enrolled, PrizeWon, SignedIn
from ledger.identity import Identity
from ledger.member import Right
from ledger.member_commands import Activate, EndEntitlement, ErasePerson, LinkIdentities, SuspendMember
from ledger.member_events import (
    Activated,
    EntitlementEnded,
    EntitlementGranted,
    IdentitiesAdded,
    IdentityClaimed,
    MemberJoined,
    PointsMoved,
    RosterActivated,
    RosterEntered,
    RosterImported,
)
from ledger.member_refusals import AlreadyActivated, NothingExpired, NotOnRoster, Suspended
from ledger.refusal import Malformed
from ledger.refusals import (
    AfterCampaign,
    BeforeCampaign,
    FutureDated,
    MembershipRequired,
    NotEnrolled,
    NotPlayed,
)
from tests.given import Story, balances, replayed
from tests.unit.programmes import JOIN, OTHER_PHONE, PHONE, ROSTER, A, B, activate, entry, office, rosters
from tests.unit.trees import CITY, merge, register


def known(story: Story, digest: str = A) -> Identity:
    """What is known of somebody on the roster."""
    state = story.states.get(f"identity/{digest}", Identity())
    assert isinstance(state, Identity)
    return state


def counts(story: Story) -> tuple[int, int]:
    """How many the newest import has entered and renewed."""
    first = story.answer[0]
    assert isinstance(first, RosterImported)
    return first.entered, first.renewed


# The roster.


@pytest.mark.rule("ZG-01")
def test_people_of_a_roster_are_known_by_keyed_hashes() -> None:
    story = rosters(entry(A, line=2), entry(B, "zj-2", "职工-7", line=3))
    story.expect(RosterImported, RosterEntered, RosterEntered)
    assert counts(story) == (2, 0)
    first = story.answer[0]
    assert isinstance(first, RosterImported)
    assert (first.batch, first.actor) == ("保障名单", "operator")
    assert [each.stream for each in story.log[-3:]] == ["office/ledger", f"identity/{A}", f"identity/{B}"]
    assert (known(story).branch, known(story, B).branch, known(story, B).reference) == (
        "zj-1",
        "zj-2",
        "职工-7",
    )
    assert replayed(story.log) == story.states


@pytest.mark.rule("ZG-01")
def test_the_same_list_again_changes_nothing() -> None:
    entries = (entry(A), entry(B, "zj-2", "职工-7"))
    story = rosters(*entries, story=rosters(*entries)).expect(RosterImported)
    assert counts(story) == (0, 0)


@pytest.mark.rule("ZG-01")
def test_another_union_or_reference_is_renewed_and_what_is_not_said_again_stays() -> None:
    story = rosters(entry(A, "zj-1", "职工-1"), entry(B, "zj-2"))
    rosters(entry(A, "zj-2"), entry(B, "zj-2", "职工-2"), story=story)
    story.expect(RosterImported, RosterEntered, RosterEntered)
    assert counts(story) == (0, 2)
    assert (known(story).branch, known(story).reference) == ("zj-2", "职工-1")
    assert known(story, B).reference == "职工-2"
    activate(story, roster="职工-1")
    assert not story.refused


@pytest.mark.rule("ZG-01")
def test_somebody_twice_in_one_list_is_one_person_and_the_last_line_holds() -> None:
    story = rosters(entry(A, "zj-1"), entry(A, "zj-2"), entry(A, "zj-2"))
    assert counts(story) == (1, 1)
    assert known(story).branch == "zj-2"


@pytest.mark.rule("ZG-01")
def test_a_reference_that_two_people_have_leads_to_neither() -> None:
    story = rosters(entry(A, reference="职工-1"), entry(B, "zj-2", reference="职工-1"))
    activate(story, roster="职工-1").expect(NotOnRoster)
    assert "several people" in story.refusal.detail
    activate(story, identity_hash=B, roster="职工-1")
    assert (known(story, A).activated, known(story, B).activated) == (False, True)


@pytest.mark.rule("ZG-01")
def test_a_reference_that_has_passed_to_somebody_else_leads_there() -> None:
    story = rosters(entry(A, reference="职工-1"), entry(B))
    rosters(entry(A, reference="职工-2"), entry(B, reference="职工-1"), story=story)
    activate(story, roster="职工-1")
    assert (known(story, A).activated, known(story, B).activated) == (False, True)


@pytest.mark.rule("ZG-01", "SJ-06")
def test_of_who_has_activated_a_list_renews_the_union_and_nothing_else() -> None:
    story = activate(rosters(entry(A, reference="职工-1")))
    rosters(entry(A, "zj-2", "职工-2"), story=story)
    assert counts(story) == (0, 1)
    assert (known(story).branch, known(story).reference) == ("zj-2", "职工-1")


@pytest.mark.rule("ZG-01")
def test_a_list_with_a_union_that_the_tree_does_not_have_is_not_entered() -> None:
    story = rosters(entry(A), entry(B, "nowhere", line=3)).expect(BranchNotInTree)
    assert "line 3" in story.refusal.detail
    assert known(story) == Identity()
    assert bytes(story.refusal.data) == '{"batch":"保障名单","entries":2}'.encode()


@pytest.mark.rule("GX-07", "ZG-01")
def test_a_roster_does_not_bring_back_who_was_erased() -> None:
    story = office(rosters(entry(A)), ErasePerson(reason="本人要求", identity=A), who="")
    rosters(entry(A, "zj-2"), story=story)
    assert counts(story) == (0, 0)
    activate(story).expect(NotOnRoster)


# Activating.


@pytest.mark.rule("ZG-02", "ZG-03")
def test_activation_gives_points_and_a_year_of_cover() -> None:
    story = activate(rosters(entry(A)), at="2020-02-15 09:00")
    first = story.answer[0]
    assert isinstance(first, Activated)
    assert (first.branch, first.identity) == ("zj-1", A)
    assert story.log[-len(story.answer)].stream == "p-1@roster"
    kinds = {type(event) for event in story.answer}
    assert kinds == {
        Activated,
        PointsMoved,
        RosterActivated,
        EntitlementGranted,
        IdentitiesAdded,
        IdentityClaimed,
    }
    (granted,) = (each for each in story.answer if isinstance(each, EntitlementGranted))
    assert (granted.entitlement, granted.campaign, granted.clause) == ("cover", "roster", "XY-25")
    assert story.member().rights == (Right("cover", date(2020, 2, 15), date(2021, 2, 14)),)
    assert story.member().balance == 100
    assert balances(story.log)["points:member:p-1"] == 100
    assert story.member().identities == {"id_number": (A,)}
    assert replayed(story.log) == story.states


@pytest.mark.rule("ZG-02")
def test_who_has_activated_takes_part_under_the_union_of_the_roster() -> None:
    story = rosters(entry(A)).signs_in("2020-03-15 08:00")
    assert story.refusal.code == "not_enrolled"
    activate(story).signs_in("2020-03-16 08:00")
    assert isinstance(story.answer[0], SignedIn)
    assert (story.enrolment().branch, story.enrolment().trial) == ("zj-1", False)
    assert story.member().balance == 101


@pytest.mark.rule("ZG-02", "ZG-03")
def test_without_a_wallet_the_points_lie_in_the_programme() -> None:
    rules = replace(ROSTER, wallet=None)
    story = rosters(entry(A), story=register(Story(rules, published="2020-01-01 08:00"), *CITY))
    activate(story).signs_in("2020-03-16 08:00").expect(SignedIn, balance=101)
    assert balances(story.log)["points:roster:p-1"] == 101


@pytest.mark.rule("ZG-04")
def test_a_promotion_adds_credit_to_activations_in_its_period_only() -> None:
    for at, given in (
        ("2020-02-29 23:59:59", False),
        ("2020-03-01 00:00:00", True),
        ("2020-03-31 23:59:59", True),
        ("2020-04-01 00:00:00", False),
    ):
        story = activate(rosters(entry(A)), at=at)
        assert any(isinstance(each, PrizeWon) for each in story.answer) is given, at
        assert isinstance(story.answer[0], Activated), at


@pytest.mark.rule("ZG-01")
def test_nobody_else_can_activate_and_is_told_whom_to_ask() -> None:
    story = activate(rosters(entry(A)), identity_hash=B).expect(NotOnRoster)
    assert story.refusal.clause == "XY-24"
    assert "请联系镇江市总工会" in story.refusal.detail
    assert "Ask the Zhenjiang federation" in story.refusal.detail
    activate(story, roster="职工-1").expect(NotOnRoster)
    assert not story.enrolment().branch


@pytest.mark.rule("ZG-01")
def test_reference_and_number_are_of_one_person() -> None:
    story = rosters(entry(A, reference="职工-1"), entry(B, reference="职工-2"))
    activate(story, roster="职工-1", identity_hash=B).expect(NotOnRoster)
    activate(story, roster="职工-1", identity_hash=A)
    assert not story.refused
    rosters(entry(B, reference="职工-3"), story=story)
    activate(story, who="p-2", roster="职工-2").expect(NotOnRoster)
    activate(story, who="p-2", roster="职工-3")
    assert not story.refused


@pytest.mark.rule("ZG-01")
def test_a_roster_of_another_city_is_another_programmes() -> None:
    story = activate(rosters(entry(A, "nanjing"))).expect(NotOnRoster)
    assert "under a union that this is not for" in story.refusal.detail
    merged = merge(rosters(entry(A, "nanjing")), "nanjing", "zj-2")
    assert not activate(merged).refused
    assert merged.enrolment().branch == "zj-2"


@pytest.mark.rule("ZG-02")
def test_somebody_is_named() -> None:
    with pytest.raises(Malformed) as fault:
        rosters(entry(A)).post(Activate(), at="2020-03-15 09:00")
    assert fault.value.pointer == "/data/identity_hash"
    with pytest.raises(Malformed) as fault:
        activate(rosters(entry(A)), identity_hash=A, identities={"id_number": B})
    assert fault.value.pointer == "/data/identities/id_number"


@pytest.mark.rule("ZG-03")
def test_a_person_activates_once_ever() -> None:
    story = activate(activate(rosters(entry(A), entry(B)))).expect(AlreadyActivated)
    assert story.refusal.clause == "XY-25", "of what is given once ever"
    activate(story, identity_hash=B).expect(AlreadyActivated)
    activate(story, who="p-2").expect(AlreadyActivated)
    assert "jifen.identities_linked" in story.refusal.detail
    assert story.member().balance == 100
    activate(story, who="p-2", identity_hash=B)
    assert not story.refused


@pytest.mark.rule("ZG-03", "EC-12")
def test_a_new_phone_of_who_has_activated_is_linked_and_gets_nothing_again() -> None:
    story = activate(rosters(entry(A)))
    story.post(LinkIdentities(identities={"id_number": A}), who="p-2", campaign="")
    assert story.member("p-2").became == "p-1"
    activate(story, who="p-2").expect(AlreadyActivated)
    assert story.member().balance == 100


@pytest.mark.rule("ZG-01")
def test_a_stranger_is_told_to_activate_and_whom_to_ask() -> None:
    assert ROSTER.activation is not None
    story = rosters(entry(A)).signs_in("2020-03-15 08:00").expect(NotEnrolled)
    assert "post jifen.activated first" in story.refusal.detail
    assert ROSTER.activation.who_to_ask.zh in story.refusal.detail
    assert "jifen.enrolled" not in story.refusal.detail
    activate(story).also(replace(ROSTER, id="roster-2"))
    story.post(SignIn(), campaign="roster-2").expect(NotEnrolled)
    assert "post jifen.activated or jifen.enrolled first" in story.refusal.detail


@pytest.mark.rule("SJ-01")
def test_a_stranger_is_told_to_apply() -> None:
    story = Story(replace(JOIN, membership=None)).signs_in("2023-05-04 09:00").expect(NotEnrolled)
    assert "post jifen.membership_applied first" in story.refusal.detail


@pytest.mark.rule("ZG-03", "ZG-08")
def test_once_ever_is_in_all_programmes_and_the_next_one_is_enrolled_in() -> None:
    story = activate(rosters(entry(A), entry(B))).also(replace(ROSTER, id="roster-2"))
    story.post(Activate(identity_hash=A), campaign="roster-2").expect(AlreadyActivated)
    story.post(Enrol(branch="zj-1"), who="p-2", campaign="roster-2").expect(NotPlayed)
    assert "jifen.activated" in story.refusal.detail
    story.post(Enrol(branch="zj-1"), campaign="roster-2").expect(Enrolled)
    assert story.member().balance == 100


@pytest.mark.rule("ZG-03", "GX-07")
def test_who_was_erased_and_comes_back_has_activated_before() -> None:
    story = office(activate(rosters(entry(A))), ErasePerson(reason="本人要求"))
    activate(story, who="p-2")
    assert story.refused
    assert not story.member("p-2").rights


@pytest.mark.rule("EC-12", "ZG-02")
def test_who_was_known_by_the_number_before_is_the_same_person() -> None:
    story = rosters(entry(A)).post(
        LinkIdentities(identities={"id_number": A, "phone": PHONE}), who="p-1", campaign=""
    )
    activate(story, who="p-2")
    assert any(isinstance(each, MemberJoined) for each in story.answer)
    assert story.member("p-2").became == "p-1"
    assert story.member("p-1").balance == 100
    assert story.member("p-1").rights == (Right("cover", date(2020, 3, 15), date(2021, 3, 14)),)
    assert story.enrolment("p-1").branch == "zj-1"
    assert story.member("p-1").identities == {"id_number": (A,), "phone": (PHONE,)}
    story.signs_in("2020-03-16 08:00", who="p-2")
    assert story.member("p-1").balance == 101
    assert replayed(story.log) == story.states


@pytest.mark.rule("EC-12", "ZG-02")
def test_other_identities_of_an_activation_are_the_persons_too() -> None:
    story = activate(rosters(entry(A)), identity_hash=A, identities={"phone": OTHER_PHONE})
    assert story.member().identities == {"id_number": (A,), "phone": (OTHER_PHONE,)}


@pytest.mark.rule("ZG-02")
def test_a_consent_is_kept_with_the_activation() -> None:
    story = activate(rosters(entry(A)), identity_hash=A, consent=Consent(version="2020-1"))
    (event,) = (each for each in story.answer if isinstance(each, Activated))
    assert event.consent == "2020-1"


@pytest.mark.rule("ZG-02", "GX-04", "GX-05")
def test_activation_is_for_the_days_of_the_programme_and_for_who_is_not_suspended() -> None:
    activate(rosters(entry(A)), at="2020-01-31 23:59:59").expect(BeforeCampaign)
    activate(rosters(entry(A)), at="2026-01-01 00:00:00").expect(AfterCampaign)
    story = rosters(entry(A)).at("2020-03-15 09:00")
    story.post(Activate(identity_hash=A), at="2020-03-15 09:06", delivered="2020-03-15 09:00").expect(
        FutureDated
    )
    activate(office(story, SuspendMember(reason="冒用"))).expect(Suspended)


@pytest.mark.rule("ZG-01", "SJ-04")
def test_conditions_on_unions_hold_for_activation_too() -> None:
    assert JOIN.membership is not None
    condition = replace(JOIN.membership, standing=None, branches=("zj-2",))
    rules = replace(ROSTER, membership=condition)
    story = rosters(entry(A), story=register(Story(rules, published="2020-01-01 08:00"), *CITY))
    activate(story).expect(MembershipRequired)
    rosters(entry(A, "zj-2"), story=story)
    assert not activate(story).refused


@pytest.mark.rule("ZG-01")
def test_a_programme_without_a_roster_takes_no_activation() -> None:
    rules = replace(JOIN, membership=None)
    story = register(Story(rules, published="2020-12-01 08:00"), *CITY)
    rosters(entry(A), story=story, at="2020-12-02 08:00")
    story.post(Activate(identity_hash=A), at="2021-03-02 10:00").expect(NotPlayed)
    story.post(Activate(identity_hash=B)).expect(NotOnRoster)
    assert story.refusal.clause == "ZG-01"


# Entitlements.


@pytest.mark.rule("ZG-03")
@pytest.mark.parametrize(
    ("starts", "months", "ends"),
    [
        ("2020-03-15", 12, "2021-03-14"),
        ("2020-03-01", 12, "2021-02-28"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-02-29", 48, "2024-02-28"),
        ("2020-01-31", 1, "2020-02-29"),
        ("2020-01-30", 1, "2020-02-29"),
        ("2020-01-29", 1, "2020-02-28"),
        ("2020-12-31", 1, "2021-01-30"),
        ("2020-12-01", 1, "2020-12-31"),
        ("2020-05-31", 13, "2021-06-30"),
        ("2020-05-31", 1_000_000_000, "9999-12-31"),
    ],
)
def test_a_right_lasts_whole_months_its_last_day_included(starts: str, months: int, ends: str) -> None:
    assert last_day(date.fromisoformat(starts), months).isoformat() == ends


@pytest.mark.rule("ZG-03")
def test_an_entitlement_ends_after_its_last_day_once() -> None:
    end = EndEntitlement(entitlement="cover")
    story = activate(rosters(entry(A)))
    office(story, end, at="2021-03-14 23:59:59").expect(NothingExpired)
    assert story.refusal.clause == "ZG-03"
    office(story, EndEntitlement(entitlement="other"), at="2021-03-15 00:00").expect(NothingExpired)
    (event,) = office(story, end, at="2021-03-15 00:00").expect(EntitlementEnded).answer
    assert isinstance(event, EntitlementEnded)
    assert (event.entitlement, event.ends) == ("cover", date(2021, 3, 14))
    assert story.member().rights == (Right("cover", date(2020, 3, 15), date(2021, 3, 14), ended=True),)
    office(story, end, at="2021-03-15 00:01").expect(NothingExpired)


@pytest.mark.rule("ZG-01")
def test_a_large_list_is_one_request() -> None:
    many = tuple(entry(f"{n:032x}", "zj-1", f"职工-{n}", n) for n in range(2_000))
    story = rosters(*many)
    assert counts(story) == (2_000, 0)
    assert len(story.answer) == 1 + 2_000
