"""What the vault keeps of persons: kept, viewed, erased; and access that was denied. Source: GX-07, SJ-06, ZG-09.

The values never come here. Whether a field that is fixed would change is told by the writer, which opens what is kept
under the ledger's lock (keeping.py), so of two who tell a name at once the second is judged by the first.
"""

from collections.abc import Iterable, Iterator

from ledger import linking
from ledger.area import Area, States, loaded
from ledger.command import Request
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.identity import Identity
from ledger.member import Member
from ledger.member_commands import DenyAccess, ErasePerson, KeepDetails, ViewDetails
from ledger.member_events import AccessDenied, DetailsKept, DetailsViewed
from ledger.member_events import PersonErased as Erased
from ledger.member_refusals import FieldFixed, NothingKept, PersonErased
from ledger.personal import FIXED
from ledger.refusal import Malformed
from ledger.rulebook import Rulebook
from ledger.streams import OFFICE, identity_stream, member_stream


def keep_details(command: KeepDetails, context: Context, decision: Decision, given: Given) -> None:
    """Keep personal fields in the vault, and know the person by those that identify.

    Refuses: PersonErased; FieldFixed; then as linking.link. Source: SJ-01, SJ-06, SX-02, EC-12.
    """
    state = _not_erased(context, decision)
    known = state.identities.get("id_number", ())
    told = command.identities.get("id_number")
    changed = [field for field in FIXED if field in given.changes]
    if told and known and told not in known and "id_number" not in changed:
        changed.append("id_number")
    if changed:
        raise FieldFixed(
            f"{' and '.join(changed)} of {context.request.participant} stand already and cannot be changed; if they"
            " are wrong, the union has to look into it"
        )
    actor = context.request.actor
    event = context.event(DetailsKept, fields=command.fields, actor=actor, removed=command.removed)
    decision.add(context.person, event)
    if command.identities:
        linking.link(command.identities, context, decision, given)


def view_details(command: ViewDetails, context: Context, decision: Decision) -> None:
    """Note who looks at which fields, and why; they are shown when this is durable.

    Refuses: PersonErased, NothingKept. Source: GX-07.
    """
    state = _not_erased(context, decision)
    aliases = [decision.state(member_stream(alias), Member) for alias in state.aliases]
    listed = any(decision.state(stream, Identity).batch for stream in _identities(state, aliases))
    if not (listed or state.kept or any(alias.kept for alias in aliases)):
        raise NothingKept(f"the vault keeps nothing of {context.request.participant}")
    who = context.request.actor
    event = context.event(DetailsViewed, fields=command.fields, actor=who, reason=command.reason)
    decision.add(context.person, event)


def erase(command: ErasePerson, context: Context, decision: Decision) -> None:
    """Erase a person, or somebody who is on a roster only. The writer deletes the keys in the same transaction.

    Refuses: PersonErased, NothingKept. Source: GX-07.
    """
    erased = context.event(Erased, actor=context.request.actor, reason=command.reason)
    if not context.request.participant:
        decision.add(_of_a_roster_only(command, decision), erased)
        return
    state = _not_erased(context, decision)
    nothing = Member(version=state.version)  # what was refused leaves no more than a version
    if state == nothing:
        raise NothingKept(f"nothing is known of a person {context.request.participant}")
    decision.add(context.person, erased)
    aliases = [decision.state(member_stream(alias), Member) for alias in state.aliases]
    for stream in dict.fromkeys(_identities(state, aliases)):
        if not decision.state(stream, Identity).erased:
            decision.add(stream, erased)


def _of_a_roster_only(command: ErasePerson, decision: Decision) -> str:
    """The stream of somebody who is on a roster and has not activated. Refuses PersonErased, NothingKept."""
    if command.identity is None:
        raise Malformed("/identity", "name the person: a participant, or the keyed hash that a roster has")
    stream = identity_stream(command.identity)
    state = decision.state(stream, Identity)
    if state.erased:
        raise PersonErased("the data of this person were erased already")
    if state.member:
        raise Malformed("/identity", f"this is {state.member}; erase the participant")
    if not state.batch:
        raise NothingKept("this person is on no roster")
    return stream


def deny(command: DenyAccess, context: Context, decision: Decision) -> None:
    """Note that a key reached for what is not its own. Source: ZG-09."""
    event = context.event(
        AccessDenied, key=command.key, method=command.method, path=command.path, scope=command.scope
    )
    decision.add(OFFICE, event)


def _not_erased(context: Context, decision: Decision) -> Member:
    """The person who is meant. Refuses PersonErased."""
    state = decision.state(context.person, Member)
    if state.erased:
        raise PersonErased(
            f"the data of {context.request.participant} were erased on request; nothing is kept"
        )
    return state


def _identities(state: Member, aliases: Iterable[Member]) -> Iterator[str]:
    """The streams of all keyed hashes of a person."""
    for each in (state, *aliases):
        for digests in each.identities.values():
            yield from map(identity_stream, digests)


def named(request: Request) -> Iterator[str]:
    """The streams of keyed hashes that the command itself names."""
    command = request.command
    if isinstance(command, KeepDetails):
        yield from linking.named(request)
    elif isinstance(command, ErasePerson) and command.identity:
        yield identity_stream(command.identity)
    elif isinstance(command, DenyAccess):
        yield OFFICE


def more(request: Request, states: States, _: Iterable[Rulebook]) -> Iterator[str]:
    """The client ids that are the same person, and the keyed hashes of all of them."""
    if not request.participant:
        return
    state = states[member_stream(request.participant)]
    assert isinstance(state, Member)
    aliases = [member_stream(alias) for alias in state.aliases]
    yield from aliases
    yield from _identities(state, filter(None, (loaded(stream, Member, states) for stream in aliases)))
    if isinstance(request.command, KeepDetails):
        yield from linking.more(request, states)


AREA = Area(
    wide={ViewDetails: view_details, ErasePerson: erase, DenyAccess: deny},
    secret={KeepDetails: keep_details},
    named=named,
    more=more,
    free=frozenset({KeepDetails, ViewDetails, ErasePerson, DenyAccess}),
)
"""What the vault keeps, of a person and of no campaign."""
