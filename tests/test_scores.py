"""Scores against known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from sim.analysis.scores import ard, bootstrap_difference, coverage, crps, log_score

counts = st.lists(st.floats(0, 1e4), min_size=1, max_size=30)


@pytest.mark.parametrize("y", [-1.3, 0.0, 0.7, 2.5])
def test_crps_of_many_normal_draws_is_the_closed_form(y: float) -> None:
    """Gneiting and Raftery 2007, eq. 5."""
    draws = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    closed = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)
    assert crps(draws, y) == pytest.approx(closed, abs=2e-3)


def test_crps_of_two_draws_by_hand() -> None:
    """Mean distance to 5 is (4 + 2) / 2 = 3, the distance of the two 6, of which half is taken off."""
    assert crps([1.0, 7.0], 5.0) == pytest.approx(0.0)
    assert crps([1.0, 7.0], 10.0) == pytest.approx(6.0 - 3.0)


@given(counts, st.floats(0, 1e4))
def test_crps_of_one_value_repeated_is_its_distance(draws: list[float], y: float) -> None:
    assert crps([draws[0]] * 5, y) == pytest.approx(abs(draws[0] - y), abs=1e-6)


@given(counts, st.floats(0, 1e4), st.randoms(use_true_random=False))
def test_crps_does_not_depend_on_the_order_of_draws(draws: list[float], y: float, random: object) -> None:
    assert crps(draws, y) == pytest.approx(crps(sorted(draws), y))


def test_no_draws_have_no_score() -> None:
    with pytest.raises(ValueError, match="no draws"):
        crps([], 1.0)


def test_log_score_is_that_of_a_log_normal() -> None:
    z = norm.ppf((np.arange(50_000) + 0.5) / 50_000)
    draws = np.expm1(5.0 + 0.3 * z)
    seen = 180.0
    known = -norm.logpdf(np.log1p(seen), 5.0, 0.3) + np.log1p(seen)
    assert log_score(draws, seen) == pytest.approx(known, rel=1e-3)


def test_coverage_counts_who_is_inside() -> None:
    draws = [np.arange(101.0)] * 4
    assert coverage(draws, [25.0, 75.0, 24.9, 90.0], 0.5) == 0.5
    assert coverage(draws, [25.0, 75.0, 24.9, 90.0], 0.8) == 1.0


def test_ard_as_flee_reports_it() -> None:
    """Sum of differences 10 + 20 + 0 over 200."""
    assert ard([60.0, 30.0, 100.0], [50.0, 50.0, 100.0]) == pytest.approx(0.15)
    with pytest.raises(ValueError, match="above 0"):
        ard([1.0], [0.0])


def test_a_bootstrap_interval_of_equal_differences_has_no_width() -> None:
    assert bootstrap_difference([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], ["a", "a", "b"]) == (-1.0, -1.0, -1.0)


def test_a_bootstrap_interval_is_that_of_the_mean_of_blocks() -> None:
    """400 blocks of one: near mean ± 1.96 standard errors."""
    apart = np.random.default_rng(3).normal(2.0, 5.0, 400)
    mean, low, high = bootstrap_difference(apart, np.zeros(400), list(range(400)))
    error = apart.std() / 20.0
    assert mean == pytest.approx(apart.mean())
    assert low == pytest.approx(mean - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(mean + 1.96 * error, abs=0.15 * error)


def test_days_of_one_origin_are_drawn_together() -> None:
    """Two origins of opposite sign: the interval must span both, however many days each has."""
    ours = [1.0] * 50 + [-1.0] * 50
    _, low, high = bootstrap_difference(ours, [0.0] * 100, ["a"] * 50 + ["b"] * 50)
    assert (low, high) == (-1.0, 1.0)


def test_as_many_blocks_as_differences_are_needed() -> None:
    with pytest.raises(ValueError, match="3 differences and 2 blocks"):
        bootstrap_difference([1, 2, 3], [1, 2, 3], ["a", "b"])
