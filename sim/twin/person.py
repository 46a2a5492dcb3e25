"""One person: where they are, the marks they hold, and how stays begin and end (rules 6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import mesa
import numpy as np

from sim.agents.states import ABSORBING, SEATS, TIMED, Kind, State
from sim.core.chance import Kind as Entity
from sim.core.chance import Purpose
from sim.errors import LedgerError
from sim.twin.clocks import Cell
from sim.twin.luck import Lanes, exponential, lanes, near_normal

if TYPE_CHECKING:
    from sim.twin.model import TwinModel

__all__ = ["OUTDOORS", "SIDE_BELARUS", "SIDE_EU", "Person"]

SIDE_BELARUS: Final = 0
SIDE_EU: Final = 1

OUTDOORS: Final = (State.LINE, State.CAMP, State.INSIDE, State.RETURNING)

_ON_THE_BELARUSIAN_SIDE: Final = (
    State.MINSK,
    State.RIDE,
    State.LINE,
    State.CAMP,
    State.CENTRE,
    State.HOSPITAL_BELARUS,
    State.GOING_HOME,
)
_NEVER: Final = np.float64(np.inf)


class Person(mesa.Agent):
    """A person on the way, with a mark for what the party does next and one for falling ill.

    Attributes
    ----------
    id : number of the person: party number × 16 + seat
    party : `id` of the lowest member of the part of the party that the person moves with
    state, kind, place : the cell
    act_mark, harm_mark : float64, accumulated hazard at which the party acts, the person falls ill
    resolve : float32, propensity to act, the least among the members of the part
    susceptibility : float32, propensity to fall ill
    means : float32, money within reach, USD; the same for all of a part
    moves : stays begun so far, 0 at birth
    doses : tolerances drawn so far, 1 at birth
    attempts : attempts made so far
    since : hour of the run in which the present stay began
    origin : index of the origin
    child : whether a child
    counted : whether the last attempt was seen and counted
    """

    def __init__(self, twin: TwinModel, number: int, kind: Kind, origin: int, *, child: bool, attempts: int) -> None:
        """Someone who is not yet anywhere: see :meth:`be_born`."""
        super().__init__(twin)
        self.twin = twin
        self.id = number
        self.party = number - number % SEATS
        self.kind = kind
        self.state = State.MINSK
        self.place = twin.nowhere
        self.origin = origin
        self.child = child
        self.attempts = attempts
        self.moves = 0
        self.doses = 0
        self.counted = False
        self.since = twin.hour
        self.resolve = self.own_resolve()
        self.susceptibility = self._own_susceptibility()
        self.means = np.float32(0.0)
        self.act_mark = _NEVER
        self.harm_mark = _NEVER

    # --- what the person is born with ---------------------------------------------------------------------------------

    def luck(self, purpose: Purpose, occasion: int) -> Lanes:
        """Return the person's own uniforms."""
        return lanes(self.twin.seed, Entity.PERSON, self.id, purpose, occasion)

    def party_luck(self, purpose: Purpose) -> Lanes:
        """Return the uniforms of the part with which the person moves, for the present stay."""
        return lanes(self.twin.seed, Entity.PARTY, self.party, purpose, self.moves)

    def own_resolve(self) -> np.float32:
        """Return how readily the person would act alone."""
        sigma = float(self.twin.scenario.migrants.resolve_sigma)
        return np.float32(np.exp(sigma * near_normal(self.luck(Purpose.BODY, 0))))

    def _own_susceptibility(self) -> np.float32:
        exposure = self.twin.scenario.exposure
        spread = np.exp(float(exposure.susceptibility_sigma) * near_normal(self.luck(Purpose.BODY, 1)))
        return np.float32(float(exposure.child_susceptibility) * spread if self.child else spread)

    # --- where the person is ------------------------------------------------------------------------------------------

    @property
    def cell(self) -> Cell:
        """The cell whose hazards the person meets."""
        return self.state, self.kind, self.place

    @property
    def side(self) -> int:
        """Side of the line on which harm to the person is counted."""
        return SIDE_BELARUS if self.state in _ON_THE_BELARUSIAN_SIDE else SIDE_EU

    @property
    def is_outdoors(self) -> bool:
        """Whether the person is in the open."""
        return self.state in OUTDOORS

    @property
    def is_due_to_act(self) -> bool:
        """Whether the part of the party acts within this hour."""
        return self.twin.act.has_reached(self.cell, self.act_mark)

    @property
    def is_due_to_fall_ill(self) -> bool:
        """Whether the person's tolerance ends within this hour."""
        return self.twin.harm.has_reached(self.cell, self.harm_mark)

    @property
    def act_fraction(self) -> np.float64:
        """When within this hour the part of the party acts, in [0, 1]."""
        return self.twin.act.fraction(self.cell, self.act_mark)

    @property
    def harm_fraction(self) -> np.float64:
        """When within this hour the person falls ill, in [0, 1]."""
        return self.twin.harm.fraction(self.cell, self.harm_mark)

    # --- stays --------------------------------------------------------------------------------------------------------

    def be_born(self, state: State, place: int, fraction: np.float64) -> None:
        """Begin the first stay; resolve must already be that of the party."""
        self.state, self.place = state, place
        self.twin.books[state] += 1
        self._set_act_mark(fraction)
        self.restore(fraction)

    def begin_stay(self, state: State, place: int, fraction: np.float64) -> None:
        """Leave the present stay at a fraction of the hour and begin another; what is left of tolerance goes along.

        Raises
        ------
        LedgerError
            If the person is in a final state.
        """
        if self.state in ABSORBING:
            raise LedgerError(f"hour {self.twin.hour}: person {self.id} leaves the final state '{self.state.name}'")
        twin, old = self.twin, self.state
        left = self.harm_mark - twin.harm.level(self.cell, fraction)
        self.state, self.place = state, place
        self.moves += 1
        self.since = twin.hour
        self.harm_mark = _NEVER if state in ABSORBING else twin.harm.level(self.cell, fraction) + left
        self._set_act_mark(fraction)
        twin.tally.flow[twin.day, old, state] += 1
        twin.books[old] -= 1
        twin.books[state] += 1

    def _set_act_mark(self, fraction: np.float64) -> None:
        if self.state in ABSORBING:
            self.act_mark = _NEVER
            return
        if self.state in TIMED:
            wait = self.twin.fixed_hours[self.state]
        else:
            wait = exponential(self.party_luck(Purpose.MARK)[0]) / np.float64(self.resolve)
        self.act_mark = self.twin.act.level(self.cell, fraction) + wait

    # --- money --------------------------------------------------------------------------------------------------------

    def can_pay(self, price: float) -> bool:
        """Return whether each member of the part has at least `price`, USD."""
        return bool(np.float64(self.means) >= price)

    # --- tolerance ----------------------------------------------------------------------------------------------------

    def restore(self, fraction: np.float64) -> None:
        """Give the person a new tolerance from this moment on."""
        tolerance = exponential(self.luck(Purpose.TOLERANCE, self.doses)[0]) / np.float64(self.susceptibility)
        self.harm_mark = self.twin.harm.level(self.cell, fraction) + tolerance
        self.doses += 1

    def weaken(self, fraction: np.float64) -> None:
        """Make the person more susceptible; what is left of tolerance shrinks by as much."""
        old = self.susceptibility
        new: np.float32 = old * np.float32(float(self.twin.scenario.exposure.weakened_factor))
        level = self.twin.harm.level(self.cell, fraction)
        self.harm_mark = level + (self.harm_mark - level) * (np.float64(old) / np.float64(new))
        self.susceptibility = new
