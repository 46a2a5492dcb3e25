"""Where a person can be, how states, kinds and places make a cell, and the columns of the population."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.core.clocks import Cells as CellNumbers
from sim.core.members import quick_members
from sim.core.population import Column

__all__ = [
    "ABSORBING",
    "COLUMNS",
    "IN_BELARUS",
    "KINDS",
    "N_STATES",
    "ORIGINS",
    "OUTDOORS",
    "SEATS",
    "STATE_NAMES",
    "TIMED",
    "Cells",
    "Kind",
    "Outcome",
    "State",
]


@quick_members
class State(IntEnum):
    """Where a person is in the journey."""

    MINSK = 0
    RIDE = 1
    LINE = 2
    CAMP = 3
    CENTRE = 4
    INSIDE = 5
    ROAD_WEST = 6
    RETURNING = 7
    HOSPITAL_BELARUS = 8
    HOSPITAL_EU = 9
    CUSTODY = 10
    GOING_HOME = 11
    WEST = 12
    HOME = 13
    DEAD = 14
    PROCEDURE = 15


STATE_NAMES = tuple(state.name.lower() for state in State)
N_STATES = len(State)
TIMED = (State.RIDE, State.ROAD_WEST, State.RETURNING, State.HOSPITAL_BELARUS, State.HOSPITAL_EU)
"""States of fixed length: their act hazard is exactly 1 per hour from hour 0."""
ABSORBING = (State.WEST, State.HOME, State.DEAD)
OUTDOORS = (State.LINE, State.CAMP, State.INSIDE, State.RETURNING)
IN_BELARUS = (
    State.MINSK,
    State.RIDE,
    State.LINE,
    State.CAMP,
    State.CENTRE,
    State.HOSPITAL_BELARUS,
    State.GOING_HOME,
)


@quick_members
class Kind(IntEnum):
    """What sort of party a person travels in."""

    ALONE = 0
    FRIENDS = 1
    FAMILY = 2


KINDS = tuple(kind.name.lower() for kind in Kind)
ORIGINS = ("Iraq", "Syria", "other")
SEATS = 16
"""Member numbers are party number × 16 + seat: a party has at most 16 members."""


@quick_members
class Outcome(IntEnum):
    """How an attempt ends."""

    TURNED_BACK = 0
    PREVENTED = 1
    CAUGHT = 2
    SEEN_INSIDE = 3
    UNSEEN_INSIDE = 4


COLUMNS = (
    Column("id", np.int64, "1", "the person's number: party number × 16 + seat"),
    Column("party", np.int64, "1", "number of the lowest member of the part of a party that the person moves with"),
    Column("cell", np.uint16, "1", "state × kind × place"),
    Column("act_mark", np.float64, "1", "accumulated act hazard at which the party acts"),
    Column("harm_mark", np.float64, "1", "accumulated harm at which the person falls ill"),
    Column("resolve", np.float32, "1", "propensity to act of the least willing member of the part"),
    Column("susceptibility", np.float32, "1", "propensity to fall ill"),
    Column("means", np.float32, "USD", "money within reach for each member of the part; the same for all of a part"),
    Column("moves", np.uint16, "1", "stays begun so far: the occasion of the party's draws"),
    Column("doses", np.uint16, "1", "tolerances drawn so far: the occasion of the person's illness draws"),
    Column("attempts", np.uint16, "1", "attempts made so far"),
    Column("since", np.int32, "h", "hour in which the present stay began"),
    Column("origin", np.uint8, "1", "index of the origin"),
    Column("child", np.bool_, "1", "whether the person is a child"),
    Column("counted", np.bool_, "1", "whether the last attempt was seen and counted"),
)


class Cells:
    """The numbering of cells: state × kind × place, with one place more than guard posts for 'not at the line'."""

    def __init__(self, n_posts: int) -> None:
        self.n_places = n_posts + 1
        self.nowhere = n_posts
        self.shape = (N_STATES, len(Kind), self.n_places)
        self.n = N_STATES * len(Kind) * self.n_places
        if self.n > np.iinfo(np.uint16).max:
            raise ValueError(f"{self.n} cells do not fit the cell column")
        axes = np.indices(self.shape)
        self._state, self._kind, self._place = (axis.ravel().astype(np.int64) for axis in axes)

    def of(
        self, state: NDArray[np.int64] | int, kind: NDArray[np.int64], place: NDArray[np.int64] | int
    ) -> NDArray[np.int64]:
        """Return cell numbers, int64[n]."""
        return (state * len(Kind) + kind) * self.n_places + place

    def range_of(self, state: int) -> tuple[np.uint16, np.uint16]:
        """Return the first cell of a state and the one behind its last."""
        n_cells = len(Kind) * self.n_places
        return np.uint16(state * n_cells), np.uint16((state + 1) * n_cells)

    def state(self, cell: CellNumbers) -> NDArray[np.int64]:
        """Return the state of cells, int64[n]."""
        state: NDArray[np.int64] = self._state[cell]
        return state

    def kind(self, cell: CellNumbers) -> NDArray[np.int64]:
        """Return the kind of party of cells, int64[n]."""
        kind: NDArray[np.int64] = self._kind[cell]
        return kind

    def place(self, cell: CellNumbers) -> NDArray[np.int64]:
        """Return the place of cells, int64[n]: a post number, or `nowhere`."""
        place: NDArray[np.int64] = self._place[cell]
        return place
