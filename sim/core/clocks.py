"""Clocks that reach their marks: hazards accumulate in cells, people hold a mark and are touched when it is reached.

A *cell* is a place in the state space that many share. Each *slot* (what a party does next; harm) accumulates the
hazard of every cell, hour by hour. Whoever enters a cell holds

    mark = accumulated at entry + Exponential(1) / propensity

and is due in the hour in which the cell's accumulated hazard reaches the mark. This is the exact law of a hazard
that is constant within each hour, at the cost of one comparison a person and hour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.errors import LedgerError

__all__ = ["Slot"]

Cells = NDArray[np.uint16] | NDArray[np.int64]


class Slot:
    """Accumulated hazard of every cell for one kind of event.

    Attributes
    ----------
    hazard : float64[n_cells], 1/h, of the present hour
    before : float64[n_cells], accumulated at the start of the hour
    after : float64[n_cells], accumulated at its end
    """

    def __init__(self, name: str, n_cells: int) -> None:
        self.name = name
        self.hazard = np.zeros(n_cells)
        self.before = np.zeros(n_cells)
        self.after = np.zeros(n_cells)

    def advance(self) -> None:
        """Let one hour pass: accumulate the hazards set for it.

        Raises
        ------
        LedgerError
            If a hazard is negative or not finite.
        """
        self.check(self.hazard)
        self.before, self.after = self.after, self.before
        np.add(self.before, self.hazard, out=self.after)

    def check(self, hazard: NDArray[np.float64]) -> None:
        """Check hazards of one hour or of several, float64[…, n_cells].

        Raises
        ------
        LedgerError
            If one is negative or not finite.
        """
        lowest, highest = hazard.min(), hazard.max()
        if not (lowest >= 0.0 and highest < np.inf):
            found = np.flatnonzero(~((hazard >= 0.0) & (hazard < np.inf)))[0]
            cell = int(found) % hazard.shape[-1]
            raise LedgerError(
                f"slot {self.name}: hazard of cell {cell} is {hazard.ravel()[found]}, must be finite and >= 0"
            )

    def due(self, cell: Cells, mark: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the rows whose mark is reached within this hour, int64[n_due], ascending."""
        return np.flatnonzero(self.after[cell] >= mark)

    def fraction(self, cell: Cells, mark: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return when within the hour marks are reached, float64[n] in [0, 1]; 0 for marks passed earlier."""
        before = self.before[cell]
        span = self.after[cell] - before
        span[span <= 0.0] = 1.0
        share: NDArray[np.float64] = (mark - before) / span
        np.maximum(share, 0.0, out=share)
        return np.minimum(share, 1.0, out=share)

    def level(self, cell: Cells, fraction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the accumulated hazard of cells at a fraction of this hour, float64[n]."""
        return self.before[cell] + fraction * self.hazard[cell]
