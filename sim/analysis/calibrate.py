"""``calibrate``: fit a scenario's free numbers to the counts of the window, and store what was learned by name.

Two waves of runs, the first over the whole of the priors, the second where the first found weight; a quadratic
emulator through both; importance sampling; simulation-based calibration of the inference. November never enters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest, qmc

from sim import __version__
from sim.analysis.emulator import fit_emulator
from sim.analysis.inference import DISPERSION, Problem, Sample, infer, rank_statistics
from sim.analysis.points import AnalysisError, Point, PointRun, run_points
from sim.analysis.priors import from_uniform
from sim.analysis.targets import WINDOW_END, WINDOW_START, Target, targets, values_of_run
from sim.errors import OutputError
from sim.limits import LIMITS
from sim.runs.ensemble.member import code_hash
from sim.runs.ensemble.store import write_whole
from sim.runs.execution import USUAL, Execution
from sim.runs.pool import Pool
from sim.runs.provenance import git_commit
from sim.runs.ready import ready
from sim.scenario.resolved import numbers_of, scenario_hash

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.calibration import Prior
    from sim.scenario.schema import Scenario

__all__ = ["IDENTIFIED_FROM", "Calibration", "calibrate"]

Floats = NDArray[np.float64]

IDENTIFIED_FROM: Final = 0.2
"""Contraction (1 − posterior over prior standard deviation) below which a number is called not identified."""
_QUANTILES: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
_WEIGHT_OF_FIRST_WAVE: Final = 0.1
_ENOUGH: Final = 64
"""Runs that the emulator never finds too few, since at most five numbers are free."""
_WIDENED: Final = 0.15
"""Share of the second wave that is spread over the priors, so that the emulator does not end where weight was found."""


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    path : the stored posterior
    parameters : one row a number: role, prior, posterior quantiles, contraction, whether it is identified
    fit : one row a target: published, what the posterior foretells (median, 80 % interval), share of runs explained
    ranks : one row a free number: is the inference calibrated (Kolmogorov–Smirnov p-value over synthetic truths)
    log_evidence : logarithm of the mean likelihood over the priors; of two scenarios with as many free numbers, the
        one with the higher one fits these counts better
    failed : why runs failed, by their number
    """

    path: Path
    parameters: pd.DataFrame
    fit: pd.DataFrame
    ranks: pd.DataFrame
    log_evidence: float
    failed: Mapping[int, str]


def calibrate(
    scenario: str | Path | Scenario,
    name: str,
    *,
    runs: int = 200,
    refine: int = 100,
    draws: int = 200,
    truths: int = 100,
    settings: Mapping[str, str] = MappingProxyType({}),
    execution: Execution = USUAL,
) -> Calibration:
    """Calibrate a scenario; finished runs of a killed calibration are found and not made again.

    Parameters
    ----------
    scenario : name, path or resolved scenario, with a ``[[calibration]]`` table
    name : what the posterior is to be called
    runs, refine : runs over the priors, and where the first found weight
    draws : equally likely draws to store
    truths : synthetic truths of the simulation-based calibration
    settings : changes as ``--set`` takes them
    execution : where runs are made and kept

    Raises
    ------
    AnalysisError
        If the scenario has no priors, begins after 1 August, names a posterior or sets a number of the priors, if too
        few runs are asked for, or too few succeed.
    OutputError
        If the results folder holds a posterior of that name of another scenario, or cannot be written.
    ScenarioError, PoolError
        As for an ensemble.
    """
    loaded = ready(scenario, settings)
    free, carried = _priors(loaded, settings, runs)
    folder = execution.folder(f"calibration-{name}")
    path = folder / f"{name}.json"
    _check_same(path, loaded)
    wanted = targets()
    published = np.array([target.value for target in wanted])
    with execution.at_work(folder) as pool:
        study = _Study(loaded, free, carried, wanted, folder, pool, execution.bar("run"))
        first = study.uniforms(runs, seed=1)
        study.run(first, first_seed=100_001)
        sample = infer(study.problem(), published)
        if refine:
            study.run(study.near(sample, refine), first_seed=200_001)
            sample = infer(study.problem(), published)
    problem = study.problem()
    bar = _bar(truths, execution.progress)
    ranks = rank_statistics(problem, truths, progress=bar)
    tables = _tables(problem, carried, sample, ranks)
    facts = {
        "name": name,
        "scenario": loaded.name,
        "scenario_hash": scenario_hash(loaded),
        "model": {"version": __version__, "git_commit": git_commit(), "code_hash": code_hash()},
        "made_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "window": [str(WINDOW_START), str(WINDOW_END)],
        "method": "quadratic emulator of two waves of runs; adaptive importance sampling",
        "design": {
            "runs": [runs, refine], "failed": len(study.failed), "seeds": "100001 and 200001 and following",
            "truths": truths, "effective_size": round(sample.effective_size, 1),
        },
        "log_evidence": round(sample.log_evidence, 3),
        "parameters": tables[0].to_dict("records"),
        "fit": tables[1].to_dict("records"),
        "simulation_based_calibration": tables[2].to_dict("records"),
        "limits": list(LIMITS),
        "draws": _draws(free, carried, sample, draws),
    }  # fmt: skip
    write_whole(path, (json.dumps(facts, indent=1, ensure_ascii=False) + "\n").encode())
    return Calibration(path, *tables, sample.log_evidence, study.failed)


def _check_same(path: Path, scenario: Scenario) -> None:
    """Refuse to write a posterior over that of another scenario, other settings or other priors."""
    try:
        facts = json.loads(path.read_bytes())
        name, made_of = facts["scenario"], facts["scenario_hash"]
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path}: found a file that is no posterior; give another --name or --out") from error
    if made_of != scenario_hash(scenario):
        other = f"of the scenario '{name}'" if name != scenario.name else f"of '{name}' under other settings or priors"
        raise OutputError(
            f"{path}: found a posterior {other}, which would be lost; give another --name, or by --out another folder "
            "beside this one, which takes over the runs that fit"
        )


def _priors(scenario: Scenario, settings: Mapping[str, str], runs: int) -> tuple[list[Prior], list[Prior]]:
    """Return the free and the carried numbers of a scenario that so many runs can calibrate."""
    free = [prior for prior in scenario.calibration if prior.role == "free"]
    if not free:
        raise AnalysisError(
            f"{scenario.name}: found no free number; calibration needs a [[calibration]] table of priors"
        )
    if scenario.start != WINDOW_START or scenario.until < WINDOW_END:
        raise AnalysisError(
            f"{scenario.name}: found the days {scenario.start} to {scenario.until}; calibration needs "
            f"{WINDOW_START} to {WINDOW_END}, recorded from the first"
        )
    if float(scenario.migrants.people_scale) != 1.0:
        raise AnalysisError(f"{scenario.name}: found a scaled population; published counts are of a whole one")
    if scenario.people_per_agent != 1:
        raise AnalysisError(
            f"{scenario.name}: found one agent for {scenario.people_per_agent} people; calibration needs "
            "one for each, or it would fit the bias of the weights"
        )
    if scenario.calibrated:
        raise AnalysisError(
            f"calibrated: found '{scenario.calibrated}'; calibration starts from priors; leave out the posterior"
        )
    given = {number.key for number in numbers_of(scenario) if number.source == "set"} | set(settings)
    for prior in scenario.calibration:
        if prior.key in given:
            raise AnalysisError(
                f"{prior.key}: found a number that is set and {prior.role} in calibration, which would overwrite it; "
                "leave out --set, or its row of [[calibration]]"
            )
    n_varied = sum(prior.key != DISPERSION for prior in free)
    few = min(runs, _ENOUGH)
    try:
        fit_emulator(np.random.default_rng(0).random((few, n_varied)), np.ones((few, 1)))
    except ValueError as error:
        raise AnalysisError(f"--runs: found {runs}; {error}") from error
    return free, [prior for prior in scenario.calibration if prior.role == "carried"]


class _Study:
    """Runs made so far, and the emulator through them."""

    def __init__(
        self, scenario: Scenario, free: list[Prior], carried: list[Prior], wanted: tuple[Target, ...], folder: Path,
        pool: Pool, progress: str,
    ) -> None:  # fmt: skip
        # runs do not depend on priors: an edited sentence in the table of priors must not cost them
        self._scenario = scenario.model_copy(update={"calibration": (), "until": WINDOW_END})
        self._free, self._wanted = free, wanted
        self._varied = [prior for prior in free if prior.key != DISPERSION]
        self._carried, self._folder, self._pool, self._progress = carried, folder, pool, progress
        self._waves: list[tuple[Floats, Floats]] = []
        self.failed: dict[int, str] = {}

    def uniforms(self, n: int, seed: int) -> Floats:
        """Return a spread of `n` points over what runs depend on, as uniforms: free numbers, then carried ones."""
        cube = qmc.Sobol(len(self._varied) + len(self._carried), scramble=True, rng=np.random.default_rng(seed))
        return np.asarray(cube.random(2 ** int(np.ceil(np.log2(max(n, 2)))))[:n], dtype=np.float64)

    def near(self, sample: Sample, n: int) -> Floats:
        """Return `n` points where the posterior has its weight, some of them spread over all the priors."""
        spread = self.uniforms(n, seed=2)
        chosen = [number for number, prior in enumerate(self._free) if prior.key != DISPERSION]
        own = sample.uniforms[sample.equal(n)][:, chosen]
        # every seventh keeps its place in the spread; systematic draws are shuffled so that no order is left in them
        near = np.arange(n) % max(2, round(1 / _WIDENED)) != 0
        order = np.random.default_rng(2).permutation(n)
        spread[near, : len(chosen)] = own[order][near]
        return spread

    def run(self, uniforms: Floats, first_seed: int) -> None:
        """Run the scenario at points, and add them to the emulator."""
        priors = [*self._varied, *self._carried]
        values = from_uniform(priors, uniforms)
        points = [
            Point(tuple((prior.key, float(x)) for prior, x in zip(priors, row, strict=True)), first_seed + number)
            for number, row in enumerate(values)
        ]
        found, failed = run_points(self._scenario, points, self._folder / "runs", self._pool, progress=self._progress)
        self.failed |= {first_seed + number: why for number, why in failed.items()}
        good = [number for number, run in enumerate(found) if run is not None]
        made: Sequence[PointRun] = [run for run in found if run is not None]
        outputs = np.array([values_of_run(self._wanted, run.daily) for run in made])
        if not made:
            raise AnalysisError(f"all {len(points)} runs failed, the first because of {failed[0]}")
        self._waves.append((uniforms[good][:, : len(self._varied)], outputs))

    def problem(self) -> Problem:
        """Return the inference with the emulator through all runs, of which the last wave counts most."""
        x = np.concatenate([uniforms for uniforms, _ in self._waves])
        y = np.concatenate([outputs for _, outputs in self._waves])
        last = len(self._waves[-1][0])
        weights = np.full(len(x), 1.0 if len(self._waves) == 1 else _WEIGHT_OF_FIRST_WAVE)
        weights[-last:] = 1.0
        try:
            emulator = fit_emulator(x, y, weights, n_kept=last)
        except ValueError as error:
            raise AnalysisError(f"--runs: found {len(x)} finished runs; {error}") from error
        return Problem(self._free, self._wanted, emulator)


def _draws(free: list[Prior], carried: list[Prior], sample: Sample, n: int) -> list[list[float]]:
    """Return equally likely draws: free numbers from the posterior, carried ones from their priors."""
    order = np.random.default_rng(3).permutation(n)  # so that neighbouring numbers are not neighbouring draws
    own = from_uniform(free, sample.uniforms[sample.equal(n)][order])
    if carried:
        cube = qmc.Sobol(len(carried), scramble=True, rng=np.random.default_rng(4))
        spread = np.asarray(cube.random(2 ** int(np.ceil(np.log2(n)))))[:n]
        own = np.column_stack([own, from_uniform(carried, spread)])
    return [[float(f"{x:.6g}") for x in row] for row in own]


def _tables(
    problem: Problem, carried: list[Prior], sample: Sample, ranks: Floats
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    positions = sample.equal(4000)
    uniforms = sample.uniforms[positions]
    values = from_uniform(problem.priors, uniforms)
    flat = np.random.default_rng(5).random((4000, len(problem.priors)))
    prior_sd = from_uniform(problem.priors, flat).std(axis=0)
    rows = []
    for number, prior in enumerate(problem.priors):
        contraction = 1.0 - values[:, number].std() / prior_sd[number]
        low, low80, median, high80, high = np.quantile(values[:, number], _QUANTILES)
        rows.append(
            {"key": prior.key, "role": "free", "family": prior.family, "prior_low": prior.low, "prior_high": prior.high,
             "median": median, "low_80": low80, "high_80": high80, "low_95": low, "high_95": high,
             "contraction": round(float(contraction), 3), "identified": bool(contraction >= IDENTIFIED_FROM)}
        )  # fmt: skip
    rows += [
        {"key": prior.key, "role": "carried", "family": prior.family, "prior_low": prior.low, "prior_high": prior.high}
        for prior in carried
    ]
    rng = np.random.default_rng(6)
    residuals = problem.emulator.residuals
    logs = problem.emulator(uniforms[:, problem.simulated]) + residuals[rng.integers(0, len(residuals), len(uniforms))]
    foretold = np.expm1(logs)
    fit = [
        {"target": target.name, "source": target.source, "published": target.value,
         "median": float(np.median(foretold[:, number])), "low_80": float(np.quantile(foretold[:, number], 0.1)),
         "high_80": float(np.quantile(foretold[:, number], 0.9)),
         "explained": round(float(problem.emulator.explained[number]), 3)}
        for number, target in enumerate(problem.targets)
    ]  # fmt: skip
    checked = [
        {"key": prior.key, "truths": len(ranks), "mean_rank": round(float(ranks[:, number].mean()), 3),
         "p_uniform": round(float(kstest(ranks[:, number], "uniform").pvalue), 4),
         "inside_80": round(float(((ranks[:, number] > 0.1) & (ranks[:, number] < 0.9)).mean()), 3)}
        for number, prior in enumerate(problem.priors)
    ]  # fmt: skip
    parameters = pd.DataFrame(rows).astype(object)
    return parameters.where(parameters.notna(), None), pd.DataFrame(fit), pd.DataFrame(checked)


def _bar(total: int, progress: bool) -> Any:
    if not progress:
        return None
    import sys

    from tqdm import tqdm

    bar = tqdm(total=total, unit="truth", leave=False, file=sys.stderr)
    return lambda number: bar.update()
