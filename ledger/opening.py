"""Opening and closing a pool: the commitment to a secret seed before the first draw, and its reveal after the last."""

from datetime import datetime, timedelta

from ledger.commands import ClosePool
from ledger.context import Context, instant
from ledger.decision import Decision, Given
from ledger.drawing import commitment
from ledger.events import PoolClosed, PoolOpened, SeedRevealed
from ledger.pool import Pool as PoolState
from ledger.refusals import DrawClosed, PoolStillOpen, PoolUnknown
from ledger.rulebook import Pool, Rulebook
from ledger.rulebook_base import seconds
from ledger.streams import pool_stream

DAY_SECONDS = 86_400


def pool_of(id: str, context: Context) -> Pool:
    """A pool of the campaign. Refuses: PoolUnknown."""
    pool = context.rules.pool_ids.get(id)
    if pool is None:
        raise PoolUnknown(f"this campaign has no pool {id}", context.rules.clause)
    return pool


def closes_at(pool: Pool, rules: Rulebook, trial: bool) -> datetime:
    """When a pool takes no more draws: at its deadline, or at the end of the campaign; the trial's with the trial."""
    if trial and rules.trial:
        return instant(rules.tz, rules.trial.ends, DAY_SECONDS)
    return pool.deadline or instant(rules.tz, rules.ends, DAY_SECONDS)


def grace_of(pool: Pool) -> timedelta:
    """How long after its deadline a draw of before may be delivered."""
    return timedelta(seconds=seconds(pool.grace))


def chance_grace(pool: Pool) -> timedelta:
    """How long after its expiry a chance may be used by a draw of before that is delivered late."""
    return timedelta(seconds=seconds(pool.chance.grace)) if pool.chance else timedelta(0)


def require_over(pool: Pool, trial: bool, context: Context) -> None:
    """Refuse PoolStillOpen until a draw of before the deadline can no longer be delivered."""
    over = closes_at(pool, context.rules, trial) + grace_of(pool)
    if context.now < over:
        raise PoolStillOpen(f"{pool.id} takes draws until {over.isoformat()}", pool.clause)


def open_pool(pool: Pool, trial: bool, context: Context, decision: Decision, given: Given) -> None:
    """Commit to the seed of an instant pool, unless that was done; see docs/draws.md."""
    stream = pool_stream(context.rules.book(trial), pool.id)
    if pool.draw == "instant" and not decision.state(stream, PoolState).commitment:
        committed = commitment(given.seeds[stream])
        decision.add(stream, context.event(PoolOpened, trial=trial, pool=pool.id, commitment=committed))


def open_pools(context: Context, decision: Decision, given: Given) -> None:
    """Open all pools of a campaign and its trial: their seeds are committed to before anybody can draw."""
    for trial in (False, True) if context.rules.trial else (False,):
        for pool in context.rules.pools:
            open_pool(pool, trial, context, decision, given)


def close_pool(command: ClosePool, context: Context, decision: Decision, given: Given) -> None:
    """Take no more draws, and reveal the seed of an instant pool, so that every outcome can be computed again.

    Refuses: PoolUnknown, DrawClosed (it is closed already), PoolStillOpen. Source: SX-18.
    """
    pool = pool_of(command.pool, context)
    stream = pool_stream(context.rules.book(command.trial), pool.id)
    state = decision.state(stream, PoolState)
    if state.closed:
        raise DrawClosed(f"{pool.id} is closed already", pool.clause)
    require_over(pool, command.trial, context)
    decision.add(stream, context.event(PoolClosed, trial=command.trial, pool=pool.id))
    if state.commitment:
        seed = given.seeds[stream].hex()
        decision.add(stream, context.event(SeedRevealed, trial=command.trial, pool=pool.id, seed=seed))
