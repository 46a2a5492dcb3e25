"""Differences of outcomes over pairs: in all, by day, by post; each with its interval, beside the placebo's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim.runs.ensemble.intervals import QUANTILES, central_intervals, holm, mean_interval, paired_difference

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["chance_above", "daily_differences", "outcome_differences", "post_differences"]

Floats = NDArray[np.float64]


def outcome_differences(
    first: xr.Dataset, second: xr.Dataset, nudged: xr.Dataset | None, n_still: int = 0
) -> pd.DataFrame:
    """Return one row an outcome, what befell people first: both worlds, second − first, what pairing was worth.

    All hold ``total[member, outcome]``, the first and the second under the same lucks in the same order. `nudged` are
    the placebos of the first that there are, each known by its ``seed[member]``; `n_still` is how many pairs never
    part, whose placebo differs in nothing. Intervals of the difference are Student t over pairs. ``detectable`` is
    whether the difference is told from none at 5 % with all outcomes in mind (Holm 1979).
    """
    rows = []
    idle = _placebo_intervals(first, nudged, n_still, _totals)
    for number, outcome in enumerate(first["outcome"].values):
        a, b = first["total"].values[:, number], second["total"].values[:, number]
        pair = paired_difference(a, b)
        inside_a, inside_b = central_intervals(a), central_intervals(b)
        rows.append(
            {"group": str(first["outcome_group"].values[number]), "outcome": str(outcome),
             "unit": str(first["outcome_unit"].values[number]), "n_pairs": len(a),
             "first_median": inside_a[0], "first_low_80": inside_a[3], "first_high_80": inside_a[4],
             "second_median": inside_b[0], "second_low_80": inside_b[3], "second_high_80": inside_b[4],
             "difference": pair.difference.mean, "low_95": pair.difference.low, "high_95": pair.difference.high,
             "placebo_low_95": idle[5, number], "placebo_high_95": idle[6, number],
             "chance_second_above": chance_above(a, b), "variance_factor": pair.variance_factor,
             "p_value": pair.p_value}
        )  # fmt: skip
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p_value"])
    table["detectable"] = table["p_holm"] < 0.05
    return table


def _totals(members: xr.Dataset) -> Floats:
    return np.asarray(members["total"].values, dtype=np.float64)


def _attempts_by_post(members: xr.Dataset) -> Floats:
    return np.asarray(members["recorded_attempts_at_post"].sum("day").values, dtype=np.float64)


def _placebo_intervals(
    first: xr.Dataset, nudged: xr.Dataset | None, n_still: int, of: Callable[[xr.Dataset], Floats]
) -> Floats:
    """Return median and central intervals of what placebos differ by from the first members of the same seeds.

    NaN where there is no placebo at all: that nothing is known is not that nothing differs.
    """
    values = of(first)
    between = np.zeros((n_still, values.shape[1]))
    if nudged is not None:
        row_of = {int(seed): row for row, seed in enumerate(first["seed"].values)}
        rows = [row_of[int(seed)] for seed in nudged["seed"].values]
        between = np.concatenate([of(nudged) - values[rows], between])
    return central_intervals(between) if len(between) else np.full((len(QUANTILES), values.shape[1]), np.nan)


def chance_above(first: ArrayLike, second: ArrayLike) -> float:
    """Return how often a member of the second, taken by lot, exceeds one of the first; ties count half.

    One half where the distributions are alike (Mann and Whitney 1947), whatever the pairs.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    below = np.searchsorted(np.sort(a), b, side="left").sum() + np.searchsorted(np.sort(a), b, side="right").sum()
    return float(below / (2 * a.size * b.size))


def daily_differences(first: xr.Dataset, second: xr.Dataset, series: Sequence[str]) -> pd.DataFrame:
    """Return one row a series and day: mean of second − first over pairs with its 95 % interval (Student t)."""
    days = first["day"].dt.strftime("%Y-%m-%d").values
    parts = []
    for name in series:
        between = second["daily"].sel(series=name).values - first["daily"].sel(series=name).values
        parts.append(_by_column(between, {"series": name, "day": days}))
    return pd.concat(parts, ignore_index=True)


def post_differences(
    first: xr.Dataset, second: xr.Dataset, nudged: xr.Dataset | None, n_still: int = 0
) -> pd.DataFrame:
    """Return one row a guard post, south to north: recorded attempts over all days, second − first.

    Beside the mean and its 95 % interval stands the interval that holds 95 % of the placebo's pairs, of which there
    are those of `nudged` and `n_still` that never part; NaN where there are none.
    """
    a, b = _attempts_by_post(first), _attempts_by_post(second)
    names = {"country": first["post_country"].values, "post": first["post"].values, "first_mean": a.mean(axis=0)}
    idle = _placebo_intervals(first, nudged, n_still, _attempts_by_post)
    return _by_column(b - a, names).assign(placebo_low_95=idle[5], placebo_high_95=idle[6])


def _by_column(between: Floats, names: dict[str, object]) -> pd.DataFrame:
    """Return the interval of the mean of each column of differences, float64[n_pairs, n_columns]."""
    means = [mean_interval(column) for column in between.T]
    return pd.DataFrame(
        names
        | {
            "difference": [mean.mean for mean in means],
            "low_95": [mean.low for mean in means],
            "high_95": [mean.high for mean in means],
        }
    )
