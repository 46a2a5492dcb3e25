"""Whose mark is reached in this hour: members of whole parties, sorted so that a party stands together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene

__all__ = ["Due", "first_of_party"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def first_of_party(party: Ints) -> Ints:
    """Return the positions at which a new party begins in sorted party numbers, int64[n_parties]."""
    return np.flatnonzero(np.concatenate(([True], party[1:] != party[:-1]))) if len(party) else np.zeros(0, np.int64)


@dataclass(frozen=True)
class Due:
    """Members of whole parties that act in this hour, sorted by party and number, a row a person."""

    rows: Ints
    party: Ints
    moves: Ints
    state: Ints
    kind: Ints
    place: Ints
    fraction: Floats

    @classmethod
    def of(cls, scene: Scene, rows: Ints, fraction: Floats | None = None) -> Due:
        """Return the acting members at `rows`; the fraction is that of their act mark unless given."""
        people = scene.people.population
        order = np.lexsort((people["id"][rows], people["party"][rows]))
        rows = rows[order]
        cell = people["cell"][rows]
        when = scene.people.act.fraction(cell, people["act_mark"][rows]) if fraction is None else fraction[order]
        cells = scene.people.cells
        return cls(
            rows,
            people["party"][rows],
            people["moves"][rows].astype(np.int64),
            cells.state(cell),
            cells.kind(cell),
            cells.place(cell),
            when,
        )

    def where(self, mask: NDArray[np.bool_]) -> Due:
        """Return those for whom `mask` holds."""
        return Due(
            self.rows[mask],
            self.party[mask],
            self.moves[mask],
            self.state[mask],
            self.kind[mask],
            self.place[mask],
            self.fraction[mask],
        )

    def __len__(self) -> int:
        return len(self.rows)
