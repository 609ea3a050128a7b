"""What unions do: reviews, transfers, restrictions, hardship."""

from datetime import date

import pytest

from ledger.branch_events import BranchRegistered
from ledger.branch_refusals import BranchNotInTree
from ledger.command import Command
from ledger.events import Enrolled, PrizeWon, SignedIn
from ledger.member import Membership
from ledger.member_commands import (
    ApplyForTransfer,
    FlagHardship,
    LiftRestriction,
    RestrictMember,
    ReviewMembership,
    ReviewTransfer,
)
from ledger.member_events import (
    HardshipFlagged,
    MemberRestricted,
    MembershipApplied,
    MembershipReviewed,
    MessageQueued,
    RestrictionLifted,
    TransferApplied,
    TransferReviewed,
)
from ledger.member_refusals import (
    ConsentMissing,
    EmploymentUnknown,
    MembershipNeeded,
    NothingToReview,
    NotRestricted,
    Restricted,
    TransferWaiting,
)
from ledger.refusal import Malformed
from ledger.refusals import AfterCampaign, FutureDated
from tests.given import Story, replayed
from tests.unit.programmes import AT, PHONE, consents, form, joining, member, office
from tests.unit.trees import merge

YES, NO = ReviewMembership(approved=True), ReviewMembership(approved=False, reason="查无此单位。")
ABUSE = RestrictMember(kind="abuse", reason="刷单")
FRAUD = RestrictMember(kind="identity_fraud", reason="用他人身份证")
MOVE = ApplyForTransfer(branch="nanjing")


def membership(story: Story, who: str = "p-1") -> Membership:
    """The membership of somebody who has one."""
    found = story.member(who).membership
    assert found is not None
    return found


@pytest.mark.rule("SJ-03")
def test_an_approved_membership_is_reviewed_and_stays_where_it_is() -> None:
    story = office(member(), YES, at="2021-03-05 09:00", actor="li.wei").expect(MembershipReviewed)
    (event,) = story.answer
    assert isinstance(event, MembershipReviewed)
    assert (event.approved, event.branch, event.actor) == (True, "zj-1", "li.wei")
    assert story.log[-1].stream == "member/p-1"
    assert (membership(story).status, story.member().is_reviewed) == ("reviewed", True)


@pytest.mark.rule("SJ-03")
def test_a_refused_membership_has_ended_and_the_person_is_told_in_both_languages() -> None:
    story = office(member(), NO).expect(MembershipReviewed, MessageQueued)
    message = story.answer[1]
    assert isinstance(message, MessageQueued)
    assert message.template == "membership_refused"
    assert "会籍已终止。原因：查无此单位。如有疑问" in message.zh
    assert "has ended. Reason: 查无此单位. If you have questions" in message.en
    assert (membership(story).status, story.member().is_member) == ("ended", False)
    assert replayed(story.log) == story.states


@pytest.mark.rule("SJ-03")
def test_a_message_without_a_reason_has_no_empty_place_for_one() -> None:
    message = office(member(), ReviewMembership(approved=False)).answer[1]
    assert isinstance(message, MessageQueued)
    assert "会籍已终止。如有疑问" in message.zh
    assert "has ended. If you" in message.en
    braces = office(member(), ReviewMembership(approved=False, reason="{0} {x}")).answer[1]
    assert isinstance(braces, MessageQueued)
    assert "{0} {x}" in braces.zh


@pytest.mark.rule("SJ-03")
def test_an_ended_membership_takes_no_part_until_the_person_is_in_again() -> None:
    story = office(member().signs_in("2021-03-03 08:00").expect(SignedIn), NO)
    story.signs_in("2021-03-04 08:00").expect(MembershipNeeded)
    assert story.refusal.clause == "XY-04"
    story.post(form(branch="zj-2")).expect(MembershipApplied)
    assert (membership(story).branch, membership(story).status) == ("zj-2", "applied")
    assert not any(isinstance(each, Enrolled | PrizeWon) for each in story.answer), "once is enough"
    story.signs_in("2021-03-04 09:00").expect(SignedIn)
    assert story.enrolment().play.sign_ins == 2


@pytest.mark.rule("SJ-03")
def test_there_is_one_review_of_one_application() -> None:
    office(joining(), YES).expect(NothingToReview)
    story = office(office(member(), YES), NO).expect(NothingToReview)
    assert "reviewed" in story.refusal.detail
    office(office(member(), NO), YES).expect(NothingToReview)


@pytest.mark.rule("SJ-03")
def test_unions_review_in_batches_one_by_one() -> None:
    story = member()
    for who in ("p-2", "p-3"):
        story.post(form(), who=who)
    for who, review in (("p-1", YES), ("p-2", NO), ("p-3", YES)):
        office(story, review, who)
    found = [membership(story, who).status for who in ("p-1", "p-2", "p-3")]
    assert found == ["reviewed", "ended", "reviewed"]


@pytest.mark.rule("SJ-06")
def test_a_transfer_waits_for_its_review_and_then_moves() -> None:
    story = member().post(MOVE, campaign="").expect(TransferApplied)
    assert (membership(story).branch, membership(story).transfer) == ("zj-1", "nanjing")
    office(story, ReviewTransfer(approved=True), actor="wang").expect(TransferReviewed)
    (event,) = story.answer
    assert isinstance(event, TransferReviewed)
    assert (event.from_branch, event.branch, event.actor) == ("zj-1", "nanjing", "wang")
    assert (membership(story).branch, membership(story).transfer) == ("nanjing", "")
    assert membership(story).status == "applied", "a transfer reviews no membership"
    office(story, ReviewTransfer(approved=True)).expect(NothingToReview)
    assert story.refusal.clause == "SJ-06"


@pytest.mark.rule("SJ-06")
def test_a_refused_transfer_leaves_the_member_where_it_was_and_is_told() -> None:
    story = office(member().post(MOVE), ReviewTransfer(approved=False, reason="编制已满"))
    story.expect(TransferReviewed, MessageQueued)
    message = story.answer[1]
    assert isinstance(message, MessageQueued)
    assert message.template == "transfer_refused"
    assert "原因：编制已满。" in message.zh
    assert "Reason: 编制已满." in message.en
    assert (membership(story).branch, membership(story).transfer) == ("zj-1", "")
    story.post(MOVE).expect(TransferApplied)


@pytest.mark.rule("SJ-06")
def test_the_work_in_the_other_union_comes_with_the_transfer() -> None:
    there = ApplyForTransfer(branch="nanjing", employment="new-form", trade="driver")
    story = member().post(there)
    assert (membership(story).employment, membership(story).trade) == ("staff", None)
    refused = office(member().post(there), ReviewTransfer(approved=False))
    assert (membership(refused).employment, membership(refused).transfer_employment) == ("staff", "")
    office(story, ReviewTransfer(approved=True))
    assert (membership(story).employment, membership(story).trade) == ("new-form", "driver")
    story.post(ApplyForTransfer(branch="zj-2", trade="courier"))
    office(story, ReviewTransfer(approved=True))
    assert (membership(story).employment, membership(story).trade) == ("new-form", "courier")


@pytest.mark.rule("SJ-06", "SJ-02")
def test_a_transfer_looks_at_a_consent_that_is_given() -> None:
    story = member().post(ApplyForTransfer(branch="nanjing", consent=consents("2020-1")))
    story.expect(ConsentMissing)
    story.post(ApplyForTransfer(branch="nanjing", employment="clown")).expect(EmploymentUnknown)
    (event,) = story.post(ApplyForTransfer(branch="nanjing", consent=True)).answer
    assert isinstance(event, TransferApplied)
    assert [document for document, _, _ in event.consents] == ["form", "pledge"]


@pytest.mark.rule("SJ-06", "SJ-07")
def test_a_transfer_may_go_to_a_unit_that_is_typed_in() -> None:
    story = member().post(ApplyForTransfer(place="nanjing", unit_name="江宁站工会"))
    assert isinstance(story.answer[0], TransferApplied)
    assert isinstance(story.answer[1], BranchRegistered)
    assert membership(story).transfer == story.answer[1].branch


@pytest.mark.rule("SJ-06")
def test_a_transfer_that_moves_nothing_or_waits_already_is_refused() -> None:
    story = member().post(ApplyForTransfer(branch="zj-1")).expect(TransferWaiting)
    assert story.refusal.clause == "XY-14"
    story.post(MOVE).post(ApplyForTransfer(branch="zj-2")).expect(TransferWaiting)
    merged = merge(member(), "zj-1", "zj-2")
    merged.post(ApplyForTransfer(branch="zj-2")).expect(TransferWaiting)
    member().post(ApplyForTransfer(branch="nowhere")).expect(BranchNotInTree)


@pytest.mark.rule("SJ-06", "GX-04")
def test_only_a_member_transfers_and_only_in_time() -> None:
    joining().post(MOVE, at=AT).expect(MembershipNeeded)
    office(member().post(MOVE), NO)
    story = office(member().post(MOVE), NO)
    assert membership(story).transfer == "", "what has ended cannot be moved"
    story.post(MOVE).expect(MembershipNeeded)
    member().post(MOVE, at="2021-03-05 10:06", delivered="2021-03-05 10:00").expect(FutureDated)
    member().post(MOVE, at="2022-01-01 10:00").expect(AfterCampaign)


@pytest.mark.rule("SJ-05")
def test_abuse_closes_re_joining_and_transferring() -> None:
    story = office(member(), ABUSE, actor="li.wei").expect(MemberRestricted)
    (event,) = story.answer
    assert isinstance(event, MemberRestricted)
    assert (event.kind, event.reason, event.actor, event.sealed) == ("abuse", "刷单", "li.wei", False)
    assert story.member().is_member, "what stands goes on; ending it is a review's"
    assert story.post(MOVE).expect(Restricted).refusal.clause == "XY-15"
    office(story, NO)
    story.post(form()).expect(Restricted)
    office(story, LiftRestriction(reason="复核")).expect(RestrictionLifted)
    story.post(form()).expect(MembershipApplied)


@pytest.mark.rule("SJ-05")
def test_a_restriction_has_a_last_day() -> None:
    until = RestrictMember(kind="abuse", reason="刷单", until=date(2021, 3, 10))
    story = office(office(member(), NO), until)
    assert "2021-03-10" in story.post(form(), at="2021-03-10 23:59:59").expect(Restricted).refusal.detail
    office(story, LiftRestriction(reason="已满"), at="2021-03-11 00:00").expect(NotRestricted)
    story.post(form(), at="2021-03-11 00:00").expect(MembershipApplied)
    with pytest.raises(Malformed) as fault:
        office(story, RestrictMember(kind="abuse", reason="刷单", until=date(2021, 3, 10)))
    assert fault.value.pointer == "/until"


@pytest.mark.rule("SJ-05")
def test_identity_fraud_is_escalated_and_its_reason_sealed() -> None:
    story = office(member(), FRAUD).expect(MemberRestricted)
    (event,) = story.answer
    assert isinstance(event, MemberRestricted)
    assert (event.sealed, event.reason) == (True, "")
    office(story, FRAUD).expect(NotRestricted)
    assert "身份证" not in str(bytes(story.refusal.data), "utf-8"), "neither does the refusal tell"


@pytest.mark.rule("SJ-05")
def test_a_restriction_can_be_made_another_but_not_said_twice() -> None:
    story = office(office(member(), ABUSE), ABUSE).expect(NotRestricted)
    office(story, RestrictMember(kind="abuse", reason="刷单", until=date(2021, 12, 31))).expect(
        MemberRestricted
    )
    assert story.member().restricted_until == date(2021, 12, 31)
    office(story, FRAUD).expect(MemberRestricted)
    assert (story.member().restricted, story.member().restricted_until) == ("identity_fraud", None)
    office(joining(), LiftRestriction(reason="无")).expect(NotRestricted)


@pytest.mark.rule("SJ-05", "SJ-09")
def test_another_client_id_does_not_lead_around_a_restriction() -> None:
    story = office(member(identities={"phone": PHONE}), ABUSE)
    story.post(form(identities={"phone": PHONE}), who="p-2").expect(Restricted)
    assert not story.member("p-2").is_member


@pytest.mark.rule("ZG-10")
def test_hardship_is_flagged_and_taken_back_by_a_union() -> None:
    story = member()
    for hardship in (True, True, False):
        command: Command = FlagHardship(hardship=hardship, reason="低保")
        office(story, command).expect(HardshipFlagged)
        assert story.member().hardship is hardship
