"""The manifest of a results folder: what was run, apart from when; only *what* is hashed."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sim import __version__
from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.scenario.evidence import find_source
from sim.scenario.resolved import resolved_dict, scenario_hash, shares_by_kind, sources_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["file_hash", "git_commit", "make_manifest", "manifest_bytes", "model_code_hash", "write_manifest"]

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_MODEL_ROOMS: Final = ("agents", "core", "world", "record", "model.py", "scenario")
_PACKAGES = ("numpy", "mesa", "xarray", "h5netcdf", "pandas", "matplotlib", "pydantic")


def git_commit() -> str:
    """Return the commit of the checkout the code stands in, with ``+changes`` if it is dirty; empty outside one."""
    here = Path(__file__).resolve().parent
    try:
        top = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "--show-toplevel", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        if top.returncode or not (Path(top.stdout.split("\n")[0]) / "sim" / "runs").is_dir():
            return ""
        changed = subprocess.run(
            ["git", "-C", str(here), "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return top.stdout.split("\n")[1] + ("+changes" if changed.stdout.strip() else "")


@cache
def model_code_hash(package: Path = _PACKAGE) -> str:
    """Return the SHA-256 of the code that decides what happens in a run, 64 hexadecimal digits.

    `package` is the folder of the package ``sim``: the running one unless another is given.
    """
    digest = hashlib.sha256()
    for room in _MODEL_ROOMS:
        path = package / room
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_manifest(
    scenario: Scenario,
    seed: int | None,
    command: str,
    folder: Path,
    timings: dict[str, Any],
    started: datetime,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the manifest: ``what`` (with its hash) and ``when``.

    `command` is the command without machine paths; `timings` hold seconds and counts. `seed` is None where there are
    many; `more` is what else belongs to *what*.
    """
    sources = []
    for source_id in sources_of(scenario):
        source = find_source(source_id)
        sources.append({"id": source_id, "statement": source.statement, "source": source.source, "url": source.url})
    what = {
        "model": "border-standoff",
        "version": __version__,
        "git_commit": git_commit(),
        "packages": {name: metadata.version(name) for name in _PACKAGES},
        "instruction_set": platform.machine(),
        "command": command,
        "scenario": resolved_dict(scenario),
        "scenario_hash": scenario_hash(scenario),
        "numbers_by_kind_of_source": shares_by_kind(scenario),
        "seed": seed,
        "files": {
            str(path.relative_to(folder)): file_hash(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in {".nc", ".csv"}
        },
        "limits": list(LIMITS),
        "attribution": MAP_ATTRIBUTION,
        "sources_to_cite": sources,
        **more,
    }
    if seed is None:
        del what["seed"]
    canonical = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return {
        "what": what,
        "what_hash": hashlib.sha256(canonical.encode()).hexdigest(),
        "when": {
            "started_utc": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "finished_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "python": platform.python_version(),
            **timings,
        },
    }


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """Return what stands in ``manifest.json``."""
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def write_manifest(manifest: dict[str, Any], folder: Path) -> None:
    """Write ``manifest.json`` into a results folder that is not in its place yet."""
    (folder / "manifest.json").write_bytes(manifest_bytes(manifest))
