"""The fairness report of a pool, in lines for people: what came out, and what comes out of many seeds."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from api.cli.verifying import Checked
from ledger.fairness import Fit, chi_square, equal_tickets, simulate, simulate_batch
from ledger.pool import Pool as PoolState
from ledger.pool import shares
from ledger.rulebook import Pool

SUSPICIOUS = 0.001
TICKETS, PRIZES = 20, 3
"""Of a simulated batch draw."""


def lines(
    pool: Pool, checked: Checked, seeds: int, progress: Callable[[int], None]
) -> tuple[list[str], bool]:
    """The report, and whether nothing in it is reason to look closely."""
    fits: list[Fit] = []
    return list(_lines(pool, checked, seeds, progress, fits)), all(fit.p_value >= SUSPICIOUS for fit in fits)


def _lines(
    pool: Pool, checked: Checked, seeds: int, progress: Callable[[int], None], fits: list[Fit]
) -> Iterator[str]:
    if checked.observed:
        prizes = sorted(checked.expected)
        observed = [checked.observed.get(prize, 0) for prize in prizes]
        expected = [Fraction(checked.expected[prize]) for prize in prizes]
        yield f"实际结果 / {checked.draws:,} draws of {pool.id}"
        for prize, count, mean in zip(prizes, observed, expected, strict=True):
            yield f"  {prize:<24} {count:>12,}  expected {float(mean):>14,.1f}"
        fits.append(chi_square(observed, expected))
        yield _told(fits[-1])
    if pool.draw == "instant":
        odds = shares(pool, PoolState())
        counts = simulate(odds, seeds, f"jifen report {pool.id}", progress)
        yield f"模拟 / {seeds:,} simulated seeds, with the shares of the first draw"
        total = sum(weight for _, weight in odds)
        for prize, weight in odds:
            yield f"  {prize:<24} {counts[prize]:>12,}  expected {seeds * weight / total:>14,.1f}"
        fits.append(chi_square(list(counts.values()), [weight for _, weight in odds]))
    else:
        wins = simulate_batch(TICKETS, PRIZES, seeds, f"jifen report {pool.id}", progress)
        yield f"模拟 / {seeds:,} simulated draws of {PRIZES} prizes among {TICKETS} equal tickets"
        yield f"  a ticket won {min(wins):,} to {max(wins):,} times, expected {seeds * PRIZES / TICKETS:,.1f}"
        fits.append(equal_tickets(wins, PRIZES))
    yield _told(fits[-1])


def _told(fit: Fit) -> str:
    verdict = "✓" if fit.p_value >= SUSPICIOUS else "✗ look closely 请仔细核查"
    return (
        f"  chi-square {fit.statistic:.2f}, {fit.degrees} degrees of freedom, p = {fit.p_value:.4f} {verdict}"
    )
