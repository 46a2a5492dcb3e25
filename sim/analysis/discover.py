"""``discover``: the fewest assumptions under which an outcome comes about, found by PRIM among many runs.

The patient rule induction method (Friedman and Fisher 1999) as scenario discovery uses it (Bryant and Lempert 2010):
shave a twentieth of the runs off one side of one number at a time, always where the share of wanted runs rises most,
and stop when too few are left. Own code of some sixty lines: the EMA workbench needs Python 3.12, and the package
``prim`` of the index has had no release since 2024. CART is not used: a box reads more easily than a tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, qmc

from sim.analysis.exploration import Question, heading, keep
from sim.analysis.objectives import check_objective
from sim.analysis.points import AnalysisError, Point, run_points, value_of
from sim.analysis.sensitivity import ranges_of
from sim.runs.execution import USUAL, Execution
from sim.runs.ready import ready
from sim.scenario.resolved import numbers_of

if TYPE_CHECKING:
    import pandas as pd
    from xarray import Dataset

    from sim.scenario.schema import Scenario

__all__ = ["Box", "Discovery", "chance_of_as_good", "discover", "find_box"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SHAVED: Final = 0.05
_LEAST_RUNS: Final = 8
_FEWEST_RUNS: Final = 2 * _LEAST_RUNS
_LEAST_SHARE: Final = 0.05
_CONVINCING: Final = 0.05
_SHUFFLES: Final = 199
_MEANINGS: Final = {
    "key": "number of the scenario that the box restricts",
    "unit": "its unit",
    "low": "lower end inside the box",
    "high": "upper end inside the box",
    "range_low": "lower end of all that was tried",
    "range_high": "upper end of all that was tried",
    "density_without": "share of wanted runs in the box if this number were not restricted",
    "value_of_learning": "what restricting it adds to the share of wanted runs",
    "p_by_chance": "chance of as many wanted runs did the number not matter; the box was chosen to look good",
    "convincing": "whether that is below 0.05, and as good a box among shuffled outcomes as rare",
}


@dataclass(frozen=True)
class Box:
    """Ranges of some numbers inside which an outcome is frequent.

    Attributes
    ----------
    low, high : float64[n_numbers], ends of the box in uniforms of the ranges; 0 and 1 where a number is not restricted
    density : share of the runs in the box that are wanted
    coverage : share of the wanted runs that are in the box
    """

    low: Floats
    high: Floats
    density: float
    coverage: float

    def holds(self, uniforms: Floats) -> Flags:
        """Return whether each number of each run is in the box, bool[n_runs, n_numbers]; both ends belong to it."""
        return _between(uniforms, self.low, self.high)


def _between(uniforms: Floats, low: Floats, high: Floats) -> Flags:
    held: Flags = (uniforms >= low) & (uniforms <= high)
    return held


def find_box(uniforms: Floats, wanted: Flags) -> Box:
    """Return the box that trades density and coverage best: the largest sum of both along the peeling.

    Parameters
    ----------
    uniforms : float64[n_runs, n_numbers] in [0, 1]
    wanted : bool[n_runs], whether the outcome came about

    Raises
    ------
    ValueError
        If no run, or every run, is wanted.
    """
    n, k = uniforms.shape
    if not wanted.any() or wanted.all():
        raise ValueError(f"{int(wanted.sum())} of {n} runs are wanted; some must be and some not")
    low, high = np.zeros(k), np.ones(k)
    inside = np.ones(n, dtype=bool)
    best = Box(low.copy(), high.copy(), float(wanted.mean()), 1.0)
    while inside.sum() > max(_LEAST_RUNS, _LEAST_SHARE * n):
        ends = np.quantile(uniforms[inside], [_SHAVED, 1.0 - _SHAVED], axis=0)
        # bool[n_runs, n_numbers, 2]: what is left when a number is shaved from below, and from above
        sides = [_between(uniforms, ends[0], high), _between(uniforms, low, ends[1])]
        left = np.stack(sides, axis=2) & inside[:, None, None]
        n_left = left.sum(axis=0)
        allowed = (n_left > 0) & (n_left < inside.sum())
        if not allowed.any():
            break
        densities = np.where(allowed, left[wanted].sum(axis=0) / np.maximum(n_left, 1), -1.0)
        number, side = np.unravel_index(int(densities.argmax()), densities.shape)
        density, inside = float(densities[number, side]), left[:, number, side]
        (low if side == 0 else high)[number] = ends[side, number]
        coverage = float(wanted[inside].sum() / wanted.sum())
        if density + coverage > best.density + best.coverage:
            best = Box(low.copy(), high.copy(), density, coverage)
        if density == 1.0:
            break
    return best


def chance_of_as_good(uniforms: Floats, wanted: Flags, box: Box, shuffles: int = _SHUFFLES) -> float:
    """Return the share of shuffled outcomes in which a box as good is found though no number matters.

    Of a hundred numbers and a hundred runs, some box always looks good. What is counted is therefore how often the
    same search does as well, by density + coverage, when outcomes are dealt to the runs anew; the found one counts as
    one of them (Phipson and Smyth 2010).
    """
    rng = np.random.default_rng(2)
    as_good = 0
    for _ in range(shuffles):
        other = find_box(uniforms, rng.permutation(wanted))
        as_good += other.density + other.coverage >= box.density + box.coverage
    return (as_good + 1) / (shuffles + 1)


@dataclass(frozen=True)
class Discovery:
    """Under which assumptions an outcome comes about.

    Attributes
    ----------
    folder : results folder
    table : one row a number of the box: its range in the box, its whole range, what dropping it would cost in density,
        and a p-value for its being there by chance
    density, coverage, base : shares of wanted runs in the box, of all wanted runs in it, and of wanted runs at all
    p_by_chance : share of shuffled outcomes in which as good a box is found (:func:`chance_of_as_good`)
    n_runs : runs that it rests on
    failed : why runs gave nothing, by their seed; a box says nothing of where they would have been
    """

    folder: Path
    table: pd.DataFrame
    density: float
    coverage: float
    base: float
    p_by_chance: float
    n_runs: int
    failed: Mapping[int, str] = field(default_factory=dict)


def discover(
    scenario: str | Path | Scenario,
    outcome: str,
    *,
    above: float | None = None,
    below: float | None = None,
    runs: int = 128,
    keys: Sequence[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
    figures: bool = True,
    command: str = "",
    execution: Execution = USUAL,
) -> Discovery:
    """Run a scenario at points spread over its assumed ranges, and find the box in which an outcome is frequent.

    Parameters
    ----------
    scenario : name, path or resolved scenario
    outcome : a row of outcomes.csv, or a daily series summed over its days
    above, below : the outcome comes about where it is above, or below, this number (one of them)
    runs : how many points, one run at each
    keys : numbers to vary; all assumed and estimated ones if not given
    settings, figures, command, execution : as for :func:`sim.analysis.sensitivity.sensitivity`

    Raises
    ------
    ObjectiveError
        If the outcome is crossing success, more harm, less help, or unknown.
    AnalysisError
        If a key is unknown, the limit not finite, there are fewer than 16 runs, all fail, or all or none are wanted.
    OutputError
        If the results folder answers another question, or cannot be written.
    """
    if (above is None) == (below is None):
        raise AnalysisError("discover: give one of --above and --below")
    limit = above if above is not None else below
    if limit is None or not np.isfinite(limit):
        raise AnalysisError(f"discover: found the limit {limit}; must be a finite number")
    if runs < _FEWEST_RUNS:
        raise AnalysisError(f"--runs: found {runs}; must be a whole number from {_FEWEST_RUNS}")
    direction: Literal["low", "high"] = "high" if above is not None else "low"
    check_objective(outcome, direction)
    started = datetime.now(UTC)
    loaded = ready(scenario, settings)
    ranges = ranges_of(loaded, keys, settings)
    cube = qmc.Sobol(len(ranges), scramble=True, rng=np.random.default_rng(1))
    uniforms = np.asarray(cube.random(2 ** int(np.ceil(np.log2(max(runs, 2))))))[:runs]
    ends = np.array(list(ranges.values()))
    values = ends[:, 0] + uniforms * (ends[:, 1] - ends[:, 0])
    points = [
        Point(tuple((key, float(x)) for key, x in zip(ranges, row, strict=True)), number + 1)
        for number, row in enumerate(values)
    ]
    condition = f"{outcome} {'above' if above is not None else 'below'} {limit:,.10g}"
    folder = execution.folder(f"discovery-{loaded.name}")
    question = Question("box", loaded, ranges, {"condition": condition})
    question.check(folder)
    with execution.at_work(folder) as pool:
        found, failed = run_points(
            loaded, points, folder / "runs", pool, outcomes=[outcome], progress=execution.bar("run")
        )
        if len(failed) == len(points):
            raise AnalysisError(f"discover: all {len(points)} runs failed, the first because of {failed[min(failed)]}")
        good = np.array([run is not None for run in found])
        results = np.array([value_of(run.total, run.daily, outcome) for run in found if run is not None])
        wanted = results > above if above is not None else results < (below or 0.0)
        try:
            box = find_box(uniforms[good], wanted)
        except ValueError as error:
            spread = f"{results.min():,.0f} to {results.max():,.0f}" if results.size else "nothing"
            raise AnalysisError(f"discover: {error}; '{outcome}' ran from {spread}") from error
        chance = chance_of_as_good(uniforms[good], wanted, box)
        units = {number.key: number.unit for number in numbers_of(loaded)}
        table = _table(box, uniforms[good], wanted, ranges, units, chance)
        by_seed = {points[number].seed: why for number, why in sorted(failed.items())}
        result = Discovery(
            folder, table, box.density, box.coverage, float(wanted.mean()), chance, int(good.sum()), by_seed
        )
        seeds = range(1, runs + 1)
        more = {
            "runs": result.n_runs, "density": box.density, "coverage": box.coverage, "base": result.base,
            "p_by_chance": chance, "failed": by_seed,
        }  # fmt: skip
        keep(folder, question, table, _MEANINGS, seeds, command, started, more)
        if figures:
            _draw(
                result, outcome, condition, values[good], results, wanted, ranges, heading(loaded, seeds, result.n_runs)
            )
    return result


def _draw(
    result: Discovery, outcome: str, condition: str, values: Floats, results: Floats, wanted: Flags,
    ranges: Mapping[str, tuple[float, float]], header: Dataset,
) -> None:  # fmt: skip
    import pandas as pd

    from sim.plots.exploring import draw_discovery

    runs = pd.DataFrame(values, columns=list(ranges)).assign(outcome=results, wanted=wanted)
    sure = result.p_by_chance < _CONVINCING
    title = f"{condition[0].upper()}{condition[1:]}: in {result.base:.0%} of the runs, " + (
        f"in {result.density:.0%} inside a box that holds {result.coverage:.0%} of them"
        if sure
        else "and no box is told from chance"
    )
    note = f"As good a box in {result.p_by_chance:.1%} of searches among shuffled outcomes."
    draw_discovery(result.table, runs, outcome, title, note, header, result.folder / "figures")


def _table(
    box: Box, uniforms: Floats, wanted: Flags, ranges: Mapping[str, tuple[float, float]], units: Mapping[str, str],
    chance: float,
) -> pd.DataFrame:  # fmt: skip
    """Return one row a restricted number, the most valuable first."""
    import pandas as pd

    inside = box.holds(uniforms)
    rows = []
    for number, (key, (low, high)) in enumerate(ranges.items()):
        if box.low[number] <= 0.0 and box.high[number] >= 1.0:
            continue
        others = np.delete(inside, number, axis=1).all(axis=1)
        without = float(wanted[others].mean()) if others.any() else 0.0
        here = inside.all(axis=1)
        test = binomtest(int(wanted[here].sum()), max(int(here.sum()), 1), min(max(without, 1e-9), 1.0), "greater")
        rows.append(
            {"key": key, "unit": units[key], "low": low + box.low[number] * (high - low),
             "high": low + box.high[number] * (high - low), "range_low": low, "range_high": high,
             "density_without": without, "value_of_learning": box.density - without, "p_by_chance": float(test.pvalue),
             "convincing": bool(max(test.pvalue, chance) < _CONVINCING)}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(_MEANINGS)).sort_values(
        "value_of_learning", ascending=False, ignore_index=True
    )
