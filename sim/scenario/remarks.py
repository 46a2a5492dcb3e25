"""What is in order in a scenario and yet seldom meant: said beside it, never refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sim.scenario.merge import apply_settings, merge, read_chain

__all__ = ["remarks"]


def remarks(name_or_path: str | Path, settings: Mapping[str, str]) -> list[str]:
    """Return what to say of a scenario that loads, a sentence each; name, path and settings as the loader takes them.

    Raises
    ------
    ScenarioError
        If a file of its chain cannot be read.
    """
    draft = merge(read_chain(name_or_path))
    apply_settings(draft, settings)
    said: dict[str, str] = {}
    enabled = draft.sections.get("migrants", {}).get("enabled")
    if enabled is not None and enabled.value is False:
        return []
    first = draft.scalars.get("spin_up_from") or draft.scalars.get("start")
    for row in draft.rows.get("initial", []):
        theirs = draft.first_days.get(row.file)
        if first is None or theirs is None or not row.value.get("people"):
            continue
        if type(first.value) is date and type(theirs.value) is date and first.value > theirs.value:
            said[row.file] = (
                f"the people under initial of {row.file} are those of {theirs.value}, and stand at their places on "
                f"{first.value}; to let them live until then, set spin_up_from={theirs.value}"
            )
    return list(said.values())
