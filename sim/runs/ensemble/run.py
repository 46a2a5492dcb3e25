"""``ensemble``: make the members that are missing, put all together, write the results folder."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sim.errors import nearest
from sim.runs.ensemble.gather import about, gather
from sim.runs.ensemble.intervals import mean_interval
from sim.runs.ensemble.member import Luck, MakeMember, MemberError, code_hash
from sim.runs.ensemble.seeds import DEFAULT_SET, member_seeds
from sim.runs.ensemble.store import MemberSet, check_folder, replacing
from sim.runs.execution import USUAL, Execution
from sim.runs.pool import Pool
from sim.runs.ready import ready
from sim.scenario.resolved import scenario_hash

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.scenario.schema import Scenario

__all__ = ["FEWEST", "Ensemble", "Until", "ensemble", "fill"]

FEWEST: Final = 4
"""Members before an interval may be called narrow enough."""


@dataclass(frozen=True)
class Until:
    """When to stop before all members are made: the 95 % interval of an outcome's mean is narrow enough.

    Attributes
    ----------
    width : width of the interval over the size of the mean, above 0
    outcome : a row of outcomes.csv, or a series of daily.csv, summed over its days
    """

    width: float
    outcome: str


@dataclass(frozen=True)
class Ensemble:
    """An ensemble on disk.

    Attributes
    ----------
    folder : its results folder
    scenario : the resolved scenario
    seeds : of the members that the tables rest on, in order
    failed : why members gave nothing, by seed
    n_made : members made this time; the others were there
    n_left_out : members of the same scenario that other code made and that lie beside
    stopped : why no more members were made, where a width was asked for; else empty
    outcomes, daily : the tables of that name
    """

    folder: Path
    scenario: Scenario
    seeds: tuple[int, ...]
    failed: Mapping[int, str]
    n_made: int
    n_left_out: int
    stopped: str
    outcomes: pd.DataFrame
    daily: pd.DataFrame

    def open(self) -> xr.Dataset:
        """Return the outcomes of all members, read from disk as they are needed: ``daily[member, series, day]`` …"""
        import xarray as xr

        return xr.open_dataset(self.folder / "ensemble.nc", engine="h5netcdf")


def ensemble(
    scenario: str | Path | Scenario,
    members: int,
    *,
    settings: Mapping[str, str] = MappingProxyType({}),
    seeds: str = DEFAULT_SET,
    until: Until | None = None,
    figures: bool = True,
    command: str = "",
    execution: Execution = USUAL,
) -> Ensemble:
    """Run a scenario under many lucks and write the results folder; members that are there already are not run again.

    Parameters
    ----------
    scenario : name, path or resolved scenario
    members : how many; with `until`, at most how many
    settings : changes as ``--set`` takes them
    seeds : named set of seeds that the members take first
    until : when to stop earlier
    figures : whether to draw them
    command : command line to be noted in the manifest
    execution : where members are made; its folder must be new, or one of the same scenario, which goes on

    Raises
    ------
    ScenarioError
        If the scenario does not load.
    OutputError
        If the results folder holds something else, is at work already, or cannot be written.
    PoolError
        If workers cannot be had.
    MemberError
        If no member succeeds, or fewer than one is asked for.
    """
    started = datetime.now(UTC)
    loaded = ready(scenario, settings)
    lucks = [Luck(seed) for seed in member_seeds(_at_least_one(members), loaded.seed, seeds)]
    if until is not None and not until.width > 0.0:
        raise MemberError(f"--until-width: found {until.width:.10g}; must be above 0, such as 5%")
    folder = execution.folder(f"ensemble-{loaded.name}")
    kept = MemberSet(folder, scenario_hash(loaded), code_hash())
    check_folder(folder, [kept])
    n_left_out = kept.n_of_other_code()
    with execution.at_work(folder) as pool:
        missing = kept.missing(lucks)
        prefix = _Prefix(kept, lucks, until, set(missing))
        failed: dict[Luck, str] = {}
        n_used, n_made = prefix.enough(), 0
        if not n_used:
            for luck, why in fill(pool, kept, loaded, missing, execution.bar("member")):
                n_made += not why
                if why:
                    failed[luck] = why
                n_used = prefix.enough(luck, bool(why))
                if n_used:
                    break
        used = lucks[: n_used or len(lucks)]
        good = [luck for luck in used if luck not in failed]
        if not good:
            raise MemberError(f"all {len(used)} members failed, the first because of {failed[used[0]]}")
        drawn = _Written(loaded, good, {luck.seed: failed[luck] for luck in used if luck in failed}, command)
        outcomes, daily = drawn.write(kept, folder, figures, n_made, started)
    seeds_of_good = tuple(luck.seed for luck in good)
    stopped = prefix.why(n_used)
    return Ensemble(folder, loaded, seeds_of_good, drawn.failed, n_made, n_left_out, stopped, outcomes, daily)


def _at_least_one(members: int) -> int:
    if members < 1:
        raise MemberError(f"--members: found {members}; must be a whole number from 1")
    return members


def fill(
    pool: Pool, kept: MemberSet, scenario: Scenario, lucks: Sequence[Luck], progress: str = ""
) -> Iterator[tuple[Luck, str]]:
    """Make members and keep each as it is finished; yield its luck, and why it failed or an empty text.

    Raises
    ------
    OutputError
        If a member cannot be written.
    """
    for finished in pool.run(MakeMember(scenario, kept.code), lucks, progress=progress):
        if finished.failure is None:
            kept.keep(finished.job, finished.value)
        yield finished.job, finished.failure.why if finished.failure else ""


class _Prefix:
    """How many members, counted from the first, make an interval narrow enough.

    It depends on the members alone, not on which of them happened to finish first.
    """

    def __init__(self, kept: MemberSet, lucks: Sequence[Luck], until: Until | None, missing: set[Luck]) -> None:
        self._kept, self._lucks, self._until, self._missing = kept, lucks, until, missing
        self._failed: set[Luck] = set()
        self._values: list[float] = []
        self._n_seen = 0

    def enough(self, finished: Luck | None = None, failed: bool = False) -> int:
        """Take note of a member that finished; return how many members are enough, or 0 if they are not yet."""
        if self._until is None:
            return 0
        if finished is not None:
            self._missing.discard(finished)
            if failed:
                self._failed.add(finished)
        while self._n_seen < len(self._lucks) and self._lucks[self._n_seen] not in self._missing:
            luck = self._lucks[self._n_seen]
            self._n_seen += 1
            if luck in self._failed:
                continue
            with self._kept.open(luck) as member:
                self._values.append(_value_of(member, self._until.outcome))
            wide = mean_interval(self._values).relative_width > self._until.width
            if len(self._values) >= FEWEST and not wide:
                return self._n_seen
        return 0

    def why(self, n_used: int) -> str:
        """Return why no more members were made, in a sentence; empty if no width was asked for."""
        if self._until is None or not self._values:
            return ""
        n_members = len(self._lucks)
        made = f"Stopped after {n_used} of {n_members} members" if n_used else f"All {n_members} members were made"
        if mean_interval(self._values).mean == 0.0:
            return f"{made}: the mean of {self._until.outcome} is 0, of which no interval is a share."
        width = mean_interval(self._values).relative_width
        return (
            f"{made}: the 95 % interval of the mean of {self._until.outcome} is {'' if n_used else 'still '}"
            f"{100.0 * width:.3g} % of it wide, where at most {100.0 * self._until.width:.3g} % was asked for."
        )


def _value_of(member: xr.Dataset, outcome: str) -> float:
    """Return an outcome of one member.

    Raises
    ------
    MemberError
        If there is none of this name.
    """
    for variable, dim in (("total", "outcome"), ("daily", "series")):
        if outcome in member[dim].values:
            return float(member[variable].sel({dim: outcome}).sum())
    known = [str(name) for dim in ("outcome", "series") for name in member[dim].values]
    hint = nearest(outcome, known)
    raise MemberError(
        f"--of: found '{outcome}'; must be an outcome ('{known[0]}', …) or a daily series such as "
        "'recorded_attempts_pl'" + (f" ({hint})" if hint else "")
    )


@dataclass(frozen=True)
class _Written:
    """What goes into the results folder beside the members."""

    scenario: Scenario
    good: Sequence[Luck]
    failed: Mapping[int, str]
    command: str

    def write(
        self, kept: MemberSet, folder: Path, figures: bool, n_made: int, started: datetime
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Write it beside the members and put it in place; return the tables of outcomes and of days."""
        import xarray as xr

        from sim.runs.ensemble.tables import write_tables
        from sim.runs.provenance import make_manifest, write_manifest

        began = time.perf_counter()
        with replacing(folder) as unfinished:
            gather(kept, self.good, unfinished / "ensemble.nc", about(self.scenario, self.good))
            with xr.open_dataset(unfinished / "ensemble.nc", engine="h5netcdf") as members:
                tables = write_tables(members, self.failed, unfinished)
                if figures:
                    self._draw(members, unfinished / "figures")
            timings = {"n_made": n_made, "seconds_gathering": round(time.perf_counter() - began, 3)}
            seeds = [luck.seed for luck in self.good]
            more = {"kind": "ensemble", "code_hash": kept.code, "seeds": seeds, "failed": dict(self.failed)}
            manifest = make_manifest(self.scenario, None, self.command, unfinished, timings, started, more)
            write_manifest(manifest, unfinished)
        return tables

    def _draw(self, members: xr.Dataset, folder: Path) -> None:
        from sim.plots.fans import draw_fans
        from sim.runs.ensemble.gather import fans
        from sim.scenario.observed import observed_attempts_by_day

        whole = float(self.scenario.migrants.people_scale) == 1.0  # published counts are of a whole population
        draw_fans(fans(members), folder, observed=observed_attempts_by_day() if whole else {})
