"""Runs taken up again: an interrupted run finished, a finished one prolonged, or let go another way from a day on."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim.runs.one import Run, complete
from sim.runs.results import read_manifest, scenario_of
from sim.runs.snapshot.file import Snapshot, read_snapshot
from sim.runs.snapshot.keep import SNAPSHOTS, Keeper, latest_snapshot, snapshots_in, unfinished_of
from sim.runs.snapshot.state import Baseline, SnapshotError, State, capture, restore
from sim.runs.store import check_free, free_name
from sim.scenario.branching import check_branch
from sim.scenario.load import load_scenario
from sim.scenario.resolved import resolved_dict

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["branch", "resume"]


@dataclass(frozen=True)
class _Past:
    """What is there of a run: what was run, its snapshots, and where its results were to go."""

    scenario: Scenario
    seed: int
    command: str
    changed: str
    folder: Path
    snapshots: Path | None
    finished: bool
    branched: str = ""
    snapshot: Snapshot | None = None

    def latest(self, last_day: date | None = None) -> Snapshot | None:
        """Return the latest snapshot up to and with a day; the very one that was named, if one was."""
        if self.snapshot is not None:
            return self.snapshot
        found = None if self.snapshots is None else latest_snapshot(self.snapshots, last_day)
        if found is None and self.branched:
            raise SnapshotError(
                f"{self.folder}: found a branch without a snapshot up to {last_day}; go back to the run it left"
            )
        return found


def _find(run: Path) -> _Past:
    """Return what is there of a run, from its results folder, the folder it left unfinished, or one snapshot.

    Raises
    ------
    SnapshotError, ResultsError
        If there is nothing to take up, with the reason.
    """
    if run.is_file() and run.name != "manifest.json":
        named = read_snapshot(run)
        folder = run.parent.parent if run.parent.name == SNAPSHOTS else run.parent
        return _of_snapshot(named, _wanted(folder), None, named)
    unfinished = run if run.name.endswith(".unfinished") else unfinished_of(run)
    if unfinished.is_dir() and not run.joinpath("manifest.json").exists():
        snapshot = latest_snapshot(unfinished)
        if snapshot is None:
            raise SnapshotError(f"{unfinished}: found no snapshot; the run was interrupted before the first: run anew")
        return _of_snapshot(snapshot, _wanted(unfinished), unfinished, None)
    folder, what = read_manifest(run, branches=True)
    kept = folder / SNAPSHOTS
    return _Past(
        scenario_of(folder, what), what["seed"], str(what.get("command", "")), str(what.get("changed", "")),
        folder, kept if kept.is_dir() else None, finished=True, branched=str(what.get("branched") or ""),
    )  # fmt: skip


def _wanted(folder: Path) -> Path:
    """Return the results folder that an unfinished one was to become."""
    return folder.parent / folder.name.removesuffix(".unfinished")


def _of_snapshot(snapshot: Snapshot, folder: Path, snapshots: Path | None, named: Snapshot | None) -> _Past:
    if snapshot.broken:
        raise SnapshotError(
            f"a snapshot of a run that broke a law is for inspection, it cannot go on: {snapshot.broken}"
        )
    return _Past(
        snapshot.scenario, snapshot.seed, snapshot.command, snapshot.changed, folder, snapshots,
        finished=snapshot.last_day == snapshot.scenario.until, branched=snapshot.branched, snapshot=named,
    )  # fmt: skip


def _changed(scenario: Scenario, settings: Mapping[str, str]) -> Scenario:
    """Return a scenario with other settings."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "scenario.json"
        copy.write_text(json.dumps(resolved_dict(scenario), ensure_ascii=False), encoding="utf-8")
        return load_scenario(copy, settings)


def resume(
    run: Path,
    *,
    until: date | None = None,
    out: Path | None = None,
    figures: bool = True,
    progress: bool = False,
) -> tuple[Run, Path]:
    """Go on with a run that was interrupted, or prolong a finished one to `until`, included.

    Record and tables are, byte for byte, those of the same run without a break.

    Raises
    ------
    SnapshotError, ResultsError
        If there is nothing that can be taken up, with the reason.
    OutputError
        If the results cannot be written.
    """
    past = _find(run)
    scenario = past.scenario
    if until is not None:
        if until < scenario.start:
            raise SnapshotError(f"--until: found {until}; the run is recorded from {scenario.start}")
        if until < scenario.until:
            raise SnapshotError(
                f"--until: found {until}; the run goes to {scenario.until} and cannot be shortened: give a later day, "
                f"or run anew to {until}"
            )
        if past.finished and until == scenario.until:
            raise SnapshotError(f"{run}: the run is finished on {scenario.until}; to prolong it give a later day")
        scenario = _changed(scenario, {"until": until.isoformat()})
    elif past.finished:
        raise SnapshotError(f"{run}: the run is finished on {scenario.until}; to prolong it give --until DATE")
    snapshot = past.latest(scenario.until)
    if out is not None:
        check_free(out)
    interrupted = past.snapshots is not None and not past.finished
    folder = out or (past.folder if interrupted and not past.folder.exists() else None)
    folder = folder or free_name(past.folder.parent, past.folder.name)
    return complete(
        scenario,
        past.seed,
        folder,
        changed=past.changed,
        branched=past.branched,
        figures=figures,
        progress=progress,
        command=past.command,
        begin=None if snapshot is None else snapshot.state,
        keeper=_keeper_of(past) if interrupted else None,
    )


def _keeper_of(past: _Past) -> Keeper:
    """Return a keeper that goes on writing snapshots where an interrupted run left off, at its pace."""
    assert past.snapshots is not None
    days = sorted(date.fromisoformat(day) for day in snapshots_in(past.snapshots))
    first_day = past.scenario.first_day
    every = (days[0] - first_day).days + 1
    return Keeper(past.snapshots, every, past.command, past.changed, branched=past.branched)


def branch(
    run: Path,
    last_day: date,
    *,
    other: str | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
    until: date | None = None,
    out: Path | None = None,
    figures: bool = True,
    progress: bool = False,
    command: str = "",
) -> tuple[Run, Path]:
    """Let a run go on another way after `last_day`, the last day that is as it was.

    `other` names a scenario or a file to go on with, `settings` change it or the run's own. Without a snapshot of that
    day the run is lived through again up to it.

    Raises
    ------
    ScenarioError
        If what is asked would change the past.
    SnapshotError, ResultsError
        If there is nothing that can be taken up, with the reason.
    OutputError
        If the results cannot be written.
    """
    past = _find(run)
    old = past.scenario
    if not old.first_day <= last_day <= old.until:
        ends = f"the run goes from {old.first_day} to {old.until}, and a day is needed that another follows"
        raise SnapshotError(f"--at: found {last_day}; {ends}")
    given = dict(settings)
    if until is not None:
        given["until"] = until.isoformat()
    new = load_scenario(other, given) if other is not None else _changed(old, given)
    check_branch(old, new, last_day)
    if out is not None:
        check_free(out)
    state = _lived_until(past, last_day)
    what = ", ".join([*([f"as {new.name}"] if other is not None else []), *given]) or "nothing changed"
    branched = f"{past.branched}; then " * bool(past.branched) + f"after {last_day}: {what}"
    folder = out or free_name(past.folder.parent, f"{past.folder.name}-branch")
    return complete(
        new,
        past.seed,
        folder,
        changed=past.changed,
        branched=branched,
        figures=figures,
        progress=progress,
        command=command,
        begin=state,
        keeper=Keeper(unfinished_of(folder), 0, command, past.changed, of_beginning=True, branched=branched),
    )


def _lived_until(past: _Past, last_day: date) -> State:
    """Return what a run was at the end of a day, from its latest snapshot before, or from its first hour."""
    from sim.model import StandoffModel

    snapshot = past.latest(last_day)
    if snapshot is not None and snapshot.last_day == last_day:
        return snapshot.state
    if snapshot is not None and snapshot.last_day > last_day:
        raise SnapshotError(f"--at: found {last_day}; the snapshot is of {snapshot.last_day}, which is later")
    model = StandoffModel(past.scenario, past.seed)
    baseline = Baseline(model) if snapshot is None else restore(model, snapshot.state)
    calendar = model.world.calendar
    model.run(int(calendar.first_hour_of_day[calendar.day_of(last_day) + 1]))
    state = capture(model, baseline)
    model.release()
    return state
