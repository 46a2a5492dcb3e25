"""``standoff resume`` and ``branch``: interrupted runs finished, finished ones prolonged or let go another way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
import xarray as xr
from small import variant

from sim.cli import main
from sim.errors import LedgerError
from sim.model import StandoffModel
from sim.runs import one
from sim.runs.snapshot import keep
from sim.runs.snapshot.file import read_snapshot
from sim.runs.snapshot.state import restore

SMALL = ("--set", "migrants.people_scale=0.02", "--no-figures", "--quiet")
RUN = ("run", "kuznica-8-november", *SMALL)
TAIL = ("--no-figures", "--quiet")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test stand in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(name="whole", scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of 8 to 13 November without a break, with snapshots of 9, 11 and 13 November."""
    folder = tmp_path_factory.mktemp("whole") / "whole"
    assert main([*RUN, "--until", "2021-11-13", "--snapshot-every", "2", "--out", str(folder)]) == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return the record and the tables of a results folder, byte for byte."""
    files = {"record.nc": (folder / "record.nc").read_bytes()}
    return files | {path.name: path.read_bytes() for path in sorted((folder / "tables").iterdir())}


def refused(capsys: Captured, *argv: str) -> str:
    """Return what a command says when it refuses: exit code 2, no traceback, nothing left behind."""
    before = sorted(Path().rglob("*"))
    assert main([*argv]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert sorted(Path().rglob("*")) == before
    return said.err


def stop_after(monkeypatch: pytest.MonkeyPatch, day: date, error: BaseException) -> None:
    """Let an error come in the first hour after a day."""
    step = StandoffModel.step

    def stopped(model: StandoffModel) -> None:
        if model.hour == model.world.calendar.hour_at(day) + 24:
            raise error
        step(model)

    monkeypatch.setattr(StandoffModel, "step", stopped)


# ---------------------------------------------------------------- snapshots of a run


def test_snapshots_stand_in_the_results_folder_and_change_nothing(whole: Path) -> None:
    names = [path.name for path in sorted((whole / "snapshots").iterdir())]
    assert names == ["2021-11-09.snapshot", "2021-11-11.snapshot", "2021-11-13.snapshot"]
    assert sorted(path.name for path in whole.parent.iterdir()) == ["whole"], "the unfinished folder is gone"
    assert main([*RUN, "--until", "2021-11-13", "--out", "plain"]) == 0
    assert contents(Path("plain")) == contents(whole)
    assert not Path("plain/snapshots").exists()


@pytest.mark.parametrize("words", ["0", "-1", "two", "1.5", "10000"])
def test_days_between_snapshots_are_whole_numbers(capsys: Captured, words: str) -> None:
    assert "must be a whole number of days from 1" in refused(capsys, *RUN, f"--snapshot-every={words}")


# ---------------------------------------------------------------- resume


def test_an_interrupted_run_is_finished_byte_for_byte(
    whole: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, date(2021, 11, 12), KeyboardInterrupt())
        assert main([*RUN, "--until", "2021-11-13", "--snapshot-every", "2", "--out", "here"]) == 130
    assert sorted(path.name for path in Path().iterdir()) == ["here.unfinished"]
    assert capsys.readouterr().err == (
        "standoff: stopped by Ctrl-C; `standoff resume here` goes on from the last snapshot\n"
    )
    again = refused(capsys, *RUN, "--until", "2021-11-13", "--snapshot-every", "2", "--out", "here")
    assert "found 'here.unfinished', left by an interrupted run; `standoff resume here` goes on with it" in again
    assert main(["resume", "here", *TAIL]) == 0
    assert capsys.readouterr().out == "Results: here/\n"
    assert contents(Path("here")) == contents(whole)
    assert sorted(path.name for path in Path("here/snapshots").iterdir()) == [
        path.name for path in sorted((whole / "snapshots").iterdir())
    ]
    assert sorted(path.name for path in Path().iterdir()) == ["here"]


def test_a_stopped_resume_names_the_run_that_can_be_gone_on_with(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, date(2021, 11, 9), KeyboardInterrupt())
        assert main([*RUN, "--until", "2021-11-13", "--snapshot-every", "1", "--out", "here"]) == 130
    capsys.readouterr()
    with monkeypatch.context() as patch:
        stop_after(patch, date(2021, 11, 11), KeyboardInterrupt())
        assert main(["resume", "here", "--out", "there", *TAIL]) == 130
    assert capsys.readouterr().err.endswith("; `standoff resume here` goes on from the last snapshot\n")
    assert main(["resume", "here", *TAIL]) == 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_run_that_was_killed_leaves_whole_snapshots(whole: Path) -> None:
    command = [sys.executable, "-m", "sim", *RUN, "--until", "2021-11-13", "--snapshot-every", "1", "--out", "here"]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(root)}) as process:
        first = Path("here.unfinished/2021-11-08.snapshot")
        give_up = time.monotonic() + 240
        while not first.exists() and process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    if Path("here").exists():
        pytest.skip("the run was done before it could be killed")
    assert main(["resume", "here.unfinished", "--out", "there", *TAIL]) == 0
    assert contents(Path("there")) == contents(whole)


@pytest.mark.parametrize("run", ["folder", "manifest", "snapshot"])
def test_a_finished_run_is_prolonged_as_if_it_had_been_longer(whole: Path, run: str) -> None:
    assert main([*RUN, "--until", "2021-11-10", "--snapshot-every", "1", "--out", "short"]) == 0
    named = {"folder": "short", "manifest": "short/manifest.json", "snapshot": "short/snapshots/2021-11-09.snapshot"}
    assert main(["resume", named[run], "--until", "2021-11-13", "--out", "long", *TAIL]) == 0
    assert contents(Path("long")) == contents(whole)


def test_a_run_without_snapshots_is_prolonged_from_its_first_hour(whole: Path, capsys: Captured) -> None:
    assert main([*RUN, "--until", "2021-11-09", "--out", "short"]) == 0
    capsys.readouterr()
    assert main(["resume", "short", "--until", "2021-11-13", *TAIL]) == 0
    assert capsys.readouterr().out == "Results: short-2/\n"
    assert contents(Path("short-2")) == contents(whole)


def test_the_speed_of_a_resumed_run_is_that_of_the_hours_stepped(whole: Path, capsys: Captured) -> None:
    assert main(["resume", str(whole), "--until", "2021-11-14", "--out", "long", "--no-figures"]) == 0
    assert "24 hours stepped in" in capsys.readouterr().out
    made = json.loads(Path("long/manifest.json").read_text(encoding="utf-8"))["when"]
    before = json.loads((whole / "manifest.json").read_text(encoding="utf-8"))["when"]
    assert (made["n_hours"], made["taken_up_at_hour"]) == (24, 144)
    assert 0 < made["live_people_hours"] < before["live_people_hours"] / 2


def test_what_cannot_be_resumed_is_refused(whole: Path, capsys: Captured, tmp_path: Path) -> None:
    assert "the run is finished on 2021-11-13; to prolong it give --until DATE" in refused(
        capsys, "resume", str(whole), *TAIL
    )
    assert "found 2021-11-01; the run is recorded from 2021-11-08" in refused(
        capsys, "resume", str(whole), "--until", "2021-11-01", *TAIL
    )
    assert (
        "found 2021-11-12; the run goes to 2021-11-13 and cannot be shortened: give a later day, or run anew"
        in refused(capsys, "resume", str(whole), "--until", "2021-11-12", *TAIL)
    )
    assert "the run is finished on 2021-11-13; to prolong it give a later day" in refused(
        capsys, "resume", str(whole), "--until", "2021-11-13", *TAIL
    )
    snapshot = str(whole / "snapshots" / "2021-11-09.snapshot")
    assert "cannot be shortened" in refused(capsys, "resume", snapshot, "--until", "2021-11-10", *TAIL)
    assert "must be a date such as" in refused(capsys, "resume", str(whole), "--until", "tomorrow")
    assert "found no results folder" in refused(capsys, "resume", "nowhere", *TAIL)
    Path("empty.unfinished").mkdir()
    assert "found no snapshot; the run was interrupted before the first" in refused(capsys, "resume", "empty", *TAIL)
    damaged = Path("damaged.snapshot")
    damaged.write_bytes((whole / "snapshots" / "2021-11-09.snapshot").read_bytes()[:-40])
    assert "found no snapshot, or a damaged one" in refused(capsys, "resume", "damaged.snapshot", *TAIL)


# ---------------------------------------------------------------- branch


def test_a_branch_without_a_change_is_the_run(whole: Path) -> None:
    for at in ("2021-11-09", "2021-11-10", "2021-11-12"):
        assert main(["branch", str(whole), "--at", at, "--out", at, *TAIL]) == 0
        ours, theirs = contents(Path(at)), contents(whole)
        assert {name: text for name, text in ours.items() if name != "record.nc"} == {
            name: text for name, text in theirs.items() if name != "record.nc"
        }
        with xr.open_dataset(Path(at) / "record.nc") as branch, xr.open_dataset(whole / "record.nc") as run:
            assert branch.equals(run)
            assert branch.attrs["branched"] == f"after {at}: nothing changed"


def test_a_branch_changes_what_comes_after_and_nothing_before(whole: Path) -> None:
    settings = ("--set", "migrants.attempt_interval_hours=10", "--set", "engineers.enabled=false")
    command = ["branch", str(whole), "--at", "2021-11-10", *settings, "--until", "2021-11-14", "--out", "other", *TAIL]
    assert main(command) == 0
    with xr.open_dataset("other/record.nc") as branch, xr.open_dataset(whole / "record.nc") as run:
        assert str(branch["day"].values[-1])[:10] == "2021-11-14"
        before = {"day": slice(None, "2021-11-10"), "hour": slice(None, "2021-11-10T22")}
        past = [name for name in run.data_vars if {"day", "hour"} & set(run[name].dims)]
        assert len(past) > 40
        for name in past:
            dims = {key: value for key, value in before.items() if key in run[name].dims}
            assert branch[name].sel(dims).equals(run[name].sel(dims)), name
        after = {"day": slice("2021-11-11", "2021-11-13")}
        assert branch["attempts"].sel(after).sum() > run["attempts"].sel(after).sum()
        assert branch["crew_hours"].sel(after).sum() == 0 < run["crew_hours"].sel(after).sum()
        assert branch.attrs["branched"] == "after 2021-11-10: migrants.attempt_interval_hours, engineers.enabled, until"


@pytest.mark.parametrize("section", ["guards", "engineers", "services", "drills", "governments"])
def test_whatever_has_a_switch_can_be_switched_in_a_branch_and_back_in_a_branch_of_it(
    whole: Path, section: str, capsys: Captured
) -> None:
    key = f"{section}.enabled"
    assert main(["branch", str(whole), "--at", "2021-11-10", "--set", f"{key}=false", "--out", "off", *TAIL]) == 0
    assert main(["branch", "off", "--at", "2021-11-11", "--set", f"{key}=true", "--out", "on", *TAIL]) == 0
    with xr.open_dataset("on/record.nc") as branch, xr.open_dataset(whole / "record.nc") as run:
        assert branch.attrs["branched"] == f"after 2021-11-10: {key}; then after 2021-11-11: {key}"
        assert branch["people"].sel(day="2021-11-10").equals(run["people"].sel(day="2021-11-10"))
        assert branch.sizes == run.sizes
    capsys.readouterr()
    said = refused(capsys, "branch", "off", "--at", "2021-11-09", "--set", f"{key}=true", *TAIL)
    assert "found a branch without a snapshot up to 2021-11-09; go back to the run it left" in said
    said = refused(capsys, "story", "off", "1", "--quiet")
    assert "found a branch of another run; it can only be gone on with" in said


def test_a_branch_that_is_taken_up_stays_a_branch(whole: Path, capsys: Captured) -> None:
    """Scenario and seed alone do not give it again: prolonged, it would be told and gone on with as another run."""
    assert (
        main(["branch", str(whole), "--at", "2021-11-10", "--set", "engineers.enabled=false", "--out", "b", *TAIL]) == 0
    )
    (last,) = (path for path in Path("b/snapshots").iterdir() if path.name != "2021-11-10.snapshot")
    for start, out in (("b", "longer"), (str(last), "from-a-file")):
        assert main(["resume", start, "--until", "2021-11-14", "--out", out, *TAIL]) == 0
        with xr.open_dataset(f"{out}/record.nc") as record:
            assert record.attrs["branched"] == "after 2021-11-10: engineers.enabled"
        capsys.readouterr()
        assert "found a branch of another run" in refused(capsys, "story", out, "1", "--quiet")
        said = refused(capsys, "resume", out, "--until", "2021-11-15", *TAIL)
        assert "found a branch without a snapshot up to" in said


def test_dated_rows_after_the_day_can_be_changed_and_others_not(whole: Path, capsys: Captured, tmp_path: Path) -> None:
    row = (
        'actor = "Minsk"\ntarget = "EU"\nkind = "statement"\nday = 2021-11-12\nclock = "12:00"\n'
        'goldstein = -1.0\ntext = "words of a test"\nsource = "E001"\n'
    )
    later = variant(tmp_path, f"[[add.action]]\n{row}", name="later")
    earlier = variant(tmp_path, "[without]\naction = [{ day = 2021-11-09 }]\n", name="earlier")
    scale = ("--set", "migrants.people_scale=0.02")
    at = ("branch", str(whole), "--at", "2021-11-11", *TAIL)
    status = main([*at, "--with", str(later), *scale, "--until", "2021-11-13", "--out", "other"])
    assert status == 0, capsys.readouterr().err
    capsys.readouterr()
    chronicle = Path("other/tables/chronicle.csv").read_text(encoding="utf-8").splitlines()
    assert [line[:10] for line in chronicle if "words of a test" in line] == ["2021-11-12"]
    said = refused(capsys, *at, "--with", str(earlier), *scale)
    assert "a change of the row of 2021-11-09; only what is dated after 2021-11-11 may change" in said
    undated = variant(
        tmp_path, '[[add.existing]]\ncountry = "LV"\nlayer = "wire_fence"\nkm = 3\nsource = "A165"\n', name="more"
    )
    said = refused(capsys, *at, "--with", str(undated), *scale)
    assert "found a new row without a date" in said
    assert "0001" not in said


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--at", "2021-11-07"), "found 2021-11-07; the run goes from 2021-11-08 to 2021-11-13"),
        (("--at", "2021-11-14"), "found 2021-11-14; the run goes from 2021-11-08 to 2021-11-13"),
        (("--at", "2021-11-13"), "until: found 2021-11-13; a day after 2021-11-13 is needed"),
        (("--at", "2021-11-10", "--until", "2021-11-10"), "until: found 2021-11-10; a day after 2021-11-10 is needed"),
        (
            ("--at", "2021-11-10", "--set", "migrants.people_scale=1"),
            "migrants.people_scale: found 1; the run is of 0.02",
        ),
        (("--at", "2021-11-10", "--set", "weather.offset_c=-5"), "weather: found a change; 2021-11-10 is the last day"),
        (("--at", "2021-11-10", "--set", "seed=4"), "seed: found a change; 2021-11-10 is the last day of the past"),
        (("--at", "2021-11-10", "--set", "replay_until=2021-11-09"), "replay_until: found 2021-11-09; 2021-11-10 or"),
        (("--at", "2021-11-10", "--set", "guards.enable=false"), "did you mean 'guards.enabled'?"),
        (("--at", "soon"), "must be a date such as"),
        ((), "required: --at"),
    ],
    ids=lambda part: " ".join(part)[:40] if isinstance(part, tuple) else "",
)
def test_a_branch_that_would_change_the_past_is_refused(
    whole: Path, capsys: Captured, words: tuple[str, ...], reason: str
) -> None:
    assert reason in refused(capsys, "branch", str(whole), *words, *TAIL)


# ---------------------------------------------------------------- a broken law


def test_a_broken_law_leaves_the_model_of_that_hour(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, date(2021, 11, 8), LedgerError("hour 24: a law of this test was broken"))
        assert main([*RUN, "--until", "2021-11-10", "--out", "here"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "hour 24: a law of this test was broken\n  the model of that hour, for inspection: here-broken.snapshot\n"
    )
    assert [path.name for path in Path().iterdir()] == ["here-broken.snapshot"]
    snapshot = read_snapshot(Path("here-broken.snapshot"))
    assert (snapshot.state.hour, snapshot.broken) == (24, "hour 24: a law of this test was broken")
    model = StandoffModel(snapshot.scenario, snapshot.seed)
    restore(model, snapshot.state)
    assert model.hour == 24
    assert len(model.people) == model.scene.people.ledger.counts.sum() > 0
    assert "is for inspection, it cannot go on: hour 24" in refused(capsys, "resume", "here-broken.snapshot", *TAIL)


def test_a_broken_law_is_told_even_if_no_snapshot_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise keep.OutputError("no room")

    stop_after(monkeypatch, date(2021, 11, 8), LedgerError("hour 24: broken"))
    monkeypatch.setattr(keep, "write_snapshot", full)
    with pytest.raises(LedgerError, match=r"^hour 24: broken\n  \(no snapshot: no room\)$"):
        one.run("kuznica-8-november", settings={"until": "2021-11-10", "migrants.people_scale": "0.02"}, figures=False)
