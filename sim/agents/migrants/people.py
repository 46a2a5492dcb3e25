"""The population of people and the mechanics of stays: being born into a cell, leaving it, parties that part.

No rule about borders is here, only how a change of state keeps clocks, parties and books right.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.bodies import Bodies, Entrants
from sim.agents.states import (
    ABSORBING,
    COLUMNS,
    N_STATES,
    SEATS,
    STATE_NAMES,
    TIMED,
    Cells,
    State,
)
from sim.agents.tally import Tally
from sim.core.census import Census
from sim.core.chance import Address, Kind, Purpose, draw, exponential
from sim.core.clocks import Slot
from sim.core.groups import among, sizes, starts
from sim.core.ledger import Ledger
from sim.core.population import Population
from sim.core.schedule import Schedule
from sim.scenario.schema import Scenario

__all__ = ["People"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_ONE, _ONE_MORE = np.int32(1), np.uint16(1)
"""Of the types of the books and of the columns that count, so that nothing is converted."""
_NEAR = np.arange(-SEATS + 1, SEATS)
"""Where, from a person's row, members of the same party stand: parties enter with their members in a row."""


class People:
    """All persons of a run, with their two slots of clocks and their books.

    Attributes
    ----------
    act_schedule, harm_schedule : in which of the hours ahead marks are reached; they follow from cells and marks, and
        every change of a mark is told to them here
    """

    def __init__(self, scenario: Scenario, seed: int, n_posts: int, tally: Tally) -> None:
        self.seed = seed
        self.cells = Cells(n_posts)
        self.population = Population(COLUMNS, capacity=4096)
        self.act = Slot("act", self.cells.n)
        self.harm = Slot("harm", self.cells.n)
        self.act_schedule, self.harm_schedule = Schedule(self.act), Schedule(self.harm)
        self.ledger = Ledger(STATE_NAMES, tuple(int(state) for state in ABSORBING), self.cells.n // N_STATES)
        self._census = Census(self.cells.n)
        self.tally = tally
        self.bodies = Bodies(scenario, seed)
        migrants = scenario.migrants
        self.duration_hours = np.full(N_STATES, np.inf)  # without end, where nothing else is said
        self.duration_hours[State.RIDE] = np.floor(float(migrants.ride_hours))
        self.duration_hours[State.ROAD_WEST] = np.floor(float(migrants.transit_hours))
        self.duration_hours[State.RETURNING] = np.floor(float(migrants.return_hours))
        stay = np.floor(float(migrants.hospital_days)) * 24.0
        self.duration_hours[State.HOSPITAL_BELARUS] = stay
        self.duration_hours[State.HOSPITAL_EU] = stay
        self.timed = np.zeros(N_STATES, dtype=bool)
        self.timed[list(TIMED)] = True
        self.final = np.zeros(N_STATES, dtype=bool)
        self.final[list(ABSORBING)] = True
        self.under_way = ~self.final
        self.by_chance = ~(self.timed | self.final)

    def __len__(self) -> int:
        return len(self.population)

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self.population[name]

    def state(self) -> Ints:
        """Return the state of everyone, int64[n]."""
        return self.cells.state(self.population["cell"])

    def cell_of(self, rows: Ints) -> Ints:
        """Return the cell of some rows, int64[n].

        The column is kept in two bytes; whoever looks up by cell more than once saves that numpy widens it each time,
        which takes longer than the look-up of a hundred.
        """
        cell: Ints = self.population["cell"][rows].astype(np.int64)
        return cell

    def rows_in(self, *states: State) -> Ints:
        """Return the rows of all who are in one of some states, int64[n], ascending."""
        cell = self.population["cell"]
        found = np.zeros(len(cell), dtype=np.bool_)
        for state in states:
            first, end = self.cells.range_of(state)
            found |= (cell - first) < end - first  # below the first, an unsigned difference wraps round to far above
        return found.nonzero()[0]

    def count_by_cell(self) -> Ints:
        """Return how many people are in each cell now, int64[n_cells], by where each of them is."""
        return self._census.count(self.population["cell"])

    def enter(
        self, who: Entrants, state: Ints | int, place: Ints | int, attempts: Ints | int, fraction: Floats, hour: int
    ) -> Ints:
        """Add prepared parties at fractions of this hour; return their rows."""
        n = len(who)
        cell = self.cells.of(state, who.kind, place)
        stay = np.where(self.by_chance[state], who.wait, self.duration_hours[state])
        act_mark = self.act.level(cell, fraction) + stay
        harm_mark = self.harm.level(cell, fraction) + who.tolerance
        rows = self.population.add(
            n,
            id=who.id,
            party=who.party,
            cell=cell,
            act_mark=act_mark,
            harm_mark=harm_mark,
            resolve=who.resolve,
            susceptibility=who.susceptibility,
            means=who.means,
            doses=1,
            attempts=attempts,
            since=hour,
            origin=who.origin,
            child=who.child,
        )
        self.act_schedule.enter(rows, cell, act_mark)
        self.harm_schedule.enter(rows, cell, harm_mark)
        self.ledger.born(cell)
        return rows

    def born(
        self,
        ids: Ints,
        kind: Ints,
        state: Ints,
        place: Ints,
        origin: Ints,
        child: NDArray[np.bool_],
        attempts: Ints,
        fraction: Floats,
        hour: int,
    ) -> Ints:
        """Add whole parties, members in a row by seat, at fractions of this hour; return their rows."""
        if not len(ids):
            return np.empty(0, dtype=np.int64)
        return self.enter(self.bodies.prepare(ids, kind, origin, child), state, place, attempts, fraction, hour)

    def look_ahead(self, act_hazard: Floats, harm_hazard: Floats) -> None:
        """Take up the hazards of the hours ahead, each float64[n_hours, n_cells], 1/h."""
        columns = self.population
        self.act_schedule.plan(act_hazard, columns["cell"], columns["act_mark"])
        self.harm_schedule.plan(harm_hazard, columns["cell"], columns["harm_mark"])

    def advance(self) -> None:
        """Let the next hour of those planned begin."""
        self.act_schedule.advance()
        self.harm_schedule.advance()

    def reschedule(self, rows: Ints) -> None:
        """Put rows whose cell or marks were changed on the timetables."""
        columns = self.population
        cell = self.cell_of(rows)
        self.act_schedule.enter(rows, cell, columns["act_mark"][rows])
        self.harm_schedule.enter(rows, cell, columns["harm_mark"][rows])

    def relocate(
        self,
        rows: Ints,
        fraction: Floats,
        state: Ints | int,
        place: Ints | int,
        hour: int,
        day: int,
        lot: Floats | None = None,
    ) -> None:
        """Begin a new stay of whole parts of parties, at fractions of this hour.

        The remaining tolerance to harm is carried over: ``mark' = level(new) + (mark − level(old))``. The `lot` of each
        party's wait is drawn unless given; it is asked only where a stay ends by chance.
        """
        if not len(rows):
            return
        people = self.population
        old_cell = self.cell_of(rows)
        old_state = self.cells.state(old_cell)
        new_state = np.full(len(rows), state) if isinstance(state, int) else state
        cell = self.cells.of(new_state, self.cells.kind(old_cell), place)
        level = self.harm.level(cell, fraction)
        harm_mark = level + (people["harm_mark"][rows] - self.harm.level(old_cell, fraction))
        harm_mark[self.final[new_state]] = np.inf
        people["harm_mark"][rows] = harm_mark
        moves = people["moves"][rows] + _ONE_MORE
        people["moves"][rows] = moves
        stay = self.duration_hours[new_state]
        waiting = self.by_chance[new_state].nonzero()[0]
        if len(waiting):
            those = rows[waiting]
            if lot is None:
                drawn = draw(self.seed, Kind.PARTY, people["party"][those], Purpose.MARK, moves[waiting])[0]
            else:
                drawn = lot[waiting]
            stay[waiting] = exponential(drawn) / people["resolve"][those].astype(np.float64)
        act_mark = self.act.level(cell, fraction) + stay
        people["act_mark"][rows] = act_mark
        people["cell"][rows] = cell
        people["since"][rows] = hour
        self.act_schedule.enter(rows, cell, act_mark)
        self.harm_schedule.enter(rows, cell, harm_mark)
        np.add.at(self.tally.flow[day].reshape(-1), old_state * N_STATES + new_state, _ONE)
        self.ledger.moved(old_cell, cell, hour)

    def restore_tolerance(self, rows: Ints, fraction: Floats, lot: Floats | None = None) -> None:
        """Give persons a fresh tolerance to harm from a fraction of this hour on: shelter, care, aid.

        The `lot` of each is drawn unless given.
        """
        if not len(rows):
            return
        people = self.population
        if lot is None:
            lot = draw(self.seed, *self.of_tolerance(rows))[0]
        cell = self.cell_of(rows)
        mark = self.harm.level(cell, fraction) + exponential(lot) / people["susceptibility"][rows].astype(np.float64)
        people["harm_mark"][rows] = mark
        people["doses"][rows] += _ONE_MORE
        self.harm_schedule.enter(rows, cell, mark)

    def of_tolerance(self, rows: Ints) -> Address:
        """Return the address of the draw that gives persons their next tolerance; the first lane is asked."""
        return Kind.PERSON, self.population["id"][rows], Purpose.TOLERANCE, self.population["doses"][rows]

    def weaken(self, rows: Ints, fraction: Floats, factor: float) -> None:
        """Make persons more susceptible from a fraction of this hour on; what tolerance is left shrinks alike.

        ``mark' = level + (mark − level) · (old / new susceptibility)``
        """
        people = self.population
        old = people["susceptibility"][rows]
        new = old * np.float32(factor)
        cell = self.cell_of(rows)
        level = self.harm.level(cell, fraction)
        left = people["harm_mark"][rows] - level
        mark = level + left * (old.astype(np.float64) / new.astype(np.float64))
        people["harm_mark"][rows] = mark
        people["susceptibility"][rows] = new
        self.harm_schedule.enter(rows, cell, mark)

    def companions(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the members of the parts of parties that `rows` belong to.

        Returns
        -------
        members : int64[m], rows, ascending and without repeats
        of : int64[m], for each the position in `rows` of the first person it belongs with
        """
        if not len(rows):
            return rows, rows
        people = self.population
        near = np.minimum(np.maximum(rows[:, None] + _NEAR, 0), len(people) - 1)
        party = people["party"]
        position, column = (party[near] == party[rows][:, None]).nonzero()
        found = near[position, column]
        order = found.argsort(kind="stable")
        members = found[order]
        first = starts(members)
        return members[first], position[order[first]]

    def part(self, leaving: Ints, own_resolve: Callable[[Ints], NDArray[np.float32]] | None = None) -> None:
        """Let persons leave their parts: each stands alone, the others carry their lowest member's number.

        Called before the leavers are relocated; marks of those who stay do not change. `own_resolve` returns how
        readily the persons at some rows act by themselves; it is drawn unless given.
        """
        if not len(leaving):
            return
        people = self.population
        members, _ = self.companions(leaving)
        own_part = np.where(among(np.sort(leaving), members), -1 - people["id"][members], people["party"][members])
        order = own_part.argsort(kind="stable")
        members, own_part = members[order], own_part[order]
        first = starts(own_part)
        size = sizes(first, len(members))
        ids = people["id"][members]
        own = self.bodies.own_resolve(ids) if own_resolve is None else own_resolve(members)
        people["party"][members] = np.minimum.reduceat(ids, first).repeat(size)
        people["resolve"][members] = np.minimum.reduceat(own, first).repeat(size)
