"""What unions do about their members: reviews, restrictions, suspensions, hardship. Source: SJ-03, SJ-05, SJ-06, GX-05.

These are acts of the ledger: a membership belongs to a person and to no campaign. A batch is many of these requests.
"""

from collections.abc import Iterator

from ledger.area import States, Wide, loaded
from ledger.command import Command, Request
from ledger.context import Context
from ledger.decision import Decision
from ledger.member import Member
from ledger.member_commands import (
    FlagHardship,
    LiftRestriction,
    ReleaseMember,
    RestrictMember,
    ReviewMembership,
    ReviewTransfer,
    SuspendMember,
)
from ledger.member_events import (
    HardshipFlagged,
    MemberReleased,
    MemberRestricted,
    MembershipReviewed,
    MemberSuspended,
    MessageQueued,
    RestrictionLifted,
    TransferReviewed,
)
from ledger.member_refusals import NothingToReview, NotRestricted
from ledger.refusal import Malformed
from ledger.rulebook_base import Words
from ledger.streams import branch_stream, member_stream

REFUSED = Words(
    zh="您的入会申请未通过审核，会籍已终止。{}如有疑问，请联系所申请的工会。",
    en="Your application for membership was not approved, and your membership has ended. {}If you have questions,"
    " please ask the union that you applied to.",
)
NOT_MOVED = Words(
    zh="您的转会申请未通过审核，会籍仍在原工会。{}如有疑问，请联系所申请的工会。",
    en="Your transfer was not approved; you are still a member of the union that you were in. {}If you have questions,"
    " please ask the union that you applied to.",
)


def _message(template: str, words: Words, reason: str, context: Context) -> MessageQueued:
    because = reason.strip().rstrip("。.")
    zh = words.zh.format(f"原因：{because}。" if because else "")
    en = words.en.format(f"Reason: {because}. " if because else "")
    return context.event(MessageQueued, template=template, zh=zh, en=en)


def review_membership(command: ReviewMembership, context: Context, decision: Decision) -> None:
    """Approve a membership that waits for it, or refuse it: then it has ended, and the person is to be told.

    Refuses: NothingToReview. Source: SJ-03.
    """
    membership = context.member.membership
    if membership is None or membership.status != "applied":
        why = f"the membership is {membership.status}" if membership else "there was no application"
        raise NothingToReview(f"{context.request.participant} waits for no review: {why}")
    reviewed = context.event(
        MembershipReviewed,
        approved=command.approved,
        branch=membership.branch,
        actor=context.request.actor,
        reason=command.reason,
    )
    decision.add(context.person, reviewed)
    if not command.approved:
        decision.add(context.person, _message("membership_refused", REFUSED, command.reason, context))


def review_transfer(command: ReviewTransfer, context: Context, decision: Decision) -> None:
    """Move a member to the union that was asked for, or refuse it: then the person is to be told.

    Refuses: NothingToReview. Source: SJ-06.
    """
    membership = context.member.membership
    if membership is None or not membership.transfer:
        raise NothingToReview(f"{context.request.participant} has not asked for a transfer", "SJ-06")
    reviewed = context.event(
        TransferReviewed,
        approved=command.approved,
        branch=membership.transfer,
        from_branch=membership.branch,
        actor=context.request.actor,
        reason=command.reason,
        employment=membership.transfer_employment,
        trade=membership.transfer_trade,
    )
    decision.add(context.person, reviewed)
    if not command.approved:
        decision.add(context.person, _message("transfer_refused", NOT_MOVED, command.reason, context))


def restrict(command: RestrictMember, context: Context, decision: Decision) -> None:
    """Close joining and transferring to somebody, up to and including a day. A membership that stands goes on.

    The same again is refused; another kind or another last day takes the place of what was. The reason of a fraud does
    not stand in the log: whoever asks for it seals it in the vault.
    Refuses: NotRestricted. Source: SJ-05.
    """
    today = context.now.astimezone(context.rules.tz).date()
    if command.until is not None and command.until < today:
        raise Malformed("/until", f"{command.until} is over already")
    member = context.member
    if member.is_restricted(today) and (member.restricted, member.restricted_until) == (
        command.kind,
        command.until,
    ):
        raise NotRestricted(f"{context.request.participant} is restricted already, in the same way")
    sealed = command.kind == "identity_fraud"
    restricted = context.event(
        MemberRestricted,
        kind=command.kind,
        actor=context.request.actor,
        reason="" if sealed else command.reason,
        until=command.until,
        sealed=sealed,
    )
    decision.add(context.person, restricted)


def lift(command: LiftRestriction, context: Context, decision: Decision) -> None:
    """Open joining and transferring again. Refuses: NotRestricted. Source: SJ-05."""
    if not context.member.is_restricted(context.now.astimezone(context.rules.tz).date()):
        raise NotRestricted(f"{context.request.participant} is not restricted")
    decision.add(
        context.person,
        context.event(RestrictionLifted, actor=context.request.actor, reason=command.reason),
    )


def suspend(command: SuspendMember, context: Context, decision: Decision) -> None:
    """Suspend for fraud: from now on everything that is posted for the person is refused. The history stays.

    Refuses: NotRestricted. Source: GX-05.
    """
    if context.member.suspended:
        raise NotRestricted(f"{context.request.participant} is suspended already", "GX-05")
    decision.add(
        context.person, context.event(MemberSuspended, actor=context.request.actor, reason=command.reason)
    )


def release(command: ReleaseMember, context: Context, decision: Decision) -> None:
    """End a suspension: it goes on where it was. Refuses: NotRestricted. Source: GX-05."""
    if not context.member.suspended:
        raise NotRestricted(f"{context.request.participant} is not suspended", "GX-05")
    decision.add(
        context.person, context.event(MemberReleased, actor=context.request.actor, reason=command.reason)
    )


def flag_hardship(command: FlagHardship, context: Context, decision: Decision) -> None:
    """Say whether a member is in hardship; saying it again changes nothing but the reason. Source: ZG-10."""
    flagged = context.event(
        HardshipFlagged,
        hardship=command.hardship,
        actor=context.request.actor,
        reason=command.reason,
    )
    decision.add(context.person, flagged)


def membership_streams(request: Request, states: States) -> Iterator[str]:
    """The stream of the union that a person is a member of."""
    member = loaded(member_stream(request.participant), Member, states)
    if member is not None and member.membership is not None:
        yield branch_stream(member.membership.branch)


WIDE: dict[type[Command], Wide] = {
    ReviewMembership: review_membership,
    ReviewTransfer: review_transfer,
    RestrictMember: restrict,
    LiftRestriction: lift,
    SuspendMember: suspend,
    ReleaseMember: release,
    FlagHardship: flag_hardship,
}
