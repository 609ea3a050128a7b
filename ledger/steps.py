"""Step syncs: what of a day's steps counts, what it earns, and which checkpoints it lights."""

from bisect import bisect_right
from collections.abc import Iterator

from msgspec.structs import replace

from ledger.activities import require_enrolled
from ledger.badges import earned_badges
from ledger.commands import SyncSteps
from ledger.context import Context
from ledger.enrolment import OPEN_DAYS, Enrolment, Play
from ledger.events import CheckpointDimmed, CheckpointLit, Event, StepsSynced
from ledger.posting import credit_points
from ledger.refusals import DayClosed, FutureDated, NotPlayed
from ledger.rulebook import Rulebook

NOTHING_EARNED: dict[str, int] = {}


def day_points(rules: Rulebook, counted: int, attained: bool) -> dict[str, int]:
    """Points that a day's counted steps earn, by points rule; zeros left out. Source: SX-12, SX-13."""
    earned = {}
    for rule in rules.day_rules:
        times = counted // (rule.every or 1) if rule.on == "steps" else int(attained)
        amount = times * rule.amount
        if rule.daily_max is not None and amount > rule.daily_max:
            amount = rule.daily_max
        if amount:
            earned[rule.id] = amount
    return earned


def reached(thresholds: tuple[int, ...], total: int) -> int:
    """How many checkpoints the counted steps have reached. Source: SX-08."""
    return bisect_right(thresholds, total)


def sync_steps(state: Enrolment, command: SyncSteps, context: Context) -> tuple[Event, ...]:
    """Record the day's step count and what it earns.

    command.steps: steps of command.day so far, 0 or more, as the phone counted them.
    Before the window opens the sync is provisional: recorded, shown, worth nothing. Inside it the newest sync by its
    own time stands, also when it is lower: points move by the difference to what the day earned before, and
    checkpoints that are no longer reached go dark. An older sync that arrives later is recorded as superseded.
    Where attained days light checkpoints, a day that becomes attained lights the next one, so at most one a day.
    Refuses: NotEnrolled, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed, DayClosed (first of all).
    Source: SX-05, SX-06, SX-08, SX-12, SX-13; JS-03, JS-04; EC-02, EC-03; GX-04.
    """
    require_enrolled(state, context)
    context.require_not_future()
    day = command.day
    if context.occurred.date() < day and context.before_midnight(day) > context.rules.tolerance:
        raise FutureDated(f"the steps of {day} cannot be known before that day")
    trial = context.require_phase(day, state)
    rules = context.rules
    if rules.steps is None:
        raise NotPlayed("this campaign counts no steps", rules.clause)
    play = state.play_of(trial)
    opens, delivered_by = context.window(day)
    closed = len(play.days) == OPEN_DAYS and day < play.days[0].day
    if closed or context.occurred_at >= delivered_by or context.now >= delivered_by:
        window = rules.steps.window
        raise DayClosed(
            f"{day} closed at {window.closes} and {window.grace} of grace; its count stands",
            rules.steps.clause,
        )
    stands = play.open_day(day)
    if context.occurred_at < opens:
        return (_recorded(command, context, trial, "provisional"),)
    if stands is not None and context.occurred_at < stands.at:
        return (_recorded(command, context, trial, "superseded"),)
    return tuple(_counted(command, context, trial, play))


def _recorded(command: SyncSteps, context: Context, trial: bool, standing: str) -> StepsSynced:
    return context.event(
        StepsSynced,
        trial=trial,
        day=command.day,
        steps=command.steps,
        standing=standing,
        provider=command.provider,
        device=command.device,
        distance_m=command.distance_m,
    )


def _counted(command: SyncSteps, context: Context, trial: bool, play: Play) -> Iterator[Event]:
    rules = context.rules
    assert rules.steps is not None
    before = play.open_day(command.day)
    was = before.counted if before else 0
    capped = min(command.steps, rules.steps.daily_cap)
    attained = capped >= rules.steps.daily_goal
    counted = max(0, min(capped, rules.steps.total_cap - (play.total - was)))
    earned = day_points(rules, counted, attained)
    earned_before = before.earned if before else NOTHING_EARNED
    if before and command.steps >= before.steps:
        # Only an amended text gives less for as many steps; what the old one awarded to the day stays (GX-08).
        counted, attained = max(counted, was), attained or before.attained
        rewarded = earned_before | earned
        earned = {rule: max(earned.get(rule, 0), earned_before.get(rule, 0)) for rule in rewarded}
    amounts = [
        (earned.get(rule, 0) - earned_before.get(rule, 0), rules.clauses.get(rule, rules.steps.clause))
        for rule in (dict.fromkeys((*earned_before, *earned)) if earned_before else earned)
    ]
    yield context.event(
        StepsSynced,
        trial=trial,
        postings=credit_points(rules.book(trial), context.request.participant, play.balance, amounts),
        day=command.day,
        steps=command.steps,
        standing="counted",
        provider=command.provider,
        device=command.device,
        distance_m=command.distance_m,
        counted=counted,
        was=was,
        attained=attained,
        replaces=before.version if before else None,
        earned=earned,
    )
    if rules.route is None:
        return
    if rules.route.lit_by == "attained_days":
        far, was_far = play.attained + attained - (before.attained if before else False), play.attained
    else:
        far, was_far = play.total - was + counted, play.total
    yield from _lights(play, far, was_far, trial, context)


def _lights(play: Play, far: int, was_far: int, trial: bool, context: Context) -> Iterator[Event]:
    """The checkpoints that are lit or go dark, and what lighting all of them earns.

    far: how far the participant has come, in counted steps or attained days; was_far: before. Source: SX-08, EC-03.
    """
    thresholds = context.rules.thresholds
    lit = reached(thresholds, far)
    if play.lit > reached(thresholds, was_far):
        # Lit under an older text, whose checkpoints were nearer: they stay lit (GX-08).
        lit = max(lit, play.lit)
    for number in range(play.lit + 1, lit + 1):
        yield context.event(CheckpointLit, trial=trial, checkpoint=number, total=far)
    for number in range(play.lit, lit, -1):
        yield context.event(CheckpointDimmed, trial=trial, checkpoint=number, total=far)
    if lit >= len(
        thresholds
    ):  # lit now or before, by an older text or by another client id of the same person
        yield from earned_badges(replace(play, lit=lit), "every_checkpoint_lit", trial, context)
