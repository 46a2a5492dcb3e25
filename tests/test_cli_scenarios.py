"""The command line around scenarios: what it says, where, and with which exit code."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import sim
from sim.cli import main, parse
from sim.commands import run, scenarios
from sim.limits import LIMITS
from sim.scenario.catalogue import list_scenarios
from sim.scenario.load import load_scenario

DATA = Path(__file__).parent / "data"
PLAIN = str(DATA / "plain.toml")

Captured = pytest.CaptureFixture[str]


def failed(capsys: Captured, *argv: str) -> str:
    """Return what the command line says on stderr when it refuses `argv` with exit code 2."""
    assert main(argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


# --- help and usage ---------------------------------------------------------------------------------


def test_help_has_every_command_examples_and_the_limits(capsys: Captured) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    said = capsys.readouterr().out
    for words in ("run  ", "list  ", "show  ", "check  ", "examples:", "standoff run no-british-engineers", *LIMITS):
        assert words in said


@pytest.mark.parametrize("command", ["run", "list", "show", "check"])
def test_each_command_has_its_own_help(command: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert f"usage: standoff {command}" in capsys.readouterr().out


def test_version(capsys: Captured) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"border-standoff {sim.__version__}\n"


def test_no_command_prints_the_help_as_an_error(capsys: Captured) -> None:
    assert "usage: standoff COMMAND" in failed(capsys)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["rn"], "found the unknown command 'rn'; known are: run, "),
        (["run", "--sed", "3"], "standoff run: found the unknown option '--sed'; `standoff run --help` lists all "
         "(did you mean '--seed'?)"),
        (["run", "--see", "3"], "did you mean '--seed'?"),
        (["run", "a", "b"], "standoff run: found the unknown word 'b'"),
        (["--sed"], "standoff: found the unknown option '--sed'"),
        (["run", "--until", "tomorrow"], "--until: found 'tomorrow'; must be a date such as 2021-11-30"),
        (["run", "--until", "2021-11-31"], "--until: found '2021-11-31'; must be a date"),
        (["run", "--until", "20211130"], "--until: found '20211130'; must be a date"),
        (["run", "--seed", "1.5"], "--seed: found '1.5'; must be a whole number from 0 to"),
        (["run", "--seed", "9223372036854775808"], "--seed: found '9223372036854775808'"),
        (["run", "--set", "seed"], "--set: found 'seed'; must be key=value"),
        (["run", "--set", "seed=3", "--seed", "4"], "standoff run: found 'seed' given twice; give it once"),
        (["show"], "standoff show: the following arguments are required: SCENARIO"),
        (["show", PLAIN, "--format", "yaml"], "invalid choice: 'yaml'"),
    ],
)  # fmt: skip
def test_usage_errors(argv: list[str], words: str, capsys: Captured) -> None:
    assert words in failed(capsys, *argv)


def test_run_hands_over_all_that_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[argparse.Namespace] = []
    monkeypatch.setattr(run, "_run", lambda args: handed.append(args) or 0)
    asked = "run no-drills --seed 7 --until 2021-11-09 --set a.b=1 --set c=x=y --out here --no-figures --quiet"
    assert main(asked.split()) == 0
    (args,) = handed
    assert (args.scenario, args.seed, args.until, args.out) == ("no-drills", 7, date(2021, 11, 9), Path("here"))
    assert args.settings == {"a.b": "1", "c": "x=y", "until": "2021-11-09", "seed": "7"}
    assert (args.figures, args.quiet) == (False, True)


def test_run_has_defaults() -> None:
    args = parse(["run"])
    assert (args.scenario, args.settings, args.out) == ("standoff-november-2021", {}, None)
    assert (args.figures, args.quiet) == (True, False)


# --- list, show, check ------------------------------------------------------------------------------


def test_list_shows_each_scenario_with_its_question(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    for listed in list_scenarios():
        assert f"{listed.name}\n  {listed.summary.split()[0]}" in said
        assert listed.question.split()[-1] in said


def test_list_tells_the_days_and_what_a_scenario_changes(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    assert "(2021-11-08 to 2021-11-30; changes standoff-november-2021)" in said
    assert "(2021-08-01 to 2021-12-31; a history of its own)" in said
    n = len(list_scenarios())
    assert said.splitlines()[-1].startswith(f"{n} of {n} scenarios.")


def test_list_finds_scenarios_by_words(capsys: Captured) -> None:
    assert main(["list", "British", "engineers"]) == 0
    said = capsys.readouterr().out
    assert "no-british-engineers" in said
    assert "no-fence" not in said
    assert "none of the" in failed(capsys, "list", "submarine")


def test_show_can_tell_only_what_a_scenario_changes(capsys: Captured) -> None:
    assert main(["show", "no-drills", "--changes"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("no-drills, against standoff-november-2021\n")
    n_drills = len(load_scenario("standoff-november-2021").drill)
    assert f"[[drill]]: {n_drills} rows taken out" in said
    assert "name Gozha airborne drop" in said
    assert "[[force]]" not in said
    assert "Expected beforehand: Before any run: no watcher is drawn" in said


def test_show_changes_knows_numbers_days_and_the_command_line(capsys: Captured) -> None:
    assert main(["show", "crisis-2021", "--changes", "--set", "guards.response_minutes=30 min"]) == 0
    assert "guards.response_minutes: 15 min → 30 min" in capsys.readouterr().out
    assert main(["show", "one-million", "--changes"]) == 0
    said = capsys.readouterr().out
    assert "until: 2021-11-18 → 2021-11-10" in said
    assert "migrants.people_scale: 1 → 128" in said
    assert main(["show", "crisis-2021", "--changes"]) == 0
    assert "Nothing differs." in capsys.readouterr().out


def test_show_prints_the_scenario_with_its_settings(capsys: Captured) -> None:
    assert main(["show", PLAIN, "--set", "migrants.alone_share=0.2"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("plain\n=====\n")
    assert "alone_share               0.2                                     set\n" in said


@pytest.mark.parametrize("form", ["toml", "json"])
def test_shown_forms_load_back(form: str, tmp_path: Path, capsys: Captured) -> None:
    assert main(["show", PLAIN, "--format", form, "--set", "migrants.alone_share=0.2"]) == 0
    path = tmp_path / f"back.{form}"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_scenario(path) == load_scenario(PLAIN, {"migrants.alone_share": "0.2"})


def test_show_reports_every_problem_without_a_traceback(capsys: Captured) -> None:
    said = failed(capsys, "show", PLAIN, "--set", "sed=3", "--set", "migrants.alone_share=2")
    assert said.startswith("2 problems in the scenario:\n  command line: sed: found an unknown key")
    assert "command line: migrants.alone_share.value: found 2; must be from 0 to 1" in said


def test_check_passes_good_files(capsys: Captured) -> None:
    assert main(["check", "kuznica-8-november", "no-camp"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1].split(" is")[0] for line in said] == ["kuznica-8-november", "no-camp"]
    assert " numbers, " in said[0]


def test_check_reports_every_file_and_the_good_ones_too(capsys: Captured, tmp_path: Path) -> None:
    places = tmp_path / "places.toml"
    places.write_text(Path(PLAIN).read_text(encoding="utf-8").replace("Kuźnica", "Kuznitza"), encoding="utf-8")
    (tmp_path / "empty.toml").touch()
    assert main(["check", str(places), str(tmp_path / "empty.toml"), "kuznica-8-november"]) == 2
    said = capsys.readouterr()
    assert "initial[1].place: found 'Kuznitza'; must be Minsk, camp, centre or the name of a guard post" in said.err
    assert "did you mean" in said.err
    assert "empty.toml: found an empty file" in said.err
    assert "kuznica-8-november is in order" in said.out


def test_show_of_an_unknown_name_gives_the_nearest(capsys: Captured) -> None:
    assert "did you mean 'crisis-2021'?" in failed(capsys, "show", "crisis-2022")


# --- leaving ----------------------------------------------------------------------------------------


def test_ctrl_c_leaves_one_line_and_130(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def stop(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(scenarios, "_list", stop)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "standoff: stopped by Ctrl-C\n"


def test_a_reader_that_leaves_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "sim", "show", PLAIN]
    with os.fdopen(write, "wb") as closed:
        ran = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (141, b"")


def test_a_terminal_without_polish_letters_still_gets_its_text() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "sim", "show", PLAIN]
    ran = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"Ku\\u017anica" in ran.stdout


@pytest.mark.parametrize("form", ["toml", "json"])
def test_changes_are_text_to_read(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "no-camp", "--changes", "--format", form]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"--changes is text to read and has no form in {form}; leave out one of them" in said.err
