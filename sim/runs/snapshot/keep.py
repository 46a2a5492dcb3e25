"""Snapshots while a run goes on: at the end of every so many days, and when a law is broken."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.errors import LedgerError, OutputError
from sim.runs.snapshot.file import SUFFIX, Snapshot, read_snapshot, write_snapshot
from sim.runs.snapshot.state import Baseline, SnapshotError, capture

if TYPE_CHECKING:
    from datetime import date

    from sim.model import StandoffModel

__all__ = ["SNAPSHOTS", "Keeper", "keep_broken", "latest_snapshot", "snapshots_in", "unfinished_of"]

SNAPSHOTS: Final = "snapshots"
"""Folder of a finished run's snapshots, in its results folder."""


def unfinished_of(folder: Path) -> Path:
    """Return the folder in which a run keeps its snapshots until its results folder is whole."""
    return folder.parent / f"{folder.name}.unfinished"


def run_of(unfinished: Path) -> Path:
    """Return the results folder of the run that keeps its snapshots in a folder: what can be resumed."""
    return unfinished.with_name(unfinished.name.removesuffix(".unfinished"))


def snapshots_in(folder: Path) -> dict[str, Path]:
    """Return the snapshots in a folder by their last day (ISO), the earliest first."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(folder.glob(f"[0-9]*{SUFFIX}"))}


def latest_snapshot(folder: Path, last_day: date | None = None) -> Snapshot | None:
    """Return the latest snapshot in a folder, up to and with a day if one is given; None if there is none."""
    found = [path for day, path in snapshots_in(folder).items() if last_day is None or day <= last_day.isoformat()]
    return read_snapshot(found[-1]) if found else None


@dataclass
class Keeper:
    """Writes snapshots of one run.

    Attributes
    ----------
    folder : where snapshots go while the run goes on
    every_days : days between snapshots, counted from the first simulated day; 0 for none but the last
    of_beginning : whether to write one of what is taken up, too: the past of a branch, which cannot be run again
    command, changed, branched : what the manifest and the record will say, for whoever takes the run up again
    """

    folder: Path
    every_days: int
    command: str = ""
    changed: str = ""
    of_beginning: bool = False
    branched: str = ""
    baseline: Baseline | None = field(default=None, repr=False)

    def begin(self, model: StandoffModel, baseline: Baseline | None = None) -> None:
        """Note what the model is before its first hour, or what it was when it was built."""
        self.baseline = Baseline(model) if baseline is None else baseline
        if self.of_beginning and model.hour > 0:
            self._write(model, int(model.world.calendar.day_of_hour[model.hour - 1]))

    def end_of_day(self, model: StandoffModel, day: int) -> None:
        """Write a snapshot if it is time for one."""
        due = (self.every_days > 0 and (day + 1) % self.every_days == 0) or day + 1 == model.world.calendar.n_days
        if due:
            self._write(model, day)

    def _write(self, model: StandoffModel, day: int) -> None:
        assert self.baseline is not None, "a run is begun before a day of it ends"
        last_day = model.world.calendar.date_of_day(day)
        state = capture(model, self.baseline)
        snapshot = Snapshot(
            model.scenario, model.seed, state, last_day, self.command, self.changed, branched=self.branched
        )
        write_snapshot(snapshot, self.folder / f"{last_day}{SUFFIX}")

    def move_into(self, folder: Path) -> None:
        """Move the snapshots into a results folder that is about to be finished."""
        if self.folder.is_dir():
            shutil.copytree(self.folder, folder / SNAPSHOTS, ignore=shutil.ignore_patterns(".*"))

    def clear(self) -> None:
        """Remove the folder of snapshots: they stand in the results folder now."""
        shutil.rmtree(self.folder, ignore_errors=True)


def keep_broken(model: StandoffModel, error: LedgerError, path: Path) -> LedgerError:
    """Write the model in which a law was broken, for inspection; return the error with the path of the file."""
    from sim.model import StandoffModel

    fresh = StandoffModel(model.scenario, model.seed)
    try:
        state = capture(model, Baseline(fresh))
        day = model.world.calendar.date_of_day(model.scene.day)
        write_snapshot(Snapshot(model.scenario, model.seed, state, day, broken=str(error)), path)
    except (OutputError, SnapshotError) as other:
        return LedgerError(f"{error}\n  (no snapshot: {other})")
    finally:
        fresh.release()
    return LedgerError(f"{error}\n  the model of that hour, for inspection: {path}")
