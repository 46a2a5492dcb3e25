"""The ledger: laws that hold every hour, whatever the scenario. A broken law stops the run and names the culprit.

People are conserved in every cell, by state and place; who reached a final state stays there; accumulated hazards never
fall; nobody is there twice; members of a party stand together; no post has more units on duty than its roster. What is
looked at every hour costs a few calls; the rest is looked at once a day.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.errors import LedgerError

__all__ = ["Ledger"]

Ints = NDArray[np.int64]
Cells = NDArray[np.uint16] | NDArray[np.int64]
Floats = NDArray[np.float64]

_ONE = np.int64(1)
_PIECE = 1 << 16
"""People whose parties are looked at together."""


class Ledger:
    """Books of a population by cell, kept from the moves and compared with the population itself.

    A state has `cells_per_state` cells in a row (kinds and places); with one, cells are states.

    Attributes
    ----------
    by_cell : int64[n_cells], persons by cell as the moves make them
    """

    def __init__(self, state_names: tuple[str, ...], absorbing: tuple[int, ...], cells_per_state: int = 1) -> None:
        self.state_names = state_names
        self.cells_per_state = cells_per_state
        self.by_cell = np.zeros(len(state_names) * cells_per_state, dtype=np.int64)
        final = np.zeros(len(state_names), dtype=np.bool_)
        final[list(absorbing)] = True
        self._final = np.repeat(final, cells_per_state)
        self._reached: dict[str, Floats] = {}
        self._counts: Ints | None = None

    @property
    def counts(self) -> Ints:
        """Persons by state as the moves make them, int64[n_states]; added up once after each change."""
        if self._counts is None:
            self._counts = np.add.reduce(self.by_cell.reshape(-1, self.cells_per_state), axis=1)
        return self._counts

    def born(self, cell: Cells) -> None:
        """Enter newcomers, by their cell."""
        self._counts = None
        np.add.at(self.by_cell, cell, _ONE)

    def moved(self, old: Cells, new: Cells, hour: int) -> None:
        """Enter moves from cell to cell.

        Raises
        ------
        LedgerError
            If somebody leaves a final state: the dead stay dead.
        """
        risen = self._final[old]
        if np.count_nonzero(risen):
            state = int(old[risen][0]) // self.cells_per_state
            n_risen = int(np.count_nonzero(np.asarray(old) // self.cells_per_state == state))
            raise LedgerError(f"hour {hour}: {n_risen} left the state '{self.state_names[state]}', which is final")
        self._counts = None
        np.add.at(self.by_cell, new, _ONE)
        np.subtract.at(self.by_cell, old, _ONE)

    def check(self, cell: Cells, hour: int) -> None:
        """Compare the books with the population, given the cell of each member.

        Raises
        ------
        LedgerError
            If a cell holds more or fewer people than its arrivals less its departures.
        """
        self.check_counts(np.bincount(cell, minlength=len(self.by_cell)), hour)

    def check_counts(self, found: Ints, hour: int) -> None:
        """Compare the books with people counted by cell, int64[n_cells].

        Raises
        ------
        LedgerError
            If a cell holds more or fewer people than its arrivals less its departures.
        """
        if found.shape != self.by_cell.shape or np.count_nonzero(found != self.by_cell):
            culprit = int(np.flatnonzero(found != self.by_cell)[0])
            state, inner = divmod(culprit, self.cells_per_state)
            where = f"'{self.state_names[state]}'" + (
                f", cell {inner} of the state," if self.cells_per_state > 1 else ""
            )
            raise LedgerError(
                f"hour {hour}: people are not conserved: {where} holds {found[culprit]}, "
                f"its books say {self.by_cell[culprit]}"
            )

    def check_clock(self, name: str, before: Floats, after: Floats, hour: int) -> None:
        """Check that the accumulated hazard of every cell, float64[n_cells], does not fall, in this hour or before it.

        Raises
        ------
        LedgerError
            If it does: marks that were reached would be ahead again.
        """
        reached = self._reached.get(name, before)
        fallen = after < before
        if before is not reached:  # else the clock goes on from the very array that it had reached
            fallen |= before < reached
        if np.count_nonzero(fallen):
            cell = int(np.flatnonzero(fallen)[0])
            raise LedgerError(
                f"hour {hour}: accumulated hazard falls: slot {name}, cell {cell}: {reached[cell]} before, "
                f"then {before[cell]} and {after[cell]}"
            )
        self._reached[name] = after

    @staticmethod
    def check_parties(ids: Ints, party: Ints, cell: Cells, mark: Floats, seats: int, hour: int) -> None:
        """Check that everybody is there once, and that parties are whole or accounted for.

        Members who carry one party number share cell and mark; the number is that of the lowest among them; and nobody
        carries a number of another party's people. `seats` is how many numbers a party has.

        Raises
        ------
        LedgerError
            If somebody is there twice, or a party is in two places, of two minds, or under a stranger's number.
        """
        order = ids.argsort()
        by_number = ids[order]
        twice = by_number[1:][by_number[1:] == by_number[:-1]]
        if len(twice):
            raise LedgerError(f"hour {hour}: person {twice[0]} is there twice")
        block = by_number // seats
        start = 0
        while start < len(order):  # in pieces of whole parties, so that the law needs little memory of its own
            end = int(block.searchsorted(block[min(start + _PIECE, len(order)) - 1], side="right"))
            rows = order[start:end]
            _check_some_parties(ids[rows], party[rows], cell[rows], mark[rows], seats, hour)
            start = end

    @staticmethod
    def check_units(on_duty: Ints, roster: Ints, hour: int) -> None:
        """Check that no post has more units on duty than its roster.

        Raises
        ------
        LedgerError
            If it has.
        """
        if (on_duty > roster).any():
            post = int(np.flatnonzero(on_duty > roster)[0])
            raise LedgerError(
                f"hour {hour}: post {post} has {on_duty[post]} units on duty, its roster is {roster[post]}"
            )


def _check_some_parties(ids: Ints, party: Ints, cell: Cells, mark: Floats, seats: int, hour: int) -> None:
    """Check the parties of some people, all who were ever in them: see :meth:`Ledger.check_parties`."""
    order = np.lexsort((ids, party))
    ids, party, cell, mark = ids[order], party[order], cell[order], mark[order]
    same = party[1:] == party[:-1]
    apart = same & ((cell[1:] != cell[:-1]) | (mark[1:] != mark[:-1]))
    if apart.any():
        culprit = int(party[1:][apart][0])
        raise LedgerError(f"hour {hour}: party {culprit} is not whole: its members differ in cell or mark")
    first = np.concatenate((np.ones(min(len(ids), 1), dtype=np.bool_), ~same))
    strange = (first & (ids != party)) | (ids // seats != party // seats)
    if strange.any():
        person, number = int(ids[strange][0]), int(party[strange][0])
        raise LedgerError(
            f"hour {hour}: party {number} is not accounted for: person {person} carries a number that is not the "
            f"lowest of its members"
        )
