"""Mandates: what a host permits to contingents from abroad, in size, days and tasks, and who goes beyond it.

Whoever works on the line of another nation needs one; soldiers of the line's own nation, and contractors, need none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sim.errors import Problem
from sim.scenario.engineering import Contingent, Mandate
from sim.scenario.merge import Entry
from sim.scenario.wording import show

__all__ = ["beyond_mandates", "needs_mandate"]

_AT_HOME: Final = {"PL": "Polish", "LT": "Lithuanian", "LV": "Latvian"}
_NO_SOLDIERS: Final = "contractors"

Pairs = Sequence[tuple[Entry, Any]]


def needs_mandate(contingent: Contingent) -> bool:
    """Return whether a contingent works on the line of another nation than its own."""
    return contingent.nation not in (_AT_HOME[contingent.country], _NO_SOLDIERS)


def beyond_mandates(contingents: Pairs, mandates: Pairs) -> Iterator[Problem]:
    """Yield where contingents from abroad go beyond what they are permitted, or have no permission at all.

    A contingent is held to one mandate of its nation and country: that under which it has fewest problems, the first in
    order of date among equals. Contingents that are held to the same one share its soldiers.
    """
    under: dict[int, list[tuple[Entry, Contingent]]] = {}
    ordered = sorted((row for _, row in mandates), key=lambda row: row.first)
    for entry, contingent in contingents:
        if not needs_mandate(contingent):
            continue
        whose = f"{contingent.nation} soldiers on the line of {contingent.country}"
        own = [
            n for n, row in enumerate(ordered) if (row.nation, row.country) == (contingent.nation, contingent.country)
        ]
        if not own:
            allowed = f"needs a [[mandate]] for {whose}: soldiers, first, last, tasks, source"
            yield entry.problem("nation", contingent.nation, allowed)
            continue
        best = min(own, key=lambda n: len(_wrong(entry, contingent, ordered[n])))
        wrong = _wrong(entry, contingent, ordered[best])
        yield from wrong
        if not wrong:
            under.setdefault(best, []).append((entry, contingent))
    for number, held in under.items():
        yield from _too_many_together(held, ordered[number])


def _wrong(entry: Entry, contingent: Contingent, mandate: Mandate) -> list[Problem]:
    """Return in what a contingent by itself goes beyond a mandate."""
    terms = f"the mandate of {mandate.nation} soldiers in {mandate.country} ({mandate.source})"
    found = []
    if contingent.soldiers > mandate.soldiers:
        found.append(entry.problem("soldiers", contingent.soldiers, f"{terms} permits at most {mandate.soldiers:g}"))
    if contingent.first < mandate.first:
        found.append(entry.problem("first", contingent.first, f"{terms} begins on {show(mandate.first)}"))
    if contingent.last > mandate.last:
        found.append(entry.problem("last", contingent.last, f"{terms} ends on {show(mandate.last)}"))
    if contingent.task not in mandate.tasks:
        found.append(entry.problem("task", contingent.task, f"{terms} is for: {', '.join(mandate.tasks)}"))
    return found


def _too_many_together(held: Sequence[tuple[Entry, Contingent]], mandate: Mandate) -> Iterator[Problem]:
    """Yield the contingent with which those under one mandate become too many on some day."""
    for entry, contingent in held:
        there = [other for _, other in held if other.first <= contingent.first <= other.last]
        together = sum(other.soldiers for other in there)
        if len(there) > 1 and together > mandate.soldiers:
            allowed = (
                f"with {', '.join(other.name for other in there if other is not contingent)} they are {together:g} on "
                f"{contingent.first}; the mandate of {mandate.nation} soldiers in {mandate.country} ({mandate.source}) "
                f"permits at most {mandate.soldiers:g} together"
            )
            yield entry.problem("soldiers", contingent.soldiers, allowed)
