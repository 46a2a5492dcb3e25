"""Hazards of the hour, place by place: what people may do next and what cold and wet may do to them (rules 6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.agents.states import TIMED, Kind, State
from sim.twin.couriers import couriers_today
from sim.twin.luck import running_sum
from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.twin.clocks import Cell
    from sim.twin.model import TwinModel

__all__ = ["HIGHEST", "Hazards"]

HIGHEST: Final = 0.3
"""No hazard is higher than this, per hour."""


class Hazards:
    """The causes that compete in each cell, and the sums of them on the clocks.

    Attributes
    ----------
    couriers : strength of the drivers who fetch people, by country, today
    """

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin
        self.causes: dict[Cell, list[float]] = {}
        self.couriers = [np.float64(1.0)] * len(COUNTRIES)

    def start_day(self) -> None:
        """See how strong couriers are today."""
        self.couriers = couriers_today(self.twin)

    def set_hour(self) -> None:
        """Write the hazards of this hour to both clocks."""
        for kind in Kind:
            for place in range(self.twin.nowhere + 1):
                self._set_constant(kind, place)
                self._set_waiting(kind, place)
                self._set_inside(kind, place)
                self._set_harm(kind, place)

    def cause(self, cell: Cell, uniform: np.float64) -> int:
        """Return the number of the cause by which a uniform in (0, 1) lets the people of a cell act."""
        sums = running_sum(self.causes[cell])
        target = uniform * sums[-1]
        return sum(1 for partial in sums[:-1] if target >= partial)

    def _set(self, cell: Cell, *causes: float) -> None:
        self.causes[cell] = list(causes)
        self.twin.act.hazard[cell] = running_sum(causes)[-1]

    def _set_constant(self, kind: Kind, place: int) -> None:
        """Set what never changes: stays of a fixed length, and waits that hang on nothing but a mean."""
        migrants = self.twin.scenario.migrants
        for state in TIMED:
            self._set((state, kind, place), 1.0)
        self._set(
            (State.MINSK, kind, place),
            1.0 / float(migrants.wait_in_minsk_hours),
            float(migrants.give_up_minsk_per_day) / 24.0,
        )
        self._set(
            (State.CENTRE, kind, place),
            float(migrants.leave_centre_per_day) / 24.0,
            float(migrants.give_up_centre_per_day) / 24.0,
        )
        self._set((State.CUSTODY, kind, place), 1.0 / (float(migrants.custody_days) * 24.0))
        self._set((State.PROCEDURE, kind, place), 1.0 / (float(migrants.procedure_days) * 24.0))
        self._set((State.GOING_HOME, kind, place), 1.0 / float(migrants.fly_home_hours))

    def _set_waiting(self, kind: Kind, place: int) -> None:
        """Set what people in the woods and in the camp may do: attempt, wish to go back, or rest in a town."""
        migrants = self.twin.scenario.migrants
        readiness = float(migrants.family_attempt_factor) if kind is Kind.FAMILY else 1.0
        base = readiness / float(migrants.attempt_interval_hours)
        night = float(migrants.night_attempt_factor)
        ready = (1.0 + (night - 1.0) * self._dark(place)) / (1.0 + (night - 1.0) * 0.5)
        clear = 1.0 if place == self.twin.nowhere else self.twin.guards.clear_share[place]
        attempt = np.minimum(base * (((ready * self.twin.services.drive) * self.twin.network.hope) * clear), HIGHEST)

        back = np.exp(-self.temperature(place) / (2.0 * float(self.twin.scenario.exposure.cold_scale_c)))
        urge = np.minimum(np.maximum(back, 0.3), 3.0)
        wish = float(migrants.give_up_per_day) / 24.0 * urge
        goes_back = np.minimum(wish, HIGHEST - attempt)
        rest = ((float(migrants.rest_per_day) / 24.0) * urge) * self._open()
        rests = np.minimum(rest, np.maximum(HIGHEST - (attempt + goes_back), 0.0))
        self._set((State.LINE, kind, place), attempt, goes_back, rests)

        from_camp = np.minimum(attempt * float(migrants.camp_attempt_factor), HIGHEST)
        self._set((State.CAMP, kind, place), from_camp, np.minimum(wish, HIGHEST - from_camp))

    def _set_inside(self, kind: Kind, place: int) -> None:
        """Set what may happen to people who hide inside: picked up, found, coming out, met by aid."""
        migrants = self.twin.scenario.migrants
        factor = 0.0 if place == self.twin.nowhere else self.twin.guards.found_factor[self.twin.country_of(place)]
        strength = self.couriers[self.twin.country_of(place)]
        picked_up = strength * (1.0 / float(migrants.pick_up_hours))
        stranded = (1.0 - strength) * (1.0 / float(migrants.stranded_hours))
        comes_out = 1.0 / float(migrants.ask_for_asylum_hours) + stranded
        aid = 1.0 / float(self.twin.scenario.aid.contact_hours)
        room = np.maximum(HIGHEST - ((picked_up + comes_out) + aid), 0.0)
        found = np.minimum((1.0 / float(migrants.found_inland_hours)) * factor, room)
        self._set((State.INSIDE, kind, place), picked_up, found, comes_out, aid)

    def _set_harm(self, kind: Kind, place: int) -> None:
        """Set what cold, wet and wind do to people outdoors, and what goes on indoors."""
        exposure = self.twin.scenario.exposure
        per_hour = float(exposure.harm_per_day) / 24.0
        cold = np.exp(-self.temperature(place) / float(exposure.cold_scale_c))
        dose = per_hour * cold * (1.0 + float(exposure.wet_factor) * self.wet(place))
        hunger = per_hour * float(exposure.hunger_factor)
        hazard = self.twin.harm.hazard
        hazard[State.LINE, kind, place] = np.minimum(dose * float(exposure.line_factor) + hunger, HIGHEST)
        hazard[State.CAMP, kind, place] = np.minimum(dose, HIGHEST)
        hazard[State.RETURNING, kind, place] = np.minimum(dose, HIGHEST)
        hazard[State.INSIDE, kind, place] = np.minimum(dose * float(exposure.forest_factor) + hunger, HIGHEST)
        hazard[State.CENTRE, kind, place] = per_hour * float(exposure.indoors_factor)

    def _open(self) -> float:
        """Return the share of those on their way to a town whom the services let through."""
        return 1.0 if self.twin.levers.let_back else 1.0 - self.twin.services.refuse_return

    # --- what the place is like in this hour --------------------------------------------------------------------------

    def _dark(self, place: int) -> np.float64:
        """Return how dark it is at a place, [0, 1]."""
        twin = self.twin
        return np.float64(0.0) if place == twin.nowhere else twin.world.darkness[twin.hour, place]

    def temperature(self, place: int) -> np.float64:
        """Return the effective temperature at a place, °C."""
        column = self.twin.world.weather.effective_temperature_c
        degrees: np.float64 = column[self.twin.hour, self.twin.country_of(place)]
        return degrees

    def wet(self, place: int) -> np.float64:
        """Return how wet it is at a place, [0, 1]."""
        wet: np.float64 = self.twin.world.weather.wet[self.twin.hour, self.twin.country_of(place)]
        return wet
