"""Who may take part, and under which union. Source: SX-02, JS-02, SJ-04, SJ-07.

A standing is asked for when somebody enrols, and again with everything that an enrolled person does: whose membership
has ended does nothing until it is back. Groups and unions are asked for once, when somebody enrols.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from ledger import branches
from ledger.area import States, loaded
from ledger.branch import Branch
from ledger.command import Consent, Identities
from ledger.context import Context
from ledger.decision import Decision
from ledger.identity import Identity
from ledger.member import Member
from ledger.member_refusals import MembershipNeeded, Suspended
from ledger.rulebook import Rulebook
from ledger.rulebook_base import Words
from ledger.streams import branch_stream, enrolment_stream, identity_stream, member_stream

Standing = Literal["any", "reviewed"]


def has_standing(standing: Standing | None, member: Member) -> bool:
    """Whether a membership is what is asked for: any that is in force, or a reviewed one. Source: SJ-04."""
    if standing is None:
        return True
    if member.erased:
        return False
    return member.is_member if standing == "any" else member.is_reviewed


def require_standing(
    standing: Standing | None,
    clause: str,
    context: Context,
    others: Iterable[Member] = (),
    how_to_join: Words | None = None,
) -> None:
    """Refuse whose membership is not what is asked for. others: the same person under other client ids.

    how_to_join: none = as the rulebook has it. Refuses: MembershipNeeded. Source: SJ-04.
    """
    if any(has_standing(standing, member) for member in (context.member, *others)):
        return
    membership = context.rules.membership
    words = how_to_join or (membership.how_to_join if membership else None)
    told = f" {words.zh} / {words.en}" if words else ""
    what = "a reviewed membership" if standing == "reviewed" else "a membership"
    why = "; it waits for its review" if context.member.is_member else ""
    raise MembershipNeeded(f"this takes {what} of a union{why}.{told}", clause)


# Who is known by keyed hashes.


def identity_streams(identities: Identities, campaign: str, states: States) -> Iterator[str]:
    """The streams that ``known_by`` needs: the hashes', those of whom they are of, and what these do in the campaign.

    To be asked again until nothing is new.
    """
    yield from map(identity_stream, identities.values())
    for participant in persons_of(identities, states):
        yield member_stream(participant)
        yield enrolment_stream(participant, campaign)


def persons_of(identities: Identities, states: States) -> Iterator[str]:
    """Whom keyed hashes are of, under the names of then and of now."""
    for digest in identities.values():
        identity = loaded(identity_stream(digest), Identity, states)
        if identity is not None and identity.member:
            yield identity.member
            member = loaded(member_stream(identity.member), Member, states)
            if member is not None and member.became:
                yield member.became


def known_by(identities: Identities, context: Context, decision: Decision) -> dict[str, Member]:
    """Other participants who are the same person, as keyed hashes tell: client id → state. Source: EC-12, SJ-09.

    Those who were erased are among them: who comes back is somebody new, but what was found of abuse stands (SJ-05).
    Refuses: Suspended, when one of them is; another client id does not lead around it (GX-05).
    """
    found: dict[str, Member] = {}
    for digest in identities.values():
        participant = decision.state(identity_stream(digest), Identity).member
        if not participant:
            continue
        member = decision.state(member_stream(participant), Member)
        if member.became:
            participant, member = member.became, decision.state(member_stream(member.became), Member)
        if participant == context.request.participant:
            continue
        if member.suspended and not member.erased:
            raise Suspended(f"this person is known as {participant}, who is suspended")
        found[participant] = member
    return found


# Unions.


def union_streams(said: str, rulebooks: Iterable[Rulebook], states: States) -> Iterator[str]:
    """The streams that ``union_of`` and ``is_eligible`` need. To be asked again until nothing is new."""
    for rules in rulebooks:
        if rules.enrolment.tree:
            yield from branches.named_streams(said)
            yield from branches.more(said, states)
            yield from top_streams(rules)
        elif id := rules.branch_ids.get(said):
            yield branch_stream(id)


def top_streams(rules: Rulebook) -> Iterator[str]:
    """The streams of the unions that a rulebook names as those under which one stands."""
    if rules.enrolment.tree:
        yield branch_stream(rules.enrolment.tree)
    if rules.membership:
        yield from map(branch_stream, rules.membership.branches)


def union_of(said: str, context: Context, decision: Decision) -> str | None:
    """The id of the union that somebody enrols under; None when the campaign has none of this id or exact name.

    Who names a union that was merged enrols under the one that stands. Source: SX-02, SJ-07.
    """
    enrolment = context.rules.enrolment
    if enrolment.tree:
        found = branches.resolve(said, decision)
        return found if found and branches.is_under(found, enrolment.tree, decision) else None
    if not enrolment.branches:
        return said
    id = context.rules.branch_ids.get(said)
    return id and (branches.follow(id, decision) or id)


def is_eligible(said: str, context: Context, decision: Decision) -> bool:
    """Whether a campaign is for a union, as it was named. One that nobody knows is not foreign: that is told later.

    A rulebook with unions of its own goes by its own groups and its own tree. Source: JS-02, SJ-04.
    """
    rules, membership = context.rules, context.rules.membership
    if membership is None:
        return True
    if rules.enrolment.tree:
        union = branches.resolve(said, decision)
        return union is None or is_eligible_in_tree(union, context, decision)
    id = rules.branch_ids.get(said)
    if id is None:
        return True
    if membership.groups and rules.groups[id] not in membership.groups:
        return False
    return not membership.branches or not set(membership.branches).isdisjoint(_upwards(id, rules))


def _upwards(id: str, rules: Rulebook) -> Iterator[str]:
    """A union of a rulebook, and those above it."""
    parents = {branch.id: branch.parent for branch in rules.enrolment.branches}
    at: str | None = id
    while at is not None and at in parents:
        yield at
        at = parents.pop(at)  # so that a circle ends


def is_eligible_in_tree(union: str, context: Context, decision: Decision) -> bool:
    """Whether a campaign is for a union of the ledger's tree: of these kinds, and one of these or below one."""
    membership = context.rules.membership
    if membership is None:
        return True
    if membership.groups and branches.kinds(union, decision).isdisjoint(membership.groups):
        return False
    return not membership.branches or any(
        branches.is_under(union, top, decision) for top in membership.branches
    )


def is_within(union: str, context: Context, decision: Decision) -> bool:
    """Whether a union of the tree is one that a campaign names, or stands under one; all are if it names none."""
    enrolment = context.rules.enrolment
    if enrolment.tree:
        return branches.is_under(union, enrolment.tree, decision)
    if not enrolment.branches:
        return True
    named = context.rules.groups  # by id
    return any(
        each in named or not set(decision.state(branch_stream(each), Branch).absorbed).isdisjoint(named)
        for each in branches.above(union, decision)
    )


def consent_in_a_word(given: Consent | str | bool | None) -> str | None:
    """What the event of an enrolment keeps of a consent: the version and when, or yes or no. Source: SX-02."""
    if isinstance(given, Consent):
        return f"{given.version} {given.at.isoformat()}" if given.at else given.version
    if isinstance(given, bool):
        return "yes" if given else "no"
    return given
