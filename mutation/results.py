"""What became of the mutants of a part: scores by module, survivors that change nothing, survivors that are left."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutation.parts import Part
from mutation.workshop import Workshop

__all__ = ["Result", "Survivor", "by_lot", "function_of", "interval", "result_of", "score", "survivor_of", "tried"]

_EQUIVALENT = Path(__file__).with_name("equivalent.toml")
_KILLED = ("killed", "timeout", "segfault")
"""A test failed, or ran into the limit of time, or took the interpreter with it."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed: its function, what it changes, and why that changes nothing, if so."""

    function: str
    change: tuple[str, ...]
    because: str = ""


@dataclass(frozen=True)
class Result:
    """What became of the mutants of a part.

    Attributes
    ----------
    n_mutants : how many there are, tried or not
    n_by_module : verdicts by module: ``killed`` (of these ``timeout`` by time alone), ``equivalent``, ``survived``
    survivors : those that no test noticed, equivalent ones too
    stale : reasons of equivalence that fit no survivor
    """

    part: Part
    n_mutants: int
    n_by_module: dict[str, Counter[str]]
    survivors: tuple[Survivor, ...]
    stale: tuple[str, ...]

    @property
    def total(self) -> Counter[str]:
        """Verdicts of all modules."""
        return sum(self.n_by_module.values(), Counter())


def score(verdicts: Counter[str]) -> float:
    """Return the share killed of the mutants that can be killed, 0 to 1."""
    able = verdicts["killed"] + verdicts["survived"]
    return verdicts["killed"] / able if able else 1.0


def interval(verdicts: Counter[str]) -> tuple[float, float]:
    """Return the 95 % interval (Wilson) of the share killed among all mutants, of which these were drawn by lot."""
    from scipy.stats import binomtest

    able = verdicts["killed"] + verdicts["survived"]
    found = binomtest(verdicts["killed"], max(able, 1)).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def tried(verdicts: Counter[str]) -> int:
    """Return how many mutants were tried."""
    return verdicts["killed"] + verdicts["equivalent"] + verdicts["survived"]


def by_lot(mutants: Iterable[str], n: int | None) -> list[str]:
    """Return `n` mutants drawn by lot, or all.

    The lot of a mutant is the digest of its name, so that a change of one function leaves the others in the sample.
    """
    drawn = sorted(mutants, key=lambda mutant: hashlib.sha256(mutant.encode()).digest())
    return drawn if n is None else drawn[:n]


def result_of(workshop: Workshop) -> Result:
    """Return what became of the mutants of a part, of those that were tried."""
    names = workshop.names()
    verdicts = workshop.verdicts()
    n_by_module: dict[str, Counter[str]] = {}
    survivors = []
    for mutant in sorted(by_lot(names, workshop.part.sample)):
        verdict = verdicts.get(mutant)
        if verdict is None:
            continue
        counts = n_by_module.setdefault(names[mutant], Counter())
        if verdict in _KILLED:
            counts["killed"] += 1
            counts["timeout"] += verdict != "killed"
            continue
        survivor = survivor_of(workshop, mutant, names[mutant])
        counts["equivalent" if survivor.because else "survived"] += 1
        survivors.append(survivor)
    modules = tuple(name.removesuffix(".py").replace("/", ".") for name in workshop.files())
    fitting = {(survivor.function, survivor.change) for survivor in survivors}
    stale = tuple(
        f"{function}: {' '.join(change)}"
        for function, change in _reasons()
        if (function, change) not in fitting and function.startswith(modules) and workshop.part.sample is None
    )
    return Result(workshop.part, len(names), dict(sorted(n_by_module.items())), tuple(survivors), stale)


def survivor_of(workshop: Workshop, mutant: str, file: str) -> Survivor:
    """Return a mutant that no test noticed, with the reason of equivalence that fits it, if one does."""
    function, change = function_of(mutant), tuple(workshop.change(mutant, file))
    return Survivor(function, change, _reasons().get((function, change), ""))


def function_of(mutant: str) -> str:
    """Return the dotted name of the function that a mutant replaces."""
    module, _, mangled = mutant.rpartition(".")
    name = mangled.rpartition("__mutmut_")[0]
    inner = name[1:].strip("ǁ").replace("ǁ", ".") if name.startswith("xǁ") else name.removeprefix("x_")
    return f"{module}.{inner}"


def _reasons() -> dict[tuple[str, tuple[str, ...]], str]:
    """Return why some mutants change nothing, by function and change."""
    rows = tomllib.loads(_EQUIVALENT.read_text(encoding="utf-8")).get("equivalent", [])
    return {
        (row["function"], tuple(line.strip() for line in row["change"].strip().splitlines())): row["because"]
        for row in rows
    }
