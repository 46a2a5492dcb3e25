"""How large an effect luck alone would show: what a sensitivity analysis must exceed before it has found anything.

Points of a design are run under the same seeds. What a step from one point to the next changes therefore differs from
seed to seed only by what luck makes of it, and that spread is the yardstick: not the spread of the runs themselves,
most of which both ends of a step share.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["morris_noise", "sobol_luck"]

Floats = NDArray[np.float64]

_ERROR: Final = 0.05
_TRIALS: Final = 200_000


def morris_noise(values: Floats, n_factors: int, step: float) -> float:
    """Return the mu_star that luck alone makes any of the factors exceed in one analysis of twenty.

    Elementary effects of luck are normal with the pooled variance, between seeds, of what steps change; of steps that
    change something at all, since a number that nothing reads says nothing on luck. The bound is that of Bonferroni:
    the 1 − 0.05 / n quantile of the mean size of as many such effects as there are trajectories, by simulation.

    Parameters
    ----------
    values : float64[n_trajectories × (n_factors + 1), n_seeds], outcomes along the trajectories
    n_factors : numbers, or groups of them, that each trajectory steps through
    step : length of a step as a share of the range

    Returns
    -------
    In units of the outcome, per whole range as mu_star is; nan with one seed.
    """
    n_seeds = values.shape[1]
    if n_seeds < 2:
        return float("nan")
    steps = np.diff(values.reshape(-1, n_factors + 1, n_seeds), axis=1)
    moved = steps[(steps != 0.0).any(axis=2)]
    if not len(moved):
        return 0.0
    of_an_effect = float(np.sqrt(moved.var(axis=1, ddof=1).mean() / n_seeds)) / step
    rng = np.random.default_rng(1)
    n_trajectories = len(steps)
    mean = sum(np.abs(rng.standard_normal(_TRIALS)) for _ in range(n_trajectories)) / n_trajectories
    # the variance is itself an estimate: of so many differences, a third fewer since neighbours share a point
    freedom = max(len(moved) * (n_seeds - 1) * 2.0 / 3.0, 1.0)
    mean = mean / np.sqrt(rng.chisquare(freedom, _TRIALS) / freedom)
    return of_an_effect * float(np.quantile(mean, 1.0 - _ERROR / n_factors))


def sobol_luck(values: Floats) -> float:
    """Return the share of the variance of the points' means that is luck; nan with one seed.

    Parameters
    ----------
    values : float64[n_points, n_seeds]; what seeds have in common at all points does not count
    """
    n_points, n_seeds = values.shape
    between = float(values.mean(axis=1).var(ddof=1))
    if n_seeds < 2 or between == 0.0:
        return float("nan")
    rest = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
    return float((rest**2).sum() / ((n_points - 1) * (n_seeds - 1)) / n_seeds) / between
