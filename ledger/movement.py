"""Runs, and the chance that a day's movement gives. Source: EC-05, EC-06.

A day's movement is the larger of what was walked and what was run: the phone counts the steps of a run too, so adding
the two would count it twice. Either alone reaches the metres of a chance, then; nothing has to be compared.
"""

from collections.abc import Mapping
from datetime import date

from ledger.activities import require_enrolled
from ledger.activity_commands import RecordRun
from ledger.activity_events import RunRecorded
from ledger.context import Context
from ledger.decision import Decision
from ledger.enrolment import Enrolment
from ledger.events import ChanceGranted, StepsSynced
from ledger.refusals import DayClosed, FutureDated, NotPlayed
from ledger.rulebook import ChanceRule
from ledger.rulebook_lookups import movement_pools
from ledger.tally import RUN_DAYS

CM = 100
"""Centimetres in a metre."""


def record_run(command: RecordRun, context: Context, decision: Decision) -> None:
    """Record a run; the metres of a day's runs add up. It can be delivered as long as the day's count can change.

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed,
    DayClosed (first that holds). Source: EC-05, EC-06, GX-04.
    """
    state = decision.state(context.stream, Enrolment)
    require_enrolled(state, context)
    context.require_not_future()
    day, rules = command.day, context.rules
    if context.occurred.date() < day and context.before_midnight(day) > rules.tolerance:
        raise FutureDated(f"a run of {day} cannot be known before that day")
    trial = context.require_phase(day, state)
    if rules.steps is None and not movement_pools(rules):
        raise NotPlayed("this campaign takes no runs", rules.clause)
    doings, delivered_by = state.play_of(trial).doings, context.window(day)[1]
    forgotten = len(doings.runs) == RUN_DAYS and day < doings.runs[0].day
    if forgotten or context.occurred_at >= delivered_by or context.now >= delivered_by:
        clause = rules.steps.clause if rules.steps else rules.clause
        raise DayClosed(
            f"{day} closed at {context.shown(delivered_by)}; what was recorded by then stands", clause
        )
    metres = doings.run(day) + command.distance_m
    run = context.event(
        RunRecorded,
        trial=trial,
        day=day,
        distance_m=command.distance_m,
        duration_s=command.duration_s,
        provider=command.provider,
        device=command.device,
        total_m=metres,
    )
    decision.add(context.stream, run)
    for pool in movement_pools(rules):
        if pool.chance and metres >= (pool.chance.metres or 0):
            _grant(pool.id, pool.chance, day, trial, context, decision)


def follow_sync(synced: StepsSynced, context: Context, decision: Decision) -> None:
    """After a counted sync: the chance that the day's walk gives, once a day. A lower sync later does not take it back.

    Source: EC-05.
    """
    for pool in movement_pools(context.rules):
        if pool.chance and _walked(synced, pool.chance) >= (pool.chance.metres or 0) * CM:
            _grant(pool.id, pool.chance, synced.day, synced.trial, context, decision)


def follow_joined(metres: Mapping[date, int], trial: bool, context: Context, decision: Decision) -> None:
    """The chances for days on which two client ids of one person have run far enough together. Source: EC-05, EC-12."""
    for pool in movement_pools(context.rules):
        for day, of_day in metres.items():
            if pool.chance and of_day >= (pool.chance.metres or 0):
                _grant(pool.id, pool.chance, day, trial, context, decision)


def _walked(synced: StepsSynced, chance: ChanceRule) -> int:
    """Centimetres that a sync says were walked: the phone's own distance, or else so much for each step."""
    if synced.distance_m is not None:
        return synced.distance_m * CM
    return synced.steps * (chance.stride_cm or 0)


def _grant(
    pool: str, chance: ChanceRule, day: date, trial: bool, context: Context, decision: Decision
) -> None:
    rewards = decision.state(context.stream, Enrolment).play_of(trial).rewards
    if rewards.chance(pool, day.isoformat()) is not None:
        return
    expires_at = context.occurred_at + chance.lasts if chance.lasts else None
    granted = context.event(
        ChanceGranted, trial=trial, pool=pool, chance=day.isoformat(), expires_at=expires_at
    )
    decision.add(context.stream, granted)
