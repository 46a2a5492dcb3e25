"""Named sets of random seeds: those of the published ensembles, so that anyone can draw the same luck again."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sim.errors import EvidenceError, Problem, nearest
from sim.scenario.places import data_folder
from sim.scenario.tables import raise_problems, read_toml

__all__ = ["load_seed_set", "read_seed_sets"]


def read_seed_sets(folder: Path) -> dict[str, tuple[int, ...]]:
    """Return the named sets of random seeds under the seeds folder `folder`.

    Raises:
        EvidenceError: a set is no list of different whole numbers in [0, 2**63).
    """
    name, problems = "random/seed_sets.toml", list[Problem]()
    sets: dict[str, tuple[int, ...]] = {}
    for key, entry in read_toml(folder, name, problems).items():
        seeds = entry.get("seeds") if isinstance(entry, dict) else None
        right = isinstance(seeds, list) and seeds and all(type(s) is int and 0 <= s < 2**63 for s in seeds)
        if not isinstance(seeds, list) or not right or len(set(seeds)) != len(seeds):
            allowed = "allowed is a list of different whole numbers in [0, 2**63)"
            problems.append(Problem(name, f"{key}.seeds", repr(seeds)[:60], allowed))
        else:
            sets[key] = tuple(seeds)
    raise_problems(problems)
    return sets


@cache
def _seed_sets() -> dict[str, tuple[int, ...]]:
    return read_seed_sets(data_folder("seeds"))


def load_seed_set(name: str) -> tuple[int, ...]:
    """Return the seeds of a published ensemble, such as ``published-8``.

    Raises:
        EvidenceError: no set has this name.
    """
    sets = _seed_sets()
    if name not in sets:
        hint = nearest(name, sets)
        listed = ", ".join(sets) + (f" ({hint})" if hint else "")
        raise EvidenceError(f"no set of seeds is called {name!r}; allowed are {listed}")
    return sets[name]
