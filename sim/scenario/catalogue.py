"""The published scenarios: which there are, and what each asks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.errors import Problem, ScenarioError, nearest
from sim.scenario.files import read_table
from sim.scenario.places import data_folder

__all__ = ["Listed", "find_scenario", "list_scenarios"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One published scenario as its file introduces it; days and parent are empty where the file names none."""

    name: str
    summary: str
    question: str
    path: Path
    extends: str = ""
    first: str = ""
    last: str = ""


def list_scenarios(folder: Path | None = None) -> tuple[Listed, ...]:
    """Return the scenarios of `folder` (the published ones when None) by name, without resolving them.

    Raises:
        ScenarioError: files without syntax; all are named.
    """
    listed: list[Listed] = []
    problems: list[Problem] = []
    for path in _files(folder):
        try:
            table = read_table(path, path.name)
        except ScenarioError as error:
            problems.extend(error.problems)
            continue
        name, summary, question = (str(table.get(key, "")) for key in ("name", "summary", "question"))
        extends, first, last = (str(table.get(key, "")) for key in ("extends", "start", "until"))
        listed.append(Listed(name or path.stem, summary, question, path, extends, first, last))
    if problems:
        raise ScenarioError(problems)
    return tuple(listed)


def find_scenario(name: str, folder: Path | None = None) -> Path:
    """Return the file of the published scenario `name`.

    Raises:
        ScenarioError: there is none of this name; the nearest right one is named.
    """
    paths = {path.stem: path for path in _files(folder)}
    if name not in paths:
        hint = nearest(name, paths)
        if not hint and Path(f"{name}.toml").is_file():
            hint = f"for the file here, write ./{name}.toml"
        allowed = "published are: " + (", ".join(paths) or "none")
        raise ScenarioError([Problem("catalogue", "", f"the name {name!r}", allowed, hint)])
    return paths[name]


def _files(folder: Path | None) -> list[Path]:
    return sorted((folder or data_folder("scenarios")).glob("*.toml"))
