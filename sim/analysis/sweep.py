"""``sweep``: a lever at several settings, each under the same seeds; four sides beside each other, never summed.

What befell people stands first. Settings are not ranked: the frontier plots show suffering against security, cost and
escalation, and leave the weighing to the reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.exploration import Question, heading, keep
from sim.analysis.objectives import FRONTIER, UNITS, check_shown
from sim.analysis.points import AnalysisError, Point, run_points, value_of
from sim.runs.ensemble.intervals import mean_interval, paired_difference
from sim.runs.ensemble.seeds import member_seeds
from sim.runs.execution import USUAL, Execution
from sim.runs.ready import ready
from sim.scenario.resolved import numbers_of, scenario_hash

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Sweep", "sweep"]

Floats = NDArray[np.float64]

_ALWAYS: Final = ("deaths", "taken to hospital", *FRONTIER.values(), "engineers' crew-hours")
_MOST_SETTINGS: Final = 64
_NO_LEVERS: Final = {
    "seed": "each setting runs under the same seeds, so that a seed would change nothing; more luck is --members",
    "name": "a name is no number of the model and changes nothing",
}
_NO_INTERVAL: Final = "; empty where a setting has one run, which does not tell how far luck scatters"
_MEANINGS: Final = {
    "setting": "all keys that were varied, with their values",
    "outcome": "a row of outcomes.csv, a daily series summed over the days, or hours and incidents over all days",
    "n": "runs of the setting, under the same seeds as those of each other setting",
    "mean": "mean of the runs",
    "low_95": f"lower end of its 95 % interval (Student t){_NO_INTERVAL}",
    "high_95": f"upper end of its 95 % interval (Student t){_NO_INTERVAL}",
    "difference_to_first": "mean difference to the first setting, run by run under the same seed",
    "difference_low_95": f"lower end of its 95 % interval (Student t){_NO_INTERVAL}",
    "difference_high_95": f"upper end of its 95 % interval (Student t){_NO_INTERVAL}",
}


@dataclass(frozen=True)
class Sweep:
    """What came of each setting.

    Attributes
    ----------
    folder : results folder, with ``tables/sweep.csv`` and ``figures/``
    table : one row a setting and outcome: mean of the members, its 95 % interval, and the difference to the first
        setting under the same seeds; of single runs there are no intervals
    """

    folder: Path
    table: pd.DataFrame


def sweep(
    scenario: str | Path,
    vary: Mapping[str, Sequence[str]],
    *,
    members: int = 8,
    outcomes: Sequence[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
    figures: bool = True,
    command: str = "",
    execution: Execution = USUAL,
) -> Sweep:
    """Run a scenario with every combination of settings, each under the same seeds.

    Parameters
    ----------
    scenario : name or path
    vary : values of each key as ``--set`` takes them, such as ``{"guards.response_minutes": ["10 min", "20 min"]}``
    members : runs of each setting
    outcomes : shown beside those that always are: rows of outcomes.csv or daily series
    settings, figures, command, execution : as for an ensemble

    Raises
    ------
    ObjectiveError
        If an outcome is crossing success, or unknown.
    AnalysisError
        If there is nothing to vary, too much, a key that is no lever or set as well, the same setting twice, or a run
        fails.
    ScenarioError
        If a setting does not load.
    OutputError
        If the results folder answers another question, or cannot be written.
    """
    for outcome in outcomes:
        check_shown(outcome)
    combinations = [dict(zip(vary, values, strict=True)) for values in product(*vary.values())] if vary else []
    if not 2 <= len(combinations) <= _MOST_SETTINGS:
        n = len(combinations)
        raise AnalysisError(f"--vary: found {n} setting{'s' * (n != 1)}; from 2 to {_MOST_SETTINGS} can be compared")
    if members < 1:
        raise AnalysisError(f"--members: found {members}; must be a whole number from 1")
    for key in vary:
        if key in _NO_LEVERS:
            raise AnalysisError(f"{key}: found in --vary; {_NO_LEVERS[key]}")
        if key in settings:
            raise AnalysisError(f"{key}: found among the settings and in --vary; give all its values in --vary")
    started = datetime.now(UTC)
    loaded = [ready(scenario, {**settings, **combination}) for combination in combinations]
    _check_that_all_differ([_name(combination) for combination in combinations], loaded)
    points = [Point((), seed) for seed in member_seeds(members, loaded[0].seed)]
    folder = execution.folder(f"sweep-{loaded[0].name}")
    shown = list(dict.fromkeys([*_ALWAYS, *outcomes]))
    question = Question("sweep", loaded[0], vary, outcomes=shown)
    question.check(folder)
    results = []
    with execution.at_work(folder) as pool:
        for one in loaded:
            found, failed = run_points(
                one, points, folder / "runs", pool, outcomes=shown, progress=execution.bar("run")
            )
            if failed:
                raise AnalysisError(
                    f"{len(failed)} of {members} runs failed, the first because of {failed[min(failed)]}"
                )
            runs = [run for run in found if run is not None]
            results.append({name: np.array([value_of(run.total, run.daily, name) for run in runs]) for name in shown})
        table = _table(combinations, shown, results)
        seeds = [point.seed for point in points]
        meanings = {**dict.fromkeys(vary, "setting of this key, as --set takes it"), **_MEANINGS}
        keep(folder, question, table, meanings, seeds, command, started, {"members": members})
        if figures:
            from sim.plots.sweep import Swept, draw_sweep

            header = heading(loaded[0], seeds, members * len(combinations), loaded[1:])
            known = {number.key: number.unit for number in numbers_of(loaded[0])}
            levers = {key: known.get(key, "").removeprefix("1") for key in vary}
            draw_sweep(Swept(table, levers, FRONTIER, UNITS, header), folder / "figures")
    return Sweep(folder, table)


def _name(combination: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in combination.items())


def _check_that_all_differ(names: Sequence[str], scenarios: Sequence[Scenario]) -> None:
    """Refuse two settings that make the same scenario: they would run twice and stand beside each other as two."""
    seen: dict[str, str] = {}
    for name, scenario in zip(names, scenarios, strict=True):
        made = scenario_hash(scenario)
        if made in seen:
            raise AnalysisError(f"--vary: found '{seen[made]}' and '{name}', which are one and the same; give it once")
        seen[made] = name


def _table(
    combinations: Sequence[Mapping[str, str]], shown: Sequence[str], results: Sequence[Mapping[str, Floats]]
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for combination, result in zip(combinations, results, strict=True):
        for name in shown:
            mean = mean_interval(result[name])
            apart = paired_difference(results[0][name], result[name]).difference
            ends = {"low_95": mean.low, "high_95": mean.high}
            ends_apart = {"difference_low_95": apart.low, "difference_high_95": apart.high}
            if mean.n < 2:
                ends, ends_apart = dict.fromkeys(ends, np.nan), dict.fromkeys(ends_apart, np.nan)
            rows.append(
                {**combination, "setting": _name(combination), "outcome": name, "n": mean.n, "mean": mean.mean, **ends,
                 "difference_to_first": apart.mean, **ends_apart}
            )  # fmt: skip
    return pd.DataFrame(rows)
