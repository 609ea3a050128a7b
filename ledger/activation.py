"""The roster, activating as one of it, and entitlements. Source: ZG-01 … ZG-04.

The log knows people of a roster by keyed hashes of their identity numbers, and by what the roster calls them.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ledger import branches, linking, shop
from ledger.area import Area, States, loaded
from ledger.branch_refusals import BranchNotInTree
from ledger.command import Identities, Request
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.eligibility import (
    consent_in_a_word,
    identity_streams,
    is_eligible_in_tree,
    is_within,
    known_by,
    persons_of,
    require_standing,
    top_streams,
)
from ledger.enrolment import Enrolment
from ledger.identity import Identity, Referenced
from ledger.member import Member
from ledger.member_commands import Activate, EndEntitlement, EnterRoster, RosterEntry
from ledger.member_events import (
    Activated,
    EntitlementEnded,
    EntitlementGranted,
    RosterActivated,
    RosterEntered,
    RosterImported,
)
from ledger.member_refusals import AlreadyActivated, NothingExpired, NotOnRoster
from ledger.membership import require_open
from ledger.posting import credit_points
from ledger.refusal import Malformed
from ledger.refusals import MembershipRequired, NotPlayed
from ledger.rulebook import Rulebook
from ledger.streams import OFFICE, branch_stream, identity_stream, member_stream, reference_stream

Known = tuple[str, str]
"""What a roster says of a person: the union, and what it calls the person."""

SEVERAL = (
    "几位职工同用这个编号，请改用身份证号 / several people are called so; name the person by identity_hash"
)


def enter_roster(command: EnterRoster, context: Context, decision: Decision) -> None:
    """Enter people of a roster. Who is there already as it is said is left alone; the newest union and reference hold.

    Who was erased stays erased. Of who has activated only the union can be renewed: by then the person speaks for
    itself, and its name does not change any more. The cost of an entry does not grow with the roster.
    Refuses: BranchNotInTree, for the first line with a union that the tree does not have; nothing is entered then.
    Source: ZG-01, SJ-06, GX-07.
    """
    _require_unions(command.entries, decision)
    now: dict[str, Known] = {}
    new: list[tuple[RosterEntry, Known]] = []
    entered = renewed = 0
    for entry in command.entries:
        state = decision.state(identity_stream(entry.identity), Identity)
        before = now.get(entry.identity, (state.branch, state.reference))
        after = (entry.branch, before[1] if state.activated else entry.reference or before[1])
        if state.erased or before == after:
            continue
        entered += not before[0]
        renewed += bool(before[0])
        now[entry.identity] = after
        new.append((entry, after))
    actor = context.request.actor
    told = context.event(RosterImported, batch=command.batch, entered=entered, renewed=renewed, actor=actor)
    decision.add(OFFICE, told)
    for entry, (_, reference) in new:
        said = context.event(
            RosterEntered, batch=command.batch, branch=entry.branch, reference=reference, line=entry.line
        )
        decision.add(identity_stream(entry.identity), said)


def _require_unions(entries: Iterable[RosterEntry], decision: Decision) -> None:
    known: set[str] = set()
    for entry in entries:
        if entry.branch not in known:
            if not branches.follow(entry.branch, decision):
                raise BranchNotInTree(f"line {entry.line}: the tree has no union {entry.branch!r}")
            known.add(entry.branch)


def activate(command: Activate, context: Context, decision: Decision, given: Given) -> None:
    """Become a participant as somebody on the roster, once per person ever, and get what comes with it.

    Points are given to the client id that activates, or the member's wallet; entitlements and gifts follow. Who is
    known by an identity under another client id becomes one with that.
    Refuses: NotOnRoster, Suspended, AlreadyActivated, MembershipNeeded, FutureDated, BeforeCampaign, AfterCampaign,
    MembershipRequired, NotPlayed; then as linking.link. Source: ZG-01, ZG-02, ZG-03, ZG-04.
    """
    rules = context.rules
    digest, entry = _entry(command, context, decision)
    if command.identities.get("id_number", digest) != digest:
        raise Malformed(
            "/data/identities/id_number", "this is another person's than the one who is activated"
        )
    identities: Identities = {**command.identities, "id_number": digest}
    known = known_by(identities, context, decision)
    members = (context.member, *known.values())
    if entry.activated or any(has_activated(member, decision) for member in members):
        raise AlreadyActivated(
            "this person has activated already; another client id becomes the same person by jifen.identities_linked",
            _once_clause(rules),
        )
    if rules.membership:
        require_standing(rules.membership.standing, rules.membership.clause, context, known.values())
    require_open(context)
    branch = branches.follow(entry.branch, decision) or entry.branch
    if rules.membership and not is_eligible_in_tree(branch, context, decision):
        told = rules.membership.how_to_join
        raise MembershipRequired(f"{told.zh} / {told.en}", rules.membership.clause)
    if rules.activation is None:
        raise NotPlayed(f"{rules.id} takes no activations", rules.clause)
    amounts = [(rule.amount, rule.clause) for rule in rules.points_on("activation")]
    play = decision.state(context.stream, Enrolment).play_of(False)
    activated = context.event(
        Activated,
        branch=branch,
        identity=digest,
        consent=consent_in_a_word(command.consent),
        postings=credit_points(rules.book(False), context.request.participant, play.balance, amounts),
    )
    decision.add(context.stream, activated)
    who = context.request.participant
    decision.add(
        identity_stream(digest), context.event(RosterActivated, member=who, campaign=context.request.campaign)
    )
    starts = context.occurred.date()
    for right in rules.activation.entitlements:
        granted = context.event(
            EntitlementGranted,
            entitlement=right.id,
            campaign=rules.id,
            starts=starts,
            ends=last_day(starts, right.months),
            clause=right.clause,
        )
        decision.add(context.person, granted)
    shop.give_gifts("activation", context, decision)
    linking.link(identities, context, decision, given)


def _once_clause(rules: Rulebook) -> str:
    """The clause of what a person gets once ever by activating; of activating, where nothing is given."""
    given = [right.clause for right in rules.activation.entitlements] if rules.activation else []
    given += [rule.clause for rule in rules.points_on("activation")]
    return given[0] if given else rules.activation.clause if rules.activation else ""


def _entry(command: Activate, context: Context, decision: Decision) -> tuple[str, Identity]:
    """Whom of the roster a command means: the keyed hash, and what is known of it.

    A reference that rosters have given to two people is nobody's: neither may activate as the other.
    Refuses: NotOnRoster. Raises Malformed when it names nobody. Source: ZG-01.
    """
    digest = command.identity_hash
    if digest is None and command.roster is not None:
        referenced = decision.state(reference_stream(command.roster), Referenced)
        if len(referenced.people) > 1:
            raise NotOnRoster(SEVERAL, _roster_clause(context))
        if not referenced.leads_to:
            raise _not_on_roster(context)
        digest = referenced.leads_to
    if digest is None:
        raise Malformed(
            "/data/identity_hash", "name the person: identity_hash, or roster, its reference there"
        )
    entry = decision.state(identity_stream(digest), Identity)
    if not entry.branch or entry.erased or command.roster not in (None, entry.reference):
        raise _not_on_roster(context)
    if not is_within(branches.follow(entry.branch, decision) or entry.branch, context, decision):
        raise _not_on_roster(context, "the roster has the person under a union that this is not for")
    return digest, entry


def _not_on_roster(context: Context, why: str = "the person is not on the roster") -> NotOnRoster:
    activation = context.rules.activation
    told = f"{why}. {activation.who_to_ask.zh} / {activation.who_to_ask.en}" if activation else why
    return NotOnRoster(told, _roster_clause(context))


def _roster_clause(context: Context) -> str:
    activation = context.rules.activation
    return activation.roster_clause if activation else ""


def has_activated(member: Member, decision: Decision) -> bool:
    """Whether a person has activated, as anybody on the roster that it is known to be. Source: ZG-03."""
    numbers = member.identities.get("id_number", ())
    return any(decision.state(identity_stream(digest), Identity).activated for digest in numbers)


def activation_streams(participants: Iterable[str], states: States) -> Iterator[str]:
    """The streams that ``has_activated`` needs, those of the participants aside."""
    for participant in participants:
        member = loaded(member_stream(participant), Member, states)
        if member is not None:
            yield from map(identity_stream, member.identities.get("id_number", ()))


def last_day(starts: date, months: int) -> date:
    """The last day of so many months that begin with a day: the one before the day of the same number.

    A month without such a day ends it by its own last day: a year from 29 February ends on 28 February. Source: ZG-03.
    """
    year, month = divmod(starts.year * 12 + starts.month - 1 + months, 12)
    if year >= date.max.year:
        return date.max
    first = date(year, month + 1, 1)
    month_ends = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return (
        min(month_ends, first + timedelta(days=starts.day - 2))
        if starts.day > 1
        else first - timedelta(days=1)
    )


def end_entitlement(command: EndEntitlement, context: Context, decision: Decision) -> None:
    """Say that an entitlement has run out: its last day is over. Refuses: NothingExpired. Source: ZG-03."""
    today = context.now.astimezone(context.rules.tz).date()
    over = [
        right
        for right in context.member.rights
        if right.entitlement == command.entitlement and not right.ended and right.ends < today
    ]
    if not over:
        raise NothingExpired(
            f"{command.entitlement} of {context.request.participant} has not run out", "ZG-03"
        )
    for right in over:
        ended = context.event(EntitlementEnded, entitlement=right.entitlement, ends=right.ends)
        decision.add(context.person, ended)


def _named(request: Request) -> Iterator[str]:
    command = request.command
    if isinstance(command, EnterRoster):
        yield from (identity_stream(entry.identity) for entry in command.entries)
        yield from {branch_stream(entry.branch) for entry in command.entries}
    elif isinstance(command, Activate):
        if command.identity_hash is not None:
            yield identity_stream(command.identity_hash)
        elif command.roster is not None:
            yield reference_stream(command.roster)


def _more(request: Request, states: States, rulebooks: Iterable[Rulebook]) -> Iterator[str]:
    command = request.command
    if not isinstance(command, Activate):
        return
    digest = command.identity_hash
    if digest is None and command.roster is not None:
        referenced = loaded(reference_stream(command.roster), Referenced, states)
        digest = referenced.leads_to if referenced else None
    identities: Identities = dict(command.identities)
    if digest:
        identities["id_number"] = digest
        entry = loaded(identity_stream(digest), Identity, states)
        if entry is not None and entry.branch:
            yield branch_stream(entry.branch)
            yield from branches.more(entry.branch, states)
    yield from identity_streams(identities, request.campaign, states)
    yield from activation_streams([request.participant, *persons_of(identities, states)], states)
    for rules in rulebooks:
        yield from top_streams(rules)
        yield from shop.gift_streams("activation", rules)


AREA = Area(
    wide={EnterRoster: enter_roster, EndEntitlement: end_entitlement},
    secret={Activate: activate},
    named=_named,
    more=_more,
    free=frozenset({EnterRoster, EndEntitlement}),
    serves={Activate: "activation"},
)
"""Who is on the roster, and becomes a participant by it."""
