"""Suspended for fraud: the history stays, nothing is added; released, it goes on. Source: GX-05."""

import pytest

from ledger.command import Command
from ledger.commands import COMMAND_TYPES, Enrol, RequestDraw, SignIn, SubmitAddress, SyncSteps
from ledger.events import (
    AddressSubmitted,
    DrawMade,
    MemberAdded,
    SignedIn,
    StepsSynced,
    TeamDayAttained,
    TeamFilled,
    TeamGoalMet,
    TeamJoined,
)
from ledger.member_commands import (
    ApplyForTransfer,
    LinkIdentities,
    ReleaseMember,
    ReviewMembership,
    SuspendMember,
)
from ledger.member_events import MemberReleased, MembershipReviewed, MemberSuspended
from ledger.member_refusals import NotRestricted, Suspended
from tests.given import Story, balances, day_of, replayed
from tests.unit.programmes import PHONE, A, activate, entry, form, member, office, rosters
from tests.unit.test_draws import walker
from tests.unit.test_places import PLACES, award, frozen, won
from tests.unit.test_teams import PAIR, points, together

SUSPEND, RELEASE = SuspendMember(reason="多账号刷步"), ReleaseMember(reason="申诉成立")


def suspended(story: Story) -> Story:
    """The story, with p-1 suspended."""
    return office(story, SUSPEND, actor="li.wei").expect(MemberSuspended)


@pytest.mark.rule("GX-05")
def test_earning_and_drawing_are_refused_and_everything_is_as_it_was() -> None:
    story = walker()
    before, held = story.enrolment().play, balances(story.log)
    suspended(story)
    for command in (
        SignIn(),
        SyncSteps(day=day_of("07-04"), steps=10_000, provider="werun"),
        RequestDraw(pool="red-packet"),
    ):
        story.post(command).expect(Suspended)
        assert story.refusal.clause == "GX-05"
    assert (story.enrolment().play, balances(story.log)) == (before, held)


@pytest.mark.rule("GX-05")
def test_released_it_goes_on_where_it_was() -> None:
    story = suspended(walker())
    office(story, RELEASE).expect(MemberReleased)
    story.draws("red-packet").expect()
    assert isinstance(story.answer[0], DrawMade)
    story.signs_in("07-05 08:00").expect(SignedIn)
    assert isinstance(story.syncs(10_000, "07-05 21:00").answer[0], StepsSynced)
    assert replayed(story.log) == story.states


@pytest.mark.rule("GX-05")
def test_nobody_is_suspended_or_released_twice() -> None:
    story = suspended(walker())
    office(story, SUSPEND).expect(NotRestricted)
    assert story.refusal.clause == "GX-05"
    office(story, RELEASE).expect(MemberReleased)
    office(story, RELEASE).expect(NotRestricted)
    assert story.refusal.clause == "GX-05"


@pytest.mark.rule("GX-05")
def test_it_holds_in_every_campaign_and_for_joining_and_moving() -> None:
    story = suspended(member())
    for command in (form(), ApplyForTransfer(branch="nanjing"), SignIn()):
        story.post(command).expect(Suspended)
    assert all(command.POSTED for command in COMMAND_TYPES.values())
    office(story, ReviewMembership(approved=True)).expect(MembershipReviewed)


@pytest.mark.rule("GX-05", "SJ-09")
def test_another_client_id_of_the_person_is_suspended_too() -> None:
    story = member(identities={"phone": PHONE})
    story.post(form(identities={"phone": PHONE}), who="p-2")
    suspended(story)
    story.signs_in("2021-03-03 08:00", who="p-2").expect(Suspended)
    later = suspended(member(identities={"phone": PHONE}))
    later.post(form(identities={"phone": PHONE}), who="p-2").expect(Suspended)
    later.post(Enrol(branch="zj-1", identities={"phone": PHONE}), who="p-2").expect(Suspended)
    known = rosters(entry(A)).post(LinkIdentities(identities={"id_number": A}), campaign="")
    activate(suspended(known), who="p-2").expect(Suspended)


@pytest.mark.rule("GX-05", "SX-14")
def test_what_mates_do_brings_a_suspended_member_nothing() -> None:
    story = together(PAIR, "p-1", "p-2").syncs(6_000, "07-01 21:00", who="p-1")
    suspended(story).syncs(6_000, "07-01 21:05", who="p-2")
    story.expect(StepsSynced, TeamDayAttained, TeamGoalMet)
    assert points(story, "p-1", "p-2") == [20 + 3 + 1, 3 + 1 + 2]
    earned = together(PAIR, "p-1", "p-2").syncs(6_000, "07-01 21:00", who="p-1")
    suspended(earned.syncs(6_000, "07-01 21:05", who="p-2"))
    earned.syncs(7_000, "07-01 21:10", who="p-2")
    assert points(earned, "p-1", "p-2") == [20 + 3 + 1 + 2, 3 + 1 + 2], "what was earned before stays"


@pytest.mark.rule("GX-05", "SX-16")
def test_a_suspended_captain_is_not_rewarded_for_the_team_that_others_fill() -> None:
    story = suspended(together(PAIR, "p-1")).enrol("p-2", at="07-01 09:00")
    story.joins("t-1", "07-01 10:00", who="p-2").expect(TeamJoined, MemberAdded, TeamFilled)
    assert points(story, "p-1", "p-2") == [0, 0]
    office(story, RELEASE)
    assert points(story, "p-1") == [0]
    assert not story.enrolment().play.captain_rewarded
    assert replayed(story.log) == story.states


@pytest.mark.rule("GX-05", "SX-24")
def test_a_place_from_before_has_its_prize_and_an_address_waits_for_the_release() -> None:
    story = suspended(frozen()).post(award(*PLACES[:3]), who="")
    assert [who for who, _, _ in won(story)] == ["p-1", "p-2", "p-3", "p-4", "p-5"]
    (prize,) = story.enrolment().play.rewards.prizes
    address = SubmitAddress(prize=prize.id, address_ref="vault/1", region="CN-61")
    story.post(address).expect(Suspended)
    office(story, RELEASE)
    story.post(address).expect(AddressSubmitted)


@pytest.mark.rule("GX-05")
def test_others_are_not_concerned() -> None:
    command: Command = Enrol(branch="xian")
    suspended(walker()).post(command, who="p-2").signs_in("07-05 08:00", who="p-2").expect(SignedIn)
