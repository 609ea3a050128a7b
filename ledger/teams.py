"""Teams (团队): creating, joining, the captain's doings, and the day that a whole team attains.

Every decision here looks at the states of all members: a sync of one can bring points to six (SX-14, SX-17).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from ledger.activities import require_enrolled
from ledger.commands import AnnounceToTeam, CreateTeam, JoinTeam, RemoveMember, SetTeamGoal
from ledger.context import Context
from ledger.decision import Decision
from ledger.enrolment import Enrolment, Play
from ledger.events import (
    CaptainRewarded,
    Event,
    MemberAdded,
    MemberRemoved,
    StepsSynced,
    TeamAnnounced,
    TeamCreated,
    TeamDayAttained,
    TeamDayLost,
    TeamFilled,
    TeamGoalLost,
    TeamGoalMet,
    TeamGoalSet,
    TeamJoined,
    TeamLeft,
)
from ledger.member import Member
from ledger.posting import credit_points
from ledger.refusals import (
    AlreadyInTeam,
    CaptainCannotRemove,
    NotAMember,
    NotCaptain,
    NotPlayed,
    TeamExists,
    TeamFull,
    TeamUnknown,
)
from ledger.rulebook_campaigns import Teams
from ledger.streams import enrolment_stream, member_stream, team_stream
from ledger.team import Team

ONE_DAY = timedelta(days=1)


class _Scene:
    """A team in one decision: its stream, and its members' states as they are by now."""

    def __init__(self, team: str, trial: bool, context: Context, decision: Decision) -> None:
        assert context.rules.teams is not None
        self.id = team
        self.rules: Teams = context.rules.teams
        self.trial = trial
        self.context = context
        self.decision = decision
        self.book = context.rules.book(trial)
        self.stream = team_stream(self.book, team)

    @property
    def team(self) -> Team:
        return self.decision.state(self.stream, Team)

    def stream_of(self, member: str) -> str:
        return enrolment_stream(member, self.context.request.campaign)

    def enrolment_of(self, member: str) -> Enrolment:
        return self.decision.state(self.stream_of(member), Enrolment)

    def play_of(self, member: str) -> Play:
        return self.enrolment_of(member).play_of(self.trial)

    def is_suspended(self, member: str) -> bool:
        """Whether a member earns nothing now, also by what mates do (GX-05)."""
        return self.decision.state(member_stream(member), Member).suspended

    def points(self, member: str, points: int, clause: str) -> dict[str, Any]:
        """The postings that give a member points, for an event in the member's stream."""
        balance = self.play_of(member).balance
        return {"postings": credit_points(self.book, member, balance, ((points, clause),))}


def _begin(context: Context, decision: Decision) -> bool:
    """Whether it belongs to the trial. Refuses what every doing with a team can be refused for."""
    state = decision.state(context.stream, Enrolment)
    require_enrolled(state, context)
    context.require_not_future()
    trial = context.require_phase(context.occurred.date(), state)
    if context.rules.teams is None:
        raise NotPlayed("this campaign has no teams", context.rules.clause)
    return trial


def create_team(command: CreateTeam, context: Context, decision: Decision) -> None:
    """Create a team; who does is its captain and first member.

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed,
    TeamExists, AlreadyInTeam. Source: SX-03.
    """
    scene = _Scene(command.team, _begin(context, decision), context, decision)
    who = context.request.participant
    if scene.team.captain:
        raise TeamExists(f"there is a team {command.team} already", scene.rules.clause)
    if already := scene.play_of(who).team:
        raise AlreadyInTeam(f"{who} is in the team {already}", scene.rules.clause)
    created = context.event(TeamCreated, trial=scene.trial, team=command.team, name=command.name)
    decision.add(context.stream, created)
    _add_member(scene, who, name=command.name)


def join_team(command: JoinTeam, context: Context, decision: Decision) -> None:
    """Join a team. The member counts from the day of joining on; the sixth fills the team (SX-16).

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed,
    TeamUnknown, AlreadyInTeam, TeamFull. Source: SX-03, SX-16.
    """
    scene = _Scene(command.team, _begin(context, decision), context, decision)
    who = context.request.participant
    if not scene.team.captain:
        raise TeamUnknown(f"there is no team {command.team}", scene.rules.clause)
    if already := scene.play_of(who).team:
        raise AlreadyInTeam(f"{who} is in the team {already}", scene.rules.clause)
    if len(scene.team.members) >= scene.rules.size:
        raise TeamFull(f"the team {command.team} has its {scene.rules.size} members", scene.rules.clause)
    joined = context.event(TeamJoined, trial=scene.trial, team=command.team, invited_by=command.invited_by)
    decision.add(context.stream, joined)
    _add_member(scene, who)


def _add_member(scene: _Scene, who: str, name: str = "") -> None:
    context, decision = scene.context, scene.decision
    day = context.occurred.date()
    joined_on = day if context.is_open(day) else context.now.astimezone(context.rules.tz).date()
    added = context.event(
        MemberAdded,
        trial=scene.trial,
        team=scene.id,
        member=who,
        joined_on=joined_on,
        name=name,
        captain=not name and not scene.team.members,
    )
    decision.add(scene.stream, added)
    team = scene.team
    if len(team.members) == scene.rules.size and not team.filled:
        _fill(scene)
    settle(scene.id, scene.trial, (joined_on, joined_on + ONE_DAY), context, decision)


def _fill(scene: _Scene) -> None:
    """The captain's task is done: 20 points, once ever. Decision: the captain is one of the six.

    Who is suspended at that moment earns nothing by it, nor by a release later, as with a team's day; the team is
    filled all the same. Source: SX-16, GX-05.
    """
    captain = scene.team.captain
    filled = scene.context.event(TeamFilled, trial=scene.trial, team=scene.id, captain=captain)
    version = scene.decision.add(scene.stream, filled)
    rules = scene.context.rules.points_on("team_filled")
    if (
        not rules
        or scene.play_of(captain).captain_rewarded
        or not scene.enrolment_of(captain).takes(scene.trial)
        or scene.is_suspended(captain)
    ):
        return
    balance = scene.play_of(captain).balance
    amounts = [(rule.amount, rule.clause) for rule in rules]
    rewarded = scene.context.event(
        CaptainRewarded,
        trial=scene.trial,
        postings=credit_points(scene.book, captain, balance, amounts),
        team=scene.id,
        cause=scene.stream,
        cause_version=version,
    )
    scene.decision.add(scene.stream_of(captain), rewarded)


def follow_sync(synced: StepsSynced, context: Context, decision: Decision) -> None:
    """After a member's counted sync: whether the team's day is attained now, or lost. Source: SX-14, SX-17."""
    if context.rules.teams is None:
        return
    team = decision.state(context.stream, Enrolment).play_of(synced.trial).team
    if not team:
        return
    of = decision.state(team_stream(context.rules.book(synced.trial), team), Team)
    if synced.counted >= context.rules.teams.member_goal or of.day(synced.day):
        settle(team, synced.trial, (synced.day,), context, decision)


def settle(team_id: str, trial: bool, days: Iterable[date], context: Context, decision: Decision) -> None:
    """Bring the team's open days in line with what its members have walked.

    A day is attained when all members who had joined by then, and the team, reach their goals. Points move only by
    the difference to who was entitled before, so asking again changes nothing. Source: SX-05, SX-14, SX-17.
    """
    scene = _Scene(team_id, trial, context, decision)
    for day in days:
        if context.is_open(day):
            _settle_day(scene, day)


def _settle_day(scene: _Scene, day: date) -> None:
    context, decision, rules = scene.context, scene.decision, scene.rules
    team = scene.team
    members = [member.id for member in team.members if member.joined_on <= day]
    before = team.day(day)
    steps, attained = 0, bool(members)
    for member in members:
        walked = scene.play_of(member).open_day(day)
        counted = walked.counted if walked else 0
        steps += counted
        if counted < rules.member_goal:
            attained = False
            if before is None:
                return  # nearly all syncs end here: somebody has not walked yet, and nothing was given
    attained = attained and steps >= rules.team_goal
    entitled = tuple(members) if attained else ()
    entitled_before = before.members if before else ()
    if set(entitled) == set(entitled_before):
        return
    day_of: dict[str, Any] = {"trial": scene.trial, "team": scene.id, "day": day, "steps": steps}
    told: Event = (
        context.event(TeamDayAttained, members=entitled, **day_of)
        if attained
        else context.event(TeamDayLost, **day_of)
    )
    version = decision.add(scene.stream, told)
    points = sum(rule.amount for rule in context.rules.points_on("team_goal"))
    if not points:
        return
    clause = context.rules.points_on("team_goal")[0].clause
    cause: dict[str, Any] = {"team": scene.id, "day": day, "cause": scene.stream, "cause_version": version}
    for member in entitled_before:
        met = next((each for each in scene.play_of(member).met if each.day == day), None)
        if member not in entitled and met:
            more = {**cause, **scene.points(member, -met.points, clause)}
            lost = context.event(TeamGoalLost, trial=scene.trial, reverses_version=met.version, **more)
            decision.add(scene.stream_of(member), lost)
    for member in entitled:
        has_it = any(each.day == day for each in scene.play_of(member).met)  # under another client id (EC-12)
        if member not in entitled_before and not has_it and not scene.is_suspended(member):
            more = {**cause, **scene.points(member, points, clause)}
            decision.add(scene.stream_of(member), context.event(TeamGoalMet, trial=scene.trial, **more))


def _captains_team(team: str, context: Context, decision: Decision) -> _Scene:
    scene = _Scene(team, _begin(context, decision), context, decision)
    if not scene.team.captain:
        raise TeamUnknown(f"there is no team {team}", scene.rules.clause)
    if scene.team.captain != context.request.participant:
        raise NotCaptain(
            f"the captain of {team} is another participant", scene.rules.captain_clause or scene.rules.clause
        )
    return scene


def set_goal(command: SetTeamGoal, context: Context, decision: Decision) -> None:
    """Set the goal that a team has for itself. What attains a day stays the rulebook's (SX-17).

    Refuses: as create_team, then TeamUnknown, NotCaptain. Source: SX-04.
    """
    scene = _captains_team(command.team, context, decision)
    by = context.request.participant
    told = context.event(TeamGoalSet, trial=scene.trial, team=scene.id, goal=command.goal, by=by)
    decision.add(scene.stream, told)


def announce(command: AnnounceToTeam, context: Context, decision: Decision) -> None:
    """Say where an announcement lies; its text is not in the log.

    Refuses: as create_team, then TeamUnknown, NotCaptain. Source: SX-04.
    """
    scene = _captains_team(command.team, context, decision)
    by = context.request.participant
    told = context.event(TeamAnnounced, trial=scene.trial, team=scene.id, ref=command.ref, by=by)
    decision.add(scene.stream, told)


def remove_member(command: RemoveMember, context: Context, decision: Decision) -> None:
    """Remove a member, where the rulebook lets captains; SX does not.

    Refuses: as create_team, then TeamUnknown, NotCaptain, CaptainCannotRemove, NotAMember. Source: SX-04.
    """
    scene = _captains_team(command.team, context, decision)
    by = context.request.participant
    if not scene.rules.captain_can_remove:
        raise CaptainCannotRemove(
            "a captain cannot remove a member", scene.rules.captain_clause or scene.rules.clause
        )
    if command.member == by or not scene.team.has(command.member):
        raise NotAMember(f"{command.member} is not a member who could be removed", scene.rules.clause)
    left = context.event(TeamLeft, trial=scene.trial, team=scene.id, removed_by=by)
    decision.add(scene.stream_of(command.member), left)
    removed = context.event(MemberRemoved, trial=scene.trial, team=scene.id, member=command.member)
    decision.add(scene.stream, removed)
    today = context.now.astimezone(context.rules.tz).date()
    settle(scene.id, scene.trial, (today - ONE_DAY, today), context, decision)
