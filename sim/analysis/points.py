"""Runs at chosen numbers: each kept on disk by what made it, so that a killed analysis goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.objectives import hint_of_outcome
from sim.errors import StandoffError
from sim.runs.ensemble.member import code_hash
from sim.runs.ensemble.store import write_whole
from sim.runs.pool import Pool
from sim.scenario.posteriors import as_drawn, with_numbers
from sim.scenario.resolved import scenario_hash

if TYPE_CHECKING:
    from xarray import Dataset

    from sim.scenario.schema import Scenario

__all__ = ["AnalysisError", "Point", "PointRun", "outcomes_of", "run_points", "value_of"]

Floats = NDArray[np.float64]

_DIGITS: Final = 12


class AnalysisError(StandoffError):
    """An analysis that cannot be made as it was asked for."""


@dataclass(frozen=True)
class Point:
    """Numbers of the scenario by key, and the seed of one run at them."""

    numbers: tuple[tuple[str, float], ...]
    seed: int

    @property
    def name(self) -> str:
        """The first digits of the hash of numbers and seed."""
        return hashlib.sha256(json.dumps([self.numbers, self.seed]).encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True)
class PointRun:
    """What a run at a point gave: its series by day, its outcomes in all."""

    daily: dict[str, NDArray[np.float64]]
    total: dict[str, float]


@dataclass(frozen=True)
class _RunPoint:
    """The work: a point in, what its run gave out, as JSON."""

    scenario: Scenario

    def __call__(self, point: Point) -> bytes:
        from sim.runs.one import simulate

        drawn = as_drawn(self.scenario, point.seed)  # the numbers of the design come on top
        scenario = with_numbers(drawn, dict(point.numbers), "a design")
        total, daily = outcomes_of(simulate(scenario, point.seed).record)
        content = {"numbers": dict(point.numbers), "seed": point.seed, "daily": daily, "total": total}
        return json.dumps(content).encode()


def outcomes_of(record: Dataset) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Return what a run gave out: its outcomes in all, and its series by day."""
    from sim.runs.tables import daily_table, outcome_table

    total = {
        **{name: value for _, name, value, _ in outcome_table(record)},
        "guards' unit-hours on duty": float(record["unit_hours_on_duty"].sum()),
        "engineers' crew-hours": float(record["crew_hours"].sum()),
        "incidents between armed forces": float(record["incidents"].sum()),
    }
    return total, {str(name): [float(x) for x in column] for name, column in daily_table(record).items()}


def run_points(
    scenario: Scenario,
    points: Sequence[Point],
    folder: Path,
    pool: Pool,
    *,
    outcomes: Sequence[str] = (),
    progress: str = "",
) -> tuple[list[PointRun | None], dict[int, str]]:
    """Run a scenario at points; return what each gave, None for those that failed, and why these failed.

    Parameters
    ----------
    scenario : resolved scenario, whose numbers the points replace; of one that names a posterior, each run takes the
        draw of its seed first
    points : numbers and seeds
    folder : ``runs`` of a results folder, where finished ones are kept, and found again; those of other code or another
        scenario lie apart. Those that a results folder beside this one holds are taken over, not made
    pool : where the runs are made
    outcomes : what will be asked of each run; that there is such a thing is seen on the first, not after the last
    progress : unit of a progress bar on stderr; none if empty

    Raises
    ------
    AnalysisError
        If there is no outcome of that name.
    OutputError
        If a finished run cannot be kept.
    """
    kept = folder / f"{scenario_hash(scenario)[:_DIGITS]}-{code_hash()[:_DIGITS]}"
    others = sorted(path for path in folder.parent.parent.glob(f"*/{folder.name}/{kept.name}") if path != kept)
    found: list[PointRun | None] = [_here_or_beside(kept, others, point) for point in points]
    missing = [number for number, run in enumerate(found) if run is None]
    checked = _check(next((run for run in found if run is not None), None), outcomes)
    failed: dict[int, str] = {}
    for finished in pool.run(_RunPoint(scenario), [points[number] for number in missing], progress=progress):
        number = missing[finished.number]
        if finished.failure is not None:
            failed[number] = finished.failure.why
            continue
        path = kept / f"{points[number].name}.json"
        write_whole(path, finished.value)
        found[number] = _read(path, points[number])
        checked = checked or _check(found[number], outcomes)
    return found, failed


def _here_or_beside(kept: Path, others: Sequence[Path], point: Point) -> PointRun | None:
    """Return a finished run of these runs, or of those of other results folders, which is then kept here as well."""
    name = f"{point.name}.json"
    run = _read(kept / name, point)
    for other in others if run is None else ():
        run = _read(other / name, point)
        if run is not None:
            write_whole(kept / name, (other / name).read_bytes())
            break
    return run


def _check(run: PointRun | None, outcomes: Sequence[str]) -> bool:
    """Return whether there is a run, which has all outcomes."""
    if run is None:
        return False
    for outcome in outcomes:
        value_of(run.total, run.daily, outcome)
    return True


def value_of(total: Mapping[str, float], daily: Mapping[str, Floats], outcome: str) -> float:
    """Return an outcome of a run: a row of outcomes.csv, or a daily series summed over the days.

    Raises
    ------
    AnalysisError
        If there is none of this name; the nearest right one is named, but for crossing success.
    """
    if outcome in total:
        return float(total[outcome])
    if outcome in daily:
        return float(daily[outcome].sum())
    raise AnalysisError(
        f"found the unknown outcome '{outcome}'; rows of outcomes.csv and daily series are known"
        + hint_of_outcome(outcome)
    )


def _read(path: Path, point: Point) -> PointRun | None:
    """Return a finished run; None if there is none, or it is damaged or of another point."""
    try:
        content: Any = json.loads(path.read_bytes())
        if content["numbers"] != dict(point.numbers) or content["seed"] != point.seed:
            return None
        daily = {name: np.array(values, dtype=np.float64) for name, values in content["daily"].items()}
        return PointRun(daily, {name: float(value) for name, value in content["total"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        return None
