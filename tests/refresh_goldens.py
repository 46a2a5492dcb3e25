"""The golden summaries: one small run of every published scenario, in numbers. As a script: write them anew.

    python tests/refresh_goldens.py [NAME ...]

A summary changes whenever a rule, a number or a draw does. Read the diff before committing it: each changed line
should be one that the change was meant to move.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from sim.model import StandoffModel
from sim.record import chronicle_table, make_record
from sim.scenario.catalogue import list_scenarios
from sim.scenario.load import load_scenario

GOLDENS = Path(__file__).parent / "goldens"
SEED = 20211112
SCALE = 0.05
SPIN_UP_DAYS, RECORDED_DAYS = 8, 6
"""Enough for people to come to the line, and for bans to bite on 12 November."""


def settings_of(name: str) -> dict[str, str]:
    """Return what shortens a scenario: few people, six days to record, eight to begin with where it spins up."""
    scenario = load_scenario(name)
    settings = {"migrants.people_scale": str(SCALE)}
    until = min(scenario.until, scenario.start + timedelta(days=RECORDED_DAYS - 1))
    if scenario.spin_up_from is not None:
        first = max(scenario.spin_up_from, scenario.start - timedelta(days=SPIN_UP_DAYS))
        settings["spin_up_from"] = str(first)
    elif not scenario.initial:  # begins with nobody there: give them time to arrive
        until = max(until, min(scenario.until, date(2021, 8, 12)))
    return settings | {"until": str(until)}


def summary(name: str) -> dict[str, Any]:
    """Return the golden summary of a published scenario: whole numbers to be met exactly, others nearly.

    ``totals`` are sums of counts, ``places`` their sums weighted by position along the axes after the day (so that a
    shift from one post to another shows), ``means`` the means of what is measured in fractions.
    """
    settings = settings_of(name)
    model = StandoffModel(load_scenario(name, settings), SEED)
    model.run()
    record, chronicle = make_record(model), chronicle_table(model)
    counts = {str(key): v.values.astype(np.int64) for key, v in record.data_vars.items() if v.dtype.kind == "i"}
    measures = {str(key): v.values.astype(np.float64) for key, v in record.data_vars.items() if v.dtype.kind == "f"}
    summed = {key: values.sum(axis=0).ravel() for key, values in counts.items() if values.ndim > 1 and key != "flow"}
    return {
        "scenario": name,
        "seed": SEED,
        "settings": settings,
        "hours": model.hour,
        "people": len(model.people),
        "person_hours": model.n_person_hours,
        "states_at_the_end": dict(zip(record["state"].values.tolist(), counts["people"][-1].tolist(), strict=True)),
        "recorded_attempts_by_day": counts["recorded_attempts"].sum(axis=1).tolist(),
        "attempts_by_outcome": dict(
            zip(record["outcome"].values.tolist(), counts["attempts_by_outcome"].sum(axis=(0, 1)).tolist(), strict=True)
        ),
        "flow": counts["flow"].tolist(),
        "totals": {key: int(values.sum()) for key, values in sorted(counts.items())},
        "places": {key: int((values * np.arange(values.size)).sum()) for key, values in sorted(summed.items())},
        "chronicle": {str(kind): int(n) for kind, n in chronicle["kind"].value_counts().sort_index().items()},
        "means": {key: float(values.mean()) if values.size else 0.0 for key, values in sorted(measures.items())},
        "marks": {
            name: float(model.people[name][np.isfinite(model.people[name])].mean())
            for name in ("act_mark", "harm_mark", "resolve", "susceptibility")
        },
    }


def differences(found: Any, golden: Any, place: str = "") -> list[str]:
    """Return where two summaries differ: whole numbers and texts at all, fractions by more than 1e-9 of their size."""
    if isinstance(found, Mapping) and isinstance(golden, Mapping):
        wrong = [f"{place}{key}: only in the golden" for key in golden.keys() - found.keys()]
        wrong += [f"{place}{key}: not in the golden" for key in found.keys() - golden.keys()]
        for key in sorted(found.keys() & golden.keys()):
            wrong += differences(found[key], golden[key], f"{place}{key}.")
        return sorted(wrong)
    if isinstance(found, list) and isinstance(golden, list) and len(found) == len(golden):
        return [
            wrong
            for number, (a, b) in enumerate(zip(found, golden, strict=True))
            for wrong in differences(a, b, f"{place}{number}.")
        ]
    same = type(found) is type(golden) and found == golden
    if isinstance(found, float) and isinstance(golden, float):
        same = abs(found - golden) <= 1e-9 * max(abs(found), abs(golden))
    return [] if same else [f"{place.removesuffix('.')}: found {found!r}, the golden says {golden!r}"]


def text_of(found: Mapping[str, Any]) -> str:
    """Return a summary as JSON of which a diff reads well: a line for each number, rows of the flow in a line each."""
    lines = json.dumps({**found, "flow": []}, indent=1, ensure_ascii=False)
    rows = ",\n".join(f"  {row}" for row in found["flow"])
    return lines.replace('"flow": []', f'"flow": [\n{rows}\n ]') + "\n"


def refresh(names: Sequence[str] = ()) -> list[str]:
    """Write the golden summaries of scenarios (of all, when none is named) and return the names of those that changed.

    Summaries of scenarios that are no longer published are deleted when none is named.
    """
    published = [listed.name for listed in list_scenarios()]
    GOLDENS.mkdir(exist_ok=True)
    changed = []
    if not names:
        for path in GOLDENS.glob("*.json"):
            if path.stem not in published:
                path.unlink()
                changed.append(path.stem)
    for name in names or published:
        path = GOLDENS / f"{name}.json"
        text = text_of(summary(name))
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


if __name__ == "__main__":
    changed_names = refresh(sys.argv[1:])
    print("\n".join(f"changed: {name}" for name in changed_names) or "nothing changed")
