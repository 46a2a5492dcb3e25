"""The figures of one run, drawn here or by worker processes that get ready while the model is still stepping."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.errors import OutputError, PoolError
from sim.runs.pool import Pool, open_pool

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["HEAVY_FIRST", "Drawing", "draw_figures", "draw_some", "drawers"]

HEAVY_FIRST: Final = ("map", "effort", "line", "tension", "harm", "flow", "attempts", "people", "weather")
"""All figures by what they cost, so that shares dealt out in turn cost alike."""


@dataclass(frozen=True)
class Drawing:
    """Some figures of one run: what is drawn, where to, and which of them (all when none are named)."""

    record: xr.Dataset
    chronicle: pd.DataFrame
    folder: Path
    names: tuple[str, ...] = ()


@contextmanager
def drawers(n_processes: int) -> Iterator[Pool]:
    """Yield a pool for :func:`draw_figures` whose processes import what they need from now on; 0 draws here."""
    with open_pool(n_processes, preload=("sim.plots", "sim.runs.figures")) as pool:
        pool.get_ready()
        yield pool


def draw_figures(record: xr.Dataset, chronicle: pd.DataFrame, folder: Path, pool: Pool, n_shares: int) -> None:
    """Draw all figures of a run into `folder`, by a pool of :func:`drawers` in so many shares; 0 draws them here.

    Where processes cannot be had the figures are drawn here as well.

    Raises
    ------
    OutputError
        If a share could not be drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if n_shares:
        jobs = [Drawing(record, chronicle, folder, HEAVY_FIRST[first::n_shares]) for first in range(n_shares)]
        try:
            for finished in pool.run(draw_some, jobs):
                if finished.failure is not None:
                    raise OutputError(f"figures could not be drawn: {finished.failure.why}")
            return
        except PoolError as error:
            print(f"figures are drawn by one process: {error}", file=sys.stderr)
    draw_some(Drawing(record, chronicle, folder))


def draw_some(drawing: Drawing) -> None:
    """Draw some figures of a run."""
    from sim.plots import Ground, draw_all
    from sim.scenario.observed import observed_attempts_by_day
    from sim.world.border import load_border
    from sim.world.outlines import load_basemap, load_lines

    ground = Ground(load_border(), load_lines("150m"), load_basemap())
    whole = drawing.record.attrs["people_scale"] == 1.0  # published counts stand beside a whole population only
    observed = observed_attempts_by_day() if whole else None
    names = drawing.names or None
    draw_all(drawing.record, drawing.chronicle, drawing.folder, ground=ground, observed=observed, names=names)
