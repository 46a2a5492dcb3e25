"""Scores of forecasts that are given as draws, and bootstrap intervals of their differences.

CRPS: the fair estimate from draws (Gneiting and Raftery 2007, eq. 21; Ferro 2014). Log score: minus the log density of
a normal through log(1 + draw), which treats all rivals alike. Smaller is better in both. ARD: the averaged relative
difference that Flee reports (Suleimenova, Bell and Groen 2017): the sum of absolute differences over that of the data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ard", "bootstrap_difference", "coverage", "crps", "log_score"]

Floats = NDArray[np.float64]

_LEAST_SPREAD = 0.02


def crps(draws: ArrayLike, observed: float) -> float:
    """Return the continuous ranked probability score of draws, in the unit of the count; 0 is perfect.

    Raises
    ------
    ValueError
        If there are no draws.
    """
    x = np.sort(np.asarray(draws, dtype=np.float64))
    n = x.size
    if not n:
        raise ValueError("no draws: a forecast needs at least one")
    miss = float(np.abs(x - observed).mean())
    if n == 1:
        return miss
    # the mean distance of two different draws, from sorted ones
    apart = float(2.0 * ((2.0 * np.arange(1, n + 1) - n - 1.0) * x).sum() / (n * (n - 1)))
    return miss - 0.5 * apart


def log_score(draws: ArrayLike, observed: float) -> float:
    """Return minus the log density of the observed count, under the normal that fits the logarithms of 1 + draws."""
    logs = np.log1p(np.maximum(np.asarray(draws, dtype=np.float64), 0.0))
    spread = max(float(logs.std(ddof=1)) if logs.size > 1 else 0.0, _LEAST_SPREAD)
    z = (np.log1p(observed) - logs.mean()) / spread
    return float(0.5 * z * z + np.log(spread) + 0.5 * np.log(2.0 * np.pi) + np.log1p(observed))


def coverage(draws: Sequence[ArrayLike], observed: ArrayLike, share: float) -> float:
    """Return the share of observed counts that lie in the central interval of `share` of their draws."""
    seen = np.asarray(observed, dtype=np.float64)
    ends = [np.quantile(np.asarray(each), [0.5 - share / 2.0, 0.5 + share / 2.0]) for each in draws]
    inside = [low <= value <= high for (low, high), value in zip(ends, seen, strict=True)]
    return float(np.mean(inside))


def ard(model: ArrayLike, observed: ArrayLike) -> float:
    """Return the averaged relative difference of point forecasts: Σ|model − observed| / Σ observed.

    Raises
    ------
    ValueError
        If nothing was observed, or everything was 0.
    """
    seen = np.asarray(observed, dtype=np.float64)
    if not seen.sum() > 0.0:
        raise ValueError("the averaged relative difference needs at least one observed count above 0")
    return float(np.abs(np.asarray(model, dtype=np.float64) - seen).sum() / seen.sum())


def bootstrap_difference(
    ours: ArrayLike, theirs: ArrayLike, blocks: Sequence[object], *, n: int = 4000, seed: int = 1, share: float = 0.95
) -> tuple[float, float, float]:
    """Return the mean of ours − theirs and its bootstrap percentile interval; below 0 we are better.

    Whole blocks are drawn (such as all days forecast from one origin), since days forecast together err together.

    Raises
    ------
    ValueError
        If there are not as many of each.
    """
    apart = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    if apart.ndim != 1 or apart.size != len(blocks) or not apart.size:
        raise ValueError(
            f"found {apart.size} differences and {len(blocks)} blocks; one of each is needed for every forecast"
        )
    names = list(dict.fromkeys(blocks))
    number = np.array([names.index(block) for block in blocks])
    sums = np.bincount(number, weights=apart)
    sizes = np.bincount(number).astype(np.float64)
    picked = np.random.default_rng(seed).integers(0, len(names), (n, len(names)))
    means = sums[picked].sum(axis=1) / sizes[picked].sum(axis=1)
    low, high = np.quantile(means, [0.5 - share / 2.0, 0.5 + share / 2.0])
    return float(apart.mean()), float(low), float(high)
