"""Results folders: complete, honest about where they come from, the same twice, and whole or not there at all."""

from __future__ import annotations

import errno
import gc
import hashlib
import json
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small import small_scenario

from sim import __version__, plots
from sim.commands.run import closing_table
from sim.errors import OutputError
from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.model import StandoffModel
from sim.runs import figures, one, tables
from sim.runs.netcdf import write_netcdf
from sim.runs.one import Run, run, simulate
from sim.runs.provenance import file_hash, git_commit
from sim.runs.store import check_free, free_name, whole_or_nothing
from sim.runs.tables import codebook, daily_table, outcome_table
from sim.scenario.load import load_scenario
from sim.scenario.resolved import scenario_hash, sources_of

SCENARIO = "kuznica-8-november"
SETTINGS = {"migrants.people_scale": "0.05", "until": "2021-11-09"}
COMMAND = "standoff run kuznica-8-november --until 2021-11-09"
TABLES = ("chronicle", "codebook", "daily", "engineers", "outcomes", "posts")


def small_run(folder: Path, *, seed: int = 3, figures: bool = False) -> Run:
    return run(SCENARIO, seed=seed, out=folder, settings=SETTINGS, figures=figures, command=COMMAND)[0]


DRAWN = ("attempts", "tension")
"""Two figures of the nine, for speed: between them they need record, chronicle and observed counts."""


@pytest.fixture(name="folder", scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results folder of a small run, with figures."""
    folder = tmp_path_factory.mktemp("results") / "here"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "FIGURES", {name: plots.FIGURES[name] for name in DRAWN})
        small_run(folder, figures=True)
    return folder


@pytest.fixture(name="result", scope="module")
def simulated() -> Run:
    return simulate(load_scenario(SCENARIO, SETTINGS), 3)


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def canonical_hash(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ---------------------------------------------------------------- complete


def test_a_results_folder_is_complete(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "record.nc", "tables", "figures"}
    assert {path.stem for path in (folder / "tables").glob("*.csv")} == set(TABLES)
    figures = {path.name for path in (folder / "figures").iterdir()}
    assert figures == {f"{name}.{ending}" for name in DRAWN for ending in ("png", "svg")}
    assert all(content for content in files_of(folder).values())
    assert (folder.stat().st_mode & 0o777) == 0o755


def test_nothing_else_is_left_beside_it(folder: Path) -> None:
    assert [path.name for path in folder.parent.iterdir()] == ["here"]


def test_the_manifest_tells_what_apart_from_when(folder: Path) -> None:
    manifest = manifest_of(folder)
    assert set(manifest) == {"what", "what_hash", "when"}
    assert set(manifest["what"]) == {
        "model", "version", "git_commit", "packages", "instruction_set", "command", "scenario", "scenario_hash",
        "numbers_by_kind_of_source", "seed", "files", "limits", "attribution", "sources_to_cite", "changed",
        "branched",
    }  # fmt: skip
    assert set(manifest["when"]) >= {
        "started_utc", "finished_utc", "python", "seconds_building", "seconds_stepping", "seconds_drawing", "n_hours",
        "n_people", "live_people_hours", "live_people_hours_per_second",
    }  # fmt: skip
    what = manifest["what"]
    assert (what["model"], what["version"]) == ("border-standoff", __version__)
    assert (what["seed"], what["command"]) == (3, COMMAND)
    assert what["limits"] == list(LIMITS)
    assert what["attribution"] == MAP_ATTRIBUTION
    assert manifest["when"]["n_hours"] == 48


def test_hashes_of_the_manifest_are_right(folder: Path) -> None:
    manifest = manifest_of(folder)
    what = manifest["what"]
    assert manifest["what_hash"] == canonical_hash(what)
    scenario = load_scenario(SCENARIO, SETTINGS)
    assert what["scenario_hash"] == scenario_hash(scenario) == canonical_hash(what["scenario"])
    assert set(what["files"]) == {"record.nc", *(f"tables/{name}.csv" for name in TABLES)}
    for name, digest in what["files"].items():
        assert digest == hashlib.sha256((folder / name).read_bytes()).hexdigest() == file_hash(folder / name)


def test_the_manifest_names_every_source_to_cite(folder: Path) -> None:
    cited = manifest_of(folder)["what"]["sources_to_cite"]
    assert [source["id"] for source in cited] == list(sources_of(load_scenario(SCENARIO, SETTINGS)))
    assert all(source["statement"] and source["source"] for source in cited)


def test_no_path_of_the_machine_is_written(folder: Path) -> None:
    for name, content in files_of(folder).items():
        assert str(folder.parent).encode() not in content, name


def test_the_commit_is_that_of_the_checkout_or_empty() -> None:
    assert git_commit() == "" or len(git_commit().removesuffix("+changes")) == 40


def test_the_codebook_explains_every_variable_and_every_daily_column(folder: Path) -> None:
    book = pd.read_csv(folder / "tables" / "codebook.csv")
    with xr.open_dataset(folder / "record.nc") as record:
        variables = {str(name) for name in record.data_vars}
    assert variables <= set(book.loc[book["where"].str.startswith("record.nc"), "name"])
    daily = pd.read_csv(folder / "tables" / "daily.csv")
    assert set(daily.columns) - {"day"} <= set(book.loc[book["where"] == "daily.csv", "name"])
    assert book["meaning"].notna().all()
    measured = book["where"].str.startswith("record.nc") | (book["where"] == "daily.csv")
    assert book.loc[measured, "unit"].notna().all()


def test_the_codebook_explains_every_column_of_every_table(folder: Path) -> None:
    named = set(pd.read_csv(folder / "tables" / "codebook.csv")["name"])
    for name in set(TABLES) - {"codebook"}:
        assert set(pd.read_csv(folder / "tables" / f"{name}.csv").columns) <= named, name


def test_the_record_reads_back_as_it_was(folder: Path, result: Run) -> None:
    with xr.open_dataset(folder / "record.nc") as record:
        record.load()
    assert set(record.data_vars) == set(result.record.data_vars)
    for name, variable in result.record.data_vars.items():
        assert record[name].dims == variable.dims
        assert np.array_equal(record[name].values, variable.values), name
        assert record[name].attrs["units"] == variable.attrs["units"]
    assert record["day"].values.tolist() == result.record["day"].values.tolist()
    assert record["hour"].values.tolist() == result.record["hour"].values.tolist()


# ---------------------------------------------------------------- tables


def test_daily_columns_are_sums_of_the_record(result: Run) -> None:
    daily, record = daily_table(result.record), result.record
    assert list(daily.index) == ["2021-11-08", "2021-11-09"]
    for column in ("deaths", "harm_events", "arrivals", "germany_arrivals", "incidents", "refused_back"):
        assert daily[column].sum() == float(record[column].sum())
    assert daily["attempts_prevented"].sum() == int(record["attempts_by_outcome"].sel(outcome="prevented").sum())
    assert daily["recorded_attempts_pl"].sum() == int(record["recorded_attempts"].sel(country="PL").sum())
    assert daily["people_line"].iloc[-1] == int(record["people"].sel(state="line").isel(day=-1))
    everyone = daily[[c for c in daily.columns if c.startswith("people_") and c != "people_in_belarus"]].sum(axis=1)
    assert everyone.tolist() == record["people"].sum("state").values.tolist()
    assert next(iter(daily.columns)) == "deaths"


def test_outcomes_put_people_first_and_agree_with_the_record(result: Run) -> None:
    rows = outcome_table(result.record)
    assert list(dict.fromkeys(row[0] for row in rows)) == ["People", "The line", "Guards, engineers, drills"]
    assert rows[0][1] == "deaths"
    value = {row[1]: row[2] for row in rows}
    assert value["attempts as they were"] == float(result.record["attempts"].sum())
    assert value["injured in EU hands"] + value["injured in Belarusian hands"] == float(
        result.record["handling_injuries"].sum()
    )
    assert all(np.isfinite(amount) and amount >= 0.0 and unit for _, _, amount, unit in rows)


def test_tables_as_written_agree_with_those_in_memory(folder: Path, result: Run) -> None:
    daily = pd.read_csv(folder / "tables" / "daily.csv", index_col="day")
    assert np.allclose(daily.to_numpy(dtype=float), daily_table(result.record).to_numpy(dtype=float), atol=1e-6)
    posts = pd.read_csv(folder / "tables" / "posts.csv")
    assert len(posts) == 2 * 35
    assert posts["recorded_attempts_at_post"].sum() == int(result.record["recorded_attempts"].sum())
    engineers = pd.read_csv(folder / "tables" / "engineers.csv")
    assert (engineers["crew_hours"] > 0.0).all()
    chronicle = pd.read_csv(folder / "tables" / "chronicle.csv")
    assert list(chronicle.columns) == list(result.chronicle.columns)
    assert len(chronicle) == len(result.chronicle) > 0


def test_the_closing_table_puts_people_first_and_does_not_overclaim(result: Run) -> None:
    said = closing_table(result)
    lines = said.splitlines()
    assert "One run, one history: one of many that could have been." in lines
    assert "ensemble" in said
    assert said.index("\nPeople\n") < said.index("deaths") < said.index("\nThe line\n") < said.index("\nGuards,")
    assert "seed 3" in said
    assert lines[-2:] == list(LIMITS)
    assert "48 hours stepped" in said


# ---------------------------------------------------------------- the same twice


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, folder: Path) -> None:
    small_run(tmp_path / "again")
    first, second = manifest_of(folder)["what"], manifest_of(tmp_path / "again")["what"]
    assert first["files"] == second["files"]
    assert files_of(tmp_path / "again")["record.nc"] == (folder / "record.nc").read_bytes()
    for name in TABLES:
        assert (tmp_path / "again" / "tables" / f"{name}.csv").read_bytes() == (
            (folder / "tables" / f"{name}.csv").read_bytes()
        )


def test_another_seed_is_another_history(tmp_path: Path, folder: Path) -> None:
    small_run(tmp_path / "other", seed=4)
    assert manifest_of(tmp_path / "other")["what"]["files"] != manifest_of(folder)["what"]["files"]


def test_a_progress_bar_changes_nothing(result: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with_bar = simulate(load_scenario(SCENARIO, SETTINGS), 3, progress=True)
    xr.testing.assert_identical(with_bar.record, result.record)
    assert "stepping" in capsys.readouterr().err


def test_the_seed_is_the_scenarios_own_when_none_is_given() -> None:
    scenario = load_scenario(SCENARIO, {**SETTINGS, "seed": "77", "until": "2021-11-08"})
    assert simulate(scenario).seed == 77
    assert simulate(scenario, 5).seed == 5


# ---------------------------------------------------------------- whole or not at all


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def late(fail: Callable[..., None], does: Callable[..., Any]) -> Callable[..., None]:
    """Return a writer that does its work, at least in part, and fails then."""

    def write(*given: Any, **named: Any) -> None:
        does(*given, **named)
        fail()

    return write


@pytest.fixture(name="ready")
def result_is_ready(monkeypatch: pytest.MonkeyPatch, result: Run) -> None:
    """Let the run be over at once, for tests of the writing."""
    monkeypatch.setattr(one, "simulate", lambda *_, **__: result)


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(("fail", "error"), [(no_space, OutputError), (stop, KeyboardInterrupt)])
@pytest.mark.parametrize(
    ("room", "writer"),
    [(one, "write_netcdf"), (tables, "write_tables"), (one, "draw_figures")],
)
def test_a_failure_while_writing_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: Any, writer: str, fail: Any, error: type[BaseException]
) -> None:
    does = getattr(room, writer) if writer != "draw_figures" else lambda *given: given[2].mkdir()
    monkeypatch.setattr(room, writer, late(fail, does))
    out = tmp_path / "new" / "here"
    with pytest.raises(error, match="No space left on device" if error is OutputError else None):
        small_run(out, figures=writer == "draw_figures")
    assert not out.exists()
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.usefixtures("ready")
def test_a_folder_that_appears_during_the_run_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "here"

    def meanwhile(*given: Any) -> None:
        write_netcdf(*given)
        out.mkdir()
        (out / "mine.txt").write_text("mine", encoding="utf-8")

    monkeypatch.setattr(one, "write_netcdf", meanwhile)
    with pytest.raises(OutputError, match=r"'.*here' appeared while the run went on; nothing was overwritten"):
        small_run(out)
    assert files_of(tmp_path) == {"here/mine.txt": b"mine"}


def test_a_folder_that_appears_at_the_last_moment_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "here"
    rename = Path.rename

    def race(self: Path, target: Path) -> Path:
        out.mkdir()
        (out / "mine.txt").write_text("mine", encoding="utf-8")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", race)
    with pytest.raises(OutputError, match=r"cannot write the results to '.*here'"), whole_or_nothing(out):
        pass
    assert files_of(tmp_path) == {"here/mine.txt": b"mine"}


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_what_exists_is_refused_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(one, "simulate", stop)
    out = tmp_path / "here"
    match kind:
        case "folder":
            out.mkdir()
        case "file":
            out.touch()
        case _:
            out.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match=r"--out: found '.*here', which exists already; name a folder that does not"):
        small_run(out)
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_parent_that_is_a_file_is_refused_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one, "simulate", stop)
    (tmp_path / "file").touch()
    for out in (tmp_path / "file" / "here", tmp_path / "file" / "deep" / "here"):
        with pytest.raises(OutputError, match=r"--out: '.*file' is not a folder, so '.*here' cannot be made in it"):
            small_run(out)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_parent_that_may_not_be_written_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(OutputError, match=r"--out: '.*' may not be written to; name another folder"):
        check_free(tmp_path / "here")


def test_a_parent_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkdtemp", no_space)
    with (
        pytest.raises(OutputError, match=r"cannot write to '.*': No space left on device"),
        whole_or_nothing(tmp_path / "here"),
    ):
        raise AssertionError("nothing may be written")
    assert list(tmp_path.iterdir()) == []


def test_parents_are_made_where_they_are_missing(tmp_path: Path) -> None:
    with whole_or_nothing(tmp_path / "a" / "b" / "here") as unfinished:
        (unfinished / "file").touch()
        assert not (tmp_path / "a" / "b" / "here").exists()
    assert [path.name for path in (tmp_path / "a" / "b").rglob("*")] == ["here", "file"]


def test_free_names_count_on(tmp_path: Path) -> None:
    assert free_name(tmp_path, "run") == tmp_path / "run"
    (tmp_path / "run").mkdir()
    (tmp_path / "run-2").touch()
    assert free_name(tmp_path, "run") == tmp_path / "run-3"


@pytest.mark.usefixtures("ready")
def test_without_a_folder_given_runs_of_one_name_stand_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = [run(SCENARIO, seed=3, settings=SETTINGS, figures=False)[1] for _ in range(2)]
    assert [str(folder) for folder in folders] == [f"results/{SCENARIO}-seed3", f"results/{SCENARIO}-seed3-2"]
    assert all((folder / "manifest.json").is_file() for folder in folders)


def test_the_codebook_follows_the_record(result: Run) -> None:
    book = codebook(result.record).set_index("name")
    assert list(book.loc[["refused_back"], "unit"]) == ["persons", "persons"]  # in the record and in daily.csv
    assert book.loc["readiness", "where"] == "record.nc (hour, pair, end)"
    assert book.loc["people_line", "meaning"] == "people by state at the end of the day; line"


def test_a_released_model_is_freed() -> None:
    model = StandoffModel(small_scenario("kuznica-8-november", until="2021-11-08"), 1)
    left = weakref.ref(model)
    model.run(2)
    model.release()
    del model
    gc.collect()
    assert left() is None


def test_figures_drawn_by_other_processes_are_the_same_to_the_byte(
    folder: Path, result: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(figures.HEAVY_FIRST) == set(plots.FIGURES)
    monkeypatch.setattr(figures, "HEAVY_FIRST", DRAWN)
    with xr.open_dataset(folder / "record.nc", engine="h5netcdf") as written:
        record = result.record.assign_attrs(changed=written.attrs["changed"])  # figures say so
    with figures.drawers(2) as pool:
        figures.draw_figures(record, result.chronicle, tmp_path, pool, 2)
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert drawn == sorted(path.name for path in (folder / "figures").iterdir())
    assert len(drawn) == 2 * len(DRAWN)
    for name in drawn:
        assert (tmp_path / name).read_bytes() == (folder / "figures" / name).read_bytes(), name


def test_a_figure_that_fails_in_another_process_is_an_error_of_the_run(
    result: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "HEAVY_FIRST", ("people",))
    with figures.drawers(1) as pool, pytest.raises(OutputError, match=r"^figures could not be drawn: .*people"):
        figures.draw_figures(result.record.drop_vars("people"), result.chronicle, tmp_path, pool, 1)


def test_settings_beside_a_resolved_scenario_are_not_left_unheard(tmp_path: Path) -> None:
    """They changed nothing, and the record said that they had."""
    with pytest.raises(ValueError, match="settings: found until beside the resolved scenario 'crisis-2021'; give the"):
        run(load_scenario("crisis-2021"), settings={"until": "2021-08-02"}, out=tmp_path / "r", figures=False)
