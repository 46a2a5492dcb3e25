"""``standoff run`` from the outside: what it prints, what it leaves, and how it refuses what it cannot do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.cli import main
from sim.limits import LIMITS
from sim.runs import one

QUICK = ("kuznica-8-november", "--until", "2021-11-08", "--set", "migrants.people_scale=0.02", "--no-figures")
DATA = Path(__file__).parent / "data"

HEAD = """extends = "kuznica-8-november"
name = "my-question"
summary = "A question of my own"
question = "What if it were otherwise?"
description = "Written by a test."
"""

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test stand in an empty folder, in which nothing may be left that was not asked for."""
    monkeypatch.chdir(tmp_path)


def refused(capsys: Captured, *argv: str) -> str:
    """Return what ``standoff run`` says on stderr when it refuses; it prints nothing else and leaves nothing behind."""
    before = sorted(Path().rglob("*"))
    assert main(["run", *argv]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert sorted(Path().rglob("*")) == before
    return said.err


# ---------------------------------------------------------------- a run


def test_a_run_leaves_a_folder_and_says_where(capsys: Captured) -> None:
    assert main(["run", *QUICK, "--out", "here", "--seed", "9"]) == 0
    said = capsys.readouterr().out
    assert "One run, one history" in said
    assert said.index("deaths") < said.index("recorded attempts, Poland")
    assert LIMITS[1] in said
    assert said.endswith("Results: here/\n")
    what = json.loads(Path("here/manifest.json").read_text(encoding="utf-8"))["what"]
    assert what["seed"] == 9
    assert what["command"] == (
        "standoff run kuznica-8-november --set migrants.people_scale=0.02 --seed 9 --until 2021-11-08"
    )
    assert what["scenario"]["until"] == "2021-11-08"
    assert what["scenario"]["migrants"]["people_scale"]["source"] == "set"
    assert not Path("here/figures").exists()


def test_quiet_says_nothing_but_where_the_results_are(capsys: Captured) -> None:
    assert main(["run", *QUICK, "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.out == "Results: results/kuznica-8-november-seed20211112/\n"
    assert said.err == ""


def test_no_progress_bar_where_nobody_watches(capsys: Captured) -> None:
    assert main(["run", *QUICK, "--out", "here"]) == 0
    assert capsys.readouterr().err == ""


def test_a_file_of_ones_own_runs_and_its_folder_is_not_told(capsys: Captured, tmp_path: Path) -> None:
    deep = tmp_path / "own"
    deep.mkdir()
    (deep / "my.toml").write_text(HEAD, encoding="utf-8")
    assert main(["run", str(deep / "my.toml"), *QUICK[1:], "--out", "here"]) == 0
    capsys.readouterr()
    manifest = Path("here/manifest.json").read_text(encoding="utf-8")
    assert '"command": "standoff run my.toml' in manifest
    assert str(tmp_path) not in manifest


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["kuznica-8-novembr"], ["found the name 'kuznica-8-novembr'", "did you mean 'kuznica-8-november'?"]),
        (["nowhere.toml"], ["nowhere.toml"]),
        (["--set", "guards.response_minute=9"], ["response_minute: found", "did you mean 'guards.response_minutes'?"]),
        (["--set", "guard.response_minutes=9"], ["guard", "did you mean 'guards.response_minutes'?"]),
        (["--set", "guards.response_minutes=20 km"], ["guards.response_minutes", "'20 km'", "must be one of:", "min"]),
        (["--set", "guards.response_minutes=601"], ["guards.response_minutes", "found 601", "from 0 to 600 min"]),
        (["--set", "guards.response_minutes=soon"], ["guards.response_minutes", "'soon'"]),
        (["--set", "guards.response_minutes=nan"], ["guards.response_minutes"]),
        (["--set", "drills.enabled=perhaps"], ["drills.enabled", "perhaps"]),
        (["--until", "2021-11-07"], ["until", "2021-11-07", "2021-11-08"]),
        (["--until", "2023-01-01"], ["until", "2023-01-01"]),
        (["--seed", "-1"], ["--seed"]),
        (["--out"], ["--out"]),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_place_value_and_what_is_allowed(
    argv: list[str], words: list[str], capsys: Captured
) -> None:
    said = refused(capsys, *argv)
    assert [word for word in words if word not in said] == []


def test_every_problem_is_told_at_once(capsys: Captured) -> None:
    said = refused(
        capsys, "no-drills", "--set", "guards.response_minutes=601", "--set", "drils.enabled=false",
        "--set", "exposure.cold_scale_c=3 km", "--until", "2021-11-01",
    )  # fmt: skip
    assert said.startswith("4 problems in the scenario:")
    for key in ("guards.response_minutes", "drils", "exposure.cold_scale_c", "until"):
        assert key in said


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe binary", b"name = "])
def test_files_that_are_no_scenarios_are_refused(content: bytes, capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_bytes(content)
    assert "odd.toml" in refused(capsys, "odd.toml")


def test_a_place_that_is_on_no_map_is_refused_before_the_run(capsys: Captured, tmp_path: Path) -> None:
    row = 'initial = [{ place = "Kuznitza", people = 5, source = "B112" }]'
    (tmp_path / "my.toml").write_text(HEAD + row, encoding="utf-8")
    said = refused(capsys, "my.toml", *QUICK[1:])
    assert "found 'Kuznitza'" in said
    assert "did you mean 'Kuźnica'?" in said


def test_a_scenario_without_normal_weather_is_refused(capsys: Captured) -> None:
    assert "normal" in refused(capsys, str(DATA / "plain.toml"), "--no-figures")


def test_weather_without_wind_is_refused_or_runs(capsys: Captured, tmp_path: Path) -> None:
    months = ", ".join(
        f'{{ month = {month}, max_c = 5, min_c = 0, wind_kmh = 0, wet_share = 0, source = "A118" }}'
        for month in range(1, 13)
    )
    (tmp_path / "my.toml").write_text(f"{HEAD}normal = [{months}]\n", encoding="utf-8")
    assert main(["run", "my.toml", *QUICK[1:], "--out", "here"]) in (0, 2)
    capsys.readouterr()


@pytest.mark.parametrize("what", ["folder", "file"])
def test_an_existing_output_is_refused_and_kept(what: str, capsys: Captured) -> None:
    out = Path("here")
    if what == "folder":
        out.mkdir()
        (out / "mine.txt").touch()
    else:
        out.write_text("mine", encoding="utf-8")
    assert "--out: found 'here', which exists already" in refused(capsys, *QUICK, "--out", "here")


def test_an_output_below_a_file_is_refused(capsys: Captured) -> None:
    Path("file").touch()
    assert "'file' is not a folder" in refused(capsys, *QUICK, "--out", "file/here")


def test_a_full_disk_is_told_in_a_line(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(one, "write_netcdf", full)
    said = refused(capsys, *QUICK, "--out", "here")
    assert said == "cannot write the results to 'here': No space left on device\n"


# ---------------------------------------------------------------- Ctrl-C


def test_ctrl_c_leaves_no_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SLOW_WRITER, "run", *QUICK, "--out", "new/here"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=environment) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("new/.here-*/written")) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == b"standoff: stopped by Ctrl-C\n"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "new").iterdir()) == []


_SLOW_WRITER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run behind a shell that ignores it
from sim.cli import main
from sim.runs import one

write = one.write_netcdf

def slowly(*given):
    write(*given)
    given[1].with_name("written").touch()
    time.sleep(30)

one.write_netcdf = slowly
sys.exit(main(sys.argv[1:]))
"""
"""The command line with a writer that dawdles once the record is on the disk, so that the signal hits in the middle:
not while the netCDF library writes, which swallows an interrupt now and then."""
