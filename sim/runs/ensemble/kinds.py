"""What a results folder of many runs holds, so that no analysis writes over another or over other people's files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sim.errors import OutputError
from sim.runs.results import told_before

__all__ = ["LOCK", "check_kind"]

LOCK: Final = ".lock"
"""In every results folder of many runs: which process holds it, and that it is one."""

_KINDS: Final = {
    "ensemble": "an ensemble",
    "validation": "an ensemble",
    "compare": "a comparison",
    "calibration": "a calibration",
    "sensitivity": "a sensitivity analysis",
    "discovery": "a discovery",
    "sweep": "a sweep",
}
"""What the folder of each command holds, by the first word of its usual name."""
_OF_MANIFEST: Final = {
    "ensemble": "an ensemble",
    "comparison": "a comparison",
    "sensitivity": "a sensitivity analysis",
    "box": "a discovery",
    "sweep": "a sweep",
}
_OF_MEMBERS: Final = ("an ensemble", "a comparison")


def check_kind(results: Path, name: str) -> None:
    """Refuse a results folder that holds something else than what is going to be written.

    What a killed process left has no manifest and tells less: only that it holds members, or runs of an analysis.

    Parameters
    ----------
    results : the folder, which need not be there
    name : usual name of the folder, such as ``sweep-crisis-2021``; its first word says what is going to be written

    Raises
    ------
    OutputError
        If it is no folder, or holds something else.
    ResultsError
        If its manifest is damaged or of something else.
    """
    wanted = _KINDS[name.split("-", maxsplit=1)[0]]
    try:
        if results.exists() and not results.is_dir():
            raise OutputError(f"--out: found '{results}', which is no folder; name another")
        if not results.exists() or not any(results.iterdir()):
            return
        held = _held(results)
        if not held and not (results / LOCK).exists():
            raise OutputError(f"--out: found '{results}', which holds something else; name another folder")
    except OSError as error:
        raise OutputError(f"--out: '{results}' cannot be read: {error.strerror or error}") from error
    members = wanted in _OF_MEMBERS
    if held and held not in (wanted, "members" if members else "runs of an analysis"):
        raise OutputError(f"--out: found '{results}', which holds {held}; {wanted} needs another folder")


def _held(results: Path) -> str:
    """Return what a folder holds, in words; empty if nothing in it tells."""
    what = told_before(results)
    if what is not None:
        kind = what.get("kind")
        return "a run" if kind is None else _OF_MANIFEST.get(str(kind), "something else")
    if not (results / LOCK).exists():
        return ""
    if any(results.glob("*.json")):
        return "a calibration"
    for folder, words in (("members", "members"), ("runs", "runs of an analysis")):
        if (results / folder).is_dir():
            return words
    return ""
