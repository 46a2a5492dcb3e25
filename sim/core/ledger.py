"""The ledger: laws that hold every hour, whatever the scenario. A broken law stops the run and names the culprit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.errors import LedgerError

__all__ = ["Ledger"]


class Ledger:
    """Books of a population by state, kept from the moves and compared with the population itself.

    Attributes
    ----------
    counts : int64[n_states], persons by state as the moves make them
    """

    def __init__(self, state_names: tuple[str, ...], absorbing: tuple[int, ...]) -> None:
        self.state_names = state_names
        self.absorbing = absorbing
        self.counts = np.zeros(len(state_names), dtype=np.int64)

    def born(self, state: NDArray[np.int64]) -> None:
        """Enter newcomers, by their state."""
        self.counts += np.bincount(state, minlength=len(self.counts))

    def moved(self, old: NDArray[np.int64], new: NDArray[np.int64], hour: int) -> None:
        """Enter moves from state to state.

        Raises
        ------
        LedgerError
            If somebody leaves an absorbing state: the dead stay dead.
        """
        n_states = len(self.counts)
        left = np.bincount(old, minlength=n_states)
        for state in self.absorbing:
            if left[state]:
                raise LedgerError(
                    f"hour {hour}: {left[state]} left the state '{self.state_names[state]}', which is final"
                )
        self.counts += np.bincount(new, minlength=n_states) - left

    def check(self, state: NDArray[np.int64], hour: int) -> None:
        """Compare the books with the population.

        Raises
        ------
        LedgerError
            If a state holds more or fewer people than its arrivals less its departures.
        """
        self.check_counts(np.bincount(state, minlength=len(self.counts)), hour)

    def check_counts(self, found: NDArray[np.int64], hour: int) -> None:
        """Compare the books with the persons found in each state, int64[n_states], as :meth:`check` does."""
        if not np.array_equal(found, self.counts):
            culprit = int(np.flatnonzero(found != self.counts)[0])
            raise LedgerError(
                f"hour {hour}: people are not conserved: '{self.state_names[culprit]}' holds {found[culprit]}, "
                f"its books say {self.counts[culprit]}"
            )

    @staticmethod
    def check_parties(party: NDArray[np.int64], cell: NDArray[np.uint16], mark: NDArray[np.float64], hour: int) -> None:
        """Check that members who carry one party number share cell and mark.

        Raises
        ------
        LedgerError
            If a party is in two places or of two minds.
        """
        order = np.argsort(party, kind="stable")
        same = party[order][1:] == party[order][:-1]
        apart = same & ((cell[order][1:] != cell[order][:-1]) | (mark[order][1:] != mark[order][:-1]))
        if apart.any():
            culprit = int(party[order][1:][apart][0])
            raise LedgerError(f"hour {hour}: party {culprit} is not whole: its members differ in cell or mark")

    @staticmethod
    def check_units(on_duty: NDArray[np.int64], roster: NDArray[np.int64], hour: int) -> None:
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
