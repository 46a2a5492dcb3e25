"""``sensitivity``: which assumed numbers an outcome hangs on. Morris to screen, Sobol on the few that matter.

Every number of a section whose source is ``assumed`` or ``estimated`` varies over its own range. Each point is run
under the same few seeds, and what is analysed is their mean, beside what luck alone would show. Methods are SALib's
(Iwanaga et al. 2022): elementary effects (Morris 1991; μ* of Campolongo et al. 2007) and Saltelli's first-order and
total indices (2010).
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.analysis.exploration import Question, heading, keep
from sim.analysis.luck import morris_noise, sobol_luck
from sim.analysis.points import AnalysisError, Point, run_points, value_of
from sim.errors import nearest
from sim.runs.execution import USUAL, Execution
from sim.runs.ready import ready
from sim.scenario.resolved import numbers_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Sensitivity", "ranges_of", "sensitivity"]

Floats = NDArray[np.float64]

_NEVER_VARIED: Final = ("migrants.people_scale", "weather.offset_c", "observation.count_dispersion")
_LEVELS: Final = 4
_STEP: Final = _LEVELS / (2.0 * (_LEVELS - 1))
"""Of Morris's design, as a share of the range; elementary effects are divided by it."""
_WIDEST: Final = 1.0
"""Half-width of the interval of a share of variance from which the share says nothing."""
_MEANINGS: Final = {
    "outcome": "a row of outcomes.csv, or a daily series summed over the days",
    "mean": "mean of the outcome over all runs, in its own unit, as mu_star, mu, sigma and noise are",
    "key": "number of the scenario, or section of numbers that moved together",
    "numbers": "how many numbers that is",
    "low": "lower end of the range of the number",
    "high": "upper end of the range of the number",
    "mu_star": "mean size of the effect on the outcome, taken per whole range (elementary effects, Campolongo 2007)",
    "mu_star_95": "half-width of its 95 % interval (bootstrap over trajectories)",
    "mu": "mean effect with its sign: as large as mu_star where more of the number always moves the outcome one way; "
    "none for a section of several numbers, which move up and down apart from each other",
    "sigma": "standard deviation of the effects: how much they depend on the other numbers, and on luck; none for a "
    "section of several numbers",
    "noise": "mu_star that luck alone makes any of the numbers exceed in one analysis of twenty",
    "detectable": "whether mu_star exceeds noise",
    "total": "share of the variance of the outcome that the number has a part in (Sobol)",
    "total_95": "half-width of its 95 % interval",
    "first": "share of the variance that the number has alone",
    "first_95": "half-width of its 95 % interval",
    "luck": "share of the variance of points' means that is luck",
    "doubt": "why the numbers of this outcome tell nothing; empty where they do",
}


@dataclass(frozen=True)
class Sensitivity:
    """What an outcome hangs on.

    Attributes
    ----------
    folder : results folder
    table : one row an outcome and number, the strongest first. Morris: ``mu_star`` (mean size of the effect, per whole
        range), its 95 % half-width, ``mu`` with its sign, ``sigma`` (how much the effect depends on the others),
        ``noise`` (:func:`sim.analysis.luck.morris_noise`) and whether it is ``detectable`` above that. Sobol: shares of
        variance ``first`` and ``total``, and the share that is ``luck``. ``doubt`` says in words where an outcome never
        varied or the sample of Sobol is too small, and is empty elsewhere.
    n_runs : runs that it rests on
    """

    folder: Path
    table: pd.DataFrame
    n_runs: int

    @property
    def remark(self) -> str:
        """What the reader must know of all rows."""
        several = "mu" in self.table and bool((self.table["numbers"] > 1).any())
        return (
            "A section of several numbers has no direction: its numbers move up and down apart from each other."
            if several
            else ""
        )


def ranges_of(
    scenario: Scenario, keys: Sequence[str] = (), settings: Container[str] = ()
) -> dict[str, tuple[float, float]]:
    """Return the numbers that may vary with their ranges: all assumed and estimated ones, or those of `keys`.

    Parameters
    ----------
    scenario : resolved scenario
    keys : numbers to vary; all assumed and estimated ones if not given
    settings : keys that were set, whose numbers must not vary as well

    Raises
    ------
    AnalysisError
        If a key is no number with a range, and the nearest right one is named; if a number is set and varied.
    """
    sections = [number for number in numbers_of(scenario) if "[" not in number.key]
    ranged = {
        number.key: (number.low, number.high)
        for number in sections
        if number.low is not None and number.high is not None and number.low < number.high
    }
    soft = {n.key for n in sections if any(part in ("assumed", "estimated") for part in n.source.split("+"))}
    varied = keys or [key for key in ranged if key in soft and key not in _NEVER_VARIED]
    by_hand = {number.key for number in sections if number.source == "set"}
    for key in varied:
        if key in by_hand or key in settings:
            raise AnalysisError(
                f"{key}: found a number that is set and varied; leave out --set, or name other numbers by --key"
            )
    wrong = [key for key in varied if key not in ranged]
    if wrong:
        hints = "; ".join(f"'{key}' {nearest(key, ranged)}".strip() for key in wrong)
        raise AnalysisError(f"--key: found what is no number with a range: {hints}")
    return {key: ranged[key] for key in varied}


def sensitivity(
    scenario: str | Path | Scenario,
    *,
    method: Literal["morris", "sobol"] = "morris",
    trajectories: int = 8,
    seeds: int = 2,
    keys: Sequence[str] = (),
    by_section: bool = False,
    outcomes: Sequence[str] = ("nights outdoors", "deaths", "recorded attempts, Poland"),
    settings: Mapping[str, str] = MappingProxyType({}),
    figures: bool = True,
    command: str = "",
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
    by_section : whether all numbers of a section (``guards``, ``exposure`` …) move at once: as many points as there are
        sections, not numbers. What moves against each other may cancel, so a section is rather under- than overrated
    outcomes : rows of outcomes.csv, or daily series summed over the days
    settings : changes as ``--set`` takes them; an earlier ``until`` costs less
    figures : whether to draw
    command : command line to be noted
    execution : where runs are made and kept

    Raises
    ------
    AnalysisError
        If a key or an outcome is unknown, SALib is not there, or runs fail.
    OutputError
        If the results folder answers another question, or cannot be written.
    """
    started = datetime.now(UTC)
    loaded = ready(scenario, settings)
    ranges = ranges_of(loaded, keys, settings)
    if trajectories < 2 or seeds < 1 or not outcomes:
        raise AnalysisError("sensitivity: needs at least 2 trajectories, 1 seed and 1 outcome")
    if method == "sobol" and trajectories & (trajectories - 1):
        raise AnalysisError(f"--trajectories: found {trajectories}; Sobol's sample must be a power of 2, such as 64")
    design = _Design(ranges, method, trajectories, by_section)
    points = [
        Point(tuple((key, float(x)) for key, x in zip(ranges, row, strict=True)), seed)
        for row in design.rows
        for seed in range(1, seeds + 1)
    ]
    folder = execution.folder(f"sensitivity-{method}-{loaded.name}")
    question = Question("sensitivity", loaded, ranges, {"method": method, "by_section": by_section}, outcomes)
    question.check(folder)
    with execution.at_work(folder) as pool:
        found, failed = run_points(
            loaded, points, folder / "runs", pool, outcomes=outcomes, progress=execution.bar("run")
        )
        if failed:
            number, why = next(iter(failed.items()))
            numbers = ", ".join(f"{key}={x:g}" for key, x in points[number].numbers)
            raise AnalysisError(f"{len(failed)} of {len(points)} runs failed, the first at {numbers}: {why}")
        runs = [run for run in found if run is not None]
        rows: list[dict[str, Any]] = []
        for outcome in outcomes:
            values = np.array([value_of(run.total, run.daily, outcome) for run in runs]).reshape(-1, seeds)
            told = sorted(design.analyze(values), key=lambda row: -float(row[design.strength]))
            rows += [{"outcome": outcome, "mean": float(values.mean()), **row} for row in told]
        import pandas as pd

        table = pd.DataFrame(rows)
        lucks = range(1, seeds + 1)
        more = {"trajectories": trajectories, "runs": len(points)}
        keep(folder, question, table, _MEANINGS, lucks, command, started, more)
        result = Sensitivity(folder, table, len(points))
        if figures:
            from sim.plots.exploring import draw_sensitivity

            draw_sensitivity(table, result.remark, heading(loaded, lucks, len(points)), folder / "figures")
    return result


class _Design:
    """Points over the ranges, and what is made of the outcomes at them."""

    def __init__(
        self, ranges: Mapping[str, tuple[float, float]], method: str, trajectories: int, by_section: bool
    ) -> None:
        self._salib = _salib()
        self._ranges, self._method = ranges, method
        self._problem: dict[str, Any] = {
            "num_vars": len(ranges), "names": list(ranges), "bounds": [list(ends) for ends in ranges.values()],
        }  # fmt: skip
        self._n, self._names = trajectories, list(ranges)
        if by_section:
            self._problem["groups"] = [key.partition(".")[0] for key in ranges]
            self._names = list(dict.fromkeys(self._problem["groups"]))
        if method == "morris":
            self.rows: Floats = self._salib.morris_sample(self._problem, trajectories, num_levels=_LEVELS, seed=1)
        else:
            self.rows = self._salib.sobol_sample(self._problem, trajectories, calc_second_order=False, seed=1)
        self.strength = "mu_star" if method == "morris" else "total"

    def analyze(self, values: Floats) -> list[dict[str, Any]]:
        """Return one row a number, or a section of them, of outcomes float64[n_points, n_seeds]."""
        mean = values.mean(axis=1)
        still = bool(np.ptp(mean) == 0.0)
        result: dict[str, Any]
        if self._method == "morris":
            result = self._salib.morris_analyze(self._problem, self.rows, mean, num_levels=_LEVELS, seed=1)
            columns = {"mu_star": "mu_star", "mu_star_95": "mu_star_conf", "mu": "mu", "sigma": "sigma"}
            luck = morris_noise(values, len(self._names), _STEP)
        else:
            columns = {"total": "ST", "total_95": "ST_conf", "first": "S1", "first_95": "S1_conf"}
            if still:  # no variance to share out
                result = dict.fromkeys(columns.values(), np.full(len(self._names), np.nan))
            else:
                result = self._salib.sobol_analyze(self._problem, mean, calc_second_order=False, seed=1)
            luck = sobol_luck(values)
        rows = []
        for number, name in enumerate(self._names):
            numbers = [key for key in self._ranges if name in (key, key.partition(".")[0])]
            low, high = self._ranges.get(name, (np.nan, np.nan))
            row: dict[str, Any] = {"key": name, "numbers": len(numbers), "low": low, "high": high}
            row |= {column: float(np.ma.filled(result[source], np.nan)[number]) for column, source in columns.items()}
            if len(numbers) > 1 and self._method == "morris":
                row |= {"mu": np.nan, "sigma": np.nan}
            if self._method == "morris":
                row |= {"noise": luck, "detectable": row["mu_star"] > luck}
            else:
                row |= {"luck": luck}
            rows.append(row)
        doubt = "It is the same in every run: no number moved it." if still else self._doubt(rows)
        return [{**row, "doubt": doubt} for row in rows]

    def _doubt(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return why shares of variance tell nothing, or an empty text; Morris's effects stand beside their noise."""
        if self._method == "morris":
            return ""
        shares = np.array([[row[name] for name in ("total", "first", "total_95", "first_95")] for row in rows])
        if shares[:, 0].min() >= 0.0 and shares[:, 2:].max() < _WIDEST:  # a nan is neither
            return ""
        return (
            f"The sample of {self._n} is too small to tell shares of variance: intervals are wider than from none to "
            f"all; four times as many (--trajectories {4 * self._n}) halve them."
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
