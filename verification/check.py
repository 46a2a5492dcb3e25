"""One check: what must hold, what was found, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

__all__ = ["Check", "Floats", "chi_square_p", "within"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Check:
    """A limit with a known answer.

    Attributes
    ----------
    name : short, also the file name of the picture
    law : what must hold, in words
    found : what was found, with figures
    holds : whether it holds
    right : what the picture looks like if it is right
    draw : draws theory as a line and the model as points
    """

    name: str
    law: str
    found: str
    holds: bool
    right: str
    draw: Callable[[Axes], None]


def within(found: Floats, expected: Floats, spread: Floats, sigmas: float = 4.5) -> tuple[bool, float]:
    """Return whether all that was found lies within so many standard errors, and the largest distance in them."""
    distance = np.abs(found - expected) / np.maximum(spread, 1e-300)
    worst = float(np.max(np.where(found == expected, 0.0, distance)))
    return worst <= sigmas, worst


def chi_square_p(observed: Floats, expected: Floats) -> float:
    """Return the chance of counts at least as far from the expected ones (Pearson's chi-square)."""
    from scipy import stats

    statistic = float(np.sum((observed - expected) ** 2 / expected))
    return float(stats.chi2.sf(statistic, len(observed) - 1))
