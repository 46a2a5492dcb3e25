"""Luck and sums of the twin, one number at a time: draws, near normals, running sums, searches, rounding.

Everything is a numpy scalar. Logarithms and exponentials are numpy's own, since those of :mod:`math` differ in the
last bit, and floats are added from the first to the last, since other orders differ there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

import numpy as np

from sim.core.chance import Kind, Purpose, draw

__all__ = [
    "Lanes",
    "exponential",
    "in_force",
    "lanes",
    "near_normal",
    "rounded",
    "running_sum",
    "search_right",
    "whole",
    "whole_up",
]

Lanes = tuple[np.float64, np.float64, np.float64, np.float64]
"""The four uniforms of one draw."""


class Dated(Protocol):
    """A row that holds from a date on."""

    @property
    def since(self) -> date:
        """First day on which the row holds."""


_Row = TypeVar("_Row", bound=Dated)


def lanes(seed: int, kind: Kind, number: int, purpose: Purpose, occasion: int) -> Lanes:
    """Return the four uniforms of one entity on one occasion."""
    u0, u1, u2, u3 = draw(seed, kind, number, purpose, occasion)[:, 0]
    return u0, u1, u2, u3


def near_normal(drawn: Lanes) -> np.float64:
    """Return a number with mean 0 and variance 1 that is nearly normal: the scaled sum of four uniforms."""
    u0, u1, u2, u3 = drawn
    total: np.float64 = (((u0 + u1) + u2) + u3 - 2.0) * np.sqrt(3.0)
    return total


def exponential(uniform: np.float64) -> np.float64:
    """Return a standard exponential, −log(u)."""
    waited: np.float64 = -np.log(uniform)
    return waited


def running_sum(values: Iterable[float]) -> list[np.float64]:
    """Return the sums of the first, the first two, … of some values."""
    sums: list[np.float64] = []
    for value in values:
        sums.append(sums[-1] + value if sums else np.float64(value))
    return sums


def search_right(running: Sequence[np.float64], target: float) -> int:
    """Return how many entries of a running sum are no greater than `target`."""
    found = 0
    while found < len(running) and running[found] <= target:
        found += 1
    return found


def whole(value: float) -> int:
    """Return the whole number at or below `value`."""
    return int(np.floor(value))


def whole_up(value: float) -> int:
    """Return the whole number at or above `value`."""
    return int(np.ceil(value))


def rounded(value: float) -> int:
    """Return the whole number nearest to `value`; halves go up."""
    return int(np.floor(value + 0.5))


def in_force(rows: Iterable[_Row], day: date) -> _Row | None:
    """Return the row with the latest `since` that is not after `day`, or None."""
    found: _Row | None = None
    for row in rows:
        if row.since <= day and (found is None or row.since >= found.since):
            found = row
    return found
