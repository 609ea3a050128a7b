"""Whether draws are fair: how often each prize came, against how often it should have (Pearson's chi-square test).

Pure: the simulations derive their seeds from a label, so everybody who runs one gets the same counts. What is counted
are integers; only the statistic and its probability are floats, and nothing of value follows from them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from hashlib import sha256

import msgspec

from ledger.drawing import Ticket, pick, tickets_root, winners

PROGRESS_EVERY = 10_000


class Fit(msgspec.Struct, frozen=True):
    """How well counts fit what was expected.

    statistic: chi-square, 0 for a perfect fit. degrees: of freedom. p_value: how probable a statistic of this size or
    more is when the draws are fair; under 0.001 is reason to look closely, and 0 means that something impossible came.
    """

    statistic: float
    degrees: int
    p_value: float


def chi_square(observed: Sequence[int], expected: Sequence[Fraction | int]) -> Fit:
    """Test counts against weights.

    observed: how often each outcome came. expected: as many weights, in proportion; they need not sum to the number
    of draws. An outcome of weight 0 is left out, unless it came. The test is good when expected counts are 5 or more.
    Raises ValueError for different lengths, negative members, or nothing observed or expected.
    """
    if len(observed) != len(expected) or any(each < 0 for each in (*observed, *expected)):
        raise ValueError("each count needs its weight, and neither is negative")
    draws, weights = sum(observed), sum(expected)
    if not draws or not weights:
        raise ValueError("nothing was observed, or nothing expected")
    cells = [
        (count, float(draws * weight / weights))
        for count, weight in zip(observed, expected, strict=True)
        if count or weight
    ]
    degrees = len(cells) - 1
    if not all(mean for _, mean in cells):
        return Fit(math.inf, degrees, 0.0)
    statistic = math.fsum((count - mean) ** 2 / mean for count, mean in cells)
    return Fit(statistic, degrees, upper_tail(statistic, degrees))


def equal_tickets(wins: Sequence[int], prizes: int) -> Fit:
    """Test how often each of equal tickets won, where every draw gave so many prizes to different tickets.

    One draw's winners exclude each other, so counts scatter less than if they did not: the statistic of chi_square is
    stretched by (tickets - 1) / (tickets - prizes), which for one prize is nothing.
    Raises ValueError when every ticket wins always, for then there is nothing to test; and as chi_square does.
    """
    tickets = len(wins)
    if not 0 < prizes < tickets:
        raise ValueError(f"{prizes} prizes among {tickets} tickets leave nothing to chance")
    fit = chi_square(wins, [1] * tickets)
    statistic = fit.statistic * (tickets - 1) / (tickets - prizes)
    return Fit(statistic, fit.degrees, upper_tail(statistic, fit.degrees))


def upper_tail(statistic: float, degrees: int) -> float:
    """The probability that a chi-square variable with so many degrees of freedom is this large or larger.

    This is the regularized upper incomplete gamma function Q(degrees / 2, statistic / 2), built up from Q(1/2, x) or
    Q(1, x) by Q(a + 1, x) = Q(a, x) + x^a e^-x / Γ(a + 1). All terms are positive, so none of it cancels out.
    """
    if statistic <= 0 or degrees < 1:
        return 1.0
    x = statistic / 2
    first = math.erfc(math.sqrt(x)) if degrees % 2 else math.exp(-x)
    start = 0.5 if degrees % 2 else 1.0
    steps = (start + step for step in range((degrees - 1) // 2))
    return min(1.0, first + math.fsum(math.exp(a * math.log(x) - x - math.lgamma(a + 1)) for a in steps))


def simulate(
    shares: Sequence[tuple[str, int]],
    draws: int,
    label: str,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """How often each prize comes in so many instant draws, each with a seed of its own: prize → count, as in shares.

    label: names the simulation; seed i is SHA-256 of the label, a line feed and i in decimal, from 0. progress: called
    now and then with the number of draws done, and at the end. Raises ValueError as pick does.
    """
    counts = dict.fromkeys((prize for prize, _ in shares), 0)
    for seed in _seeds(label, draws, progress):
        counts[pick(seed, label, 1, "simulation", "1", shares)] += 1
    return counts


def simulate_batch(
    tickets: int,
    prizes: int,
    draws: int,
    label: str,
    progress: Callable[[int], None] | None = None,
) -> tuple[int, ...]:
    """How often each of so many equal tickets wins one of the prizes, over so many batch draws.

    Each draw has its own randomness, derived as the seeds of simulate are; label and progress are as there.
    """
    sealed = [Ticket(number, f"p-{number}") for number in range(1, tickets + 1)]
    root = tickets_root(sealed)
    wins = [0] * tickets
    for randomness in _seeds(label, draws, progress):
        for number, _ in winners(randomness, root, sealed, [("prize", prizes)]):
            wins[number - 1] += 1
    return tuple(wins)


def _seeds(label: str, count: int, progress: Callable[[int], None] | None) -> Iterator[bytes]:
    for number in range(count):
        if progress and number and number % PROGRESS_EVERY == 0:
            progress(number)
        yield sha256(f"{label}\n{number}".encode()).digest()
    if progress:
        progress(count)
