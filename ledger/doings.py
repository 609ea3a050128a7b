"""Reading, viewing, commenting, attending; many days at once. Source: EC-14, ZG-05.

What a person can do any number of times earns points up to a rule's daily_max, by the day on which it happened; more
is recorded and earns nothing. The same article, comment or content counts once on its day.
"""

from collections.abc import Iterable
from datetime import date

from ledger import funds, movement, steps, teams
from ledger.activities import require_enrolled
from ledger.activities import view_content as view_only
from ledger.activity_commands import PostComment, ReadArticle, RecordAttendance, RecordRun, SyncManyDays
from ledger.activity_events import (
    ArticleRead,
    AttendanceRecorded,
    CommentPosted,
    ContentCounted,
    DaysReceived,
)
from ledger.area import Area, States
from ledger.command import Request
from ledger.commands import SyncSteps, ViewContent
from ledger.context import Context
from ledger.decision import Decision
from ledger.enrolment import Enrolment, Play, evolve
from ledger.events import Event, StepsSynced
from ledger.fund_refusals import AlreadyDone, OccasionUnknown
from ledger.points import credit, earned_by, points_for, require_in_time, require_remembered
from ledger.refusal import Refusal
from ledger.refusals import NotPlayed
from ledger.rulebook import Rulebook
from ledger.rulebook_campaigns import PointsRule
from ledger.streams import enrolment_stream, team_stream
from ledger.tally import mark

MOST_A_DAY = 200
"""Comments, articles and contents that count on a day, whatever the rules say: each is remembered for days."""


def post_comment(command: PostComment, context: Context, decision: Decision) -> None:
    """Say where a comment lies; it earns what the day still gives.

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed,
    TooLate, AlreadyDone (first that holds). Source: ZG-05, GX-04.
    """
    _refer(command.ref, "comment", CommentPosted, context, decision)


def read_article(command: ReadArticle, context: Context, decision: Decision) -> None:
    """Say which news were read. Refuses: as post_comment. Source: ZG-05, GX-04."""
    _refer(command.ref, "article", ArticleRead, context, decision)


def _refer(
    ref: str, kind: str, event: type[CommentPosted] | type[ArticleRead], context: Context, decision: Decision
) -> None:
    trial, play = _begin(context, decision)
    rules = points_for(kind, context)
    if not rules:
        raise NotPlayed(f"this campaign has no points for what jifen.{kind} says", context.rules.clause)
    earned = _earned(kind, ref, rules, play, context)
    told = context.event(
        event,
        trial=trial,
        postings=credit(earned, play, trial, context),
        ref=ref,
        day=context.occurred.date(),
        earned=earned,
    )
    decision.add(context.stream, told)


def _begin(context: Context, decision: Decision) -> tuple[bool, Play]:
    """Whether it is of the trial, and the play. Refuses what every doing of a participant can be refused for."""
    state = decision.state(context.stream, Enrolment)
    require_enrolled(state, context)
    context.require_not_future()
    trial = context.require_phase(context.occurred.date(), state)
    return trial, state.play_of(trial)


def _earned(
    kind: str, ref: str, rules: tuple[PointsRule, ...], play: Play, context: Context
) -> dict[str, int]:
    """What a reference earns. Refuses: TooLate, AlreadyDone when it has earned on that day already."""
    require_in_time(play, context)
    day = context.occurred.date()
    done = play.doings.day(day)
    if mark(kind, ref) in done.refs:
        raise AlreadyDone(f"{ref} was counted on {day} already", rules[0].clause)
    return earned_by(rules, done) if len(done.refs) < MOST_A_DAY else {}


def view_content(state: Enrolment, command: ViewContent, context: Context) -> tuple[Event, ...]:
    """Say that a content was viewed. Where that earns points, it does so once on a day, and once ever for a content
    that has to be viewed before taking part; viewing again changes nothing.

    Refuses: what activities.view_content refuses, and where it could earn points TrialOver, TooLate.
    Source: JS-13, ZG-05, GX-04.
    """
    seen = view_only(state, command, context)
    rules, day = points_for("content", context), context.occurred.date()
    if not rules or context.rules.phase_of(day) is None:
        return seen
    needed = command.ref in {each.id for each in context.rules.prerequisites}
    if needed and command.ref in state.viewed:
        return seen
    try:
        trial = context.require_phase(day, state)
        earned = _earned("content", command.ref, rules, state.play_of(trial), context)
    except AlreadyDone:
        trial, earned = context.rules.phase_of(day) == "trial", {}
    except Refusal:
        if needed:  # who has seen it may take part, whether or not it still earns something
            return seen
        raise
    counted = context.event(
        ContentCounted,
        trial=trial,
        postings=credit(earned, state.play_of(trial), trial, context),
        ref=command.ref,
        day=day,
        earned=earned,
    )
    return (*seen, counted) if needed else (counted,)


def record_attendance(command: RecordAttendance, context: Context, decision: Decision) -> None:
    """Record that a participant attended an occasion on one of its days, once. Lists are typed in later, so ``late``
    does not hold here.

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, OccasionUnknown,
    TooLate, AlreadyDone (first that holds). Source: EC-14, GX-04.
    """
    trial, play = _begin(context, decision)
    day, id = context.occurred.date(), command.occasion
    occasion = next((each for each in context.rules.occasions if each.id == id), None)
    if occasion is None:
        raise OccasionUnknown(f"this campaign has no occasion {id}", context.rules.clause)
    if not occasion.starts <= day <= occasion.ends:
        raise OccasionUnknown(
            f"{id} is from {occasion.starts} to {occasion.ends}, not on {day}", occasion.clause
        )
    rules = points_for("attendance", context)
    if rules:
        require_remembered(play, context)
    if id in play.doings.attended:
        raise AlreadyDone(f"{context.request.participant} has attended {id} already", occasion.clause)
    earned = earned_by(rules, play.doings.day(day))
    told = context.event(
        AttendanceRecorded,
        trial=trial,
        postings=credit(earned, play, trial, context),
        occasion=id,
        day=day,
        actor=context.request.actor or context.request.source,
        earned=earned,
    )
    decision.add(context.stream, told)


def sync_many(command: SyncManyDays, context: Context, decision: Decision) -> None:
    """Take the days of a payload, oldest first, each as a sync of its own at the time of the payload.

    A day that a rule refuses is named with its code and does not hinder the others. What cannot be said of any day is
    refused as it is of the first: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, AfterCampaign,
    TrialOver, NotPlayed, DayClosed. Source: SX-05, GX-01.
    """
    syncs, skipped = _taken(command, context, decision)
    trial = context.rules.phase_of(syncs[0].day) == "trial"
    received = context.event(
        DaysReceived,
        trial=trial,
        days=len(syncs) + len(skipped),
        taken=tuple(sync.day for sync in syncs),
        skipped=tuple(skipped),
    )
    decision.add(context.stream, received)
    for sync in syncs:
        since = len(decision.events)
        decision.add_all(
            context.stream, steps.sync_steps(decision.state(context.stream, Enrolment), sync, context)
        )
        follow_sync(decision.events[since].event, context, decision)


def _taken(
    command: SyncManyDays, context: Context, decision: Decision
) -> tuple[list[SyncSteps], list[tuple[date, str]]]:
    """The syncs that no rule refuses, by day, and the others' days and codes. Raises the first refusal if all are."""
    state = decision.state(context.stream, Enrolment)
    syncs, skipped, first = [], list[tuple[date, str]](), None
    days = {each.day: each.steps for each in command.days}
    for day in sorted(days):
        sync = SyncSteps(day=day, steps=days[day], provider=command.provider, device=command.device)
        try:
            for event in steps.sync_steps(state, sync, context):
                state = evolve(state, event)
        except Refusal as refusal:
            first = first or refusal
            skipped.append((day, refusal.CODE))
        else:
            syncs.append(sync)
    if not syncs:
        assert first is not None, "there is a day at least"
        raise first
    return syncs, skipped


def follow_sync(synced: Event, context: Context, decision: Decision) -> None:
    """What a counted sync leads to besides what the day earns: in the team, chances, donations."""
    if isinstance(synced, StepsSynced) and synced.standing == "counted":
        teams.follow_sync(synced, context, decision)
        movement.follow_sync(synced, context, decision)
        funds.follow_sync(synced, context, decision)


def of_sync(state: Enrolment, rules: Rulebook, steps: int) -> Iterable[str]:
    """The streams that a sync can touch besides the participant's own. steps: the most that it can bring."""
    if state.play.team:
        yield team_stream(rules.book(state.trial), state.play.team)
    if rules.donations:
        yield from funds.of_donations(state, rules, steps)


def _more(request: Request, states: States, rulebooks: Iterable[Rulebook]) -> Iterable[str]:
    if not isinstance(request.command, SyncManyDays) or not request.campaign:
        return
    state = states[enrolment_stream(request.participant, request.campaign)]
    assert isinstance(state, Enrolment)
    steps = sum(each.steps for each in request.command.days)
    for rules in rulebooks:
        yield from of_sync(state, rules, steps)


AREA = Area(
    wide={
        RecordRun: movement.record_run,
        PostComment: post_comment,
        ReadArticle: read_article,
        RecordAttendance: record_attendance,
        SyncManyDays: sync_many,
    },
    more=_more,
)
