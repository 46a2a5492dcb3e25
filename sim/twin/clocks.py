"""The two clocks of the twin, *act* and *harm*: hazards that accumulate in cells until they reach people's marks.

A cell is a state, a kind of party and a place; it is shared by all who are in it, and so stays an array.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.states import N_STATES, Kind, State
from sim.errors import LedgerError

__all__ = ["Cell", "Clock"]

Cell = tuple[State, Kind, int]
"""State, kind of party, place."""


class Clock:
    """Accumulated hazard of every cell for one sort of event.

    Attributes
    ----------
    hazard : float64[n_states, n_kinds, n_places], 1/h, of the present hour
    before : likewise, accumulated at the start of the hour
    after : likewise, accumulated at its end
    """

    def __init__(self, name: str, n_places: int) -> None:
        self.name = name
        shape = (N_STATES, len(Kind), n_places)
        self.hazard: NDArray[np.float64] = np.zeros(shape)
        self.before: NDArray[np.float64] = np.zeros(shape)
        self.after: NDArray[np.float64] = np.zeros(shape)

    def advance(self) -> None:
        """Let one hour pass in every cell.

        Raises
        ------
        LedgerError
            If a hazard is negative or not finite.
        """
        wrong = np.argwhere(~((self.hazard >= 0.0) & np.isfinite(self.hazard)))
        if len(wrong):
            cell = tuple(wrong[0].tolist())
            raise LedgerError(
                f"clock {self.name}: hazard of cell {cell} is {self.hazard[cell]}, must be finite and >= 0"
            )
        self.before[:] = self.after
        self.after[:] = self.before + self.hazard

    def has_reached(self, cell: Cell, mark: np.float64) -> bool:
        """Return whether a mark is reached by the end of this hour."""
        return bool(self.after[cell] >= mark)

    def fraction(self, cell: Cell, mark: np.float64) -> np.float64:
        """Return when within the hour a mark is reached, in [0, 1]; 0 for a mark passed earlier."""
        span = self.after[cell] - self.before[cell]
        share: np.float64 = (mark - self.before[cell]) / (span if span > 0.0 else 1.0)
        held: np.float64 = np.minimum(np.maximum(share, 0.0), 1.0)
        return held

    def level(self, cell: Cell, fraction: np.float64) -> np.float64:
        """Return the accumulated hazard of a cell at a fraction of this hour."""
        level: np.float64 = self.before[cell] + fraction * self.hazard[cell]
        return level
