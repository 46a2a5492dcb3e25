"""From an emulator and published numbers to a posterior: adaptive importance sampling, and proof that it is calibrated.

Luck and the carried numbers enter as the covariance of the emulator's residuals, over which the likelihood integrates.
Proposals are multivariate t about the best of the round before, mixed with the prior (defensive importance sampling,
Hesterberg 1995; population Monte Carlo, Cappé et al. 2004).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, ndtr, ndtri
from scipy.stats import qmc

from sim.analysis.emulator import Emulator
from sim.analysis.priors import from_uniform

if TYPE_CHECKING:
    from sim.analysis.targets import Target
    from sim.scenario.calibration import Prior

__all__ = ["DISPERSION", "Problem", "Sample", "infer", "log_likelihood", "rank_statistics"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DISPERSION: Final = "observation.count_dispersion"
"""The free number that the model's runs do not depend on: how published counts scatter about the model's."""
_DISPERSION_IF_NOT_FREE: Final = 25.0
_SHRINKAGE: Final = 0.2
_BLOCK: Final = 2048
_FREEDOM: Final = 4.0
_FREEDOM_OF_PROPOSALS: Final = 5.0
_SHARE_OF_PRIOR: Final = 0.15
_ROUNDS: Final = 5


@dataclass(frozen=True)
class Problem:
    """What is to be inferred.

    Attributes
    ----------
    priors : of the free numbers, in order
    targets : published numbers
    emulator : of the targets' values, at the free numbers that runs depend on (all but the dispersion)
    """

    priors: Sequence[Prior]
    targets: Sequence[Target]
    emulator: Emulator

    @property
    def simulated(self) -> list[int]:
        """Positions of the free numbers that runs depend on."""
        return [number for number, prior in enumerate(self.priors) if prior.key != DISPERSION]


@dataclass(frozen=True)
class Sample:
    """Weighted draws.

    Attributes
    ----------
    uniforms : float64[n, n_free], as uniforms of the priors
    weights : float64[n], summing to 1
    log_evidence : logarithm of the mean likelihood over the prior
    """

    uniforms: Floats
    weights: Floats
    log_evidence: float

    @property
    def effective_size(self) -> float:
        """How many equal draws the weighted ones are worth."""
        return float(1.0 / (self.weights**2).sum())

    def equal(self, n: int) -> Ints:
        """Return positions of `n` equally weighted draws (systematic resampling, no chance in it)."""
        marks = (np.arange(n) + 0.5) / n
        positions: Ints = np.minimum(np.searchsorted(np.cumsum(self.weights), marks), len(self.weights) - 1)
        return positions


def log_likelihood(problem: Problem, values: Floats, uniforms: Floats) -> Floats:
    """Return log likelihoods, float64[n], of published `values`, float64[n_targets], at uniforms, float64[n, n_free].

    Counts: negative binomial about a mean that itself has the luck of a run. In logarithms both are taken as normal,
    luck with the covariance of the emulator's residuals and counts with variance 1/m + 1/(size · days), so that luck
    is integrated out exactly; published counts are 61 and more, where a negative binomial's logarithm is near normal.
    Months that luck moves together err together, days scatter one by one. Rough targets: Student's t, one by one.
    """
    logs = problem.emulator(uniforms[:, problem.simulated])
    size = _dispersion(problem, uniforms)
    residuals = problem.emulator.residuals
    is_count = np.array([target.family == "count" for target in problem.targets])
    total = np.zeros(len(uniforms))
    for number in np.flatnonzero(~is_count).tolist():
        z = np.log1p(values[number]) - logs[:, number]
        scale = np.sqrt(problem.targets[number].sd ** 2 + residuals[:, number].var())
        total += -0.5 * (_FREEDOM + 1.0) * np.log1p((z / scale) ** 2 / _FREEDOM) - np.log(scale)
    if is_count.any():
        days = np.array([len(target.days) for target in problem.targets], dtype=np.float64)[is_count]
        luck = _shrunk(np.atleast_2d(np.cov(residuals[:, is_count].T)))
        mean = np.maximum(np.expm1(logs[:, is_count]), 1.0)
        own = 1.0 / mean + 1.0 / (size[:, None] * days)
        for block in range(0, len(uniforms), _BLOCK):
            part = slice(block, block + _BLOCK)
            root = np.linalg.cholesky(luck + own[part, :, None] * np.eye(len(days)))
            apart = (np.log1p(values[is_count]) - logs[part][:, is_count])[..., None]
            scaled = np.linalg.solve(root, apart)[..., 0]
            total[part] += -0.5 * (scaled**2).sum(axis=1) - np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return total


def _dispersion(problem: Problem, uniforms: Floats) -> Floats:
    """Return the size of the negative binomial of a day, float64[n]."""
    for number, prior in enumerate(problem.priors):
        if prior.key == DISPERSION:
            return from_uniform([prior], uniforms[:, [number]])[:, 0]
    return np.full(len(uniforms), _DISPERSION_IF_NOT_FREE)


def _shrunk(covariance: Floats) -> Floats:
    """Return a covariance with its off-diagonal part shortened by a fifth: some hundred runs overstate it."""
    kept: Floats = (1.0 - _SHRINKAGE) * covariance + _SHRINKAGE * np.diag(np.diag(covariance))
    return kept


def infer(problem: Problem, values: Floats, n: int = 2**12, seed: int = 1) -> Sample:
    """Return the posterior of the free numbers given published `values`, by five rounds of `n` draws.

    The same arguments give the same draws.
    """
    n_free = len(problem.priors)
    rng = np.random.default_rng(seed)
    centre, spread = np.zeros(n_free), np.eye(n_free)
    kept: list[tuple[Floats, Floats]] = []
    for number in range(_ROUNDS):
        z = _propose(centre, spread, n, rng, only_prior=number == 0, n_free=n_free, seed=seed)
        uniforms = ndtr(z)
        log_weights = (
            log_likelihood(problem, values, uniforms)
            + _log_normal(z)
            - _log_proposal(z, centre, spread, only_prior=number == 0)
        )
        kept.append((uniforms, log_weights))
        # the next round looks where this one found weight; flattened while few draws carry it all
        flat = _flattened(log_weights)
        centre = flat @ z
        spread = np.cov(z.T, aweights=flat).reshape(n_free, n_free) * 1.2 + 1e-4 * np.eye(n_free)
    # the rounds of which the proposal was already near, all together
    used = kept[2:]
    log_weights = np.concatenate([weights for _, weights in used])
    evidence = float(logsumexp(log_weights) - np.log(len(log_weights)))
    weights = np.exp(log_weights - logsumexp(log_weights))
    return Sample(np.concatenate([uniforms for uniforms, _ in used]), weights, evidence)


def _propose(
    centre: Floats, spread: Floats, n: int, rng: np.random.Generator, *, only_prior: bool, n_free: int, seed: int
) -> Floats:
    """Return proposals in normal scores, float64[n, n_free]."""
    cube = qmc.Sobol(n_free, scramble=True, rng=np.random.default_rng([seed, int(only_prior), n]))
    from_prior: Floats = ndtri(np.clip(cube.random(n), 1e-9, 1.0 - 1e-9))
    if only_prior:
        return from_prior
    root = np.linalg.cholesky(spread)
    scale = np.sqrt(_FREEDOM_OF_PROPOSALS / rng.chisquare(_FREEDOM_OF_PROPOSALS, n))[:, None]
    about = centre + (rng.standard_normal((n, n_free)) @ root.T) * scale
    z: Floats = np.where(rng.random(n)[:, None] < _SHARE_OF_PRIOR, from_prior, about)
    return np.clip(z, -6.0, 6.0)


def _log_normal(z: Floats) -> Floats:
    density: Floats = -0.5 * (z**2).sum(axis=1) - 0.5 * z.shape[1] * np.log(2.0 * np.pi)
    return density


def _log_proposal(z: Floats, centre: Floats, spread: Floats, *, only_prior: bool) -> Floats:
    if only_prior:
        return _log_normal(z)
    k, v = z.shape[1], _FREEDOM_OF_PROPOSALS
    root = np.linalg.cholesky(spread)
    scaled = np.linalg.solve(root, (z - centre).T)
    t = (
        gammaln((v + k) / 2.0) - gammaln(v / 2.0) - 0.5 * k * np.log(v * np.pi) - np.log(np.diag(root)).sum()
        - 0.5 * (v + k) * np.log1p((scaled**2).sum(axis=0) / v)
    )  # fmt: skip
    mixed: Floats = np.logaddexp(np.log(_SHARE_OF_PRIOR) + _log_normal(z), np.log1p(-_SHARE_OF_PRIOR) + t)
    return mixed


def _flattened(log_weights: Floats) -> Floats:
    """Return weights raised to the highest power, at most 1, at which they are worth a twentieth of their number."""
    for power in (1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02, 0.01):
        raised = power * (log_weights - log_weights.max())
        weights: Floats = np.exp(raised - logsumexp(raised))
        if 1.0 / (weights**2).sum() >= len(weights) / 20.0:
            break
    return weights


def rank_statistics(
    problem: Problem, n_truths: int, *, n: int = 2**10, seed: int = 1, progress: Callable[[int], None] | None = None
) -> Floats:
    """Return the shares of the posterior below synthetic truths, float64[n_truths, n_free]: uniform if all is right.

    Truths are drawn from the priors, luck from the residuals, counts from the likelihood (simulation-based calibration,
    Talts et al. 2018), all by way of the emulator: it tests the inference, not whether the emulator fits the model.
    """
    rng = np.random.default_rng([seed, n_truths])
    shares = np.zeros((n_truths, len(problem.priors)))
    for number in range(n_truths):
        truth = rng.random((1, len(problem.priors)))
        row = rng.integers(0, len(problem.emulator.residuals), 1)
        values = _published(problem, truth, row, rng)
        sample = infer(problem, values, n=n, seed=seed + number)
        shares[number] = sample.weights @ (sample.uniforms < truth)
        if progress is not None:
            progress(number)
    return shares


def _published(problem: Problem, truth: Floats, row: Ints, rng: np.random.Generator) -> Floats:
    """Return published numbers as they might have been at a truth."""
    logs = (problem.emulator(truth[:, problem.simulated]) + problem.emulator.residuals[row])[0]
    size = float(_dispersion(problem, truth)[0])
    values = np.zeros(len(problem.targets))
    for number, target in enumerate(problem.targets):
        if target.family == "count":
            mean, k = float(np.expm1(max(logs[number], 1e-6))), size * len(target.days)
            values[number] = rng.poisson(rng.gamma(k, mean / k))
        else:
            values[number] = float(np.expm1(logs[number] + target.sd * rng.standard_t(_FREEDOM)))
    return values
