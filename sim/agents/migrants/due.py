"""Whose mark is reached in this hour: members of whole parties, sorted so that a state and a party stand together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import N_STATES, SEATS

__all__ = ["Due"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_N_COLUMNS = 7
_AT = 6
_STATES = np.arange(N_STATES + 1)


def _column(number: int) -> Any:
    """Return a property that is a view on a row of the table: made when asked for, since few are."""
    return property(lambda due: due._table[number])


class Due:
    """Members of whole parties that act in this hour, sorted by state, party and number, a row a person.

    Attributes
    ----------
    rows, party, moves, state, kind, place : int64[n], of each person
    at : int64[n], position in the batch of the hour
    fraction : float64[n], when within the hour
    """

    __slots__ = ("_table", "fraction")

    def __init__(self, table: Ints, fraction: Floats) -> None:
        """Take over a table of int64[7, n], in the order of the attributes: one array is cut and joined at one go."""
        self._table = table
        self.fraction = fraction

    rows: Ints = _column(0)
    party: Ints = _column(1)
    moves: Ints = _column(2)
    state: Ints = _column(3)
    kind: Ints = _column(4)
    place: Ints = _column(5)
    at: Ints = _column(6)

    @classmethod
    def of(cls, scene: Scene, rows: Ints, fraction: Floats | None = None) -> Due:
        """Return the acting members at `rows`; the fraction is that of their act mark unless given."""
        if not len(rows):
            return cls(np.empty((_N_COLUMNS, 0), dtype=np.int64), np.empty(0))
        people = scene.people.population
        cells = scene.people.cells
        member = people["party"][rows] * SEATS + people["id"][rows] % SEATS  # of a part: in the order of its numbers
        order = member.argsort()
        cell = scene.people.cell_of(rows)
        state = cells.state(cell)[order].astype(np.uint8)
        order = order[state.argsort(kind="stable")]  # quicker than one sort by three keys
        rows, cell = rows[order], cell[order]
        when = scene.people.act.fraction(cell, people["act_mark"][rows]) if fraction is None else fraction[order]
        columns = (
            rows, people["party"][rows], people["moves"][rows], cells.state(cell), cells.kind(cell), cells.place(cell),
            np.arange(len(rows)),
        )  # fmt: skip
        table = np.empty((_N_COLUMNS, len(rows)), dtype=np.int64)
        for number, column in enumerate(columns):
            table[number] = column
        return cls(table, when)

    def followed_by(self, other: Due) -> Due:
        """Return these and then the others, who stand behind these in the batch of the hour."""
        if not len(other):
            return self
        table = np.concatenate((self._table, other._table), axis=1)
        table[_AT, len(self) :] += len(self)
        return Due(table, np.concatenate((self.fraction, other.fraction)))

    def where(self, mask: NDArray[np.bool_]) -> Due:
        """Return those for whom `mask` holds."""
        chosen = mask.nonzero()[0]
        return Due(self._table.take(chosen, axis=1), self.fraction.take(chosen))

    def by_state(self) -> Iterator[tuple[int, slice, Due]]:
        """Yield each state in which somebody is, where it stands among these, and those in it."""
        bounds = self.state.searchsorted(_STATES).tolist()
        for state in range(N_STATES):
            start, end = bounds[state], bounds[state + 1]
            if start < end:
                here = slice(start, end)
                yield state, here, Due(self._table[:, here], self.fraction[here])

    def __len__(self) -> int:
        return len(self.fraction)
