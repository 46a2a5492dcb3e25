"""A stand-in for the model: what it would say at any numbers, from a quadratic through the runs that were made.

Logarithms of the outputs are fitted by least squares as second-degree polynomials of the free numbers (in uniforms of
their priors), without products of two numbers where there are few runs. What is left over, run by run and for all
outputs at once, is the luck of the run and of the carried numbers: it is kept as whole rows, so that outputs which err
together in the model err together in the stand-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

__all__ = ["Emulator", "fit_emulator"]

Floats = NDArray[np.float64]

_RUNS_A_TERM = 2
"""Runs for each term of a full quadratic; with fewer, products of two numbers are left out."""


@dataclass(frozen=True)
class Emulator:
    """A fitted stand-in.

    Attributes
    ----------
    coefficients : float64[n_terms, n_outputs], of logarithms of outputs + 1
    residuals : float64[n_kept, n_outputs], about 0: by how much each of the runs near which it is to hold is missed
        by a fit without it, as a new run would be
    explained : float64[n_outputs], share of the variance of new runs that the polynomial foretells (leave-one-out)
    products : whether the polynomial has products of two numbers, which few runs cannot tell
    """

    coefficients: Floats
    residuals: Floats
    explained: Floats
    products: bool = True

    def __call__(self, uniforms: Floats) -> Floats:
        """Return logarithms of outputs + 1 without luck, float64[n, n_outputs], at uniforms float64[n, n_free]."""
        means: Floats = _terms(uniforms, self.products) @ self.coefficients
        return means


def fit_emulator(
    uniforms: Floats, outputs: Floats, weights: Floats | None = None, n_kept: int | None = None
) -> Emulator:
    """Return the stand-in for runs at `uniforms`, float64[n_runs, n_free].

    Parameters
    ----------
    uniforms : free numbers of each run as uniforms of their priors
    outputs : what the runs gave, from 0, float64[n_runs, n_outputs]
    weights : how much each run counts in the fit; equally if not given
    n_kept : so many of the last runs are those near which it is to hold: it is right in their mean, and its residuals
        are theirs; all runs if not given

    Raises
    ------
    ValueError
        If there are not at least 3 runs more than terms.
    """
    n_runs = len(uniforms)
    terms = _terms(uniforms, products=True)
    products = n_runs >= _RUNS_A_TERM * terms.shape[1]
    if not products:
        terms = _terms(uniforms, products=False)
    n_terms = terms.shape[1]
    if n_runs < n_terms + 3:
        raise ValueError(f"{n_runs} runs are too few for {n_terms} terms; at least {n_terms + 3} are needed")
    logs = np.log1p(np.maximum(outputs, 0.0))
    root = np.sqrt(np.ones(n_runs) if weights is None else weights)[:, None]
    q, r = np.linalg.qr(terms * root)
    coefficients = np.linalg.solve(r, q.T @ (logs * root))
    leverage = np.minimum((q**2).sum(axis=1), 0.99)[:, None]
    left = logs - terms @ coefficients
    alone = left / (1.0 - leverage)  # the error of a fit without this run, at this run
    spread = logs.var(axis=0)
    explained = 1.0 - np.divide((alone**2).mean(axis=0), spread, out=np.ones_like(spread), where=spread > 0.0)
    kept = alone[-n_kept:] if n_kept is not None else alone
    # runs elsewhere bend a quadratic that is no more than a likeness: what they leave over here belongs to the mean
    coefficients[0] += kept.mean(axis=0)
    return Emulator(coefficients, kept - kept.mean(axis=0), explained, products)


def _terms(uniforms: Floats, products: bool) -> Floats:
    """Return constant, linear and square terms of 2u − 1, and where wanted products, float64[n, n_terms]."""
    x = 2.0 * uniforms - 1.0
    pairs = [(a, b) for a, b in combinations_with_replacement(range(x.shape[1]), 2) if products or a == b]
    columns = [np.ones(len(x)), *x.T, *(x[:, a] * x[:, b] for a, b in pairs)]
    terms: Floats = np.column_stack(columns)
    return terms
