"""A results folder that is to be written into: one answer of all commands where its manifest is not whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests import write_what

from sim.analysis.exploration import Question
from sim.cli import main
from sim.runs.results import ResultsError, told_before
from sim.scenario.load import load_scenario

SCENARIO = "kuznica-8-november"
FOREIGN = {
    "cut short": ('{"what": {"kind": "sweep"', "text that is not JSON"),
    "no text": (b"\xff\x00", "text that is not JSON"),
    "a list": ("[1, 2]", "a manifest of something else"),
    "another program's": ('{"what": {"kind": "sweep"}}', "a manifest of something else"),
    "changed": ('{"what": {"model": "border-standoff", "kind": "sweep"}, "what_hash": "0"}', "a manifest that was"),
}
COMMANDS = {
    "ensemble": ["ensemble", SCENARIO, "--members=1"],
    "compare": ["compare", SCENARIO, SCENARIO, "--members=2"],
    "sweep": ["sweep", SCENARIO, "--vary=guards.fatigue=0,1"],
    "discover": ["discover", SCENARIO, "--of=deaths", "--below=25", "--runs=32", "--key=guards.fatigue"],
    "validate": ["validate", "crisis-2021", "--members=1"],
}


def test_nothing_is_told_where_there_is_no_manifest(tmp_path: Path) -> None:
    assert told_before(tmp_path / "nowhere") is None
    assert told_before(tmp_path) is None


def test_what_was_told_is_returned_whatever_its_version(tmp_path: Path) -> None:
    write_what(tmp_path, {"kind": "sweep", "version": "0.0.1"})
    assert told_before(tmp_path) == {"model": "border-standoff", "kind": "sweep", "version": "0.0.1"}


@pytest.mark.parametrize("of", FOREIGN)
def test_a_manifest_that_is_not_whole_is_refused(tmp_path: Path, of: str) -> None:
    content, found = FOREIGN[of]
    (tmp_path / "manifest.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ResultsError, match=rf"manifest\.json: found {found}.*; name another folder by --out"):
        told_before(tmp_path)


def test_a_manifest_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(ResultsError, match=r"found a file that cannot be read \(Is a directory\)"):
        told_before(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_the_same_of_a_damaged_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (tmp_path / "manifest.json").write_text('{"what": {', encoding="utf-8")
    assert main([*COMMANDS[command], "--workers=0", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.err.count("manifest.json: found text that is not JSON; name another folder by --out") == 1
    assert said.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_an_exploration_that_does_not_tell_what_it_asked_is_refused(tmp_path: Path) -> None:
    write_what(tmp_path, {"kind": "sweep", "scenario": {"name": SCENARIO}})
    question = Question("sweep", load_scenario(SCENARIO), {"guards.fatigue": ["0", "1"]})
    with pytest.raises(ResultsError, match="found a manifest that does not tell what a sweep asked; name another"):
        question.check(tmp_path)
