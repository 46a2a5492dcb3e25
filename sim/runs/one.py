"""One run: a scenario stepped to its end, its record measured, its results folder written."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim.runs.store import check_free, free_name, whole_or_nothing, write_record
from sim.scenario.load import load_scenario

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.model import StandoffModel
    from sim.scenario.schema import Scenario

__all__ = ["Run", "run", "simulate"]

_RESULTS = Path("results")


@dataclass(frozen=True)
class Run:
    """What one run gave: the record, the chronicle, and what it took."""

    scenario: Scenario
    seed: int
    record: xr.Dataset
    chronicle: pd.DataFrame
    timings: dict[str, Any]


def simulate(scenario: Scenario, seed: int | None = None, *, progress: bool = False) -> Run:
    """Return a scenario run to its end.

    Parameters
    ----------
    scenario : resolved scenario
    seed : 64-bit seed; the scenario's own when not given
    progress : whether to show a progress bar on stderr
    """
    from sim.model import StandoffModel
    from sim.record import chronicle_table, make_record

    began = time.perf_counter()
    model = StandoffModel(scenario, seed)
    built = time.perf_counter()
    _step(model, progress)
    stepped = time.perf_counter()
    record, chronicle = make_record(model), chronicle_table(model)
    seconds = stepped - built
    timings = {
        "seconds_building": round(built - began, 3),
        "seconds_stepping": round(seconds, 3),
        "n_hours": model.hour,
        "n_people": len(model.people),
        "live_people_hours": model.n_person_hours,
        "live_people_hours_per_second": round(model.n_person_hours / seconds) if seconds > 0 else 0,
    }
    seed_used = model.seed
    model.release()
    return Run(scenario, seed_used, record, chronicle, timings)


def _step(model: StandoffModel, progress: bool) -> None:
    """Step a model to its end, day by day, with a progress bar if wanted."""
    calendar = model.world.calendar
    if not progress:
        model.run()
        return
    from tqdm import tqdm

    with tqdm(total=calendar.n_days, unit="day", desc="stepping", leave=False, file=sys.stderr) as bar:
        for day in range(calendar.n_days):
            bar.set_postfix_str(f"{calendar.date_of_day(day):%-d %b %Y}", refresh=False)
            model.run(int(calendar.first_hour_of_day[day + 1]))
            bar.update()


def run(
    scenario: str | Path | Scenario,
    *,
    seed: int | None = None,
    out: Path | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
    figures: bool = True,
    progress: bool = False,
    command: str = "",
) -> tuple[Run, Path]:
    """Run a scenario and write its results folder; return the run and the folder.

    Raises
    ------
    ScenarioError
        If the scenario does not load.
    OutputError
        If the results cannot be written.
    LedgerError
        If a law of the model is broken.
    """
    from sim.runs.provenance import make_manifest, write_manifest
    from sim.runs.tables import write_tables
    from sim.scenario.checks import check_references
    from sim.world.border import load_border

    started = datetime.now(UTC)
    loaded = load_scenario(scenario, settings) if isinstance(scenario, str | Path) else scenario
    check_references(loaded, load_border(), str(scenario) if isinstance(scenario, str | Path) else "")
    seed = loaded.seed if seed is None else seed
    if out is not None:
        check_free(out)
    result = simulate(loaded, seed, progress=progress)
    changed = ", ".join(key for key in settings if key not in {"seed", "until"})
    if changed:
        result.record.attrs["changed"] = changed
    folder = out or free_name(_RESULTS, f"{loaded.name}-seed{seed}")
    with whole_or_nothing(folder) as unfinished:
        write_record(result.record, unfinished / "record.nc")
        write_tables(result.record, result.chronicle, unfinished)
        drew = time.perf_counter()
        if figures:
            _draw(result, unfinished / "figures")
        timings = {**result.timings, "seconds_drawing": round(time.perf_counter() - drew, 3)}
        manifest = make_manifest(loaded, seed, command, unfinished, timings, started)
        write_manifest(manifest, unfinished)
    return result, folder


def _draw(result: Run, folder: Path) -> None:
    """Draw all figures of a run."""
    from sim.plots import Ground, draw_all
    from sim.scenario.observed import observed_attempts_by_day
    from sim.world.border import load_border
    from sim.world.outlines import load_basemap, load_lines

    ground = Ground(load_border(), load_lines("150m"), load_basemap())
    whole = result.record.attrs["people_scale"] == 1.0  # published counts stand beside a whole population only
    observed = observed_attempts_by_day() if whole else None
    draw_all(result.record, result.chronicle, folder, ground=ground, observed=observed)
