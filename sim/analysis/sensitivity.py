"""``sensitivity``: which assumed numbers an outcome hangs on. Morris to screen, Sobol on the few that matter.

Every number of a section whose source is ``assumed`` or ``estimated`` varies over its own range. Each point is run
under the same few seeds, and what is analysed is their mean: luck is not mistaken for an effect. Methods are SALib's
(Iwanaga et al. 2022): elementary effects (Morris 1991; μ* of Campolongo et al. 2007) and Saltelli's first-order and
total indices (2010).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.analysis.points import AnalysisError, Point, run_points
from sim.errors import nearest
from sim.runs.ensemble.run import ready
from sim.runs.ensemble.store import write_whole
from sim.runs.execution import USUAL, Execution
from sim.scenario.resolved import numbers_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Sensitivity", "ranges_of", "sensitivity"]

Floats = NDArray[np.float64]

_NEVER_VARIED: Final = ("migrants.people_scale", "weather.offset_c", "observation.count_dispersion")
_LEVELS: Final = 4


@dataclass(frozen=True)
class Sensitivity:
    """What an outcome hangs on.

    Attributes
    ----------
    folder : results folder
    table : one row an outcome and number, the strongest first. Morris: ``mu_star`` (mean size of the effect of a step
        through two thirds of the range), its 95 % half-width, ``sigma`` (how much the effect depends on the others),
        and ``noise``, the effect that luck alone would show. Sobol: shares of variance ``first`` and ``total``.
    n_runs : runs that it rests on
    """

    folder: Path
    table: pd.DataFrame
    n_runs: int


def ranges_of(scenario: Scenario, keys: Sequence[str] = ()) -> dict[str, tuple[float, float]]:
    """Return the numbers that may vary with their ranges: all assumed and estimated ones, or those of `keys`.

    Raises
    ------
    AnalysisError
        If a key is no number with a range; the nearest right one is named.
    """
    sections = [number for number in numbers_of(scenario) if "[" not in number.key]
    ranged = {
        number.key: (number.low, number.high)
        for number in sections
        if number.low is not None and number.high is not None and number.low < number.high
    }
    if keys:
        wrong = [key for key in keys if key not in ranged]
        if wrong:
            hints = "; ".join(f"'{key}' {nearest(key, ranged)}".strip() for key in wrong)
            raise AnalysisError(f"--keys: found what is no number with a range: {hints}")
        return {key: ranged[key] for key in keys}
    soft = {
        number.key for number in sections if any(part in ("assumed", "estimated") for part in number.source.split("+"))
    }
    return {key: ends for key, ends in ranged.items() if key in soft and key not in _NEVER_VARIED}


def sensitivity(
    scenario: str | Path | Scenario,
    *,
    method: Literal["morris", "sobol"] = "morris",
    trajectories: int = 8,
    seeds: int = 2,
    keys: Sequence[str] = (),
    outcomes: Sequence[str] = ("nights outdoors", "deaths", "recorded attempts, Poland"),
    settings: Mapping[str, str] = MappingProxyType({}),
    execution: Execution = USUAL,
) -> Sensitivity:
    """Vary numbers over their ranges and say which ones outcomes hang on.

    Parameters
    ----------
    scenario : name, path or resolved scenario
    method : ``morris`` costs trajectories × (numbers + 1) points, ``sobol`` trajectories × (numbers + 2)
    trajectories : Morris trajectories, or the base sample of Sobol (a power of 2)
    seeds : runs at each point
    keys : numbers to vary; all assumed and estimated ones if not given
    outcomes : rows of outcomes.csv, or daily series summed over the days
    settings : changes as ``--set`` takes them; an earlier ``until`` costs less
    execution : where runs are made and kept

    Raises
    ------
    AnalysisError
        If a key or an outcome is unknown, SALib is not there, or runs fail.
    """
    loaded = ready(scenario, settings)
    ranges = ranges_of(loaded, keys)
    if trajectories < 2 or seeds < 1 or not outcomes:
        raise AnalysisError("sensitivity: needs at least 2 trajectories, 1 seed and 1 outcome")
    salib = _salib()
    problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": [list(ends) for ends in ranges.values()]}
    if method == "morris":
        design = salib.morris_sample(problem, trajectories, num_levels=_LEVELS, seed=1)
    else:
        design = salib.sobol_sample(problem, trajectories, calc_second_order=False, seed=1)
    folder = execution.folder(f"sensitivity-{method}-{loaded.name}")
    points = [
        Point(tuple((key, float(x)) for key, x in zip(ranges, row, strict=True)), seed)
        for row in design
        for seed in range(1, seeds + 1)
    ]
    with execution.at_work(folder) as pool:
        found, failed = run_points(loaded, points, folder / "runs", pool, progress=execution.bar("run"))
    if failed:
        number, why = next(iter(failed.items()))
        numbers = ", ".join(f"{key}={x:g}" for key, x in points[number].numbers)
        raise AnalysisError(f"{len(failed)} of {len(points)} runs failed, the first at {numbers}: {why}")
    runs = [run for run in found if run is not None]
    rows: list[dict[str, Any]] = []
    for outcome in outcomes:
        values = np.array([value_of(run.total, run.daily, outcome) for run in runs]).reshape(len(design), seeds)
        mean = values.mean(axis=1)
        # the standard error of a difference of two points' means, were there no effect at all
        luck = float(np.sqrt(2.0 * values.var(axis=1, ddof=1).mean() / seeds)) if seeds > 1 else float("nan")
        if method == "morris":
            result = salib.morris_analyze(problem, design, mean, num_levels=_LEVELS, seed=1)
            columns = {"mu_star": "mu_star", "mu_star_95": "mu_star_conf", "mu": "mu", "sigma": "sigma"}
        else:
            result = salib.sobol_analyze(problem, mean, calc_second_order=False, seed=1)
            columns = {"total": "ST", "total_95": "ST_conf", "first": "S1", "first_95": "S1_conf"}
        for number, key in enumerate(ranges):
            low, high = ranges[key]
            row = {"outcome": outcome, "key": key, "low": low, "high": high}
            row |= {name: float(np.asarray(result[source])[number]) for name, source in columns.items()}
            rows.append(row | ({"noise": luck} if method == "morris" else {}))
    import pandas as pd

    strength = "mu_star" if method == "morris" else "total"
    table = pd.DataFrame(rows)
    order = {outcome: number for number, outcome in enumerate(outcomes)}
    table = table.sort_values(
        ["outcome", strength], ascending=[True, False], key=lambda c: c.map(order) if c.name == "outcome" else c
    ).reset_index(drop=True)
    write_whole(folder / "tables" / "sensitivity.csv", table.round(6).to_csv(index=False, lineterminator="\n").encode())
    return Sensitivity(folder, table, len(points))


def value_of(total: Mapping[str, float], daily: Mapping[str, Floats], outcome: str) -> float:
    """Return an outcome of a run: a row of outcomes.csv, or a daily series summed over the days.

    Raises
    ------
    AnalysisError
        If there is none of this name; the nearest right one is named.
    """
    if outcome in total:
        return float(total[outcome])
    if outcome in daily:
        return float(daily[outcome].sum())
    hint = nearest(outcome, [*total, *daily])
    raise AnalysisError(
        f"found the unknown outcome '{outcome}'; rows of outcomes.csv and daily series are known ({hint})"
    )


class _Salib:
    """The four functions that are used of SALib."""

    def __init__(self) -> None:
        from SALib.analyze import morris as morris_analysis
        from SALib.analyze import sobol as sobol_analysis
        from SALib.sample import morris as morris_design
        from SALib.sample import sobol as sobol_design

        self.morris_sample: Any = morris_design.sample
        self.morris_analyze: Any = morris_analysis.analyze
        self.sobol_sample: Any = sobol_design.sample
        self.sobol_analyze: Any = sobol_analysis.analyze


def _salib() -> _Salib:
    try:
        return _Salib()
    except ImportError:
        raise AnalysisError("sensitivity needs the package SALib: pip install 'border-standoff[analysis]'") from None
