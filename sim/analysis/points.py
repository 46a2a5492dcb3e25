"""Runs at chosen numbers: each kept on disk by what made it, so that a killed analysis goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import StandoffError
from sim.runs.ensemble.member import code_hash
from sim.runs.ensemble.store import write_whole
from sim.runs.pool import Pool
from sim.scenario.posteriors import with_numbers
from sim.scenario.resolved import scenario_hash

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["AnalysisError", "Point", "PointRun", "run_points"]

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
        from sim.runs.tables import daily_table, outcome_table

        scenario = with_numbers(self.scenario, dict(point.numbers), "a design")
        record = simulate(scenario, point.seed).record
        table: pd.DataFrame = daily_table(record)
        content = {
            "numbers": dict(point.numbers),
            "seed": point.seed,
            "daily": {str(name): [float(x) for x in column] for name, column in table.items()},
            "total": {
                **{name: value for _, name, value, _ in outcome_table(record)},
                "guards' unit-hours on duty": float(record["unit_hours_on_duty"].sum()),
                "engineers' crew-hours": float(record["crew_hours"].sum()),
                "incidents between armed forces": float(record["incidents"].sum()),
            },
        }
        return json.dumps(content).encode()


def run_points(
    scenario: Scenario,
    points: Sequence[Point],
    folder: Path,
    pool: Pool,
    *,
    progress: str = "",
) -> tuple[list[PointRun | None], dict[int, str]]:
    """Run a scenario at points; return what each gave, None for those that failed, and why these failed.

    Parameters
    ----------
    scenario : resolved scenario, whose numbers the points replace
    points : numbers and seeds
    folder : where finished runs are kept, and found again; those of other code or another scenario lie apart
    pool : where the runs are made
    progress : unit of a progress bar on stderr; none if empty

    Raises
    ------
    OutputError
        If a finished run cannot be kept.
    """
    kept = folder / f"{scenario_hash(scenario)[:_DIGITS]}-{code_hash()[:_DIGITS]}"
    found: list[PointRun | None] = [_read(kept / f"{point.name}.json", point) for point in points]
    missing = [number for number, run in enumerate(found) if run is None]
    failed: dict[int, str] = {}
    for finished in pool.run(_RunPoint(scenario), [points[number] for number in missing], progress=progress):
        number = missing[finished.number]
        if finished.failure is not None:
            failed[number] = finished.failure.why
            continue
        path = kept / f"{points[number].name}.json"
        write_whole(path, finished.value)
        found[number] = _read(path, points[number])
    return found, failed


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
