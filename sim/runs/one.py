"""One run: a scenario stepped to its end, its record measured, its results folder written."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim.errors import LedgerError, OutputError
from sim.runs.figures import draw_figures, drawers
from sim.runs.netcdf import write_netcdf
from sim.runs.ready import ready
from sim.runs.store import check_free, free_name, whole_or_nothing

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.model import StandoffModel
    from sim.runs.snapshot.keep import Keeper
    from sim.runs.snapshot.state import State
    from sim.scenario.schema import Scenario

__all__ = ["Run", "complete", "run", "simulate"]

_RESULTS = Path("results")
_SAID_ELSEWHERE = frozenset({"seed", "until", "people_per_agent"})
"""Settings that a record and its figures tell by themselves, so that they are not among what was changed."""


@dataclass(frozen=True)
class Run:
    """What one run gave: the record, the chronicle, and what it took."""

    scenario: Scenario
    seed: int
    record: xr.Dataset
    chronicle: pd.DataFrame
    timings: dict[str, Any]


def simulate(
    scenario: Scenario,
    seed: int | None = None,
    *,
    progress: bool = False,
    begin: State | None = None,
    keeper: Keeper | None = None,
    broken: Path | None = None,
) -> Run:
    """Return a scenario run to its end.

    Parameters
    ----------
    scenario : resolved scenario
    seed : 64-bit seed; the scenario's own when not given
    progress : whether to show a progress bar on stderr
    begin : what the run has become already, if it is taken up again
    keeper : writes snapshots on the way
    broken : file for the model in which a law was broken, should that happen

    Raises
    ------
    LedgerError
        If a law of the model is broken; it names the file, if one was wanted.
    """
    from sim.model import StandoffModel
    from sim.record import chronicle_table, make_record
    from sim.runs.snapshot.keep import keep_broken
    from sim.runs.snapshot.state import restore

    began = time.perf_counter()
    model = StandoffModel(scenario, seed)
    baseline = None if begin is None else restore(model, begin)
    if keeper is not None:
        keeper.begin(model, baseline)
    built = time.perf_counter()
    hours_before, lived_before = model.hour, model.n_person_hours
    try:
        _step(model, progress, keeper)
    except LedgerError as error:
        if broken is None:
            raise
        raise keep_broken(model, error, broken) from error
    stepped = time.perf_counter()
    record, chronicle = make_record(model), chronicle_table(model)
    seconds = stepped - built
    lived = model.n_person_hours - lived_before
    timings = {
        "seconds_building": round(built - began, 3),
        "seconds_stepping": round(seconds, 3),
        "n_hours": model.hour - hours_before,
        "n_people": len(model.people),
        "live_people_hours": lived,
        "live_people_hours_per_second": round(lived / seconds) if seconds > 0 else 0,
    }
    seed_used = model.seed
    model.release()
    return Run(scenario, seed_used, record, chronicle, timings)


def _step(model: StandoffModel, progress: bool, keeper: Keeper | None) -> None:
    """Step a model to its end, day by day, with a progress bar if wanted."""
    calendar = model.world.calendar
    first = 0 if model.hour == 0 else int(calendar.day_of_hour[model.hour - 1]) + 1
    days = range(first, calendar.n_days)
    with ExitStack() as stack:
        bar = None
        if progress:
            from tqdm import tqdm

            bar = stack.enter_context(
                tqdm(total=calendar.n_days, initial=first, unit="day", desc="stepping", leave=False, file=sys.stderr)
            )
        for day in days:
            if bar is not None:
                bar.set_postfix_str(f"{calendar.date_of_day(day):%-d %b %Y}", refresh=False)
            model.run(int(calendar.first_hour_of_day[day + 1]))
            if keeper is not None:
                keeper.end_of_day(model, day)
            if bar is not None:
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
    snapshot_every: int = 0,
    n_drawers: int = 0,
) -> tuple[Run, Path]:
    """Run a scenario and write its results folder; return the run and the folder.

    Figures are drawn by `n_drawers` processes of their own, which a script may ask for only under
    ``if __name__ == "__main__":``; 0 draws them in this process. `snapshot_every` is the number of days between
    snapshots, 0 for none: see ``sim.runs.snapshot``.

    Raises
    ------
    ScenarioError
        If the scenario does not load.
    ValueError
        If settings come with a resolved scenario, which would not heed them.
    OutputError
        If the results cannot be written.
    LedgerError
        If a law of the model is broken.
    """
    from sim.runs.snapshot.keep import Keeper, unfinished_of

    loaded = ready(scenario, settings)
    seed = loaded.seed if seed is None else seed
    if out is not None:
        check_free(out)
    folder = out or free_name(_RESULTS, f"{loaded.name}-seed{seed}")
    unfinished = unfinished_of(folder)
    if snapshot_every and unfinished.exists():
        raise OutputError(
            f"found '{unfinished}', left by an interrupted run; `standoff resume {folder}` goes on with it"
        )
    changed = ", ".join(key for key in settings if key not in _SAID_ELSEWHERE)
    keeper = Keeper(unfinished, snapshot_every, command, changed) if snapshot_every else None
    return complete(
        loaded, seed, folder, changed=changed, figures=figures, progress=progress, command=command, keeper=keeper,
        n_drawers=n_drawers,
    )  # fmt: skip


def complete(
    scenario: Scenario,
    seed: int,
    folder: Path,
    *,
    changed: str = "",
    branched: str = "",
    figures: bool = True,
    progress: bool = False,
    command: str = "",
    begin: State | None = None,
    keeper: Keeper | None = None,
    n_drawers: int = 0,
) -> tuple[Run, Path]:
    """Simulate from the start, or from what a run has become already, and write the results folder.

    Raises
    ------
    OutputError
        If the results cannot be written.
    LedgerError
        If a law of the model is broken.
    """
    from sim.runs.provenance import make_manifest, write_manifest
    from sim.runs.snapshot.file import SUFFIX
    from sim.runs.snapshot.keep import run_of, snapshots_in
    from sim.runs.tables import write_tables

    started = datetime.now(UTC)
    broken = folder.with_name(f"{folder.name}-broken{SUFFIX}")
    with drawers(n_drawers if figures else 0) as pool:
        try:
            result = simulate(scenario, seed, progress=progress, begin=begin, keeper=keeper, broken=broken)
        except KeyboardInterrupt as stop:
            if keeper is not None and snapshots_in(keeper.folder):
                again = f"`standoff resume {run_of(keeper.folder)}` goes on from the last snapshot"
                raise KeyboardInterrupt(again) from stop
            raise
        if changed:
            result.record.attrs["changed"] = changed
        if branched:
            result.record.attrs["branched"] = branched
        with whole_or_nothing(folder) as unfinished:
            write_netcdf(result.record, unfinished / "record.nc")
            write_tables(result.record, result.chronicle, unfinished)
            drew = time.perf_counter()
            if figures:
                draw_figures(result.record, result.chronicle, unfinished / "figures", pool, n_drawers)
            timings = {**result.timings, "seconds_drawing": round(time.perf_counter() - drew, 3)}
            if begin is not None:
                timings["taken_up_at_hour"] = begin.hour
            manifest = make_manifest(
                scenario, seed, command, unfinished, timings, started, {"changed": changed, "branched": branched}
            )
            write_manifest(manifest, unfinished)
            if keeper is not None:
                keeper.move_into(unfinished)
    if keeper is not None:
        keeper.clear()
    return result, folder
