"""For every refusal about persons a request that meets it, and its clause; in order of precedence."""

from collections.abc import Callable

from ledger import branch_refusals, refusals
from ledger import member_refusals as of_members
from ledger.commands import Enrol
from ledger.member_commands import (
    ApplyForTransfer,
    EndEntitlement,
    ErasePerson,
    KeepDetails,
    LiftRestriction,
    LinkIdentities,
    MergeMembers,
    RestrictMember,
    ReviewMembership,
    SuspendMember,
    ViewDetails,
)
from ledger.refusal import Refusal
from tests.given import Story
from tests.unit.programmes import (
    AT,
    PHONE,
    A,
    B,
    activate,
    entry,
    form,
    joining,
    member,
    office,
    rosters,
    walk,
)

MOVE = ApplyForTransfer(branch="nanjing")
ABUSE = RestrictMember(kind="abuse", reason="刷单")
VIEW = ViewDetails(fields=("phone",), reason="核对获奖人")


def gone() -> Story:
    """A member who has left, restricted."""
    story = office(member(), ReviewMembership(approved=False))
    return office(story, ABUSE)


def numbered() -> Story:
    """Somebody with an identity number and a phone."""
    return member(identities={"id_number": A, "phone": PHONE})


ROWS: list[tuple[type[Refusal], Callable[[], Story], str]] = [
    (
        of_members.PersonErased,
        lambda: office(member(), ErasePerson(reason="本人要求")).signs_in("2021-03-03 08:00"),
        "GX-07",
    ),
    (
        of_members.Suspended,
        lambda: office(member(), SuspendMember(reason="多账号")).signs_in("2021-03-03 08:00"),
        "GX-05",
    ),
    (of_members.NotOnRoster, lambda: activate(rosters(entry(A)), identity_hash=B), "XY-24"),
    (of_members.AlreadyActivated, lambda: activate(activate(rosters(entry(A)))), "XY-25"),
    (of_members.MembershipNeeded, lambda: joining().signs_in(AT), "XY-04"),
    (of_members.Restricted, lambda: gone().post(form()), "XY-15"),
    (of_members.AlreadyMember, lambda: member().post(form()), "SJ-09"),
    (of_members.ConsentMissing, lambda: joining().post(form(consent=False), at=AT), "XY-12"),
    (of_members.EmploymentUnknown, lambda: joining().post(form(employment="clown"), at=AT), "XY-11"),
    (of_members.NothingToReview, lambda: office(joining(), ReviewMembership(approved=True)), "SJ-03"),
    (of_members.TransferWaiting, lambda: member().post(MOVE).post(MOVE), "XY-14"),
    (of_members.NotRestricted, lambda: office(member(), LiftRestriction(reason="复核")), "SJ-05"),
    (
        of_members.FieldFixed,
        lambda: office(numbered(), KeepDetails(fields=("id_number",), identities={"id_number": B})),
        "SJ-06",
    ),
    (
        of_members.AlreadyOne,
        lambda: office(member(), MergeMembers(other="p-1", reason="同一人")),
        "EC-12",
    ),
    (
        of_members.ParticipantUnknown,
        lambda: office(member(), MergeMembers(other="p-9", reason="同一人")),
        "EC-12",
    ),
    (
        of_members.IdentityTaken,
        lambda: office(numbered(), LinkIdentities(identities={"id_number": B, "phone": PHONE}), "p-2"),
        "EC-12",
    ),
    (of_members.NothingKept, lambda: office(member(), VIEW), "GX-07"),
    (of_members.NothingExpired, lambda: office(member(), EndEntitlement(entitlement="cover")), "ZG-03"),
]

PRECEDENCE: list[tuple[tuple[type[Refusal], type[Refusal]], Callable[[], Story]]] = [
    (
        (branch_refusals.BranchNotInTree, of_members.Restricted),
        lambda: gone().post(form(branch="nowhere")),
    ),
    (
        (of_members.PersonErased, of_members.Suspended),
        lambda: office(
            office(member(), SuspendMember(reason="多账号")), ErasePerson(reason="本人要求")
        ).signs_in(),
    ),
    (
        (of_members.Suspended, branch_refusals.BranchNotInTree),
        lambda: office(member(), SuspendMember(reason="多账号")).post(ApplyForTransfer(branch="no-such")),
    ),
    (
        (of_members.Suspended, refusals.FutureDated),
        lambda: office(member(), SuspendMember(reason="多账号")).signs_in("2031-01-01 09:00", delivered=AT),
    ),
    (
        (of_members.Suspended, of_members.AlreadyMember),
        lambda: office(member(), SuspendMember(reason="多账号")).post(form()),
    ),
    (
        (of_members.NotOnRoster, refusals.BeforeCampaign),
        lambda: activate(rosters(entry(A)), identity_hash=B, at="2020-01-31 09:00"),
    ),
    (
        (of_members.AlreadyActivated, refusals.AfterCampaign),
        lambda: activate(activate(rosters(entry(A))), at="2026-01-01 09:00"),
    ),
    (
        (of_members.MembershipNeeded, of_members.Restricted),
        lambda: gone().post(MOVE),
    ),
    ((of_members.MembershipNeeded, refusals.NotEnrolled), lambda: joining().signs_in(AT)),
    (
        (of_members.MembershipNeeded, refusals.BranchUnknown),
        lambda: joining().also(walk('standing = "any"')).post(Enrol(branch="x"), campaign="walk", at=AT),
    ),
    (
        (of_members.Restricted, of_members.AlreadyMember),
        lambda: office(member(), ABUSE).post(form()),
    ),
    (
        (of_members.Restricted, of_members.TransferWaiting),
        lambda: office(member().post(MOVE), ABUSE).post(MOVE),
    ),
    (
        (of_members.AlreadyMember, of_members.ConsentMissing),
        lambda: member().post(form(consent=False)),
    ),
    (
        (of_members.ConsentMissing, of_members.EmploymentUnknown),
        lambda: joining().post(form(consent=False, employment="clown"), at=AT),
    ),
    (
        (of_members.EmploymentUnknown, refusals.AfterCampaign),
        lambda: joining().post(form(employment="clown"), at="2022-01-01 09:00"),
    ),
    (
        (of_members.EmploymentUnknown, of_members.TransferWaiting),
        lambda: member().post(MOVE).post(ApplyForTransfer(branch="zj-2", employment="clown")),
    ),
    (
        (of_members.TransferWaiting, refusals.AfterCampaign),
        lambda: member().post(MOVE).post(MOVE, at="2022-01-01 09:00"),
    ),
]
