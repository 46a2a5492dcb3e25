"""How fast things happen: the hazards of every cell, from people's rates, light, cold, guards and Minsk's drive.

Arrays here are kinds × places; people never enter. No hazard exceeds 0.3 per hour but where an hour is meant.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import N_STATES, TIMED, Cells, Kind, State
from sim.core.clocks import Slot

__all__ = ["HIGHEST", "Hazards"]

Floats = NDArray[np.float64]

HIGHEST = 0.3
"""Highest hazard, 1/h, where no whole hour is meant: within an hour at most one event a person is handled."""


class Hazards:
    """Cause-specific hazards and the sums that drive the clocks.

    Attributes
    ----------
    causes : for each state that acts by chance, its causes in order, each float64[n_kinds, n_places]
    """

    def __init__(self, scene: Scene, cells: Cells) -> None:
        migrants = scene.scenario.migrants
        self.cells = cells
        self.exposure = scene.scenario.exposure
        shape = (len(Kind), cells.n_places)
        countries = scene.world.border.posts.country.astype(np.int64)
        self.country = np.append(countries, 0)
        ones = np.ones(shape)
        kind_factor = np.ones(len(Kind))
        kind_factor[Kind.FAMILY] = float(migrants.family_attempt_factor)
        self.attempt_base = (kind_factor / float(migrants.attempt_interval_hours))[:, None] * ones
        self.night = float(migrants.night_attempt_factor)
        self.give_up = float(migrants.give_up_per_day) / 24.0
        self.camp_attempt = float(migrants.camp_attempt_factor)
        self.found_base = 1.0 / float(migrants.found_inland_hours)
        self.causes: dict[int, list[Floats]] = {
            State.MINSK: [
                ones / float(migrants.wait_in_minsk_hours),
                ones * (float(migrants.give_up_minsk_per_day) / 24.0),
            ],
            State.LINE: [self.attempt_base.copy(), ones * self.give_up],
            State.CAMP: [self.attempt_base * self.camp_attempt, ones * self.give_up],
            State.CENTRE: [
                ones * (float(migrants.leave_centre_per_day) / 24.0),
                ones * (float(migrants.give_up_centre_per_day) / 24.0),
            ],
            State.INSIDE: [
                ones / float(migrants.pick_up_hours),
                ones * self.found_base,
                ones / float(migrants.ask_for_asylum_hours),
                ones / float(scene.scenario.aid.contact_hours),
            ],
            State.PROCEDURE: [ones / (float(migrants.procedure_days) * 24.0)],
            State.CUSTODY: [ones / (float(migrants.custody_days) * 24.0)],
            State.GOING_HOME: [ones / float(migrants.fly_home_hours)],
        }
        self.shape = (N_STATES, *shape)

    def start(self, act: Slot) -> None:
        """Set the hazards that never change: stays of fixed length pass at exactly 1 per hour."""
        hazard = act.hazard.reshape(self.shape)
        hazard[:] = 0.0
        for state in TIMED:
            hazard[state] = 1.0
        for acting in self.causes:
            self._sum(act, acting)

    def _sum(self, act: Slot, state: int) -> None:
        """Add up the causes of a state, in order, into its act hazard."""
        causes = self.causes[state]
        total = causes[0]
        for cause in causes[1:]:
            total = total + cause
        act.hazard.reshape(self.shape)[state] = total

    def set_hour(self, scene: Scene, act: Slot, harm: Slot) -> None:
        """Set the hazards of this hour from the state of the world at its start."""
        hour = scene.hour
        weather = scene.world.weather
        effective = weather.effective_temperature_c[hour][self.country]
        wet = weather.wet[hour][self.country]
        dark = np.append(scene.world.darkness[hour], 0.0)
        drive = scene.services.drive
        readiness = (1.0 + (self.night - 1.0) * dark) / (1.0 + (self.night - 1.0) * 0.5)
        attempt = np.minimum(self.attempt_base * (readiness * drive), HIGHEST)
        back = np.exp(-effective / (2.0 * float(self.exposure.cold_scale_c)))
        wish_back = self.give_up * np.minimum(np.maximum(back, 0.3), 3.0)
        line = self.causes[State.LINE]
        line[0][:] = attempt
        line[1][:] = np.minimum(wish_back, HIGHEST - line[0])
        camp = self.causes[State.CAMP]
        camp[0][:] = np.minimum(attempt * self.camp_attempt, HIGHEST)
        camp[1][:] = np.minimum(wish_back, HIGHEST - camp[0])
        inside = self.causes[State.INSIDE]
        room = np.maximum(HIGHEST - ((inside[0] + inside[2]) + inside[3]), 0.0)
        inside[1][:] = np.minimum(self.found_base * np.append(scene.guards.found_factor, 0.0), room)
        for state in (State.LINE, State.CAMP, State.INSIDE):
            self._sum(act, state)

        exposure = self.exposure
        cold = np.exp(-effective / float(exposure.cold_scale_c))
        dose = (float(exposure.harm_per_day) / 24.0) * cold * (1.0 + float(exposure.wet_factor) * wet)
        hazard = harm.hazard.reshape(self.shape)
        hazard[State.LINE] = np.minimum(dose * float(exposure.line_factor), HIGHEST)
        hazard[State.CAMP] = np.minimum(dose, HIGHEST)
        hazard[State.RETURNING] = np.minimum(dose, HIGHEST)
        hazard[State.INSIDE] = np.minimum(dose * float(exposure.forest_factor), HIGHEST)
        indoors = (float(exposure.harm_per_day) / 24.0) * float(exposure.indoors_factor)
        hazard[State.CENTRE] = indoors

    def pick(self, state: int, kind: NDArray[np.int64], place: NDArray[np.int64], uniform: Floats) -> NDArray[np.int64]:
        """Return which cause acts, int64[n]: one uniform picks among the causes' hazards of this hour."""
        causes = self.causes[state]
        running = causes[0][kind, place]
        parts = [running]
        for cause in causes[1:]:
            running = running + cause[kind, place]
            parts.append(running)
        target = uniform * running
        picked = np.zeros(len(uniform), dtype=np.int64)
        for part in parts[:-1]:
            picked += target >= part
        return picked
