"""The census: people counted by cell hour after hour, by looking again only at those who are elsewhere than before.

It reads the population's own column and nothing of the books of moves, so it can serve to check them. Asking who is in
another cell costs one comparison a person, a fifth of what it costs to count everybody.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.clocks import Cells

__all__ = ["Census"]

Ints = NDArray[np.int64]


class Census:
    """How many people are in each cell, as of the last count."""

    def __init__(self, n_cells: int) -> None:
        self._unborn = n_cells  # a cell of its own, behind the others
        self._count = np.zeros(n_cells + 1, dtype=np.int64)
        self._seen_in = np.zeros(0, dtype=np.uint16)

    def count(self, cell: Cells) -> Ints:
        """Return how many people are in each cell, int64[n_cells], given the cell of each; rows never go away."""
        if len(cell) > len(self._seen_in):
            room = np.full(len(cell), self._unborn, dtype=np.uint16)
            self._seen_in = np.concatenate((self._seen_in, room))
        seen_in = self._seen_in[: len(cell)]
        elsewhere = (cell != seen_in).nonzero()[0]
        now = cell[elsewhere]
        np.subtract.at(self._count, seen_in[elsewhere], 1)
        np.add.at(self._count, now, 1)
        seen_in[elsewhere] = now
        return self._count[: self._unborn]
