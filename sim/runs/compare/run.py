"""``compare``: two scenarios under the same lucks, and a placebo of the first, put side by side in a results folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sim.errors import OutputError, StandoffError
from sim.runs.compare.pairs import Flows, changed_fates, first_difference, groups
from sim.runs.ensemble.gather import about, gather
from sim.runs.ensemble.member import Luck, MemberError, code_hash
from sim.runs.ensemble.run import fill
from sim.runs.ensemble.seeds import DEFAULT_SET, member_seeds
from sim.runs.ensemble.store import MemberSet, check_folder, replacing
from sim.runs.execution import USUAL, Execution
from sim.runs.pool import Pool
from sim.runs.ready import ready
from sim.runs.results import told_before
from sim.scenario.resolved import resolved_dict, scenario_hash

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["Comparison", "ComparisonError", "check_comparable", "compare"]

_DATES: Final = {"start": "start", "until": "until", "first_day": "simulated from"}


class ComparisonError(StandoffError):
    """Two scenarios cannot be compared."""


@dataclass(frozen=True)
class Comparison:
    """A comparison on disk.

    Attributes
    ----------
    folder : its results folder
    first, second : the resolved scenarios
    seeds : of the pairs, in order
    failed : why pairs were left out, by seed
    failed_placebos : why placebos of pairs that count were left out, by seed
    n_made : members made this time; the others were there
    outcomes, daily, posts, fates, churn, partings : the tables of that name
    """

    folder: Path
    first: Scenario
    second: Scenario
    seeds: tuple[int, ...]
    failed: Mapping[int, str]
    failed_placebos: Mapping[int, str]
    n_made: int
    outcomes: pd.DataFrame
    daily: pd.DataFrame
    posts: pd.DataFrame
    fates: pd.DataFrame
    churn: pd.DataFrame
    partings: pd.DataFrame


def compare(
    first: str | Path | Scenario,
    second: str | Path | Scenario,
    members: int,
    *,
    settings: Mapping[str, str] = MappingProxyType({}),
    seeds: str = DEFAULT_SET,
    figures: bool = True,
    command: str = "",
    execution: Execution = USUAL,
) -> Comparison:
    """Run two scenarios under the same lucks, and a placebo of the first, and write what differs.

    Parameters
    ----------
    first, second : name, path or resolved scenario; differences are second − first
    members : how many pairs, from 2
    settings : changes to both, as ``--set`` takes them
    seeds, figures, command : as :func:`sim.runs.ensemble.run.ensemble` takes them
    execution : where members are made; its folder must be new, or one of the same two scenarios, which goes on

    Raises
    ------
    ScenarioError
        If a scenario does not load.
    ComparisonError
        If the two do not have the same dates, or agents that stand for as many people.
    OutputError, ResultsError
        If the results folder holds something else, is at work already, has a damaged manifest, or cannot be written.
    PoolError
        If workers cannot be had.
    MemberError
        If fewer than two pairs succeed, or are asked for.
    """
    started = datetime.now(UTC)
    one, other = ready(first, settings), ready(second, settings)
    check_comparable(one, other)
    if members < 2:
        raise MemberError(f"--members: found {members}; a comparison needs 2 or more")
    lucks = [Luck(seed) for seed in member_seeds(members, one.seed, seeds)]
    folder = execution.folder(f"compare-{one.name}-with-{other.name}")
    kept = tuple(MemberSet(folder, scenario_hash(scenario), code_hash()) for scenario in (one, other))
    check_folder(folder, kept)
    _check_order(folder, one, other)
    with execution.at_work(folder) as pool:
        work = _Work(pool, kept, (one, other), lucks, execution.bar("member"))
        work.make_pairs()
        work.make_placebo()
        return work.write(folder, figures, command, started)


def _check_order(folder: Path, one: Scenario, other: Scenario) -> None:
    """Refuse a results folder of the same two scenarios the other way round: its members fit, its tables do not."""
    what = told_before(folder) or {}
    there = what.get("scenario_hash"), what.get("second_scenario_hash")
    here = scenario_hash(one), scenario_hash(other)
    if there == here[::-1] != here:
        raise OutputError(
            f"--out: found '{folder}', which holds the comparison of '{other.name}' with '{one.name}', the other way "
            "round; its tables would be lost: name another folder beside it, which takes over the members"
        )


def check_comparable(one: Scenario, other: Scenario) -> None:
    """Refuse scenarios that do not run over the same days, or of other agents: nobody would be found in both.

    Raises
    ------
    ComparisonError
        If they do not, with what would make them.
    """
    each = [scenario.people_per_agent for scenario in (one, other)]
    if each[0] != each[1]:
        raise ComparisonError(
            f"'{one.name}' and '{other.name}': found one agent for {each[0]} people and one for {each[1]}; it must "
            "be the same number (give both the same by --people-per-agent)"
        )
    wrong = [name for name in _DATES if getattr(one, name) != getattr(other, name)]
    if not wrong:
        return
    if "first_day" in wrong:
        # other first days belong to other people who are there at the start: no setting of a date mends that
        hint = "compare two that begin on the same day, such as two that extend one scenario"
        wrong = ["first_day", *(name for name in wrong if name == "until")]
    elif "start" in wrong:
        hint = f"record both from the same day on by --set start={min(one.start, other.start)}"
    else:
        hint = "give both the same last day by --until"
    told = "; ".join(f"{_DATES[name]} {getattr(one, name)} and {getattr(other, name)}" for name in wrong)
    raise ComparisonError(f"'{one.name}' and '{other.name}': found {told}; dates must be the same ({hint})")


class _Work:
    """The members of a comparison, as they are made and then told."""

    def __init__(
        self,
        pool: Pool,
        kept: tuple[MemberSet, ...],
        scenarios: tuple[Scenario, Scenario],
        lucks: Sequence[Luck],
        progress: str,
    ) -> None:
        self.pool, self.kept, self.scenarios, self.progress = pool, kept, scenarios, progress
        self.lucks = list(lucks)
        self.failed: dict[int, str] = {}
        self.failed_placebos: dict[int, str] = {}
        self.n_made = 0
        self.partings: list[tuple[int | None, int | None]] = []
        self.nudged: list[Luck] = []

    def make_pairs(self) -> None:
        """Make what is missing of both scenarios; leave out pairs of which a member failed."""
        for kept, scenario in zip(self.kept, self.scenarios, strict=True):
            self.failed |= self._fill(kept, scenario, self.lucks)
        self.lucks = [luck for luck in self.lucks if luck.seed not in self.failed]
        if len(self.lucks) < 2:
            why = next(iter(self.failed.values()), "")
            raise MemberError(f"fewer than two pairs succeeded; the first that failed did because of {why}")
        for luck in self.lucks:
            with self.kept[0].open(luck) as one, self.kept[1].open(luck) as other:
                self.partings.append((first_difference(one, other), first_difference(one, other, "people_print")))

    def make_placebo(self) -> None:
        """Make the first scenario once more for each pair that parts, nudged in the hour in which it does.

        The placebo of a pair that never parts is its first member; one that fails is left out, and its pair stays.
        """
        self.nudged = [
            Luck(luck.seed, parted)
            for luck, (parted, _) in zip(self.lucks, self.partings, strict=True)
            if parted is not None
        ]
        self.failed_placebos = self._fill(self.kept[0], self.scenarios[0], self.nudged)
        self.nudged = [luck for luck in self.nudged if luck.seed not in self.failed_placebos]

    def _fill(self, kept: MemberSet, scenario: Scenario, lucks: Sequence[Luck]) -> dict[int, str]:
        """Make what is missing of one scenario; return why members failed, by seed."""
        failed = {}
        for luck, why in fill(self.pool, kept, scenario, kept.missing(lucks), self.progress):
            self.n_made += not why
            if why:
                failed[luck.seed] = f"{scenario.name}: {why}"
        return failed

    def flows(self) -> tuple[list[Flows], list[Flows], list[str]]:
        """Return the changed fates of the pairs and of the placebos that there are, and the names of posts."""
        first, second = self.kept
        pairs, placebo = [], []
        posts: list[str] = []
        for luck in self.lucks:
            with first.open(luck) as one, second.open(luck) as other:
                posts = [str(name) for name in one["post"].values]
                pairs.append(changed_fates(one, other))
        for luck, (parted, _) in zip(self.lucks, self.partings, strict=True):
            if parted is None:
                with first.open(luck) as one:
                    placebo.append(changed_fates(one, one))
        for luck in self.nudged:
            with first.open(Luck(luck.seed)) as one, first.open(luck) as other:
                placebo.append(changed_fates(one, other))
        return pairs, placebo, posts

    def parting_table(self) -> pd.DataFrame:
        """Return one row a pair: when its worlds part in anything, and when the first person is elsewhere; UTC."""
        with self.kept[0].open(self.lucks[0]) as member:
            hour_0 = datetime.strptime(member.attrs["first_hour_utc"], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)

        def at(hour: int | None) -> str:
            return "" if hour is None else (hour_0 + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%MZ")

        return pd.DataFrame(
            {
                "seed": [luck.seed for luck in self.lucks],
                "worlds_part_utc": [at(world) for world, _ in self.partings],
                "people_part_utc": [at(people) for _, people in self.partings],
            }
        )

    def write(self, folder: Path, figures: bool, command: str, started: datetime) -> Comparison:
        """Write the results folder beside the members; return the comparison."""
        import xarray as xr

        from sim.runs.compare.tables import make_tables
        from sim.runs.ensemble.tables import save_tables
        from sim.runs.provenance import make_manifest, write_manifest

        began = time.perf_counter()
        pairs, placebo, posts = self.flows()
        one, other = self.scenarios
        with replacing(folder) as unfinished:
            arms: list[xr.Dataset | None] = []
            for name, kept, lucks in (
                ("first", self.kept[0], self.lucks),
                ("second", self.kept[1], self.lucks),
                ("placebo", self.kept[0], self.nudged),
            ):
                scenario = other if name == "second" else one
                if lucks:
                    gather(kept, lucks, unfinished / f"{name}.nc", about(scenario, lucks))
                    arms.append(xr.open_dataset(unfinished / f"{name}.nc", engine="h5netcdf"))
                else:
                    arms.append(None)
            left_out = {"pair": self.failed, "placebo": self.failed_placebos}
            tables = make_tables(arms, groups(posts), pairs, placebo, self.parting_table(), left_out)
            save_tables(tables, unfinished)
            if figures:
                self._draw(tables, unfinished / "figures")
            for arm in arms:
                if arm is not None:
                    arm.close()
            timings = {"n_made": self.n_made, "seconds_telling": round(time.perf_counter() - began, 3)}
            more = {
                "kind": "comparison", "code_hash": self.kept[0].code, "seeds": [luck.seed for luck in self.lucks],
                "failed": dict(self.failed), "failed_placebos": dict(self.failed_placebos),
                "second_scenario": resolved_dict(other), "second_scenario_hash": scenario_hash(other),
            }  # fmt: skip
            write_manifest(make_manifest(one, None, command, unfinished, timings, started, more), unfinished)
        seeds = tuple(luck.seed for luck in self.lucks)
        told = {name: tables[name] for name in ("outcomes", "daily", "posts", "fates", "churn", "partings")}
        return Comparison(folder, one, other, seeds, self.failed, self.failed_placebos, self.n_made, **told)

    def _draw(self, tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
        from sim.plots.comparison import draw_comparison
        from sim.runs.compare.placebo import FEWEST_PAIRS
        from sim.runs.compare.tables import as_far_as, flows_told

        one, other = self.scenarios
        flows, _ = flows_told(tables["fates"], tables["churn"])
        heading: dict[str, Any] = about(one, self.lucks) | {"second": other.name, "flows": flows}
        heading["as_far_as"] = as_far_as(tables["outcomes"])
        n_placebos = len(self.lucks) - len(self.failed_placebos)
        heading["pairs_needed"] = FEWEST_PAIRS if n_placebos < FEWEST_PAIRS else 0
        draw_comparison(tables, heading, folder)
