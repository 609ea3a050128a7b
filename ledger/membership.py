"""Joining a union, asking to be moved, correcting what it says of one's work. Source: SJ-01 … SJ-09, GX-05.

First in, then reviewed: an application is a membership at once. What unions do about it is in reviewing.py.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from ledger import branches, linking, reviewing, shop
from ledger.area import Area, States, Wide
from ledger.command import Command, Consent, Request
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.eligibility import (
    identity_streams,
    is_eligible_in_tree,
    is_within,
    known_by,
    top_streams,
)
from ledger.enrolment import Enrolment
from ledger.events import Enrolled
from ledger.member import Member
from ledger.member_commands import ApplyForMembership, ApplyForTransfer, CorrectDetails
from ledger.member_events import DetailsCorrected, MembershipApplied, TransferApplied
from ledger.member_refusals import (
    AlreadyMember,
    ConsentMissing,
    EmploymentUnknown,
    MembershipNeeded,
    PersonErased,
    Restricted,
    Suspended,
    TransferWaiting,
)
from ledger.refusal import Malformed
from ledger.refusals import AfterCampaign, BeforeCampaign, BranchUnknown, MembershipRequired, NotPlayed
from ledger.rulebook import Rulebook
from ledger.rulebook_programmes import Application
from ledger.streams import enrolment_stream

Consents = tuple[tuple[str, str, datetime], ...]
"""(document, version, when) of what was agreed to."""
Agreed = Consent | str | bool | tuple[Consent, ...] | None


def require_active(context: Context) -> None:
    """Refuse all that is posted for somebody who is suspended, or was erased.

    Refuses: PersonErased, Suspended. Source: GX-05, GX-07.
    """
    who = context.request.participant
    if context.member.erased:
        raise PersonErased(f"the data of {who} were erased on request; nothing new is recorded")
    if context.member.suspended:
        raise Suspended(f"{who} is suspended; the history stays, and it goes on after a release")


def require_open(context: Context) -> None:
    """Refuse what happens while a programme does not take anybody in. In its trial it takes nobody: that is for ever.

    Refuses: FutureDated, BeforeCampaign, AfterCampaign. Source: SJ-01, ZG-02, GX-04.
    """
    context.require_not_future()
    rules, enrolment = context.rules, context.rules.enrolment
    day = context.occurred.date()
    opens = max(rules.starts, enrolment.opens or rules.starts)
    closes = min(rules.ends, enrolment.closes or rules.ends)
    if day < opens:
        raise BeforeCampaign(f"{rules.id} takes people in from {opens} on")
    if day > closes:
        raise AfterCampaign(f"{rules.id} took people in until {closes}", enrolment.clause)


# The union that is asked for.


class Place(NamedTuple):
    """A union that somebody asks for. above: of one that was typed in, the union above it; empty for others."""

    union: str
    above: str = ""
    unit_name: str = ""


def _place(command: ApplyForMembership | ApplyForTransfer, decision: Decision) -> Place:
    """The union that an application names: by id or exact name, or by a place and the name of a unit in it.

    Refuses: BranchNotInTree. Raises Malformed when it names none, or two. Source: SJ-07.
    """
    unit_name = " ".join((command.unit_name or "").split())
    typed = bool(command.place and unit_name)
    if bool(command.branch) == typed or (command.branch and (command.place or command.unit_name)):
        raise Malformed(
            "/data/branch", "name a union by branch, or else both place, the union above it, and unit_name"
        )
    if not typed:
        return Place(branches.require(command.branch or "", decision))
    above = branches.require(command.place or "", decision)
    return Place(branches.typed(above, unit_name, decision), above, unit_name)


def _place_streams(command: ApplyForMembership | ApplyForTransfer, states: States) -> Iterator[str]:
    if command.branch:
        yield from branches.named_streams(command.branch)
        yield from branches.more(command.branch, states)
    if command.place and command.unit_name:
        yield from branches.typed_streams(command.place, " ".join(command.unit_name.split()), states)


def _require_place(place: Place, context: Context, decision: Decision) -> None:
    """Refuse a union that the programme is not for. Refuses: MembershipRequired, BranchUnknown.

    Source: SJ-01, SJ-04.
    """
    stands = place.above or place.union
    rules, membership = context.rules, context.rules.membership
    if membership is not None and not is_eligible_in_tree(stands, context, decision):
        raise MembershipRequired(
            f"{membership.how_to_join.zh} / {membership.how_to_join.en}", membership.clause
        )
    if not is_within(stands, context, decision):
        raise BranchUnknown(f"{stands} is not a union of {rules.id}, nor below one", rules.enrolment.clause)


def _register(place: Place, context: Context, decision: Decision) -> None:
    if place.above:
        branches.type_in(place.above, place.unit_name, context, decision)


# What is agreed to, and what the work is called.


def agreed(given: Agreed, application: Application, context: Context) -> Consents:
    """The documents that were agreed to, each in the version that is in force.

    given: ``true`` agrees to all of them as they are now; a text is the version of all of them; a Consent without a
    document is for all, one with a document for that alone. Its time is that of the application if it has none.
    Refuses: ConsentMissing. Source: SJ-02.
    """
    told: tuple[Consent, ...]
    if isinstance(given, Consent):
        told = (given,)
    elif isinstance(given, str):
        told = (Consent(version=given),)
    else:
        told = given if isinstance(given, tuple) else ()
    consents, missing = [], []
    for document in application.documents:
        fits = [
            each for each in told if each.document in (None, document.id) and each.version == document.version
        ]
        if given is True:
            consents.append((document.id, document.version, context.occurred_at))
        elif fits:
            consents.append((document.id, document.version, _agreed_at(fits[0], context)))
        else:
            name = f"《{document.name.zh}》{document.name.en}"
            missing.append(f"{name} ({document.id}), version {document.version}")
    if missing:
        raise ConsentMissing(
            f"not agreed to, in the version that is in force: {'; '.join(missing)}",
            application.consent_clause,
        )
    return tuple(consents)


def _agreed_at(consent: Consent, context: Context) -> datetime:
    """When something was agreed to, in UTC. Refuses ConsentMissing when that is still to come."""
    if consent.at is None:
        return context.occurred_at
    try:
        at = consent.at.astimezone(UTC)
    except OverflowError:
        raise Malformed(
            "/data/consent/at", "the time is outside the years that can be computed with"
        ) from None
    if at - context.now > context.rules.tolerance:
        raise ConsentMissing(f"the consent is dated {at.isoformat()}, which is still to come")
    return at


def _require_employment(employment: str | None, trade: str | None, application: Application) -> None:
    """Refuse a type of employment that the programme does not know, or one whose trade is missing or unknown.

    Refuses: EmploymentUnknown. Source: SJ-01.
    """
    if employment not in application.employment:
        raise EmploymentUnknown(
            f"there is no type of employment {employment!r}; there are {', '.join(application.employment)}",
            application.clause,
        )
    if trade is None and employment not in application.trade_for:
        return
    if trade not in application.trades and (trade is None or application.trades):
        raise EmploymentUnknown(
            f"{employment} needs a trade, one of {', '.join(application.trades)}"
            if trade is None
            else f"there is no trade {trade!r}; there are {', '.join(application.trades)}",
            application.clause,
        )


def _transfer_clause(context: Context) -> str:
    return context.rules.application.transfer_clause if context.rules.application else ""


def _application(context: Context) -> Application:
    """What the programme says of applications. Refuses NotPlayed when it takes none."""
    if context.rules.application is None:
        raise NotPlayed(f"{context.rules.id} takes no applications", context.rules.clause)
    return context.rules.application


def _require_unrestricted(members: Iterable[Member], context: Context) -> None:
    today = context.now.astimezone(context.rules.tz).date()
    clause = context.rules.application.restricted_clause if context.rules.application else ""
    for member in members:
        if member.is_restricted(today):
            until = f" until {member.restricted_until}" if member.restricted_until else ""
            raise Restricted(
                f"joining a union and transferring are closed{until}, for what was found before; ask the union",
                clause,
            )


# What is applied for.


def apply(command: ApplyForMembership, context: Context, decision: Decision, given: Given) -> None:
    """Join a union: the member is in at once, and enrolled in the programme. Somebody who is known by an identity and
    is a member already becomes one with that member, and applies for nothing.

    Refuses: BranchNotInTree, Suspended, Restricted, AlreadyMember, ConsentMissing, EmploymentUnknown, FutureDated,
    BeforeCampaign, AfterCampaign, MembershipRequired, BranchUnknown, NotPlayed; then as linking.link.
    Source: SJ-01, SJ-02, SJ-03, SJ-05, SJ-07, SJ-09.
    """
    place = _place(command, decision)
    everybody = known_by(command.identities, context, decision)
    known = {participant: member for participant, member in everybody.items() if not member.erased}
    _require_unrestricted((context.member, *everybody.values()), context)
    if context.member.membership is not None and context.member.is_member:
        raise AlreadyMember(
            f"{context.request.participant} is a member of {context.member.membership.branch} already;"
            " ask for a transfer to move to another union",
        )
    consents: Consents = ()
    if (application := context.rules.application) is not None:
        consents = agreed(command.consent, application, context)
        _require_employment(command.employment, command.trade, application)
    require_open(context)
    _require_place(place, context, decision)
    _application(context)
    elsewhere = next((member.membership for member in known.values() if member.is_member), None)
    _enrol(elsewhere.branch if elsewhere else place.union, known, context, decision)
    if elsewhere is None:
        _register(place, context, decision)
        applied = context.event(
            MembershipApplied,
            campaign=context.rules.id,
            branch=place.union,
            employment=command.employment or "",
            trade=command.trade,
            consents=consents,
        )
        decision.add(context.person, applied)
    linking.link(command.identities, context, decision, given)


def _enrol(branch: str, known: Iterable[str], context: Context, decision: Decision) -> None:
    """Enrol who has not enrolled before, and give what comes with a first application."""
    if decision.state(context.stream, Enrolment).branch:
        return
    decision.add(context.stream, context.event(Enrolled, branch=branch))
    others = (enrolment_stream(participant, context.request.campaign) for participant in known)
    if not any(decision.state(stream, Enrolment).branch for stream in others):
        shop.give_gifts("application", context, decision)


def apply_for_transfer(command: ApplyForTransfer, context: Context, decision: Decision) -> None:
    """Ask to be moved to another union; until that is reviewed everything stays as it is.

    A consent is looked at if it is given: somebody who transfers has agreed to the documents before.
    Refuses: BranchNotInTree, MembershipNeeded, Restricted, ConsentMissing, EmploymentUnknown, TransferWaiting,
    FutureDated, BeforeCampaign, AfterCampaign, MembershipRequired, BranchUnknown, NotPlayed.
    Source: SJ-05, SJ-06, SJ-07.
    """
    place, membership = _place(command, decision), context.member.membership
    if membership is None or not membership.in_force:
        raise _no_member(context)
    _require_unrestricted((context.member,), context)
    consents: Consents = ()
    if (application := context.rules.application) is not None:
        if command.consent is not None:
            consents = agreed(command.consent, application, context)
        if command.employment is not None or command.trade is not None:
            _require_employment(command.employment or membership.employment, command.trade, application)
    if membership.transfer:
        raise TransferWaiting(
            f"a transfer to {membership.transfer} waits for its review", _transfer_clause(context)
        )
    if branches.follow(membership.branch, decision) == place.union:
        raise TransferWaiting(f"{place.union} is the union of the membership", _transfer_clause(context))
    require_open(context)
    _require_place(place, context, decision)
    _application(context)
    applied = context.event(
        TransferApplied,
        campaign=context.rules.id,
        from_branch=membership.branch,
        branch=place.union,
        employment=command.employment or (membership.employment if command.trade else ""),
        trade=command.trade,
        consents=consents,
    )
    decision.add(context.person, applied)
    _register(place, context, decision)


def correct_details(command: CorrectDetails, context: Context, decision: Decision) -> None:
    """Correct what the membership says of the person's work. Name and identity number are not in it, and stay.

    Refuses: MembershipNeeded, EmploymentUnknown, FutureDated, NotPlayed. Source: SJ-06.
    """
    membership = context.member.membership
    if membership is None or not membership.in_force:
        raise _no_member(context)
    told = (command.employment, command.trade, command.unit, command.department)
    if all(each is None for each in told):
        raise Malformed("/data", "nothing is to be corrected: name employment, trade, unit or department")
    employment, trade = command.employment, command.trade
    application = context.rules.application
    if application is not None and (employment is not None or trade is not None):
        kind = employment or membership.employment
        if trade is None and kind in application.trade_for:
            trade = membership.trade
        _require_employment(kind, trade, application)
    context.require_not_future()
    _application(context)
    corrected = context.event(
        DetailsCorrected,
        employment=employment,
        trade=trade,
        unit=command.unit,
        department=command.department,
    )
    decision.add(context.person, corrected)


def _no_member(context: Context) -> MembershipNeeded:
    return MembershipNeeded(
        f"{context.request.participant} is no member of a union; post jifen.membership_applied first",
        _transfer_clause(context),
    )


def _named(request: Request) -> Iterator[str]:
    command = request.command
    if isinstance(command, ApplyForMembership | ApplyForTransfer):
        yield from _place_streams(command, {})


def _more(request: Request, states: States, rulebooks: Iterable[Rulebook]) -> Iterator[str]:
    command = request.command
    if not isinstance(command, ApplyForMembership | ApplyForTransfer):
        return
    yield from _place_streams(command, states)
    for rules in rulebooks:
        yield from top_streams(rules)
        if isinstance(command, ApplyForMembership):
            yield from shop.gift_streams("application", rules)
    if isinstance(command, ApplyForMembership):
        yield from identity_streams(command.identities, request.campaign, states)
    else:
        yield from reviewing.membership_streams(request, states)


SERVED: dict[type[Command], str] = dict.fromkeys(
    (ApplyForMembership, ApplyForTransfer, CorrectDetails), "application"
)
OWN: dict[type[Command], Wide] = {ApplyForTransfer: apply_for_transfer, CorrectDetails: correct_details}
AREA = Area(
    wide=OWN | reviewing.WIDE,
    secret={ApplyForMembership: apply},
    named=_named,
    more=_more,
    free=frozenset(reviewing.WIDE),
    serves=SERVED,
)
"""What a person asks of a union, and what the union does."""
