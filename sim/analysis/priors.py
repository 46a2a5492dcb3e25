"""Priors as distributions: from a cube of uniforms to numbers of the scenario and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from sim.scenario.calibration import Prior

__all__ = ["from_uniform", "to_uniform"]

Floats = NDArray[np.float64]

_CUT: Final = 2.0
"""Standard deviations from the middle at which the normal families are cut: there low and high stand."""


def from_uniform(priors: Sequence[Prior], uniforms: Floats) -> Floats:
    """Return numbers of the scenario, float64[n, n_priors], of uniforms in [0, 1] of the same shape."""
    columns = [_quantile(prior, uniforms[:, number]) for number, prior in enumerate(priors)]
    return np.column_stack(columns) if columns else np.zeros((len(uniforms), 0))


def to_uniform(priors: Sequence[Prior], values: Floats) -> Floats:
    """Return the uniforms in [0, 1] at which :func:`from_uniform` gives `values`."""
    columns = [_share_below(prior, values[:, number]) for number, prior in enumerate(priors)]
    return np.column_stack(columns) if columns else np.zeros((len(values), 0))


def _ends(prior: Prior) -> tuple[float, float, bool]:
    in_logs = prior.family.startswith("log_")
    low, high = (float(np.log(end)) if in_logs else end for end in (prior.low, prior.high))
    return low, high, in_logs


def _quantile(prior: Prior, u: Floats) -> Floats:
    low, high, in_logs = _ends(prior)
    if prior.family.endswith("normal"):
        below = ndtr(-_CUT)
        z = ndtri(below + u * (1.0 - 2.0 * below))
        x = (low + high) / 2.0 + np.clip(z, -_CUT, _CUT) * (high - low) / (2.0 * _CUT)
    else:
        x = low + u * (high - low)
    values: Floats = np.clip(np.exp(x) if in_logs else x, prior.low, prior.high)
    return values


def _share_below(prior: Prior, values: Floats) -> Floats:
    low, high, in_logs = _ends(prior)
    share: Floats = ((np.log(values) if in_logs else values) - low) / (high - low)
    if prior.family.endswith("normal"):
        below = ndtr(-_CUT)
        share = (ndtr((2.0 * share - 1.0) * _CUT) - below) / (1.0 - 2.0 * below)
    return np.clip(share, 0.0, 1.0)
