"""The union tree: registered, typed in, confirmed, merged; who stands under whom. Source: SJ-07, SX-27, ZG-09.

Nothing is rewritten when a union is merged: what names it goes on naming it, and is understood as what it is part
of. So every question here (``resolve``, ``is_under``, ``above``) follows mergers, at each step up the tree.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from ledger.area import Area, States, loaded
from ledger.branch import Branch, Named
from ledger.branch_commands import BranchEntry, ConfirmBranch, MergeBranch, RegisterBranches
from ledger.branch_events import (
    BranchAbsorbed,
    BranchConfirmed,
    BranchesListed,
    BranchMerged,
    BranchNamed,
    BranchRegistered,
    BranchUnnamed,
)
from ledger.branch_refusals import BranchConflict, BranchNotInTree, BranchStepNotAllowed
from ledger.command import Request
from ledger.context import Context
from ledger.decision import Decision
from ledger.refusal import Refusal
from ledger.rulebook import Rulebook
from ledger.streams import OFFICE, branch_stream, named_stream

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
UNIT = "unit"
"""The kind of a union that an applicant typed in, until it is confirmed as another."""


# Which streams a decision needs to ask about a union.


def named_streams(said: str) -> Iterator[str]:
    """The streams that tell what an id or an exact name says. What follows from them: ``more``."""
    if ID.fullmatch(said):
        yield branch_stream(said)
    yield named_stream(said)


def more(said: str, states: States) -> Iterator[str]:
    """The streams that follow once ``named_streams`` are loaded: who bears the name, what they were merged into, and
    the unions above them. To be asked again until nothing is new."""
    begun = [branch_stream(said)] if ID.fullmatch(said) else []
    named = loaded(named_stream(said), Named, states)
    if named is not None:
        begun += [branch_stream(branch) for branch, _ in named.branches]
    yield from _upwards(begun, states)


def typed_streams(place: str, unit_name: str, states: States) -> Iterator[str]:
    """The streams that ``type_in`` needs, those of the place included. To be asked again until nothing is new.

    place: id or exact name of the union above.
    """
    yield from named_streams(place)
    yield from more(place, states)
    yield from named_streams(unit_name)
    yield from more(unit_name, states)
    above = _resolved(place, states)
    if above is not None:
        yield from _upwards([branch_stream(typed_id(above, unit_name))], states)


def _upwards(begun: list[str], states: States) -> Iterator[str]:
    seen, todo = set[str](), list(begun)
    while todo:
        stream = todo.pop()
        if stream in seen:
            continue
        seen.add(stream)
        yield stream
        state = loaded(stream, Branch, states)
        if state is not None:
            todo += [branch_stream(other) for other in (state.into, state.parent) if other]


def _resolved(said: str, states: States) -> str | None:
    try:
        return resolve(said, Decision(states))
    except KeyError:  # not all of it is loaded yet
        return None


# Questions about the tree. The streams above must be loaded.


def follow(branch: str, decision: Decision) -> str:
    """The id of the union that stands for an id: itself, or what it was merged into. Empty if the tree has none."""
    state = decision.state(branch_stream(branch), Branch)
    if not state.version:
        return ""
    return state.into or branch


def resolve(said: str, decision: Decision) -> str | None:
    """The id of the union that an id or an exact name says, mergers followed; pending ones count.

    A name says a union if exactly one that stands bears it; or, if none that stands does, if all that were merged
    became part of the same one. None: the tree has no such union, or cannot tell which of several.
    """
    if ID.fullmatch(said) and (found := follow(said, decision)):
        return found
    bearers = [branch for branch, _ in decision.state(named_stream(said), Named).branches]
    standing = [branch for branch in bearers if follow(branch, decision) == branch]
    which = set(standing or (follow(branch, decision) for branch in bearers))
    return which.pop() if len(which) == 1 else None


def require(said: str, decision: Decision) -> str:
    """The id of the union that an id or an exact name says. Refuses: BranchNotInTree."""
    found = resolve(said, decision)
    if found is None:
        bearers = decision.state(named_stream(said), Named).branches
        which = ", ".join(branch for branch, _ in bearers[:20])
        why = f"several unions are called {said!r}: name one of {which}" if which else f"no union {said!r}"
        raise BranchNotInTree(f"{why}; GET /v1/branches?q= searches the tree")
    return found


def above(branch: str, decision: Decision) -> Iterator[str]:
    """The union that stands for an id, then the unions above it, the nearest first."""
    at = follow(branch, decision)
    while at:
        yield at
        parent = decision.state(branch_stream(at), Branch).parent
        at = follow(parent, decision) if parent else ""


def is_under(branch: str, top: str, decision: Decision) -> bool:
    """Whether a union stands under another, or is it; both by id. A union that is not in the tree is under none.

    The streams of ``top`` must be loaded too, but for the unions above it.
    """
    return bool(at := follow(top, decision)) and at in above(branch, decision)


def kinds(branch: str, decision: Decision) -> frozenset[str]:
    """The kinds of a union and of those above it: the groups that it is in."""
    return frozenset(decision.state(branch_stream(each), Branch).kind for each in above(branch, decision))


# Typing in a unit that was not found.


def typed_id(place: str, unit_name: str) -> str:
    """The id that a unit gets when it is typed in: the same for the same name under the same place."""
    return "p-" + blake2b(f"{place}\0{unit_name}".encode(), digest_size=8).hexdigest()


def typed(place: str, unit_name: str, decision: Decision) -> str:
    """The id that ``type_in`` returns. Nothing is registered."""
    if standing := list(_called(unit_name, place, decision)):
        return standing[0]
    new = typed_id(place, unit_name)
    return follow(new, decision) or new


def _called(name: str, place: str, decision: Decision) -> Iterator[str]:
    """The unions under a place that bear a name; for those that were merged, what they are part of."""
    place = follow(place, decision) if place else ""
    found = [
        branch
        for branch, parent in decision.state(named_stream(name), Named).branches
        if (follow(parent, decision) if parent else "") == place
    ]
    standing = [branch for branch in found if follow(branch, decision) == branch]
    yield from standing or (follow(branch, decision) for branch in found)


def type_in(place: str, unit_name: str, context: Context, decision: Decision) -> str:
    """The union with exactly this name under a place; registered as pending unless it is there. Source: SJ-07.

    place: id of a union that stands. Where the same was typed in before and merged or renamed since, it is that one.
    The events stand in the streams of the union and its name; ``typed`` tells the id before them.
    """
    branch = typed(place, unit_name, decision)
    if not decision.state(branch_stream(branch), Branch).version:
        entry = BranchEntry(id=branch, name=unit_name, parent=place, kind=UNIT)
        _register(entry, context, decision, pending=True, actor=context.request.actor)
    return branch


# What a rulebook declares.


def declared(rules: Rulebook) -> Iterator[str]:
    """The streams that publishing a rulebook needs to put its unions into the tree."""
    for branch in rules.enrolment.branches:
        yield branch_stream(branch.id)
        yield named_stream(branch.name)


def declare(context: Context, decision: Decision) -> None:
    """Put the unions of a rulebook that is published into the tree, but for those whose id stands there already.

    A union of another name there stays as it is: the campaign's own list rules in the campaign. Source: SX-27.
    """
    entries = [
        BranchEntry(id=branch.id, name=branch.name, parent=branch.parent, kind=branch.group)
        for branch in context.rules.enrolment.branches
    ]
    for entry in parents_first(entries):
        if not decision.state(branch_stream(entry.id), Branch).version:
            _register(entry, context, decision, pending=False, actor=context.rules.id)


def parents_first(entries: Iterable[BranchEntry]) -> list[BranchEntry]:
    """The same entries, each after the one above it if that is among them; otherwise in their order."""
    of = {entry.id: entry for entry in entries}
    done: dict[str, BranchEntry] = {}
    for entry in of.values():
        chain: list[BranchEntry] = []
        at: BranchEntry | None = entry
        while at is not None and at.id not in done and at not in chain:
            chain.append(at)
            at = of.get(at.parent or "")
        done |= {each.id: each for each in reversed(chain)}
    return list(done.values())


def _register(entry: BranchEntry, context: Context, decision: Decision, *, pending: bool, actor: str) -> None:
    decision.add(
        branch_stream(entry.id),
        context.event(
            BranchRegistered,
            branch=entry.id,
            name=entry.name,
            kind=entry.kind,
            parent=entry.parent,
            pending=pending,
            actor=actor,
        ),
    )
    _name(entry.id, entry.name, entry.parent, context, decision)


def _name(branch: str, name: str, parent: str | None, context: Context, decision: Decision) -> None:
    decision.add(
        named_stream(name), context.event(BranchNamed, branch=branch, name=name, parent=parent or None)
    )


# What operators do.


def register(command: RegisterBranches, context: Context, decision: Decision) -> None:
    """Put a list of unions into the tree. One that stands there as it is said is left alone.

    One that cannot be entered does not sink its neighbours: the event of the list names it.
    Refuses: BranchNotInTree, BranchConflict, of a list of one union. Source: SJ-07, SX-27.
    """
    entered = parents_first(command.branches)
    twice = len(command.branches) - len(entered)
    new: list[BranchEntry] = []
    coming: dict[str, BranchEntry] = {}
    refused: list[tuple[int, str, Refusal]] = []
    for entry in entered:
        try:
            if _is_new(entry, coming, decision):
                new.append(entry)
                coming[entry.id] = entry
        except Refusal as refusal:
            refused.append((entry.line, entry.id, refusal))
    if refused and len(entered) == 1:
        raise refused[0][2]
    decision.add(
        OFFICE,
        context.event(
            BranchesListed,
            registered=len(new),
            standing=len(entered) - len(new) - len(refused),
            twice=twice,
            refused=tuple((line, id, refusal.CODE, refusal.detail) for line, id, refusal in refused),
            actor=context.request.actor,
        ),
    )
    for entry in new:
        _register(entry, context, decision, pending=False, actor=context.request.actor)


def _is_new(entry: BranchEntry, coming: dict[str, BranchEntry], decision: Decision) -> bool:
    """Whether an entry is to be registered. Refuses: BranchConflict, BranchNotInTree."""
    there = decision.state(branch_stream(entry.id), Branch)
    if there.version:
        if (there.name, there.kind, there.parent) != (entry.name, entry.kind, entry.parent or ""):
            over = f" under {there.parent}" if there.parent else ""
            raise BranchConflict(f"{entry.id} stands in the tree as {there.name} ({there.kind}){over}")
        return False
    if entry.parent and entry.parent not in coming and not follow(entry.parent, decision):
        raise BranchNotInTree(f"{entry.parent}, which {entry.id} is to stand under, is not in the tree")
    return True


def confirm(command: ConfirmBranch, context: Context, decision: Decision) -> None:
    """Confirm a union that an applicant has typed in, under another name or kind if they are given.

    Refuses: BranchNotInTree, BranchConflict (another of that name stands in the same place: merge it into that),
    BranchStepNotAllowed (it is not pending). Source: SJ-07.
    """
    stream = branch_stream(command.branch)
    state = _known(command.branch, decision)
    name, kind = command.name or state.name, command.kind or state.kind
    for other in _called(name, state.parent, decision):
        if other != command.branch:
            raise BranchConflict(f"{other} is called {name} there already: merge {command.branch} into it")
    if state.status != "pending":
        raise BranchStepNotAllowed(f"{command.branch} is not pending: it is {state.status}")
    actor = context.request.actor
    decision.add(
        stream, context.event(BranchConfirmed, branch=command.branch, name=name, kind=kind, actor=actor)
    )
    if name != state.name:
        decision.add(named_stream(state.name), context.event(BranchUnnamed, branch=command.branch))
        _name(command.branch, name, state.parent, context, decision)


def merge(command: MergeBranch, context: Context, decision: Decision) -> None:
    """Make a union part of another: members, history, figures and the unions under it follow.

    Its name stays known: whoever still says it means what it is part of now.
    Refuses: BranchNotInTree, BranchStepNotAllowed. Source: SJ-07.
    """
    state, into = _known(command.branch, decision), _known(command.into, decision)
    for id, each in ((command.branch, state), (command.into, into)):
        if each.into:
            raise BranchStepNotAllowed(f"{id} is no more: it was merged into {each.into}")
    if is_under(command.into, command.branch, decision):
        raise BranchStepNotAllowed(
            f"{command.into} stands under {command.branch}, or is it, and would be above itself"
        )
    for absorbed in (command.branch, *state.absorbed):
        through = command.branch if absorbed != command.branch else ""
        merged = context.event(
            BranchMerged, branch=absorbed, into=command.into, actor=context.request.actor,
            reason=command.reason, through=through,
        )  # fmt: skip
        decision.add(branch_stream(absorbed), merged)
        decision.add(branch_stream(command.into), context.event(BranchAbsorbed, branch=absorbed))


def _known(branch: str, decision: Decision) -> Branch:
    state = decision.state(branch_stream(branch), Branch)
    if not state.version:
        raise BranchNotInTree(f"the tree has no union {branch!r}")
    return state


def _named(request: Request) -> Iterator[str]:
    command = request.command
    if isinstance(command, RegisterBranches):
        yield OFFICE
        for entry in command.branches:
            yield branch_stream(entry.id)
            yield named_stream(entry.name)
            if entry.parent:
                yield branch_stream(entry.parent)
    elif isinstance(command, ConfirmBranch):
        yield branch_stream(command.branch)
        if command.name:
            yield named_stream(command.name)
    elif isinstance(command, MergeBranch):
        yield branch_stream(command.branch)
        yield branch_stream(command.into)


def _more(request: Request, states: States, _: Iterable[Rulebook]) -> Iterator[str]:
    command = request.command
    if isinstance(command, ConfirmBranch):
        yield from _upwards([branch_stream(command.branch)], states)
        state = states[branch_stream(command.branch)]
        if isinstance(state, Branch):
            name = command.name or state.name
            yield named_stream(name)
            yield named_stream(state.name)
            yield from more(name, states)
    elif isinstance(command, MergeBranch):
        yield from _upwards([branch_stream(command.branch), branch_stream(command.into)], states)
        state = states[branch_stream(command.branch)]
        if isinstance(state, Branch):
            yield from (branch_stream(absorbed) for absorbed in state.absorbed)


OF = (RegisterBranches, ConfirmBranch, MergeBranch)
AREA = Area(
    wide={RegisterBranches: register, ConfirmBranch: confirm, MergeBranch: merge},
    named=_named,
    more=_more,
    free=frozenset(OF),
)
