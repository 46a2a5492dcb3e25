"""Stored posteriors: what calibration learned, kept under ``seeds/posteriors`` and used by name.

A scenario that says ``calibrated = "NAME"`` is run with one draw of that posterior, which its seed picks by number:
member after member of an ensemble takes draw after draw, and two scenarios under one seed take the same.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sim.errors import EvidenceError, nearest
from sim.scenario.places import data_folder
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario

__all__ = ["Posterior", "as_drawn", "find_posterior", "posterior_names", "read_posterior"]


@dataclass(frozen=True)
class Posterior:
    """Draws of the numbers that a calibration fitted or carried.

    Attributes
    ----------
    name : what it is called
    keys : numbers of the scenario, such as ``guards.watch_depth_km``
    draws : one row a draw, equally likely, in the order of `keys`
    facts : all that the file holds, provenance included
    """

    name: str
    keys: tuple[str, ...]
    draws: tuple[tuple[float, ...], ...]
    facts: dict[str, Any]

    def draw(self, seed: int) -> dict[str, float]:
        """Return the draw that a seed picks: its remainder by the number of draws."""
        return dict(zip(self.keys, self.draws[seed % len(self.draws)], strict=True))


def posterior_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the stored posteriors."""
    return tuple(sorted(path.stem for path in (folder or data_folder("seeds") / "posteriors").glob("*.json")))


@cache
def find_posterior(name: str) -> Posterior:
    """Return a stored posterior by name, or by the path of its file.

    Raises
    ------
    EvidenceError
        If there is none, or its file is damaged; the nearest right name is given.
    """
    if name.endswith(".json"):
        return read_posterior(Path(name))
    known = posterior_names()
    if name not in known:
        hint = nearest(name, known)
        listed = ", ".join(known) or "none"
        raise EvidenceError(
            f"calibrated: found '{name}'; stored posteriors are: {listed}" + (f" ({hint})" if hint else "")
        )
    return read_posterior(data_folder("seeds") / "posteriors" / f"{name}.json")


def read_posterior(path: Path) -> Posterior:
    """Return the posterior of a file.

    Raises
    ------
    EvidenceError
        If it cannot be read, or holds no draws of numbers.
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvidenceError(
            f"{path}: found no readable file ({error.strerror or error}); a posterior is needed"
        ) from error
    except ValueError as error:
        raise EvidenceError(
            f"{path}: found no JSON; a posterior as `standoff calibrate` writes it is needed"
        ) from error
    parameters, draws = (facts.get(key) if isinstance(facts, dict) else None for key in ("parameters", "draws"))
    keys = tuple(str(item.get("key")) for item in parameters or () if isinstance(item, dict))
    right = bool(keys) and isinstance(draws, list) and bool(draws)
    if not right or not all(
        isinstance(row, list)
        and len(row) == len(keys)
        and all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in row)
        for row in draws or ()
    ):
        raise EvidenceError(f"{path}: found no list of draws with one number for each parameter; calibrate anew")
    return Posterior(path.stem, keys, tuple(tuple(float(x) for x in row) for row in draws or ()), facts)


def as_drawn(scenario: Scenario, seed: int) -> Scenario:
    """Return a scenario with the numbers of its posterior's draw for `seed`; one that names none as it is.

    Numbers given on the command line stay as they were given.

    Raises
    ------
    EvidenceError
        If the scenario names a posterior that is not stored, or one of other numbers.
    """
    if not scenario.calibrated:
        return scenario
    return with_numbers(scenario, find_posterior(scenario.calibrated).draw(seed), scenario.calibrated)


def with_numbers(scenario: Scenario, numbers: dict[str, float], by: str) -> Scenario:
    """Return a scenario with some numbers replaced, which are then called calibrated and name no posterior any more.

    Raises
    ------
    EvidenceError
        If it has no such number.
    """
    changes: dict[str, dict[str, Quantity]] = {}
    for key, value in numbers.items():
        section, _, name = key.partition(".")
        old = getattr(getattr(scenario, section, None), name, None)
        if not isinstance(old, Quantity):
            raise EvidenceError(f"posterior '{by}': found the number '{key}', which this version of the model has not")
        if old.source == "set":
            continue
        ends = [x for x in (old.low, old.high, value) if x is not None]
        changes.setdefault(section, {})[name] = old.model_copy(
            update={
                "value": value, "source": "calibrated", "low": min(ends), "high": max(ends),
                "because": f"a draw of the posterior '{by}'",
            }
        )  # fmt: skip
    sections = {section: getattr(scenario, section).model_copy(update=new) for section, new in changes.items()}
    return scenario.model_copy(update={**sections, "calibrated": ""})
