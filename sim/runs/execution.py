"""Where and how runs are made: what all that make many runs are told alike, and what no result hangs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.runs.ensemble.kinds import check_kind
from sim.runs.ensemble.store import only_process
from sim.runs.pool import Pool, open_pool

__all__ = ["PRELOAD", "USUAL", "Execution"]

PRELOAD: Final = ("sim.model", "sim.record", "sim.runs.tables", "sim.runs.ensemble.nudge")
"""What workers import once for all runs."""


@dataclass(frozen=True)
class Execution:
    """Where runs are made, where they are kept, and whether progress is shown; results are the same to the byte.

    Attributes
    ----------
    workers : worker processes of this machine; 0 makes the runs in this process; one a processor if not given
    scheduler : address of a Dask scheduler, such as ``tcp://127.0.0.1:8786``, instead of `workers`
    out : results folder, in which the same call goes on where it was; one of its own under ``results`` if not given
    progress : whether to show a progress bar on stderr
    """

    workers: int | None = None
    scheduler: str | None = None
    out: Path | None = None
    progress: bool = False

    def folder(self, name: str) -> Path:
        """Return the results folder: `out`, or `name` under ``results``, whose first word says what it will hold.

        Raises
        ------
        OutputError
            If it is there and holds something else.
        """
        folder = self.out or Path("results") / name
        check_kind(folder, name)
        return folder

    def bar(self, unit: str) -> str:
        """Return the unit of a progress bar; empty if none is wanted."""
        return unit if self.progress else ""

    @contextmanager
    def at_work(self, folder: Path) -> Iterator[Pool]:
        """Yield workers that live until the block ends, while a results folder is held for this process alone.

        Raises
        ------
        PoolError
            If workers cannot be had.
        OutputError
            If another process holds the folder, or it cannot be written to.
        """
        with open_pool(self.workers, self.scheduler, preload=PRELOAD) as pool, only_process(folder):
            yield pool


USUAL: Final = Execution()
"""One worker a processor, a results folder by name, no progress bar."""
