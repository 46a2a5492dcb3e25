"""Marks put on a timetable: in which of the hours ahead each mark of a slot is reached, if in any.

Hazards of some hours ahead are often known, since they hang on light, weather and what was decided at midnight. Then
the accumulated hazard of every cell is known for each of these hours, and so is the hour in which a mark is reached.
It is worked out once when the hours are planned, and again for whoever gets another mark. An hour then costs one
comparison of a byte a person instead of looking up two float64. The accumulated hazards are the very sums that
:meth:`sim.core.clocks.Slot.advance` makes hour by hour, so nobody is due an hour earlier or later for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.clocks import Cells, Slot
from sim.errors import LedgerError

__all__ = ["MOST_HOURS", "Schedule"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_HOURS = 200
"""Hours that one plan may hold: the step in which a mark is reached is kept in a byte."""

_NOT_PLANNED = 255
_NEVER = np.uint8(_NOT_PLANNED)
_BLOCK = 1 << 15
"""Rows worked on together: few enough to stay in cache."""
_FEW = 512
"""Rows up to which it costs more to ask who is soon due than to look at all."""


class Schedule:
    """In which step of the present plan the marks of one slot are reached.

    Attributes
    ----------
    slot : the slot; :meth:`advance` moves its hazard, before and after along the plan
    step : hours of the plan that have begun, less one: −1 before the first
    """

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.step = -1
        self._hazards = np.zeros((0, len(slot.hazard)))
        self._levels = slot.after[:, None].copy()
        self._steps = np.zeros(0, dtype=np.uint8)
        self._reached = np.zeros(0, dtype=np.uint8)

    @property
    def n_left(self) -> int:
        """Hours of the plan that have not begun."""
        return len(self._hazards) - 1 - self.step

    def plan(self, hazards: Floats, cell: Cells, mark: Floats) -> None:
        """Take up the hazards of the hours ahead, float64[n_hours, n_cells], 1/h, and put everyone on the timetable.

        Raises
        ------
        LedgerError
            If a hazard is negative or not finite, or if somebody's mark was passed over in the last plan.
        """
        if not 0 < len(hazards) <= MOST_HOURS:
            raise ValueError(f"{len(hazards)} hours to plan; from 1 to {MOST_HOURS} are allowed")
        self.slot.check(hazards)
        levels = np.empty((len(hazards) + 1, hazards.shape[1]))
        levels[0] = self.slot.after
        for step, hazard in enumerate(hazards):  # hour by hour, as a slot does it: the order of sums is the result
            np.add(levels[step], hazard, out=levels[step + 1])
        first, last = levels[0], levels[-1]
        # by cell, so that the hours of one stand in a row; behind them a level that every mark reaches
        self._levels = np.concatenate((levels, np.full_like(levels[:1], np.inf))).T.copy()
        self._steps = np.append(np.arange(-1, len(hazards)), _NOT_PLANNED).astype(np.uint8)  # that end with a level
        passed, step = self._reached, self.step
        self._hazards, self.step = hazards, -1
        self._reached = np.full(max(len(cell), len(passed)), _NOT_PLANNED, dtype=np.uint8)
        for start in range(0, len(cell), _BLOCK):
            block = slice(start, start + _BLOCK)
            sooner = (last[cell[block]] >= mark[block]).nonzero()[0] + start
            cells, marks = cell[sooner], mark[sooner]
            late = sooner[first[cells] >= marks]
            late = late[late < len(passed)]
            overlooked = late[passed[late] != step + 1]
            if len(overlooked):
                raise LedgerError(f"slot {self.slot.name}: the mark of row {overlooked[0]} was passed over")
            self._reached[sooner] = self._step_reached(cells, marks)

    def advance(self) -> None:
        """Let the next hour of the plan begin.

        Raises
        ------
        IndexError
            If the plan has no further hour.
        """
        if self.n_left <= 0:
            raise IndexError(f"slot {self.slot.name}: the plan ends after {len(self._hazards)} hours")
        self.step += 1
        slot = self.slot
        slot.hazard = self._hazards[self.step]
        slot.before, slot.after = slot.after, slot.after + slot.hazard  # the sum that the plan made, and quicker to get

    def due(self) -> Ints:
        """Return the rows whose mark is reached in this hour, int64[n_due], ascending."""
        rows: Ints = (self._reached == self.step).nonzero()[0]
        return rows

    def is_due(self, rows: Ints) -> NDArray[np.bool_]:
        """Return which of some rows are due in this hour, bool[n]."""
        due: NDArray[np.bool_] = self._reached[rows] == self.step
        return due

    def enter(self, rows: Ints, cell: Cells, mark: Floats) -> None:
        """Put rows with new cells or marks on the timetable: from the next hour on, even if the mark is passed."""
        if not len(rows):
            return
        reached = self._step_reached(cell, mark)
        try:
            self._reached[rows] = reached
        except IndexError:  # people were born
            longer = np.full(max(2 * len(self._reached), int(rows.max()) + 1), _NOT_PLANNED, dtype=np.uint8)
            longer[: len(self._reached)] = self._reached
            self._reached = longer
            self._reached[rows] = reached

    def put_off(self, rows: Ints) -> None:
        """Let rows that were due in this hour and did nothing be due in the next: their mark is passed."""
        still = rows[self._reached[rows] == self.step]
        self._reached[still] = self.step + 1

    def _step_reached(self, cell: Cells, mark: Floats) -> NDArray[np.uint8]:
        """Return the first step after the present one in which marks are reached, uint8[n]; 255 for none planned."""
        if not self.n_left:
            return np.where(self.slot.after.take(cell) >= mark, np.uint8(self.step + 1), _NEVER)
        if len(cell) <= _FEW:
            return self._first_not_below(cell, mark)
        reached = np.full(len(cell), _NOT_PLANNED, dtype=np.uint8)
        soon = (self._levels[:, -2].take(cell) >= mark).nonzero()[0]
        for start in range(0, len(soon), _BLOCK):
            rows = soon[start : start + _BLOCK]
            reached[rows] = self._first_not_below(cell[rows], mark[rows])
        return reached

    def _first_not_below(self, cell: Cells, mark: Floats) -> NDArray[np.uint8]:
        """Return the step that ends with the first level ahead that marks do not exceed, uint8[n]; 255 for none.

        Levels never fall, so the first that is not below a mark can be looked for along the row of its cell.
        """
        ahead = self.step + 2
        first = (self._levels.take(cell, axis=0)[:, ahead:] >= mark[:, None]).argmax(axis=1)
        step: NDArray[np.uint8] = self._steps[ahead:][first]
        return step
