"""The form in which rooms hand over what they measured: dimensions, values, unit, long name, and what is counted.

Here alone counts of agents become counts of people: see :meth:`Variable.of_people`.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["PERSONS", "Counts", "Variable", "Variables"]

PERSONS: Final = "persons"
_LARGEST: Final = np.iinfo(np.int32).max


class Counts(Enum):
    """Whether a variable grows with the number of agents that stand for the same people."""

    AGENTS = "agents"
    """Persons, what they do and what befalls them; patrols and their hours, which are scaled with people."""
    WORLD = "world"
    """What is there once, however many agents: kilometres, rungs, incidents, man-hours of engineers, weather, and
    strengths of guards as the scenario gives them."""


class Variable(NamedTuple):
    """One measured variable of a record."""

    dims: tuple[str, ...]
    values: Any
    units: str
    long_name: str
    counts: Counts

    def of_people(self, people_per_agent: int) -> NDArray[Any]:
        """Return a copy of the values that the model no longer touches, counts of agents as counts of people.

        Integers as int32, or int64 where people are too many for that; floats as they are; in C order.
        """
        array = np.array(self.values, order="C")
        whole = array.dtype.kind in "iub"
        if self.counts is Counts.AGENTS and people_per_agent != 1:
            array = (array.astype(np.int64) if whole else array) * people_per_agent
        if whole and (not array.size or np.abs(array).max() <= _LARGEST):
            return array.astype(np.int32)
        return array


Variables = dict[str, Variable]
"""By name."""
