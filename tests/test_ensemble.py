"""Ensembles: whatever disturbs one, the finished one is that of an undisturbed command, byte for byte."""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from dask_here import dask_on_loopback
from manifests import write_what

from sim.analysis.exports import export
from sim.cli import main
from sim.errors import OutputError
from sim.limits import LIMITS
from sim.model import StandoffModel
from sim.runs.ensemble import member as member_module
from sim.runs.ensemble import run as run_module
from sim.runs.ensemble import store as store_module
from sim.runs.ensemble.gather import gather
from sim.runs.ensemble.member import Luck, MakeMember, MemberError, code_hash, make_member, member_bytes
from sim.runs.ensemble.run import Ensemble, Until, ensemble
from sim.runs.ensemble.seeds import member_seeds, seeds_in_words
from sim.runs.ensemble.store import MemberSet, only_process, write_whole
from sim.runs.ensemble.tables import outcome_table as outcome_table_of_many
from sim.runs.execution import Execution
from sim.runs.one import simulate
from sim.runs.processes import _Worker
from sim.runs.provenance import model_code_hash
from sim.runs.tables import daily_table, outcome_table
from sim.scenario.load import load_scenario
from sim.scenario.resolved import scenario_hash

SCENARIO = "kuznica-8-november"
SETTINGS = {"migrants.people_scale": "0.02", "until": "2021-11-08"}
COMMAND = ("ensemble", SCENARIO, "--set", "migrants.people_scale=0.02", "--until", "2021-11-08", "--no-figures")

Captured = pytest.CaptureFixture[str]


def small(folder: Path, members: int = 3, **given: Any) -> Ensemble:
    options: dict[str, Any] = {"figures": False, "settings": SETTINGS, "execution": Execution(0, out=folder)} | given
    return ensemble(SCENARIO, members, **options)


def what_it_holds(folder: Path, *, members: bool = True) -> dict[str, bytes]:
    """Return the files of a results folder; of its manifest what was run, not when."""
    held = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and (members or not name.startswith("members/")):
            held[name] = path.read_bytes()
    manifest = json.loads(held["manifest.json"])
    del manifest["when"], manifest["what_hash"]
    manifest["what"]["command"] = ""  # the Python functions have none
    held["manifest.json"] = json.dumps(manifest).encode()
    return held


@pytest.fixture(name="undisturbed", scope="module")
def made_in_peace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results folder of three members, in a folder where nothing can be borrowed from."""
    folder = tmp_path_factory.mktemp("undisturbed") / "here"
    small(folder)
    return folder


# ---------------------------------------------------------------- what it leaves


def test_a_results_folder_is_complete(undisturbed: Path) -> None:
    names = {path.name for path in undisturbed.iterdir()}
    assert names == {"ensemble.nc", "manifest.json", "members", "tables", ".lock"}
    assert {path.stem for path in (undisturbed / "tables").iterdir()} == {"outcomes", "daily", "members", "codebook"}
    files = [path.name for path in (undisturbed / "members").glob("*/*")]
    assert sorted(files) == ["seed-1.nc", "seed-2.nc", "seed-3.nc"]


def test_members_are_the_runs_of_their_seeds(undisturbed: Path) -> None:
    """The outcomes are those that `standoff run` would have given."""
    run = simulate(load_scenario(SCENARIO, SETTINGS), 2)
    with xr.open_dataset(undisturbed / "ensemble.nc") as members:
        assert list(members["seed"].values) == [1, 2, 3]
        daily = daily_table(run.record)
        assert list(members["series"].values) == list(daily.columns)
        np.testing.assert_array_equal(members["daily"].isel(member=1).values, daily.to_numpy(dtype=float).T)
        np.testing.assert_array_equal(members["total"].isel(member=1), [row[2] for row in outcome_table(run.record)])
        np.testing.assert_array_equal(members["day"].values, run.record["day"].values)
        np.testing.assert_array_equal(
            members["recorded_attempts_at_post"].isel(member=1), run.record["recorded_attempts_at_post"]
        )


def test_tables_tell_the_members(undisturbed: Path) -> None:
    tables = {path.stem: pd.read_csv(path) for path in (undisturbed / "tables").glob("*.csv")}
    values = tables["members"].pivot(index="member", columns="outcome", values="value")["nights outdoors"]
    row = tables["outcomes"].set_index("outcome").loc["nights outdoors"]
    assert row["median"] == values.median()
    assert row["mean"] == pytest.approx(values.mean(), abs=1e-6)
    assert row["low_80"] == pytest.approx(values.quantile(0.1), abs=1e-6)
    assert row["n_members"] == 3
    assert tables["outcomes"]["outcome"].iloc[0] == "deaths"
    with xr.open_dataset(undisturbed / "ensemble.nc") as members:
        series = members["daily"].sel(series="people_in_belarus").isel(day=0).values
    daily = tables["daily"].set_index(["series", "day"]).loc[("people_in_belarus", "2021-11-08")]
    assert daily["median"] == np.median(series)
    named = set(tables["codebook"]["name"])
    assert {column for name, table in tables.items() if name != "codebook" for column in table.columns} <= named


def test_the_file_of_all_members_says_what_it_holds(undisturbed: Path) -> None:
    with xr.open_dataset(undisturbed / "ensemble.nc") as members:
        silent = [name for name, variable in members.variables.items() if not variable.attrs.get("long_name")]
        assert silent == []
        assert list(members["member"].values) == [1, 2, 3]
        assert members["daily"].attrs["units"] == "see series_unit"
        assert members["total"].attrs["units"] == "see outcome_unit"
        assert members["recorded_attempts_at_post"].attrs["units"]


def test_an_exported_ensemble_numbers_its_members_as_its_tables_do(undisturbed: Path, tmp_path: Path) -> None:
    made = export(undisturbed, out=tmp_path / "out")
    book = made.tables["codebook"]
    meaning = book.set_index("name")["meaning"]
    assert not meaning.str.startswith("see ").any()
    assert (meaning["member"], meaning["seed"]) == ("number of the member, from 1", "seed of the member")
    named = book.set_index(["name", "table"])["unit"]
    assert named["daily", "member_series_day"] == "see series_unit"
    assert named["recorded_attempts_at_post", "member_day_post"] == "person-attempts"
    columns = {column for name, one in made.tables.items() if name != "codebook" for column in one.columns}
    assert columns <= set(book["name"])
    told = pd.read_csv(undisturbed / "tables" / "members.csv").groupby("member")["seed"].first()
    table = made.tables["member"].set_index("member")["seed"]
    assert dict(table) == dict(told)


def test_one_member_has_no_spread(tmp_path: Path) -> None:
    result = small(tmp_path / "here", 1)
    assert result.outcomes["sd"].isna().all()
    assert pd.read_csv(tmp_path / "here" / "tables" / "outcomes.csv")["sd"].isna().all()


def test_the_manifest_names_seeds_code_and_scenario(undisturbed: Path) -> None:
    what = json.loads((undisturbed / "manifest.json").read_text(encoding="utf-8"))["what"]
    assert (what["kind"], what["seeds"], what["failed"]) == ("ensemble", [1, 2, 3], {})
    assert what["code_hash"] == code_hash()
    assert what["scenario_hash"] == scenario_hash(load_scenario(SCENARIO, SETTINGS))
    assert what["limits"] == list(LIMITS)
    assert set(what["files"]) == {
        "ensemble.nc",
        *(f"tables/{name}.csv" for name in ("codebook", "daily", "members", "outcomes")),
    }
    assert "seed" not in what


def test_people_are_kept_by_number(undisturbed: Path) -> None:
    kept = MemberSet(undisturbed, scenario_hash(load_scenario(SCENARIO, SETTINGS)), code_hash())
    with kept.open(Luck(1)) as member, kept.open(Luck(2)) as other:
        people = member["person"].values
        assert (np.diff(people) > 0).all()
        assert len(np.intersect1d(people, other["person"].values)) > 0.3 * len(people)
        at_the_end = np.bincount(member["fate"].values, minlength=member.sizes["state"])
        daily = member["daily"].isel(day=-1)
        assert [daily.sel(series=f"people_{state}") for state in member["state"].values] == list(at_the_end)
        posts = member["last_post"].values
        assert set(posts) - {255} <= set(range(member.sizes["post"]))
        assert (posts != 255).any()
        assert int(member["world_print"][0]) != int(other["world_print"][0])


def test_figures_are_drawn(tmp_path: Path) -> None:
    result = small(tmp_path / "here", 2, figures=True)
    figures = {path.name for path in (result.folder / "figures").iterdir()}
    assert figures == {"people.png", "people.svg", "line.png", "line.svg"}


# ---------------------------------------------------------------- nothing twice, nothing mixed


def test_added_members_cost_only_themselves(undisturbed: Path, tmp_path: Path) -> None:
    first = small(tmp_path / "here", 1)
    kept = next((first.folder / "members").glob("*/seed-1.nc"))
    before = kept.stat().st_mtime_ns
    more = small(tmp_path / "here", 3)
    assert (first.n_made, more.n_made) == (1, 2)
    assert kept.stat().st_mtime_ns == before
    assert what_it_holds(tmp_path / "here") == what_it_holds(undisturbed)
    fewer = small(tmp_path / "here", 2)
    assert fewer.n_made == 0
    assert fewer.seeds == (1, 2)


def test_members_of_a_folder_beside_are_not_made_again(undisturbed: Path) -> None:
    again = small(undisturbed.parent / "again")
    assert again.n_made == 0
    assert what_it_holds(again.folder) == what_it_holds(undisturbed)
    shutil.rmtree(again.folder)


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_give_the_same_bytes(workers: int, undisturbed: Path, tmp_path: Path) -> None:
    small(tmp_path / "here", execution=Execution(workers, out=tmp_path / "here"))
    assert what_it_holds(tmp_path / "here") == what_it_holds(undisturbed)


def test_a_scheduler_gives_the_same_bytes(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "here"
    with dask_on_loopback(tmp_path) as (address, _):
        made = small(folder, execution=Execution(scheduler=address, out=folder))
    assert made.n_made == 3
    assert what_it_holds(made.folder) == what_it_holds(undisturbed)


def test_a_worker_killed_amid_a_member_is_replaced(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The victim is the first worker that the pool starts, 0.3 s after it was given its first member."""
    tell, killed = _Worker.tell, list[int]()

    def tell_and_kill(worker: _Worker, task: bytes, number: int, job: Any) -> None:
        tell(worker, task, number, job)
        if not killed:
            time.sleep(0.3)
            killed.append(worker.process.pid or 0)
            worker.process.kill()

    monkeypatch.setattr(_Worker, "tell", tell_and_kill)
    made = small(tmp_path / "here", execution=Execution(2, out=tmp_path / "here"))
    assert killed[0] > 0
    assert (made.n_made, made.failed) == (3, {})
    assert what_it_holds(made.folder) == what_it_holds(undisturbed)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _swap(path: Path) -> None:
    shutil.copy(path.with_name("seed-1.nc"), path)


@pytest.mark.parametrize("damage", [_cut, _empty, _swap])
def test_a_damaged_or_wrong_member_is_made_again(
    damage: Callable[[Path], None], undisturbed: Path, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed, tmp_path / "here")
    damage(next((tmp_path / "here" / "members").glob("*/seed-2.nc")))
    assert small(tmp_path / "here").n_made == 1
    assert what_it_holds(tmp_path / "here") == what_it_holds(undisturbed)


def test_members_of_other_code_are_not_mixed_in(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    shutil.copytree(undisturbed, tmp_path / "here")
    for module in (run_module, member_module):
        monkeypatch.setattr(module, "code_hash", lambda: "f" * 64)
    assert main([*COMMAND, "--members", "3", "--workers", "0", "--out", str(tmp_path / "here")]) == 0
    said = capsys.readouterr()
    assert "3 members of other code lie beside and are left out" in said.err
    assert "3 made now, 0 found" in said.out
    for path in (tmp_path / "here" / "members").glob(f"*-{'f' * 12}/*.nc"):
        with xr.open_dataset(path) as member:
            assert member.attrs["code_hash"] == "f" * 64


def test_a_worker_with_other_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    work = MakeMember(load_scenario(SCENARIO, SETTINGS), "0" * 64)
    with pytest.raises(MemberError, match="this worker runs other code"):
        work(Luck(1))


def test_the_hash_of_the_code_sees_the_model_and_not_the_pictures(tmp_path: Path) -> None:
    copy = tmp_path / "sim"
    shutil.copytree(
        Path(member_module.__file__).parents[2], copy, ignore=shutil.ignore_patterns("__pycache__", "_data")
    )
    assert model_code_hash(copy) == model_code_hash()
    (copy / "plots" / "fans.py").write_text("# other", encoding="utf-8")
    model_code_hash.cache_clear()
    assert model_code_hash(copy) == model_code_hash()
    (copy / "agents" / "guards.py").write_text("# other", encoding="utf-8")
    model_code_hash.cache_clear()
    assert model_code_hash(copy) != model_code_hash()
    assert code_hash() == code_hash.__wrapped__()


def test_the_work_travels() -> None:
    work = MakeMember(load_scenario(SCENARIO, SETTINGS), code_hash())
    assert pickle.loads(pickle.dumps(work))(Luck(1)) == work(Luck(1))


# ---------------------------------------------------------------- failures


def test_a_member_that_fails_is_told_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    make = member_module.make_member

    def fails_at_two(scenario: Any, luck: Luck) -> xr.Dataset:
        if luck.seed == 2:
            raise ValueError("a law was broken")
        return make(scenario, luck)

    monkeypatch.setattr(member_module, "make_member", fails_at_two)
    argv = [*COMMAND, "--members", "3", "--workers", "0", "--out", str(tmp_path / "here")]
    assert main(argv) == 0
    said = capsys.readouterr()
    assert "the member of seed 2 failed and is left out: ValueError: a law was broken" in said.err
    assert "2 runs" in said.out
    failed = pd.read_csv(tmp_path / "here" / "tables" / "failed.csv")
    assert failed.to_dict("list") == {"seed": [2], "why": ["ValueError: a law was broken"]}
    with xr.open_dataset(tmp_path / "here" / "ensemble.nc") as members:
        assert list(members["seed"].values) == [1, 3]
    monkeypatch.undo()
    assert small(tmp_path / "here").n_made == 1  # tried again, once it can be made
    assert not (tmp_path / "here" / "tables" / "failed.csv").exists()


def test_an_ensemble_of_failures_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> xr.Dataset:
        raise ValueError("never")

    monkeypatch.setattr(member_module, "make_member", fails)
    with pytest.raises(MemberError, match="all 2 members failed, the first because of ValueError: never"):
        small(tmp_path / "here", 2)
    assert not (tmp_path / "here" / "manifest.json").exists()


def test_a_full_disk_keeps_what_is_finished(undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [1]

    def full_after_one(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_after_one)
    with pytest.raises(OutputError, match=r"seed-2\.nc': No space left on device; finished members are kept"):
        small(tmp_path / "here")
    assert [path.name for path in (tmp_path / "here").rglob("*") if path.is_file()] == [".lock", "seed-1.nc"]
    monkeypatch.undo()
    assert small(tmp_path / "here").n_made == 2
    assert what_it_holds(tmp_path / "here") == what_it_holds(undisturbed)


def test_a_full_disk_at_the_end_keeps_the_members_and_the_old_results(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(undisturbed, tmp_path / "here")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run_module, "gather", full)
    with pytest.raises(OutputError, match=r"cannot write the results to .*: No space left on device"):
        small(tmp_path / "here", 2)
    assert what_it_holds(tmp_path / "here") == what_it_holds(undisturbed)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_killed_at_random_moments_and_continued_it_is_as_if_undisturbed(undisturbed: Path, tmp_path: Path) -> None:
    """Kill −9 soon after the first, second and third member, seed 8: amid members, amid the results, or in between."""
    luck = random.Random(8)
    argv = [sys.executable, "-m", "sim", *COMMAND, "--members", "3", "--workers", "2", "--quiet", "--out", "here"]
    for n_files in (1, 2, 3):
        process = subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True)
        until = time.monotonic() + 120.0
        while len(list(tmp_path.glob("here/members/*/*.nc*"))) < n_files and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.005)
        time.sleep(0.2 * luck.random())
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    subprocess.run(argv, cwd=tmp_path, stdout=subprocess.DEVNULL, check=True)
    assert what_it_holds(tmp_path / "here") == what_it_holds(undisturbed)


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    with only_process(tmp_path / "here"), pytest.raises(OutputError, match=r"another process is at work on '.*here'"):
        small(tmp_path / "here")
    assert small(tmp_path / "here", 1).n_made == 1


def test_what_is_not_written_again_goes(tmp_path: Path) -> None:
    """Old figures, a placebo, a page beside new tables would tell of other members; what others laid there stays."""
    here = small(tmp_path / "here", 2, figures=True).folder
    for name in ("placebo.nc", "validation.md", "notes.txt"):
        (here / name).write_text("old", encoding="utf-8")
    (here / "export").mkdir()
    small(here, 3)
    names = {path.name for path in here.iterdir()}
    assert names == {"ensemble.nc", "manifest.json", "members", "tables", ".lock", "notes.txt", "export"}


def test_what_another_process_writes_in_a_subfolder_is_not_swept_away(tmp_path: Path) -> None:
    (tmp_path / "members" / "busy").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    mine = [tmp_path / name for name in (".results.unfinished", "members/busy/.seed-1.nc.unfinished")]
    others = [tmp_path / name for name in ("other/.letter.unfinished", "runs/.results.unfinished")]
    with only_process(tmp_path / "runs"):
        for path in [*mine, *others]:
            path.write_text("half", encoding="utf-8")
        with only_process(tmp_path):
            assert [path.exists() for path in mine] == [False, False]
            assert [path.exists() for path in others] == [True, True]


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        ({"kind": "ensemble"}, "an ensemble"),
        ({"kind": "comparison"}, "a comparison"),
        ({"kind": "sensitivity"}, "a sensitivity analysis"),
        ({"kind": "box"}, "a discovery"),
        ({}, "a run"),
    ],
)
def test_a_folder_of_another_kind_is_refused(tmp_path: Path, kind: dict[str, str], holds: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / ".lock").touch()
    write_what(here, kind)
    with pytest.raises(OutputError, match=rf"--out: found '.*here', which holds {holds}; a sweep needs another folder"):
        Execution(out=here).folder(f"sweep-{SCENARIO}")


def test_one_member_alone_has_no_interval_of_the_mean(undisturbed: Path) -> None:
    with xr.open_dataset(undisturbed / "ensemble.nc", engine="h5netcdf") as members:
        table = outcome_table_of_many(members.isel(member=[0]))
    assert table[["mean_low_95", "mean_high_95", "sd"]].isna().all(axis=None)
    assert np.isfinite(table.select_dtypes("number").drop(columns=["mean_low_95", "mean_high_95", "sd"])).all(axis=None)
    book = pd.read_csv(undisturbed / "tables" / "codebook.csv").set_index("name")["meaning"]
    assert book["mean_low_95"].endswith("empty: one member alone")


def test_settings_beside_a_resolved_scenario_are_not_left_unheard(tmp_path: Path) -> None:
    resolved = load_scenario(SCENARIO, SETTINGS)
    told = rf"settings: found until beside the resolved scenario '{SCENARIO}'; give the settings to load_scenario"
    with pytest.raises(ValueError, match=told):
        ensemble(resolved, 1, settings={"until": "2021-11-09"}, execution=Execution(0, out=tmp_path / "e"))


@pytest.mark.parametrize("name", ["sensitivity-morris", "sweep", "discovery", "calibration", "ensemble", "compare"])
def test_a_folder_of_other_things_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OutputError, match="which holds something else; name another folder"):
        Execution(out=tmp_path / "letters").folder(f"{name}-{SCENARIO}")
    with pytest.raises(OutputError, match="which is no folder; name another"):
        Execution(out=tmp_path / "letters" / "letter.txt").folder(f"{name}-{SCENARIO}")


def test_unfinished_work_goes_on_in_a_folder_of_its_kind(tmp_path: Path, undisturbed: Path) -> None:
    runs, posterior = tmp_path / "runs", tmp_path / "posterior"
    for folder in (runs, posterior):
        (folder / "runs").mkdir(parents=True)
        (folder / ".lock").touch()
    (posterior / "trial.json").write_text(json.dumps({"draws": []}), encoding="utf-8")
    for name in ("sweep", "discovery", "sensitivity-sobol", "calibration"):
        assert Execution(out=runs).folder(f"{name}-x") == runs
        with pytest.raises(OutputError, match="holds an ensemble"):
            Execution(out=undisturbed).folder(f"{name}-x")
    assert Execution(out=posterior).folder("calibration-x") == posterior
    with pytest.raises(OutputError, match="holds a calibration"):
        Execution(out=posterior).folder("sweep-x")
    for name in ("ensemble", "compare"):
        with pytest.raises(OutputError, match="holds runs of an analysis"):
            Execution(out=runs).folder(f"{name}-x")
    for name in ("ensemble", "validation"):
        assert Execution(out=undisturbed).folder(f"{name}-x") == undisturbed
    (tmp_path / "empty").mkdir()
    assert Execution(out=tmp_path / "empty").folder("sweep-x") == tmp_path / "empty"


# ---------------------------------------------------------------- stopping when it is known well enough


def test_it_stops_when_the_interval_is_narrow(tmp_path: Path) -> None:
    result = small(tmp_path / "here", 12, until=Until(0.2, "people_in_belarus"))
    n = len(result.seeds)
    assert 4 <= n < 12
    with result.open() as members:
        values = members["daily"].sel(series="people_in_belarus").sum("day").values
    assert run_module.mean_interval(values).relative_width <= 0.2
    assert n == 4 or run_module.mean_interval(values[:-1]).relative_width > 0.2
    again = small(tmp_path / "here", 12, until=Until(0.2, "people_in_belarus"))
    assert (again.n_made, again.seeds) == (0, result.seeds)


def test_when_it_stops_does_not_depend_on_who_finished_first(tmp_path: Path) -> None:
    """Members that are there already, beyond the first gap, are not counted before the gap is filled."""
    ahead = small(tmp_path / "ahead", 8)
    for seed in (1, 2):
        next((ahead.folder / "members").glob(f"*/seed-{seed}.nc")).unlink()
    resumed = small(tmp_path / "ahead", 8, until=Until(0.5, "nights outdoors"))
    straight = small(tmp_path / "elsewhere" / "straight", 8, until=Until(0.5, "nights outdoors"))
    assert resumed.seeds == straight.seeds
    assert what_it_holds(resumed.folder, members=False) == what_it_holds(straight.folder, members=False)


def test_it_says_why_it_stopped(tmp_path: Path, capsys: Captured) -> None:
    argv = [*COMMAND, "--members", "5", "--workers", "0", "--out", str(tmp_path / "here")]
    assert main([*argv, "--until-width", "100%", "--of", "people_in_belarus"]) == 0
    told = "Stopped after 4 of 5 members: the 95 % interval of the mean of people_in_belarus is "
    assert told in capsys.readouterr().out
    assert main([*argv, "--until-width", "0.001%", "--of", "people_in_belarus"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "All 5 members were made: the 95 % interval of the mean of people_in_belarus is still " in said
    assert "where at most 0.001 % was asked for" in said
    assert main([*argv, "--until-width", "5%", "--of", "deaths"]) == 0
    assert (
        "All 5 members were made: the mean of deaths is 0, of which no interval is a share." in capsys.readouterr().out
    )


def test_never_narrow_enough_uses_all(tmp_path: Path) -> None:
    assert len(small(tmp_path / "here", 5, until=Until(1e-9, "nights outdoors")).seeds) == 5


# ---------------------------------------------------------------- seeds


def test_members_take_the_published_seeds_first() -> None:
    assert member_seeds(8, 5, "published-8") == list(range(1, 9))
    more = member_seeds(12, 5, "published-8")
    assert more[:8] == list(range(1, 9))
    assert more[:10] == member_seeds(10, 5, "published-8")
    assert more[8:] != member_seeds(12, 6, "published-8")[8:]
    assert len(set(more)) == 12
    assert all(0 <= seed < 2**63 for seed in more)
    assert member_seeds(0, 5) == []


def test_a_made_seed_never_changes() -> None:
    assert member_seeds(9, 20211112, "published-8")[8] == int(
        "".join(hex_of("20211112:1")), 16
    ) >> 1  # fmt: skip


def hex_of(text: str) -> str:
    """Return the first 64 bits of a SHA-256 by another program."""
    ran = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
    return ran.stdout.decode()[:16]


def test_seeds_are_told_short() -> None:
    assert seeds_in_words([1, 2, 3, 4]) == "1–4"
    assert seeds_in_words([1, 3]) == "1, 3"
    assert seeds_in_words([1, 3, 4, 9]) == "1, 3, 4 and 1 more"


# ---------------------------------------------------------------- memory


def test_a_member_leaves_no_model_behind() -> None:
    """Workers make one after the other; Mesa would keep every model that held an agent."""
    seen: list[weakref.ref[StandoffModel]] = []
    make_member(load_scenario(SCENARIO, SETTINGS), Luck(1), lambda model: seen.append(weakref.ref(model)))
    gc.collect()
    assert len(seen) == 1
    assert seen[0]() is None


def test_putting_together_takes_no_more_memory_for_more_members(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIO, SETTINGS)
    kept = MemberSet(tmp_path, scenario_hash(scenario), code_hash())
    member = make_member(scenario, Luck(1))
    for seed in range(24):
        kept.keep(Luck(seed), member_bytes(member, scenario, Luck(seed), code_hash()))
    size = len(member_bytes(member, scenario, Luck(0), code_hash()))

    def peak(n_members: int) -> int:
        tracemalloc.start()
        gather(kept, [Luck(seed) for seed in range(n_members)], tmp_path / f"{n_members}.nc", {})
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2)
    assert (peak(24) - peak(6)) / 18 < 0.05 * size  # a path and a number a member, never the member itself


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--members", "0"], "--members: found 0; must be a whole number from 1"),
        (["--members", "many"], "found 'many'; must be a whole number"),
        ([], "--members"),
        (["--members", "2", "--seeds", "published-9"], "no set of seeds is called 'published-9'"),
        (["--members", "2", "--workers", "1", "--scheduler", "tcp://127.0.0.1:9"], "not allowed with"),
        (["--members", "2", "--until-width", "5%"], "--of OUTCOME is missing"),
        (["--members", "2", "--of", "deaths"], "--until-width SHARE is missing"),
        (["--members", "2", "--until-width", "0", "--of", "deaths"], "--until-width: found 0; must be above 0"),
        (["--members", "2", "--until-width", "wide", "--of", "deaths"], "found 'wide'; must be a share such as 5%"),
        (
            ["--members", "2", "--until-width", "50", "--of", "deaths"],
            "found '50'; must be a share of at most 100%, such ",
        ),
        (
            ["--members", "2", "--until-width", "101%", "--of", "deaths"],
            "found '101%'; must be a share of at most 100%",
        ),
        (["--members", "2", "--set", "guard.response_minutes=9"], "did you mean 'guards.response_minutes'?"),
    ],
)
def test_bad_input_is_refused_before_anything_is_done(argv: list[str], words: str, tmp_path: Path, capsys: Captured,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main([*COMMAND, *argv, "--out", "here"]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_outcome_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(MemberError, match=r"--of: found 'death'; .*did you mean 'deaths'"):
        small(tmp_path / "here", 2, until=Until(0.1, "death"))


def test_a_folder_of_something_else_is_refused_and_kept(undisturbed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(OutputError, match="holds something else"):
        small(tmp_path)
    with pytest.raises(OutputError, match="is no folder"):
        small(tmp_path / "mine.txt")
    with pytest.raises(OutputError, match="holds members of another scenario or of other settings"):
        small(undisturbed, settings=SETTINGS | {"drills.enabled": "false"})
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(store_module.os, "fsync", fails)
    with pytest.raises(OutputError, match="Input/output error"):
        write_whole(tmp_path / "deep" / "file", b"some")
    assert list((tmp_path / "deep").iterdir()) == []
