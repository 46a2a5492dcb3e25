"""A results folder read back: its manifest, the scenario that was run, what was counted; refused if not whole."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim import __version__
from sim.agents.states import STATE_NAMES
from sim.errors import ScenarioError, StandoffError
from sim.scenario.load import load_scenario
from sim.scenario.resolved import scenario_hash

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["ResultsError", "read_manifest", "recorded_people", "refuse", "scenario_of", "told_before"]

_LARGEST_MANIFEST: Final = 20_000_000
_CHANGED: Final = "a manifest that was changed after it was written"


class ResultsError(StandoffError):
    """A folder is no whole results folder, is of another model, or was changed after it was written."""


def refuse(place: Path, found: str, allowed: str) -> ResultsError:
    """Return the error of a results folder: where, what was found, what is allowed."""
    return ResultsError(f"{place}: found {found}; {allowed}")


def read_manifest(folder: Path, *, branches: bool = False) -> tuple[Path, dict[str, Any]]:
    """Return the results folder and the *what* of its manifest, whole and of this model.

    Branches of other runs are refused unless `branches`: their scenario and seed alone do not give them again.

    Raises
    ------
    ResultsError
        If there is no manifest of one run of this version, or none that is whole.
    """
    wanted = "what is needed is a results folder written by `standoff run`, or its manifest.json"
    path = folder if folder.name == "manifest.json" and not folder.is_dir() else folder / "manifest.json"
    if not path.is_file():
        raise refuse(folder, "no manifest.json" if folder.is_dir() else "no results folder", wanted)
    what, fits = _what(path, wanted)
    if what.get("version") != __version__:
        found = f"a run of version {what.get('version')}"
        raise refuse(path, found, f"this is {__version__}; use the version that ran it, or run anew")
    if not (isinstance(what.get("scenario"), dict) and type(what.get("seed")) is int and 0 <= what["seed"] < 2**63):
        raise refuse(path, "no resolved scenario with a seed", f"{wanted} (one run, not many)")
    if not fits:
        raise refuse(path, _CHANGED, "its hash must fit; run anew")
    if what.get("branched") and not branches:
        raise refuse(path, "a branch of another run", "it can only be gone on with: `standoff resume` or `branch`")
    return path.parent, what


def told_before(folder: Path) -> dict[str, Any] | None:
    """Return the *what* of the manifest in a folder that is to be written into, of any version; None without one.

    Raises
    ------
    ResultsError
        If the manifest is damaged, was changed by hand, or is of something else: what it told would be lost.
    """
    path, wanted = folder / "manifest.json", "name another folder by --out, or take this one away"
    if not path.exists():
        return None
    what, fits = _what(path, wanted)
    if not fits:
        raise refuse(path, _CHANGED, wanted)
    return what


def _what(path: Path, wanted: str) -> tuple[dict[str, Any], bool]:
    """Return the *what* of a manifest of this model, and whether its hash fits; `wanted` is said where it is none."""
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise refuse(path, f"{path.stat().st_size / 1e6:,.0f} MB", wanted)
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise refuse(path, f"a file that cannot be read ({error.strerror or error})", wanted) from error
    except (ValueError, RecursionError) as error:
        raise refuse(path, "text that is not JSON", wanted) from error
    what = manifest.get("what") if isinstance(manifest, dict) else None
    if not isinstance(what, dict) or what.get("model") != "border-standoff":
        raise refuse(path, "a manifest of something else", wanted)
    canonical = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return what, hashlib.sha256(canonical.encode()).hexdigest() == manifest.get("what_hash")


def scenario_of(path: Path, what: dict[str, Any]) -> Scenario:
    """Return the resolved scenario of a manifest.

    Raises
    ------
    ResultsError
        If it does not load, or loads to something else.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "scenario.json"
        copy.write_text(json.dumps(what["scenario"], ensure_ascii=False), encoding="utf-8")
        try:
            scenario = load_scenario(copy)
        except ScenarioError as error:
            first = str(error.problems[0]).replace(str(copy), "its scenario")
            raise refuse(path / "manifest.json", "a scenario that does not load", first) from error
    if scenario_hash(scenario) != what.get("scenario_hash"):
        raise refuse(path / "manifest.json", "a scenario that loads to another one", "run anew with this version")
    return scenario


def recorded_people(folder: Path, what: dict[str, Any]) -> dict[str, list[int]]:
    """Return people by state at the end of each recorded day, by ISO date, from the tables of the folder."""
    path = folder / "tables" / "daily.csv"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise refuse(path, "no such table", "a results folder is whole or none; run anew") from error
    files = what.get("files")
    if not isinstance(files, dict) or hashlib.sha256(content).hexdigest() != files.get("tables/daily.csv"):
        raise refuse(path, "a table that was changed after it was written", "its hash must be that of the manifest")
    rows = csv.DictReader(content.decode("utf-8", errors="replace").splitlines())
    try:
        return {row["day"]: [int(float(row[f"people_{name}"])) for name in STATE_NAMES] for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise refuse(path, "a table without people by state", "run anew with this version") from error
