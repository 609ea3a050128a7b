"""Client ids of one person become one participant, histories included. Source: EC-12, SJ-09.

A person is known by keyed hashes: of an identity number, a phone number, an account. Who brings a hash first has it;
who brings it later is the same person, and becomes one with the first.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from ledger import funds, joining, shop
from ledger.area import Area, Seen, States, loaded
from ledger.campaign import Campaign
from ledger.command import Command, Identities, Request
from ledger.commands import Enrol
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.enrolment import Enrolment
from ledger.identity import Identity, Referenced
from ledger.member import Member
from ledger.member_commands import Activate, ApplyForMembership, KeepDetails, LinkIdentities, MergeMembers
from ledger.member_events import IdentitiesAdded, IdentityClaimed
from ledger.member_refusals import AlreadyOne, IdentityTaken, ParticipantUnknown, PersonErased
from ledger.rulebook import Rulebook
from ledger.streams import (
    TRIAL,
    campaign_of,
    campaign_stream,
    enrolment_stream,
    identity_stream,
    member_stream,
    participant_of,
    reference_stream,
    team_stream,
)

LINKS: frozenset[type[Command]] = frozenset(
    {Enrol, ApplyForMembership, Activate, LinkIdentities, KeepDetails, MergeMembers}
)
"""The commands that can make two participants one."""
BRINGS = Enrol | ApplyForMembership | Activate | LinkIdentities | KeepDetails
"""Those that bring keyed hashes."""
SUREST = ("id_number", "phone", "wechat", "weibo")
"""Whose hash decides who stays, when hashes of several people come together."""


# -- which streams ------------------------------------------------------------------------------------------------


def known_as(participant: str, campaign: str, states: States) -> Iterator[str]:
    """The stream of a participant in a campaign, and of whom it is of by now. To be asked again as it is loaded."""
    while participant:
        stream = enrolment_stream(participant, campaign)
        yield stream
        state = loaded(stream, Enrolment, states)
        participant = state.became if state else ""


def _identities(request: Request, states: States) -> Identities:
    """The keyed hashes that a request brings; that of a person of the roster is told by the roster's reference too."""
    command = request.command
    if not isinstance(command, BRINGS):
        return {}
    identities = dict(command.identities)
    if isinstance(command, Activate):
        digest = command.identity_hash
        if digest is None and command.roster is not None:
            entry = loaded(reference_stream(command.roster), Referenced, states)
            digest = entry.leads_to if entry else None
        if digest:
            identities["id_number"] = digest
    return identities


def named(request: Request) -> Iterator[str]:
    """The streams that a command of LINKS names by itself."""
    command = request.command
    if isinstance(command, MergeMembers):
        yield member_stream(command.other)
    elif isinstance(command, Activate) and command.identity_hash is None and command.roster is not None:
        yield reference_stream(command.roster)
    yield from map(identity_stream, _identities(request, {}).values())


def more(request: Request, states: States) -> Iterator[str]:
    """The streams that follow: of the hashes, and of the persons whose they are."""
    for digest in _identities(request, states).values():
        stream = identity_stream(digest)
        yield stream
        identity = loaded(stream, Identity, states)
        if identity and identity.member:
            yield member_stream(identity.member)
            owner = loaded(member_stream(identity.member), Member, states)
            if owner and owner.became:
                yield member_stream(owner.became)


def _owner(digest: str, states: Seen) -> str:
    """Whose a keyed hash is now; empty for nobody's, and for that of somebody who was erased."""
    identity = loaded(identity_stream(digest), Identity, states)
    if identity is None or not identity.member or identity.erased:
        return ""
    member = loaded(member_stream(identity.member), Member, states) or Member()
    if member.became:
        identity_of, member = member.became, loaded(member_stream(member.became), Member, states) or Member()
    else:
        identity_of = identity.member
    return "" if member.erased else identity_of


def _others(who: str, identities: Identities, states: Seen) -> list[str]:
    """Other participants who are known by these hashes, the surest first."""
    owners = (_owner(identities[kind], states) for kind in SUREST if kind in identities)
    return list(dict.fromkeys(owner for owner in owners if owner and owner != who))


def persons(request: Request, states: States) -> tuple[str, ...]:
    """The participants whose whole histories a request may join, with all their client ids; empty for none.

    request: resolved, and what ``named`` and ``more`` name is loaded.
    """
    if type(request.command) not in LINKS or not request.participant:
        return ()
    if isinstance(request.command, MergeMembers):
        others = [request.command.other]
    else:
        others = _others(request.participant, _identities(request, states), states)
    if not others:
        return ()
    found = [request.participant, *others]
    for who in tuple(found):
        member = loaded(member_stream(who), Member, states)
        found += member.aliases if member else ()
    return tuple(dict.fromkeys(found))


def besides(
    participants: Collection[str],
    histories: Iterable[str],
    states: States,
    rulebooks: Mapping[str, Rulebook],
) -> Iterator[str]:
    """The streams that joining these needs, besides the histories' own: persons, rules, gifts, teams, funds.

    histories: the names of their streams. Asked again until it names nothing new; then the members of teams follow.
    """
    yield from map(member_stream, participants)
    campaigns = {campaign_of(stream) for stream in histories if "@" in stream}
    for campaign in campaigns:
        yield campaign_stream(campaign)
        known = {who: loaded(enrolment_stream(who, campaign), Enrolment, states) for who in participants}
        yield from (enrolment_stream(who, campaign) for who in participants)
        rules_of = loaded(campaign_stream(campaign), Campaign, states)
        rules = [rulebooks[version.digest] for version in rules_of.versions] if rules_of else []
        yield from (stream for each in rules for stream in shop.gift_streams(None, each))
        steps = sum(state.play.total for state in known.values() if state)
        for state in known.values():
            if state and state.play.team:
                yield team_stream(campaign + TRIAL if state.trial else campaign, state.play.team)
            if state and state.branch:
                yield from (stream for each in rules for stream in funds.of_donations(state, each, steps))


# -- decisions ----------------------------------------------------------------------------------------------------


def link(identities: Identities, context: Context, decision: Decision, given: Given) -> None:
    """Claim keyed hashes for the participant; one that is somebody else's makes the two one.

    Who had the hash first stays, and the participant who asks is another client id of that one from now on.
    Refuses: IdentityTaken, when the two have different identity numbers. Source: EC-12, SJ-09.
    """
    who = context.request.participant
    member = decision.state(context.person, Member)
    new = {
        kind: digest for kind, digest in identities.items() if digest not in member.identities.get(kind, ())
    }
    others = _others(who, identities, decision)
    for other in others:
        _require_one_number(who, other, identities, decision)
    if new:
        decision.add(context.person, context.event(IdentitiesAdded, identities=new))
    told = {
        other: [kind for kind in identities if _owner(identities[kind], decision) == other]
        for other in others
    }
    for kind, digest in identities.items():
        if not _owner(digest, decision):
            decision.add(identity_stream(digest), context.event(IdentityClaimed, kind=kind, member=who))
    if others:
        stays, *rest = others
        joining.join(stays, who, context, decision, given, by=" ".join(told[stays]))
        for other in rest:
            joining.join(stays, other, context, decision, given, by=" ".join(told[other]))


def _require_one_number(who: str, other: str, identities: Identities, decision: Decision) -> None:
    """Refuse IdentityTaken for two people who share a phone or an account: their identity numbers differ."""
    mine, theirs = (
        {*decision.state(member_stream(each), Member).identities.get("id_number", ())}
        for each in (who, other)
    )
    if "id_number" in identities:
        mine.add(identities["id_number"])
    if mine and theirs and not mine & theirs:
        raise IdentityTaken(
            f"{' and '.join(kind for kind in identities if kind != 'id_number') or 'the identity'} is of somebody"
            " with another identity number; if they are one person after all, an operator can merge the two"
        )


def link_identities(command: LinkIdentities, context: Context, decision: Decision, given: Given) -> None:
    """Say by which keyed hashes the person is known. Refuses: as link. Source: EC-12, SJ-09."""
    link(command.identities, context, decision, given)
    if not decision.events:  # said before
        decision.add(context.person, context.event(IdentitiesAdded, identities=command.identities))


def merge_members(command: MergeMembers, context: Context, decision: Decision, given: Given) -> None:
    """Make another participant one with the one who is asked for, who stays. An operator says so.

    Refuses: PersonErased, AlreadyOne, ParticipantUnknown (first that holds). Source: EC-12, SJ-09.
    """
    who, other = context.request.participant, command.other
    a, b = decision.state(context.person, Member), decision.state(member_stream(other), Member)
    if a.erased or b.erased:
        raise PersonErased(f"the data of {who if a.erased else other} were erased; nothing is joined to it")
    if other == who or b.became:
        raise AlreadyOne(f"{other} is {b.became or who} already")
    for each, member in ((who, a), (other, b)):
        if not member.version and not any(participant_of(stream) == each for stream in given.histories):
            raise ParticipantUnknown(f"nothing is known of a participant {each}")
    joining.join(who, other, context, decision, given, by="operator", reason=command.reason)


AREA = Area(
    secret={LinkIdentities: link_identities, MergeMembers: merge_members},
    free=frozenset({LinkIdentities, MergeMembers}),
)
"""Linking. What these commands need is named in decide.py for all LINKS."""
