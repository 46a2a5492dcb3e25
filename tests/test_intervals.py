"""Interval maths against published answers, and the laws that hold for any values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.runs.ensemble.intervals import QUANTILES, central_intervals, holm, mean_interval, paired_difference

DRUG_1 = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
DRUG_2 = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
"""Hours of sleep gained by ten patients under two drugs (Student 1908, Biometrika 6, p. 20)."""

values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


def test_paired_difference_of_students_own_example() -> None:
    """R: ``t.test(extra ~ group, sleep, paired = TRUE)`` gives 1.58, 0.7001142 to 2.4598858, p = 0.002833."""
    pair = paired_difference(DRUG_1, DRUG_2)
    assert pair.difference.mean == pytest.approx(1.58)
    assert (pair.difference.low, pair.difference.high) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)
    assert pair.p_value == pytest.approx(0.002833, abs=1e-6)
    assert pair.variance_factor == pytest.approx((3.200556 + 4.009000) / 1.512889, rel=1e-5)


def test_mean_interval_of_a_printed_example() -> None:
    """R: ``t.test(c(4, 6, 8, 10))$conf.int`` is 2.891479 to 11.108521."""
    mean = mean_interval([4, 6, 8, 10])
    assert (mean.mean, mean.n) == (7.0, 4)
    assert (mean.low, mean.high) == pytest.approx((2.891479, 11.108521), abs=1e-6)
    assert mean.relative_width == pytest.approx((11.108521 - 2.891479) / 7.0, abs=1e-6)


def test_quantiles_interpolate_as_type_7() -> None:
    """R: ``quantile(1:9, …)``, whose default is type 7."""
    ends = dict(zip(QUANTILES, central_intervals(np.arange(1.0, 10.0)), strict=True))
    wanted = {0.5: 5.0, 0.25: 3.0, 0.75: 7.0, 0.1: 1.8, 0.9: 8.2, 0.025: 1.2, 0.975: 8.8}
    assert list(ends) == pytest.approx(list(wanted))
    assert list(ends.values()) == pytest.approx(list(wanted.values()))


def test_holm_adjusts_as_printed() -> None:
    """R: ``p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")`` is 0.03 0.06 0.06 0.02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).size == 0
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])


def test_an_interval_of_95_per_cent_covers_95_times_in_100() -> None:
    draws = np.random.default_rng(1).gamma(8.0, size=(4000, 12))
    covered = [interval.low <= 8.0 <= interval.high for interval in map(mean_interval, draws)]
    assert 0.935 < np.mean(covered) < 0.96


def test_one_value_has_no_end() -> None:
    assert mean_interval([3.0]).high == np.inf
    assert mean_interval([3.0]).relative_width == np.inf
    pair = paired_difference([1.0], [2.0])
    assert pair.p_value == 1.0
    assert np.isnan(pair.variance_factor)


def test_values_without_spread_have_an_interval_without_width() -> None:
    assert mean_interval([0.1] * 7).relative_width == 0.0
    assert mean_interval([0.0] * 7).relative_width == np.inf  # nothing is known of the share of a mean of 0
    assert mean_interval([-1.0, 1.0]).relative_width == np.inf
    same = paired_difference([1.0, 2.0, 4.0], [1.0, 2.0, 4.0])
    assert (same.difference.low, same.difference.high, same.p_value) == (0.0, 0.0, 1.0)
    assert same.variance_factor == np.inf
    shifted = paired_difference([1.0, 2.0, 4.0], [2.0, 3.0, 5.0])
    assert (shifted.difference.low, shifted.difference.high, shifted.p_value) == (1.0, 1.0, 0.25)
    assert np.isnan(paired_difference([1.0, 1.0], [1.0, 1.0]).variance_factor)


def test_what_differs_by_a_rounding_does_not_differ() -> None:
    """Sums of hours in another order miss each other by 1e-16: no scale for t, and no difference of zero."""
    a = np.array([0.1, 0.2, 0.3, 1.7])
    shifted = paired_difference(a, a + 0.1)
    assert shifted.p_value == 0.125
    assert shifted.difference.high - shifted.difference.low == 0.0
    assert shifted.variance_factor == np.inf
    noise = paired_difference(a, a * (1.0 + 2e-16 * np.array([1, 3, 2, 4])))
    assert (noise.difference.mean, noise.difference.low, noise.difference.high, noise.p_value) == (0, 0, 0, 1)
    real = paired_difference(a, a + np.array([1e-6, 2e-6, 3e-6, 4e-6]))
    assert real.difference.mean == pytest.approx(2.5e-6)
    assert real.p_value < 0.05
    assert real.difference.high > real.difference.low


def test_what_cannot_be_paired_or_averaged_is_refused() -> None:
    with pytest.raises(ValueError, match="pairs need equally many"):
        paired_difference([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="a mean needs at least one"):
        mean_interval([])


@given(values)
def test_wider_intervals_hold_narrower_ones(numbers: list[float]) -> None:
    median, low_50, high_50, low_80, high_80, low_95, high_95 = central_intervals(numbers)
    assert min(numbers) <= low_95 <= low_80 <= low_50 <= median <= high_50 <= high_80 <= high_95 <= max(numbers)


@given(values, st.randoms())
def test_the_order_of_pairs_does_not_matter(numbers: list[float], luck: object) -> None:
    a = np.array(numbers)
    b = np.roll(a, 1) * 0.5
    order = np.arange(len(a))
    luck.shuffle(order)  # type: ignore[attr-defined]
    one, other = paired_difference(a, b), paired_difference(a[order], b[order])
    assert one.difference.mean == pytest.approx(other.difference.mean, rel=1e-9, abs=1e-6)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-6, abs=1e-9)
