"""Which decision answers which command, and which streams it needs: the only table of its kind.

Everything here is pure: no I/O, no clock, no randomness. The writer loads what ``streams``, ``more_streams`` and
``members`` name, and calls ``decide``; what follows is in the Decision, events and states.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ledger import (
    activation,
    activities,
    boards,
    branches,
    campaign,
    contests,
    corrections,
    details,
    doings,
    draws,
    enrolling,
    funds,
    linking,
    membership,
    opening,
    prizes,
    quizzes,
    route,
    serving,
    shop,
    steps,
    teams,
    wallet,
)
from ledger.activity_commands import SyncManyDays
from ledger.area import Area, Secret, Wide
from ledger.branch_commands import RegisterBranches
from ledger.campaign import Campaign
from ledger.command import Command, Request
from ledger.commands import (
    AmendCampaign,
    AnnounceToTeam,
    AnswerQuestion,
    AwardPlaces,
    CloseDay,
    ClosePool,
    Correct,
    CreateTeam,
    DeliverPrize,
    Enrol,
    ExpireChance,
    ForfeitDraw,
    FreezeBoard,
    GrantChance,
    ImportVouchers,
    IssuePrize,
    JoinTeam,
    LapsePrize,
    PostReflection,
    PublishCampaign,
    RedeemVoucher,
    RemoveMember,
    ReplacePrize,
    RequestDraw,
    ReturnPrize,
    RunDraw,
    SealDraw,
    SetTeamGoal,
    SignIn,
    SubmitAddress,
    SyncSteps,
    ViewContent,
)
from ledger.context import NO_RULES, Context
from ledger.corrections import Found
from ledger.decision import Decision, Given
from ledger.enrolment import Enrolment
from ledger.events import ActivityRefused, CampaignAmended, CampaignPublished, Event
from ledger.fold import State
from ledger.member import Member
from ledger.member_commands import EnterRoster, RestrictMember
from ledger.office import Office
from ledger.refusal import Malformed, Refusal
from ledger.rulebook import Rulebook
from ledger.streams import (
    OFFICE,
    TEAM,
    board_stream,
    campaign_of,
    campaign_stream,
    enrolment_stream,
    member_stream,
    pool_stream,
    team_stream,
)
from ledger.team import Team

Rulebooks = Mapping[str, Rulebook]
"""Digest of the text → the rules."""

Coming = Mapping[str, Sequence[Rulebook]]
"""Campaign → rules that are being published."""
NONE_COMING: Coming = {}

Own = Callable[[Enrolment, Any, Context], tuple[Event, ...]]

OWN: dict[type[Command], Own] = {
    SignIn: activities.sign_in,
    ViewContent: doings.view_content,
    SyncSteps: steps.sync_steps,
    AnswerQuestion: quizzes.answer,
    PostReflection: route.post_reflection,
}
"""What concerns the participant alone: the state and the command give the events of the participant's stream."""

WIDE: dict[type[Command], Wide] = {
    CreateTeam: teams.create_team,
    JoinTeam: teams.join_team,
    RemoveMember: teams.remove_member,
    SetTeamGoal: teams.set_goal,
    AnnounceToTeam: teams.announce,
    ForfeitDraw: draws.forfeit_draw,
    ExpireChance: draws.expire_chance,
    SubmitAddress: prizes.submit_address,
    IssuePrize: prizes.issue,
    DeliverPrize: prizes.deliver,
    ReturnPrize: prizes.take_back,
    LapsePrize: prizes.take_back,
    ReplacePrize: prizes.replace,
    RedeemVoucher: prizes.redeem,
    SealDraw: contests.seal_draw,
    RunDraw: contests.run_draw,
    FreezeBoard: boards.freeze_board,
    GrantChance: boards.grant_chance,
    AwardPlaces: boards.award_places,
    CloseDay: boards.close_day,
}
"""What touches other streams too."""

SECRET: dict[type[Command], Secret] = {
    Enrol: enrolling.enrol,
    RequestDraw: draws.request_draw,
    ClosePool: opening.close_pool,
    ImportVouchers: contests.import_vouchers,
}
"""What needs something that is not in the log: the seeds of pools, the codes that are known."""

AREAS = (
    membership.AREA,
    activation.AREA,
    details.AREA,
    linking.AREA,
    branches.AREA,
    shop.AREA,
    funds.AREA,
    doings.AREA,
    wallet.AREA,
)
"""The parts of the rules that bring tables of their own."""

AREA_OF: dict[type[Command], Area] = {
    command: area for area in AREAS for command in (*area.wide, *area.secret)
} | {Enrol: enrolling.AREA}
ASKED_AGAIN = frozenset({*AREA_OF, RunDraw, AwardPlaces})
"""The commands for which ``more_streams`` may name more once what it named is loaded."""
FREE = frozenset(command for area in AREAS for command in area.free)
SERVES = {command: service for area in AREAS for command, service in area.serves.items()}
for _area in AREAS:
    WIDE |= _area.wide
    SECRET |= _area.secret

PUBLISHES = (PublishCampaign, AmendCampaign)
OF_TEAMS = (CreateTeam, JoinTeam, RemoveMember, SetTeamGoal, AnnounceToTeam)
OF_POOLS = (RequestDraw, ClosePool, SealDraw, RunDraw, ImportVouchers, GrantChance, AwardPlaces)
OF_PRIZES = (IssuePrize, ReturnPrize, LapsePrize, ReplacePrize)


def stream_of(request: Request) -> str:
    """The stream of who asks: the participant's in the campaign or in the ledger, the campaign's, or the office's."""
    if not request.participant:
        return campaign_stream(request.campaign) if request.campaign else OFFICE
    if not request.campaign:
        return member_stream(request.participant)
    return enrolment_stream(request.participant, request.campaign)


def resolved(request: Request, states: Mapping[str, State]) -> Request:
    """The request as it is decided: of the participant whose client id it is, in the programme that serves it.

    Its ``streams`` must be loaded. Raises Malformed when no campaign is named and not one programme serves it.
    """
    participant, campaign = request.participant, request.campaign
    if participant:
        member = states[member_stream(participant)]
        if isinstance(member, Member) and member.became:
            participant = member.became
    if not campaign and (service := SERVES.get(type(request.command))):
        office = states[OFFICE]
        serving = office.services.get(service, ()) if isinstance(office, Office) else ()
        if len(serving) != 1:
            which = (
                f"one of {', '.join(serving)}" if serving else "one; none that is published here serves it"
            )
            raise Malformed("/campaign", f"{request.command.TYPE} needs a campaign: name {which}")
        campaign = serving[0]
    if (participant, campaign) == (request.participant, request.campaign):
        return request
    return msgspec.structs.replace(request, participant=participant, campaign=campaign)


def streams(request: Request) -> Iterator[str]:
    """The streams that a decision needs whatever they hold."""
    yield stream_of(request)
    if request.participant:
        yield member_stream(request.participant)
    if request.campaign:
        yield campaign_stream(request.campaign)
    else:
        yield OFFICE
    if (area := AREA_OF.get(type(request.command))) is not None:
        yield from area.named(request)
    if type(request.command) in linking.LINKS:
        yield from linking.named(request)


def more_streams(
    request: Request, states: Mapping[str, State], rulebooks: Rulebooks, coming: Coming = NONE_COMING
) -> Iterator[str]:
    """What else a decision needs, once ``streams`` are loaded: teams, pools, boards, unions, other participants.

    request: resolved. coming: rules that are published together with it, and may hold when it is decided. What is named
    by an area is asked for again, once what it named before is loaded, until nothing is new.
    """
    command = request.command
    kind = type(command)
    if kind in OWN:
        if isinstance(command, SyncSteps):
            state = states[stream_of(request)]
            assert isinstance(state, Enrolment)
            for rules in _rules(request, states, rulebooks, coming):
                yield from doings.of_sync(state, rules, command.steps)
        return
    if isinstance(command, PUBLISHES):
        rules = rulebooks[command.digest]
        for book in _books(rules):
            for pool in rules.pools:
                yield pool_stream(book, pool.id)
        yield OFFICE
        yield from branches.declared(rules)
        return
    if kind in linking.LINKS:
        yield from linking.more(request, states)
    if (area := AREA_OF.get(kind)) is not None:
        yield from area.more(request, states, _rules(request, states, rulebooks, coming))
        return
    for rules in _rules(request, states, rulebooks, coming):
        books = _books(rules)
        if isinstance(command, OF_TEAMS):
            yield from (team_stream(book, command.team) for book in books)
        elif isinstance(command, OF_POOLS):
            yield from (pool_stream(book, command.pool) for book in books)
            yield from _of_board(command, request, states, rules)
        elif isinstance(command, OF_PRIZES):
            of = prizes.pool_of_prize(command.prize)
            yield from (pool_stream(book, of) for book in books)
        elif isinstance(command, FreezeBoard):
            yield board_stream(rules.id, command.board)


def _of_board(
    command: Command, request: Request, states: Mapping[str, State], rules: Rulebook
) -> Iterator[str]:
    """The board that a pool goes by, and everybody whom the command names."""
    if isinstance(command, RunDraw):
        holders = dict(command.tickets)
        for number, _ in command.winners:
            if number in holders:
                yield from linking.known_as(holders[number], request.campaign, states)
    if isinstance(command, GrantChance | AwardPlaces):
        pool = rules.pool_ids.get(command.pool)
        board = rules.board_ids.get(pool.board or "") if pool else None
        if board:
            yield board_stream(rules.id, board.id)
            if isinstance(command, AwardPlaces):
                for place in command.places:
                    if board.entrants == "teams":
                        yield team_stream(rules.id, place.entrant)
                    else:
                        yield from linking.known_as(place.entrant, request.campaign, states)


def _books(rules: Rulebook) -> tuple[str, ...]:
    return (rules.book(False), rules.book(True)) if rules.trial else (rules.id,)


def _rules(
    request: Request, states: Mapping[str, State], rulebooks: Rulebooks, coming: Coming
) -> list[Rulebook]:
    """All versions of the rules of a request's campaign: any of them may be the one that holds."""
    if not request.campaign:
        return []
    state = states[campaign_stream(request.campaign)]
    assert isinstance(state, Campaign)
    return [*(rulebooks[version.digest] for version in state.versions), *coming.get(request.campaign, ())]


def members(states: Mapping[str, State], loaded: Iterable[str]) -> Iterator[str]:
    """The streams of the members of the teams among the streams that are loaded, and of their wallets."""
    for stream in loaded:
        if stream.startswith(TEAM) and isinstance(team := states[stream], Team):
            for member in team.members:
                yield enrolment_stream(member.id, campaign_of(stream))
                yield member_stream(member.id)


def decide(
    request: Request,
    states: Mapping[str, State],
    rulebooks: Rulebooks,
    now: datetime,
    found: Found | None = None,
    given: Given = Given(),  # noqa: B008  # it is immutable
) -> Decision:
    """What follows from a request. A refusal by a rule is an event too, in the stream of who asks.

    found: for a correction, the event at the position that it names. given: what stands outside of the log.
    Raises Malformed: nothing is to be recorded.
    """
    request = resolved(request, states)
    decision, command = Decision(states), request.command
    if isinstance(command, PUBLISHES):
        rules_of = states[campaign_stream(request.campaign)]
        assert isinstance(rules_of, Campaign)
        _publish(request, command, rules_of, rulebooks, now, decision, given)
        return decision
    context = _context(request, states, rulebooks, now)
    decision.divert = wallet.diverting(context, found)
    try:
        if command.POSTED:
            membership.require_active(context)
        _play(command, context, decision, found, given, rulebooks)
    except Refusal as refusal:
        refused = _refused(refusal, request, context.occurred_at, now, context.version, _in_short(command))
        decision = Decision(states)
        decision.add(stream_of(request), refused)
    return decision


def _context(request: Request, states: Mapping[str, State], rulebooks: Rulebooks, now: datetime) -> Context:
    """What a decision may look at. Raises Malformed for a campaign that is not there, or not named."""
    member = states[member_stream(request.participant)] if request.participant else Member()
    assert isinstance(member, Member)
    if not request.campaign:
        if type(request.command) not in FREE:
            raise Malformed("/campaign", f"{request.command.TYPE} needs the campaign that it belongs to")
        return Context(request, NO_RULES, 0, now, member)
    rules_of = states[campaign_stream(request.campaign)]
    assert isinstance(rules_of, Campaign)
    version = rules_of.at(request.occurred_at or now)
    if version is None:
        raise Malformed("/campaign", f"no campaign {request.campaign!r} is published here")
    return Context(request, rulebooks[version.digest], version.number, now, member)


def _play(
    command: Command,
    context: Context,
    decision: Decision,
    found: Found | None,
    given: Given,
    rulebooks: Rulebooks,
) -> None:
    kind = type(command)
    if (own := OWN.get(kind)) is not None:
        stream = context.stream
        decision.add_all(stream, own(decision.state(stream, Enrolment), command, context))
        if kind is SyncSteps:
            doings.follow_sync(decision.events[0].event, context, decision)
    elif (wide := WIDE.get(kind)) is not None:
        wide(command, context, decision)
    elif (secret := SECRET.get(kind)) is not None:
        secret(command, context, decision, given._replace(rulebooks=rulebooks))
    elif isinstance(command, Correct):
        stream = context.stream
        state = decision.state(stream, Enrolment)
        decision.add_all(stream, corrections.correct(state, command, context, found))


def _publish(
    request: Request, command: PublishCampaign | AmendCampaign, rules_of: Campaign, rulebooks: Rulebooks,
    now: datetime, decision: Decision, given: Given,
) -> None:  # fmt: skip
    stream, rules = campaign_stream(request.campaign), rulebooks[command.digest]
    try:
        if isinstance(command, PublishCampaign):
            published = campaign.publish(rules_of, command, request, now)
        else:
            current = rulebooks[rules_of.versions[-1].digest] if rules_of.versions else None
            published = campaign.amend(rules_of, command, request, now, current, rules)
    except Refusal as refusal:
        decision.add(stream, _refused(refusal, request, now, now, 0, {"digest": command.digest}))
        return
    decision.add_all(stream, published)
    (event,) = published
    assert isinstance(event, CampaignPublished | CampaignAmended)
    context = Context(request, rules, event.version, now)
    opening.open_pools(context, decision, given)
    branches.declare(context, decision)
    serving.serve(context, decision)


def _in_short(command: Command) -> object:
    """What a refusal keeps of a command: all of it, but for lists of thousands that stand elsewhere."""
    if isinstance(command, ImportVouchers):
        return {"pool": command.pool, "prize": command.prize, "batch": command.batch}
    if isinstance(command, RunDraw):
        return {"pool": command.pool, "contest": command.contest}
    if isinstance(command, RegisterBranches):
        return {"branches": len(command.branches)}
    if isinstance(command, EnterRoster):
        return {"batch": command.batch, "entries": len(command.entries)}
    if isinstance(command, RestrictMember) and command.kind == "identity_fraud":
        return {"kind": command.kind, "until": command.until}  # the reason is sealed (SJ-05)
    if isinstance(command, SyncManyDays):
        return {"days": [each.day for each in command.days]}
    return {"pool": command.pool} if isinstance(command, AwardPlaces) else command


def _refused(
    refusal: Refusal, request: Request, occurred_at: datetime, now: datetime, rules: int, said: object
) -> ActivityRefused:
    return ActivityRefused(
        occurred_at=occurred_at,
        recorded_at=now,
        source=request.source,
        id=request.id,
        rules=rules,
        activity=request.command.TYPE,
        code=refusal.CODE,
        clause=refusal.clause,
        detail=refusal.detail,
        data=msgspec.Raw(msgspec.json.encode(said)),
    )
