"""``discover``: the fewest assumptions under which an outcome comes about, found by PRIM among many runs.

The patient rule induction method (Friedman and Fisher 1999) as scenario discovery uses it (Bryant and Lempert 2010):
shave a twentieth of the runs off one side of one number at a time, always where the share of wanted runs rises most,
and stop when too few are left. Own code of some sixty lines: the EMA workbench needs Python 3.12, and the package
``prim`` of the index has had no release since 2024. CART is not used: a box reads more easily than a tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, qmc

from sim.analysis.objectives import check_objective
from sim.analysis.points import AnalysisError, Point, run_points
from sim.analysis.sensitivity import ranges_of, value_of
from sim.runs.ensemble.run import ready
from sim.runs.ensemble.store import write_whole
from sim.runs.execution import USUAL, Execution

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Box", "Discovery", "discover", "find_box"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SHAVED: Final = 0.05
_LEAST_RUNS: Final = 8
_LEAST_SHARE: Final = 0.05
_CONVINCING: Final = 0.05


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
        peeled: tuple[float, int, bool, float, Flags] | None = None
        for number in range(k):
            for from_below in (True, False):
                at = float(np.quantile(uniforms[inside, number], _SHAVED if from_below else 1.0 - _SHAVED))
                keep = inside & ((uniforms[:, number] > at) if from_below else (uniforms[:, number] < at))
                if not keep.any() or keep.sum() == inside.sum():
                    continue
                density = float(wanted[keep].mean())
                if peeled is None or density > peeled[0]:
                    peeled = (density, number, from_below, at, keep)
        if peeled is None:
            break
        density, number, from_below, at, inside = peeled
        (low if from_below else high)[number] = at
        coverage = float(wanted[inside].sum() / wanted.sum())
        if density + coverage > best.density + best.coverage:
            best = Box(low.copy(), high.copy(), density, coverage)
        if density == 1.0:
            break
    return best


@dataclass(frozen=True)
class Discovery:
    """Under which assumptions an outcome comes about.

    Attributes
    ----------
    folder : results folder
    table : one row a number of the box: its range in the box, its whole range, what dropping it would cost in density,
        and a p-value for its being there by chance
    density, coverage, base : shares of wanted runs in the box, of all wanted runs in it, and of wanted runs at all
    n_runs : runs that it rests on
    """

    folder: Path
    table: pd.DataFrame
    density: float
    coverage: float
    base: float
    n_runs: int


def discover(
    scenario: str | Path | Scenario,
    outcome: str,
    *,
    above: float | None = None,
    below: float | None = None,
    runs: int = 128,
    keys: Sequence[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
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
    settings, execution : as for :func:`sim.analysis.sensitivity.sensitivity`

    Raises
    ------
    ObjectiveError
        If the outcome is crossing success, or more harm.
    AnalysisError
        If a key or outcome is unknown, or all runs or none are wanted.
    """
    if (above is None) == (below is None):
        raise AnalysisError("discover: give one of --above and --below")
    direction: Literal["low", "high"] = "high" if above is not None else "low"
    check_objective(outcome, direction)
    loaded = ready(scenario, settings)
    ranges = ranges_of(loaded, keys)
    cube = qmc.Sobol(len(ranges), scramble=True, rng=np.random.default_rng(1))
    uniforms = np.asarray(cube.random(2 ** int(np.ceil(np.log2(max(runs, 2))))))[:runs]
    ends = np.array(list(ranges.values()))
    values = ends[:, 0] + uniforms * (ends[:, 1] - ends[:, 0])
    points = [
        Point(tuple((key, float(x)) for key, x in zip(ranges, row, strict=True)), number + 1)
        for number, row in enumerate(values)
    ]
    folder = execution.folder(f"discovery-{loaded.name}")
    with execution.at_work(folder) as pool:
        found, _ = run_points(loaded, points, folder / "runs", pool, progress=execution.bar("run"))
    good = np.array([run is not None for run in found])
    results = np.array([value_of(run.total, run.daily, outcome) for run in found if run is not None])
    wanted = results > above if above is not None else results < (below or 0.0)
    try:
        box = find_box(uniforms[good], wanted)
    except ValueError as error:
        spread = f"{results.min():,.0f} to {results.max():,.0f}" if results.size else "nothing"
        raise AnalysisError(f"discover: {error}; '{outcome}' ran from {spread}") from error
    table = _table(box, uniforms[good], wanted, ranges)
    write_whole(folder / "tables" / "box.csv", table.round(6).to_csv(index=False, lineterminator="\n").encode())
    return Discovery(folder, table, box.density, box.coverage, float(wanted.mean()), int(good.sum()))


def _table(box: Box, uniforms: Floats, wanted: Flags, ranges: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Return one row a restricted number, the most valuable first."""
    import pandas as pd

    inside = (uniforms >= box.low) & (uniforms <= box.high)
    rows = []
    for number, (key, (low, high)) in enumerate(ranges.items()):
        if box.low[number] <= 0.0 and box.high[number] >= 1.0:
            continue
        others = np.delete(inside, number, axis=1).all(axis=1)
        without = float(wanted[others].mean()) if others.any() else 0.0
        here = inside.all(axis=1)
        test = binomtest(int(wanted[here].sum()), max(int(here.sum()), 1), min(max(without, 1e-9), 1.0), "greater")
        rows.append(
            {"key": key, "low": low + box.low[number] * (high - low), "high": low + box.high[number] * (high - low),
             "range_low": low, "range_high": high, "density_without": without,
             "value_of_learning": box.density - without, "p_by_chance": float(test.pvalue),
             "convincing": bool(test.pvalue < _CONVINCING)}
        )  # fmt: skip
    columns = ["key", "low", "high", "range_low", "range_high", "density_without", "value_of_learning", "p_by_chance",
               "convincing"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).sort_values("value_of_learning", ascending=False, ignore_index=True)
