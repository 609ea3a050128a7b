"""Enrolling in a campaign: who may, under which union, and whether it is somebody known. Source: SX-02, EC-12."""

from collections.abc import Iterable, Iterator

from ledger import linking
from ledger.activation import activation_streams, has_activated
from ledger.area import Area, States
from ledger.command import Request
from ledger.commands import Enrol
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.eligibility import (
    consent_in_a_word,
    identity_streams,
    is_eligible,
    known_by,
    persons_of,
    require_standing,
    union_of,
    union_streams,
)
from ledger.enrolment import Enrolment
from ledger.events import Enrolled
from ledger.member import Member
from ledger.refusals import (
    AfterCampaign,
    AlreadyEnrolled,
    BeforeCampaign,
    BranchUnknown,
    MembershipRequired,
    NotPlayed,
)
from ledger.rulebook import Rulebook


def enrol(command: Enrol, context: Context, decision: Decision, given: Given) -> None:
    """Enrol a participant under a union; identities that are known make it one with whom they are of.

    Names and phones are not asked for: they live outside the log.
    Refuses: Suspended, MembershipNeeded, FutureDated, BeforeCampaign, AfterCampaign, MembershipRequired,
    AlreadyEnrolled, BranchUnknown, NotPlayed (first that holds); then as linking.link.
    Source: SX-02, JS-02, SJ-04, EC-12, GX-04.
    """
    rules, enrolment, membership = context.rules, context.rules.enrolment, context.rules.membership
    known = known_by(command.identities, context, decision).values()
    if membership:
        require_standing(membership.standing, membership.clause, context, known)
    context.require_not_future()
    day = context.occurred.date()
    if day < rules.opens:
        raise BeforeCampaign(f"enrolment opens on {rules.opens}")
    if day > (enrolment.closes or rules.ends):
        raise AfterCampaign(f"enrolment closed on {enrolment.closes or rules.ends}", enrolment.clause)
    if membership and not is_eligible(command.branch, context, decision):
        raise MembershipRequired(
            f"{membership.how_to_join.zh} / {membership.how_to_join.en}", membership.clause
        )
    if decision.state(context.stream, Enrolment).branch:
        raise AlreadyEnrolled(f"{context.request.participant} has enrolled already", enrolment.clause)
    branch = union_of(command.branch, context, decision)
    if branch is None:
        raise BranchUnknown(
            f"this campaign has no union {command.branch!r}; GET /v1/campaigns/{rules.id} lists their ids and names",
            enrolment.clause,
        )
    _require_way_in((context.member, *known), context, decision)
    enrolled = context.event(
        Enrolled,
        branch=branch,
        unit=command.unit,
        department=command.department,
        consent=consent_in_a_word(command.consent),
    )
    decision.add(context.stream, enrolled)
    linking.link(command.identities, context, decision, given)


def _require_way_in(members: Iterable[Member], context: Context, decision: Decision) -> None:
    """Refuse to enrol in a programme that people come into by applying or activating, but for those who have done so
    in another programme and cannot do it again. Refuses: NotPlayed. Source: SJ-01, ZG-01.
    """
    rules, ways = context.rules, list[str]()
    if rules.application:
        if any(member.is_member for member in members):
            return
        ways.append("applying for membership: post jifen.membership_applied")
    if rules.activation:
        if any(has_activated(member, decision) for member in members):
            return
        ways.append("activating: post jifen.activated")
    if ways:
        raise NotPlayed(f"people come into {rules.id} by {' or by '.join(ways)}", rules.enrolment.clause)


def _more(request: Request, states: States, rulebooks: Iterable[Rulebook]) -> Iterator[str]:
    command = request.command
    assert isinstance(command, Enrol)
    rules = list(rulebooks)
    yield from union_streams(command.branch, rules, states)
    if command.identities:
        yield from identity_streams(command.identities, request.campaign, states)
    if any(each.activation for each in rules):
        persons = persons_of(command.identities, states)
        yield from activation_streams([request.participant, *persons], states)


AREA = Area(more=_more)
"""What an enrolment needs besides the participant: the union in the tree, and what its identities stand for."""
