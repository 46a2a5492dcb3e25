"""The file of a snapshot: a zip of plain numpy arrays and one JSON text, versioned and with a checksum, no pickle.

A file is written beside its name and takes the name when it is whole, so that an interrupted run leaves whole snapshots
only. What is damaged, of another version or of something else is refused with the reason.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.errors import OutputError, ScenarioError
from sim.runs.provenance import model_code_hash
from sim.runs.snapshot.forms import Leaf
from sim.runs.snapshot.state import SnapshotError, State
from sim.scenario.load import load_scenario
from sim.scenario.resolved import resolved_dict, scenario_hash

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["SUFFIX", "Snapshot", "read_snapshot", "write_snapshot"]

SUFFIX: Final = ".snapshot"
FORMAT: Final = "border-standoff snapshot"
FORMAT_VERSION: Final = 1
_HEAD, _DIGEST = "head", "sha256"
_LARGEST: Final = 16_000_000_000


@dataclass(frozen=True)
class Snapshot:
    """A run at the end of a day.

    Attributes
    ----------
    scenario, seed : what is run
    state : what it has become
    last_day : the last day that was lived, included
    command, changed : the command that began the run, and which keys it changed
    broken : which law was broken, if the run was stopped by the ledger; such a snapshot is for inspection alone
    branched : after which day it left another run, and what was changed then; empty for a run of its own
    """

    scenario: Scenario
    seed: int
    state: State
    last_day: date
    command: str = ""
    changed: str = ""
    broken: str = ""
    branched: str = ""


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written: a full disk, no right to write.
    """
    arrays: dict[str, NDArray[Any]] = {}
    leaves = []
    for (part, name), leaf in snapshot.state.leaves.items():
        numbers = []
        for array in leaf.arrays:
            numbers.append(len(arrays))
            arrays[f"a{len(arrays)}"] = np.ascontiguousarray(array)
        leaves.append([part, name, leaf.form, numbers])
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": __version__,
        "model_code": model_code_hash(),
        "scenario": resolved_dict(snapshot.scenario),
        "scenario_hash": scenario_hash(snapshot.scenario),
        "seed": snapshot.seed,
        "hour": snapshot.state.hour,
        "last_day": snapshot.last_day.isoformat(),
        "command": snapshot.command,
        "changed": snapshot.changed,
        "broken": snapshot.broken,
        "branched": snapshot.branched,
        "built": snapshot.state.built,
        "leaves": leaves,
    }
    text = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
    arrays[_HEAD] = np.frombuffer(text, dtype=np.uint8)
    arrays[_DIGEST] = np.frombuffer(_digest(arrays).encode(), dtype=np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez_compressed(file, allow_pickle=False, **arrays)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(unfinished, 0o644)
            os.replace(unfinished, path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f"cannot write the snapshot '{path}': {error.strerror or error}") from error


def _digest(arrays: dict[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of all arrays but the digest itself, by name."""
    digest = hashlib.sha256()
    for name in sorted(arrays.keys() - {_DIGEST}):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def read_snapshot(path: Path) -> Snapshot:
    """Return the snapshot in a file.

    Raises
    ------
    SnapshotError
        If the file is no snapshot, is damaged, or is of another version of the model.
    """
    arrays, head = _read(path)
    wanted = f"this is version {__version__} and reads its own; run anew"
    if head.get("format") != FORMAT:
        raise _refuse(path, "something else than a snapshot", "a file that `--snapshot-every` wrote is needed")
    if head.get("format_version") != FORMAT_VERSION or head.get("version") != __version__:
        raise _refuse(path, f"a snapshot of version {head.get('version')}", wanted)
    if head.get("model_code") != model_code_hash():
        raise _refuse(path, "a snapshot of other rules under the same version", wanted)
    try:
        state = State(head["hour"], built=head["built"])
        for part, name, form, numbers in head["leaves"]:
            leaf = Leaf()
            leaf.form, leaf.arrays = form, [arrays[f"a{number}"] for number in numbers]
            state.leaves[part, name] = leaf
        return Snapshot(
            scenario=_scenario(path, head),
            seed=head["seed"],
            state=state,
            last_day=date.fromisoformat(head["last_day"]),
            command=head["command"],
            changed=head["changed"],
            broken=head["broken"],
            branched=head["branched"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _refuse(path, "a snapshot that lacks something", f"{error!r}; run anew") from error


def _refuse(path: Path, found: str, allowed: str) -> SnapshotError:
    return SnapshotError(f"{path}: found {found}; {allowed}")


def _read(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return arrays and head of a file whose checksum fits."""
    allowed = "a snapshot is needed that a run wrote with `--snapshot-every`, whole and unchanged"
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise _refuse(path, "more than 16 GB", allowed)
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        found = arrays[_DIGEST].tobytes().decode("ascii")
        if found != _digest(arrays):
            raise _refuse(path, "a checksum that does not fit: damaged or changed", allowed)
        head = json.loads(arrays[_HEAD].tobytes())
        if not isinstance(head, dict):
            raise ValueError("no head")
    except FileNotFoundError as error:
        raise _refuse(path, "no such file", allowed) from error
    except OSError as error:
        raise _refuse(path, f"a file that cannot be read ({error.strerror or error})", allowed) from error
    except (
        zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, RecursionError, NotImplementedError,
        RuntimeError, MemoryError, AttributeError, tokenize.TokenError,
    ) as error:  # fmt: skip
        raise _refuse(path, "no snapshot, or a damaged one", allowed) from error
    return arrays, head


def _scenario(path: Path, head: dict[str, Any]) -> Scenario:
    """Return the scenario of a snapshot, which must load to what was run."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "scenario.json"
        copy.write_text(json.dumps(head["scenario"], ensure_ascii=False), encoding="utf-8")
        try:
            scenario = load_scenario(copy)
        except ScenarioError as error:
            first = str(error.problems[0]).replace(str(copy), "its scenario")
            raise _refuse(path, "a scenario that does not load", first) from error
    if scenario_hash(scenario) != head["scenario_hash"]:
        raise _refuse(path, "a scenario that loads to another one", "run anew with this version")
    return scenario
