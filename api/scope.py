"""Which branch of the union tree a key is for: the one place that keeps its holder inside. Source: ZG-09.

An operator's key may be for one union, and then sees and manages that and all below it only. Every route says in its
``opt`` what it is about, and ``Gate`` (auth.py) asks here before the handler runs:

    opt=may(READERS, OPEN)                nothing of anybody in particular: rules, public rankings, documentation
    opt=may(CAMPAIGN_MAKERS, PARTICIPANT) the ``{participant}`` of its path
    opt=may(MEMBER_KEEPERS, STANDING)     the ``{participant}`` of its path, who is changed by it
    opt=may(MEMBER_KEEPERS, TRANSFER)     the ``{participant}`` of its path, whose transfer is decided
    opt=may(CAMPAIGN_MAKERS, BRANCH)      the ``{branch}`` of its path
    opt=may(CAMPAIGN_MAKERS, CAMPAIGN)    the ``{campaign}`` of its path: one whose unions are all inside
    opt=may(READERS, HANDLER)             the handler itself keeps to it: a list is filtered by ``subtree``, what a body
                                          names is passed to ``require_branches``, ``require_participants``,
                                          ``require_team`` or, for lists whose lines have results of their own,
                                          ``those_outside``
    opt=may(LOG_READERS, WHOLE)           all of the ledger: closed to keys that are for a branch
    opt=may(READERS)                      nothing said: closed too; a test asks for a word

Who reaches outside gets 403 ``outside_branch``, whether or not there is anything, and the log keeps it.
For reading, a person is inside whose membership (also one that has ended), asked-for transfer, or enrolment in any
campaign is. For what changes a person (a review, a restriction, a suspension, hardship, a merger, details, an erasure,
a decision on help) the union of the membership that stands decides alone: after a transfer (SJ-06) the union before
can only look. Who has no membership that stands is inside as for reading; an activation from a roster is an enrolment
under the roster's union. A transfer that waits is decided by the union that is asked for, or one above it.
A team belongs where its captain does, as for reading; all teams of a campaign whose unions are all inside do.
A union that a campaign lists is the one of the tree only if both call it the same. What is asked is the ledger's own
states, so no view has to follow. A union that was merged lets nobody in any more: its keys would open what it was
merged into.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import uuid4

from litestar import Request
from litestar.types import HTTPScope
from psycopg import AsyncConnection
from structlog import get_logger

from api.problems import Problem
from api.state import Note, Service, note
from ledger import branches
from ledger.branch import Branch
from ledger.command import request as ledger_request
from ledger.decision import Decision
from ledger.enrolment import Enrolment
from ledger.fold import State, initial
from ledger.keys import Key
from ledger.member import Member
from ledger.member_commands import DenyAccess
from ledger.rulebook import Rulebook
from ledger.states import decode_state
from ledger.store import LOAD_STATES
from ledger.streams import branch_stream, member_stream, team_stream
from ledger.team import Team

log = get_logger("api")

About = Literal["participant", "standing", "transfer"]
"""What is done about somebody: for reading, something that changes the person, a decision on a transfer."""
Scope = About | Literal["open", "branch", "campaign", "handler", "whole"]
OPEN: Scope = "open"
PARTICIPANT: About = "participant"
STANDING: About = "standing"
TRANSFER: About = "transfer"
BRANCH: Scope = "branch"
CAMPAIGN: Scope = "campaign"
HANDLER: Scope = "handler"
WHOLE: Scope = "whole"

SOURCE = "//jifen/access"
LONGEST_PATH = 500
NOWHERE = "?/"
"""A path that no union has."""

ENROLMENTS = """
    SELECT e.originator_id, e.state
    FROM unnest(%s::text[], %s::text[]) AS person (begins, ends)
    JOIN aggregate_snapshots AS e
    ON e.originator_id > person.begins COLLATE "C" AND e.originator_id < person.ends COLLATE "C"
"""

Claim = tuple[Rulebook | None, str]
"""A union that somebody belongs to: by its id in the tree, or in a campaign's rules."""


async def check(scope: HTTPScope, key: Key, declared: Scope | None) -> None:
    """Let a key that is for a branch through to a route, or not. Raises Problem."""
    if key.branch is None or declared in (OPEN, HANDLER):
        return
    named: dict[str, Any] = scope.get("path_params", {})
    service = note(scope).service
    async with service.pool.connection() as connection:
        tree = Tree(service, connection, key.branch)
        match declared:
            case "participant" | "standing" | "transfer":
                inside = await tree.has_participant(str(named.get("participant", "")), declared)
            case "branch" if "campaign" in named:
                inside = await tree.has_branch_of(str(named["campaign"]), str(named.get("branch", "")))
            case "branch":
                inside = await tree.has_branches([str(named.get("branch", ""))])
            case "campaign":
                inside = await tree.has_campaign(str(named.get("campaign", "")))
            case _:
                inside = False
    if not inside:
        raise await denied(scope, key)


async def require_branches(
    request: Request[Any, Any, Any], unions: Iterable[str], coming: Iterable[str] = ()
) -> None:
    """Refuse a request about unions of the tree that are not in its key's branch. Raises Problem.

    unions: ids. coming: those of them that need not be in the tree yet; if they are, they must be inside as well.
    """
    wanted = sorted(set(unions))
    key = _scoped(request)
    if key is None or key.branch is None:
        return
    service = note(request.scope).service
    async with service.pool.connection() as connection:
        inside = await Tree(service, connection, key.branch).has_branches(wanted, frozenset(coming))
    if not inside:
        raise await denied(request.scope, key)


async def require_participants(
    request: Request[Any, Any, Any], participants: Iterable[str], about: About = PARTICIPANT
) -> None:
    """Refuse a request about people who are not all in its key's branch. Raises Problem."""
    _, refusal = await those_outside(request, participants, about)
    if refusal:
        raise refusal


async def those_outside(
    request: Request[Any, Any, Any], participants: Iterable[str], about: About = PARTICIPANT
) -> tuple[frozenset[str], Problem | None]:
    """Which of these people are not in the key's branch, and the problem that each of them is, if there are any.

    That somebody reached outside is in the log then, once for all of them.
    """
    key = _scoped(request)
    if key is None or key.branch is None:
        return frozenset(), None
    service = note(request.scope).service
    async with service.pool.connection() as connection:
        outside = await Tree(service, connection, key.branch).outside(participants, about)
    return outside, await denied(request.scope, key) if outside else None


async def unions_outside(request: Request[Any, Any, Any], unions: Iterable[str]) -> frozenset[str]:
    """Which of these unions, by id, are not in the key's branch; that somebody reached there is in the log then."""
    wanted = frozenset(unions)
    key = _scoped(request)
    if key is None or key.branch is None or not wanted:
        return frozenset()
    service = note(request.scope).service
    async with service.pool.connection() as connection:
        outside = await Tree(service, connection, key.branch).unions_outside(wanted)
    if outside:
        await denied(request.scope, key)
    return outside


async def require_rules(request: Request[Any, Any, Any], rules: Rulebook) -> None:
    """Refuse to publish rules for unions that are not all in the key's branch. Raises Problem."""
    key = _scoped(request)
    if key is None or key.branch is None:
        return
    service = note(request.scope).service
    async with service.pool.connection() as connection:
        inside = await Tree(service, connection, key.branch).has_rules(rules)
    if not inside:
        raise await denied(request.scope, key)


async def require_team(
    request: Request[Any, Any, Any], connection: AsyncConnection, rules: Rulebook, book: str, team: str
) -> None:
    """Refuse a request about a team of a campaign's book that is not in its key's branch. Raises Problem."""
    key = _scoped(request)
    if key is None or key.branch is None:
        return
    tree = Tree(note(request.scope).service, connection, key.branch)
    if not (await tree.has_team(book, team) or await tree.has_rules(rules)):
        raise await denied(request.scope, key)


async def subtree(request: Request[Any, Any, Any], connection: AsyncConnection) -> str | None:
    """What the paths of unions begin with that the request's key sees (see the view ``branches``); None for all.

    For lists: ``path >= prefix AND path < after(prefix)``.
    """
    key = _scoped(request)
    if key is None or key.branch is None:
        return None
    rows = await connection.execute(
        "SELECT path FROM branches WHERE id = %s AND merged_into IS NULL", (key.branch,)
    )
    found = await rows.fetchone()
    return str(found[0]) if found else NOWHERE


def after(prefix: str) -> str:
    """The first text that comes after all that begin with a path's."""
    return prefix[:-1] + chr(ord("/") + 1)


def _scoped(request: Request[Any, Any, Any]) -> Key | None:
    key = note(request.scope).key
    return key if key and key.branch is not None else None


async def denied(scope: HTTPScope, key: Key) -> Problem:
    """The problem to raise for reaching outside; that somebody did is in the log by then."""
    noted: Note = note(scope)
    said = ledger_request(
        DenyAccess(
            key=key.id,
            method=str(scope["method"]),
            path=str(scope["path"])[:LONGEST_PATH],
            scope=key.branch or "",
        ),
        source=SOURCE,
        id=str(uuid4()),
        campaign="",
        actor=key.name,
    )
    try:
        (outcome,) = await noted.service.submit([said])
        noted.position = outcome.position
        if outcome.status != "accepted":
            log.warning("denial_not_recorded", caller=key.id, reason=outcome.detail)
    except Exception:  # the answer is no, whatever becomes of the note in the log
        log.exception("denial_not_recorded", caller=key.id)
    return Problem(
        403, "outside_branch", f"The key {key.id} is for {key.branch} and what is below it in the union tree."
    )


class Tree:
    """Questions about what lies in one branch of the tree, on the states as of now. top: the branch, by id."""

    def __init__(self, service: Service, connection: AsyncConnection, top: str) -> None:
        self._service = service
        self._connection = connection
        self._top = top
        self._states: dict[str, State] = {}
        self._rulebooks: dict[str, Rulebook | None] = {}

    async def has_branches(self, unions: Sequence[str], coming: frozenset[str] = frozenset()) -> bool:
        """Whether all of these unions, by id, are in the branch. One that the tree does not have is in none.

        coming: those that may not be in the tree yet.
        """
        if not all(map(branches.ID.fullmatch, unions)):
            return False
        await self._know([self._top, *unions])
        return all(
            self._is_inside(union) or (union in coming and not self._state(union).version) for union in unions
        )

    async def unions_outside(self, unions: frozenset[str]) -> frozenset[str]:
        """Which of these unions, by id, are not in the branch."""
        await self._know([self._top, *unions])
        return frozenset(union for union in unions if not self._is_inside(union))

    async def has_branch_of(self, campaign: str, union: str) -> bool:
        """Whether a union of a campaign, by id, is in the branch."""
        rules = await self._rules(campaign)
        if rules is None or not branches.ID.fullmatch(union):
            return False
        await self._know([self._top, union])
        return self._has_any([(rules, union)])

    async def has_participant(self, participant: str, about: About = PARTICIPANT) -> bool:
        """Whether a person is in the branch."""
        return not await self.outside([participant], about)

    async def has_team(self, book: str, team: str) -> bool:
        """Whether a team is in the branch: whether its captain is."""
        stream = team_stream(book, team)
        row = await (await self._connection.execute(LOAD_STATES, ([stream],), binary=True)).fetchone()
        state = decode_state(stream, row[1]) if row else Team()
        assert isinstance(state, Team)
        return await self.has_participant(state.captain)

    async def outside(self, participants: Iterable[str], about: About = PARTICIPANT) -> frozenset[str]:
        """Those of these people who are not in the branch. A few queries, however many they are.

        about: whether it is for reading, changes the person, or decides a transfer; see above.
        """
        wanted = frozenset(participants)
        claims = await self._claims(wanted, about)
        await self._know({self._top, *(union for each in claims.values() for _, union in each)})
        return frozenset(who for who in wanted if not self._has_any(claims[who]))

    async def _claims(self, participants: frozenset[str], about: About) -> dict[str, list[Claim]]:
        """The unions that people belong to, for what is asked."""
        members = await self._members(participants)
        others = await self._members({each.became for each in members.values() if each.became})
        people = {who: (member.became or who) for who, member in members.items()}
        members |= others
        by_membership = {who: _by_membership(members[person], about) for who, person in people.items()}
        decided = {who for who in people if about != PARTICIPANT and by_membership[who]}
        enrolments = await self._enrolments({people[who] for who in people if who not in decided})
        claims: dict[str, list[Claim]] = {}
        for who, person in people.items():
            unions = by_membership[who] or _by_membership(members[person], PARTICIPANT)
            own: list[Claim] = [(None, union) for union in unions]
            claims[who] = own if who in decided else [*own, *enrolments.get(person, ())]
        return {
            who: [claim for claim in each if branches.ID.fullmatch(claim[1])] for who, each in claims.items()
        }

    async def _members(self, participants: Iterable[str]) -> dict[str, Member]:
        """The states of people; of those whom nobody knows, empty ones."""
        streams = {member_stream(who): who for who in participants}
        found = dict.fromkeys(streams.values(), Member())
        if streams:
            rows = await self._connection.execute(LOAD_STATES, (list(streams),), binary=True)
            for stream, encoded in await rows.fetchall():
                state = decode_state(stream, encoded)
                assert isinstance(state, Member)
                found[streams[stream]] = state
        return found

    async def _enrolments(self, participants: Iterable[str]) -> dict[str, list[Claim]]:
        """The unions under which people have enrolled, in all campaigns."""
        people = [who for who in participants if who]
        found: dict[str, list[Claim]] = {}
        if not people:
            return found
        asked = (
            [f"{who}@" for who in people],
            [f"{who}A" for who in people],
        )  # in byte order, A comes right after @
        rows = await self._connection.execute(ENROLMENTS, asked, binary=True)
        for stream, encoded in await rows.fetchall():
            enrolment = decode_state(stream, encoded)
            if isinstance(enrolment, Enrolment) and enrolment.branch:
                who, _, campaign = stream.partition("@")
                rules = await self._rules(campaign)
                if rules is not None:
                    found.setdefault(who, []).append((rules, enrolment.branch))
        return found

    async def has_campaign(self, campaign: str) -> bool:
        """Whether a campaign that is published is for unions of the branch only."""
        rules = await self._rules(campaign)
        return rules is not None and await self.has_rules(rules)

    async def has_rules(self, rules: Rulebook) -> bool:
        """Whether rules are for unions of the branch only: those that they list, or all under the one they name.

        A union that the tree does not have yet is in the branch if the one above it is.
        """
        if rules.enrolment.tree and not rules.enrolment.branches:
            return await self.has_branches([rules.enrolment.tree])
        listed = {branch.id: branch for branch in rules.enrolment.branches}
        await self._know([self._top, *listed])
        for branch in listed.values():
            at, seen = branch, set[str]()
            while not self._state(at.id).version and at.parent in listed and at.id not in seen:
                seen.add(at.id)
                at = listed[at.parent]
            if self._state(at.id).name != at.name or not self._is_inside(at.id):
                return False
        return bool(listed)

    def _has_any(self, claims: Iterable[Claim]) -> bool:
        return any(self._is_same(rules, union) and self._is_inside(union) for rules, union in claims)

    def _is_same(self, rules: Rulebook | None, union: str) -> bool:
        """Whether a campaign means the union that the tree has: it lists another by that id if the names differ."""
        if rules is None:
            return True
        listed = next((each.name for each in rules.enrolment.branches if each.id == union), None)
        return listed is None or listed == self._state(union).name

    def _is_inside(self, union: str) -> bool:
        top = self._state(self._top)
        return (
            bool(top.version) and not top.into and branches.is_under(union, self._top, Decision(self._states))
        )

    def _state(self, union: str) -> Branch:
        state = self._states.get(branch_stream(union), Branch())
        assert isinstance(state, Branch)
        return state

    async def _know(self, unions: Iterable[str]) -> None:
        """Load these unions and all above them, a level at a time."""
        unions = list(unions)
        while new := {
            stream
            for union in unions
            for stream in (branch_stream(union), *branches.more(union, self._states))
            if stream not in self._states
        }:
            rows = await self._connection.execute(LOAD_STATES, (sorted(new),), binary=True)
            found = {name: decode_state(name, state) for name, state in await rows.fetchall()}
            self._states |= {stream: found.get(stream, initial(stream)) for stream in new}

    async def _rules(self, campaign: str) -> Rulebook | None:
        """The rules of a campaign that are in force, or its first ones; looked up once."""
        if campaign not in self._rulebooks:
            moment = await self._service.moment(self._connection, campaign)
            found = None
            if moment.campaign is not None:
                version = moment.campaign.at(moment.now) or moment.campaign.versions[0]
                found = await self._service.rulebook(self._connection, campaign, version)
            self._rulebooks[campaign] = found
        return self._rulebooks[campaign]


def _by_membership(member: Member, about: About) -> tuple[str, ...]:
    """The unions that somebody belongs to by membership; for a change none, unless a membership stands."""
    membership = member.membership
    if membership is None:
        return ()
    if about == PARTICIPANT:
        return tuple(filter(None, (membership.branch, membership.transfer)))
    if not membership.in_force:
        return ()
    return (membership.transfer if about == TRANSFER and membership.transfer else membership.branch,)
