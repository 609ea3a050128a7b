"""Fairness: the test agrees with printed tables, finds what is unfair, and the draws pass it."""

import time
from fractions import Fraction

import pytest

from ledger.fairness import Fit, chi_square, equal_tickets, simulate, simulate_batch, upper_tail

RED_PACKETS = [
    ("0.30", 400_000),
    ("0.50", 300_000),
    ("1", 200_000),
    ("3", 60_000),
    ("5", 30_000),
    ("10", 8_000),
    ("20", 1_500),
    ("50", 500),
]
"""The eight amounts of SX-19, with weights made up so that the rarest still comes often enough to be tested."""


@pytest.mark.parametrize(
    ("statistic", "degrees", "probability"),
    [
        (3.841, 1, 0.05),
        (6.635, 1, 0.01),
        (10.828, 1, 0.001),
        (5.991, 2, 0.05),
        (14.067, 7, 0.05),
        (18.307, 10, 0.05),
        (3.940, 10, 0.95),
        (37.566, 20, 0.01),
        (124.342, 100, 0.05),
        (77.929, 100, 0.95),
        (149.449, 100, 0.001),
    ],
)
def test_probabilities_are_those_of_printed_tables(
    statistic: float, degrees: int, probability: float
) -> None:
    assert upper_tail(statistic, degrees) == pytest.approx(probability, rel=2e-3)


@pytest.mark.parametrize("degrees", [1, 2, 9, 10, 999, 100_000])
def test_probabilities_go_from_one_to_zero(degrees: int) -> None:
    assert upper_tail(0, degrees) == 1
    assert upper_tail(degrees * 100.0, degrees) < 1e-9
    assert 0.3 < upper_tail(degrees, degrees) < 0.53
    assert upper_tail(degrees / 1000, degrees) > 0.95


def test_a_statistic_is_worked_out_as_in_a_textbook() -> None:
    # A die thrown 60 times: (25 + 4 + 1 + 4 + 0 + 100) / 10
    fit = chi_square([5, 8, 9, 8, 10, 20], [1] * 6)
    assert fit.statistic == pytest.approx(13.4)
    assert fit.degrees == 5
    assert fit.p_value == pytest.approx(0.0199, abs=5e-5)


def test_weights_are_in_proportion() -> None:
    counts = [30, 50, 20]
    expected = chi_square(counts, [25, 50, 25])
    assert chi_square(counts, [1, 2, 1]) == expected
    assert chi_square(counts, [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]) == expected
    assert expected.statistic == pytest.approx(2)


def test_what_cannot_come_is_left_out_unless_it_came() -> None:
    assert chi_square([10, 0, 12], [1, 0, 1]) == chi_square([10, 12], [1, 1])
    assert chi_square([10, 1, 12], [1, 0, 1]) == Fit(float("inf"), 2, 0.0)
    assert chi_square([10], [3]) == Fit(0.0, 0, 1.0)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [([], []), ([1], [1, 1]), ([0, 0], [1, 1]), ([1, 1], [0, 0]), ([1, -1], [1, 1]), ([1, 1], [1, -1])],
)
def test_what_cannot_be_tested_is_wrong(observed: list[int], expected: list[int]) -> None:
    with pytest.raises(ValueError, match=r"needs its weight|nothing was observed"):
        chi_square(observed, expected)


@pytest.mark.parametrize("prizes", [0, 3, 4])
def test_draws_that_leave_nothing_to_chance_are_not_tested(prizes: int) -> None:
    with pytest.raises(ValueError, match="nothing to chance"):
        equal_tickets([1, 1, 1], prizes)


@pytest.mark.rule("SX-19")
def test_instant_draws_are_fair() -> None:
    counts = simulate(RED_PACKETS, 50_000, "fairness of red packets")
    assert list(counts) == [prize for prize, _ in RED_PACKETS]
    assert sum(counts.values()) == 50_000
    assert chi_square(list(counts.values()), [weight for _, weight in RED_PACKETS]).p_value > 0.001


@pytest.mark.rule("SX-19")
@pytest.mark.slow
def test_a_million_instant_draws_are_fair() -> None:
    done: list[int] = []
    began = time.perf_counter()
    counts = simulate(RED_PACKETS, 1_000_000, "fairness of a million red packets", done.append)
    assert time.perf_counter() - began < 30
    assert done == list(range(10_000, 1_000_001, 10_000))
    assert chi_square(list(counts.values()), [weight for _, weight in RED_PACKETS]).p_value > 0.001


def test_the_test_finds_a_share_that_is_two_in_a_hundred_too_large() -> None:
    counts = simulate([("a", 51), ("b", 49)], 50_000, "unfair")
    assert chi_square(list(counts.values()), [1, 1]).p_value < 0.001


@pytest.mark.rule("SX-22")
@pytest.mark.parametrize("prizes", [1, 5, 15, 19])
def test_equal_tickets_win_equally_often(prizes: int) -> None:
    done: list[int] = []
    wins = simulate_batch(20, prizes, 2_000, f"fairness of {prizes} prizes", done.append)
    assert sum(wins) == 2_000 * prizes
    assert done == [2_000]
    assert 0.001 < equal_tickets(wins, prizes).p_value < 0.999


def test_the_test_finds_a_ticket_that_wins_too_often() -> None:
    wins = list(simulate_batch(20, 5, 2_000, "unfair"))
    wins[3] += 120
    wins[4] -= 120
    assert equal_tickets(wins, 5).p_value < 0.001


def test_a_simulation_is_the_same_for_everybody() -> None:
    assert simulate([("a", 1), ("b", 1)], 100, "x") == simulate([("a", 1), ("b", 1)], 100, "x")
    assert simulate_batch(10, 3, 10, "x") == simulate_batch(10, 3, 10, "x") != simulate_batch(10, 3, 10, "y")
