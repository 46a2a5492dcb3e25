"""Interval maths: central intervals of members, the interval of a mean, differences of pairs, many tests at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "INTERVALS",
    "QUANTILES",
    "MeanInterval",
    "PairedDifference",
    "central_intervals",
    "holm",
    "mean_interval",
    "paired_difference",
]

Floats = NDArray[np.float64]

INTERVALS: Final = (50, 80, 95)
"""Central intervals that are reported, per cent of the members inside."""
QUANTILES: Final = (0.5, *(0.5 + side * share / 200 for share in INTERVALS for side in (-1, 1)))
"""The median, then the two ends of each interval."""

_ROUNDING: Final = 1e-12
"""Differences of sums are the same where they are told apart by less than this share of the sums."""


def central_intervals(values: ArrayLike, axis: int = 0) -> Floats:
    """Return median and ends of the central intervals of `values` along `axis`, float64[len(QUANTILES), ...].

    Quantiles interpolate linearly between members (Hyndman and Fan 1996, type 7), so that the outermost interval of
    fewer than 40 members is hardly narrower than their range.
    """
    quantiles: Floats = np.quantile(np.asarray(values, dtype=np.float64), QUANTILES, axis=axis)
    return quantiles


@dataclass(frozen=True)
class MeanInterval:
    """A mean and the interval in which it lies with the stated confidence."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def relative_width(self) -> float:
        """The interval's width over the mean's size; infinite about a mean of 0, of which nothing is a share."""
        return (self.high - self.low) / abs(self.mean) if self.mean != 0.0 else np.inf


def mean_interval(values: ArrayLike, level: float = 0.95) -> MeanInterval:
    """Return the mean of independent `values` with its Student t interval (n − 1 degrees of freedom).

    One value alone has an infinite interval.

    Raises
    ------
    ValueError
        If there is no value.
    """
    given = np.asarray(values, dtype=np.float64)
    if not given.size:
        raise ValueError("no values: a mean needs at least one")
    mean = float(given.mean())
    half = _t_quantile(given.size - 1, level) * _standard_error(given)
    return MeanInterval(mean, mean - half, mean + half, given.size)


def _standard_error(values: Floats) -> float:
    if values.size < 2:
        return np.inf
    if np.all(values == values[0]):
        return 0.0  # the mean of equal floats may miss them by a rounding
    return float(values.std(ddof=1) / np.sqrt(values.size))


def _t_quantile(freedom: int, level: float) -> float:
    if freedom < 1:
        return 1.0
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0))


@dataclass(frozen=True)
class PairedDifference:
    """The mean of second minus first over pairs, and what pairing was worth.

    Attributes
    ----------
    difference : Student t interval of the mean difference
    p_value : two-sided chance of a mean at least so far from 0 if there were no difference (Student t); where all pairs
        differ by the very same, which leaves t without a scale, that of a sign test, 2^(1 − n)
    variance_factor : variance of the difference of unpaired means over that of paired ones: above 1 where pairing
        helped, below 1 where it hurt, NaN where neither varies
    """

    difference: MeanInterval
    p_value: float
    variance_factor: float


def paired_difference(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> PairedDifference:
    """Return the paired difference second − first of values that stand in the same order.

    Raises
    ------
    ValueError
        If they are not equally many, or none.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"found {a.shape} and {b.shape} values; pairs need equally many, in one row")
    between = _without_rounding(b - a, a, b)
    interval = mean_interval(between, level)
    error = _standard_error(between)
    if error == 0.0:
        p_value = 1.0 if interval.mean == 0.0 else 0.5 ** (a.size - 1)
    elif a.size < 2:
        p_value = 1.0
    else:
        from scipy.special import stdtr

        p_value = float(2.0 * stdtr(a.size - 1, -abs(interval.mean) / error))
    return PairedDifference(interval, p_value, _variance_factor(a, b, between))


def _without_rounding(between: Floats, a: Floats, b: Floats) -> Floats:
    """Return differences that are the very same where only the rounding of `a` and `b` tells them apart."""
    if not between.size:
        return between
    rounding = _ROUNDING * max(float(np.abs(a).max()), float(np.abs(b).max()))
    if float(np.ptp(between)) >= rounding:
        return between
    mean = float(between.mean())
    return np.full(between.shape, mean if abs(mean) >= rounding else 0.0)


def _variance_factor(a: Floats, b: Floats, between: Floats) -> float:
    if a.size < 2:
        return float("nan")
    apart, paired = _variance(a) + _variance(b), _variance(between)
    if paired == 0.0:
        return float("nan") if apart == 0.0 else float("inf")
    return apart / paired


def _variance(values: Floats) -> float:
    return 0.0 if np.all(values == values[0]) else float(values.var(ddof=1))


def holm(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted for their number (Holm 1979): any below 0.05 is so with all of them in mind."""
    given = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    raised = given[order] * np.arange(given.size, 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0) if given.size else raised
    return adjusted
