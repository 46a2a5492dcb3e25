"""How fast things happen: the hazards of every cell, from people's rates, light, cold, guards and Minsk's drive.

Arrays here are kinds × places; people never enter. No hazard exceeds 0.3 per hour but where an hour is meant.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sim.agents.couriers import courier_strength
from sim.agents.scene import Scene
from sim.agents.states import N_STATES, TIMED, Cells, Kind, State

__all__ = ["HIGHEST", "Hazards"]

Floats = NDArray[np.float64]

HIGHEST = 0.3
"""Highest hazard, 1/h, where no whole hour is meant: within an hour at most one event a person is handled."""


class Hazards:
    """Cause-specific hazards and the sums that drive the clocks.

    Attributes
    ----------
    causes : for each state that acts by chance, its causes in order, each float64[n_kinds, n_places]
    lasting : act hazards that never change, float64[n_states, n_kinds, n_places]
    """

    def __init__(self, scene: Scene, cells: Cells) -> None:
        migrants = scene.scenario.migrants
        self.cells = cells
        self.exposure = scene.scenario.exposure
        shape = (len(Kind), cells.n_places)
        self.country = scene.world.country_of_place
        ones = np.ones(shape)
        kind_factor = np.ones(len(Kind))
        kind_factor[Kind.FAMILY] = float(migrants.family_attempt_factor)
        self.attempt_base = (kind_factor / float(migrants.attempt_interval_hours))[:, None] * ones
        self.night = float(migrants.night_attempt_factor)
        self.give_up = float(migrants.give_up_per_day) / 24.0
        self.rest = float(migrants.rest_per_day) / 24.0
        self.camp_attempt = float(migrants.camp_attempt_factor)
        self.pick_up_base = 1.0 / float(migrants.pick_up_hours)
        self.ask_base = 1.0 / float(migrants.ask_for_asylum_hours)
        self.stranded_base = 1.0 / float(migrants.stranded_hours)
        self.courier_strength = courier_strength(scene)
        self.found_base = 1.0 / float(migrants.found_inland_hours)
        self.causes: dict[int, list[Floats]] = {
            State.MINSK: [
                ones / float(migrants.wait_in_minsk_hours),
                ones * (float(migrants.give_up_minsk_per_day) / 24.0),
            ],
            State.LINE: [self.attempt_base.copy(), ones * self.give_up, np.zeros(shape)],
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
        self.lasting = self._lasting()
        most_causes = max(len(causes) for causes in self.causes.values())
        self._ends = np.full((most_causes - 1, *self.shape), np.inf)
        self._total = np.zeros(self.shape)
        for state in self.causes:
            self.add_up(state)
        self._by_hour: dict[int, list[Floats]] = {}
        self._running: dict[int, list[Floats]] = {}
        self._seen: tuple[object, ...] = ()

    def _lasting(self) -> Floats:
        """Return the act hazards that never change: stays of fixed length pass at exactly 1 per hour."""
        hazard = np.zeros(self.shape)
        for state in TIMED:
            hazard[state] = 1.0
        for acting, causes in self.causes.items():
            hazard[acting] = _sum(causes)
        return hazard

    def known_ahead(self, scene: Scene) -> bool:
        """Return whether what :meth:`look_ahead` saw of guards and services, and of light and weather, still holds."""
        return self._seen == self._sight(scene)

    def _sight(self, scene: Scene) -> tuple[object, ...]:
        """Return what hazards hang on beside the hour; arrays by identity, since they are renewed, not changed."""
        world = scene.world
        drive, hope, guards = scene.services.drive, scene.network.hope, scene.guards
        posted = id(guards.found_factor), id(guards.clear_share)
        return scene.day, drive, hope, posted, _way_back(scene), id(world.weather), id(world.darkness)

    def look_ahead(self, scene: Scene, n_hours: int) -> tuple[Floats, Floats]:
        """Return act and harm hazards of this hour and those after it, each float64[n_hours, n_cells], 1/h."""
        self._seen = self._sight(scene)
        hours = slice(scene.hour, scene.hour + n_hours)
        weather = scene.world.weather
        effective = weather.effective_temperature_c[hours][:, self.country]
        wet = weather.wet[hours][:, self.country]
        dark = np.concatenate((scene.world.darkness[hours], np.zeros((n_hours, 1))), axis=1)
        drive, hope = scene.services.drive, scene.network.hope
        readiness = (1.0 + (self.night - 1.0) * dark) / (1.0 + (self.night - 1.0) * 0.5)
        clear = np.append(scene.guards.clear_share, 1.0)
        attempt = np.minimum(self.attempt_base * (((readiness * drive) * hope) * clear)[:, None], HIGHEST)
        back = np.exp(-effective / (2.0 * float(self.exposure.cold_scale_c)))
        weary = np.minimum(np.maximum(back, 0.3), 3.0)[:, None]
        wish = self.give_up * weary
        wish_back = np.minimum(wish, HIGHEST - attempt)
        rest = np.minimum((self.rest * weary) * _way_back(scene), np.maximum(HIGHEST - (attempt + wish_back), 0.0))
        camp = np.minimum(attempt * self.camp_attempt, HIGHEST)
        self._by_hour = {
            State.LINE: [attempt, wish_back, rest],
            State.CAMP: [camp, np.minimum(wish, HIGHEST - camp)],
        }
        inside = self.causes[State.INSIDE]
        strength = self.courier_strength[scene.day][self.country]
        inside[0] = np.broadcast_to(strength * self.pick_up_base, self.shape[1:]).copy()
        inside[2] = np.broadcast_to(self.ask_base + (1.0 - strength) * self.stranded_base, self.shape[1:]).copy()
        room = np.maximum(HIGHEST - ((inside[0] + inside[2]) + inside[3]), 0.0)
        inside[1] = np.minimum(self.found_base * np.append(scene.guards.found_factor, 0.0), room)
        self.add_up(State.INSIDE)
        act = np.repeat(self.lasting[None], n_hours, axis=0)
        act[:, State.INSIDE] = _sum(inside)
        for state, causes in self._by_hour.items():
            self._running[state] = running = list(accumulate(causes, np.add))
            act[:, state] = running[-1]

        exposure = self.exposure
        cold = np.exp(-effective / float(exposure.cold_scale_c))
        dose = (float(exposure.harm_per_day) / 24.0) * cold * (1.0 + float(exposure.wet_factor) * wet)
        dose = dose[:, None]
        hunger = (float(exposure.harm_per_day) / 24.0) * float(exposure.hunger_factor)
        harm = np.zeros_like(act)
        harm[:, State.LINE] = np.minimum(dose * float(exposure.line_factor) + hunger, HIGHEST)
        harm[:, State.CAMP] = np.minimum(dose, HIGHEST)
        harm[:, State.RETURNING] = np.minimum(dose, HIGHEST)
        harm[:, State.INSIDE] = np.minimum(dose * float(exposure.forest_factor) + hunger, HIGHEST)
        indoors = (float(exposure.harm_per_day) / 24.0) * float(exposure.indoors_factor)
        harm[:, State.CENTRE] = indoors
        return act.reshape(n_hours, -1), harm.reshape(n_hours, -1)

    def begin_hour(self, step: int) -> None:
        """Make the causes those of hour `step` of what was seen ahead."""
        for state, causes in self._by_hour.items():
            self.causes[state] = [cause[step] for cause in causes]
            *ends, total = self._running[state]
            for number, end in enumerate(ends):
                self._ends[number, state] = end[step]
            self._total[state] = total[step]

    def add_up(self, state: int) -> None:
        """Add up the causes of a state in order, to pick among them by one uniform."""
        first, *others = self.causes[state]
        running = first
        for number, cause in enumerate(others):
            self._ends[number, state] = running
            running = running + cause
        self._total[state] = running

    def pick(self, cell: NDArray[np.int64], uniform: Floats) -> NDArray[np.int64]:
        """Return which cause acts, int64[n]: one uniform picks among the causes' hazards of this hour.

        It is 0 where there is nothing to pick among.
        """
        target = uniform * self._total.reshape(-1)[cell]
        ends = self._ends.reshape(len(self._ends), -1).take(cell, axis=1)
        first, *others = target >= ends
        picked: NDArray[np.int64] = first.astype(np.int64)
        for further in others:  # few: quicker than a sum along the short axis of a table
            picked += further
        return picked


def _way_back(scene: Scene) -> float:
    """Return how open the way from the line back to the towns is today, [0, 1]."""
    return 1.0 if scene.levers.let_back else 1.0 - scene.services.refuse_return


def _sum(causes: list[Floats]) -> Floats:
    """Return the causes of a state added up in order."""
    total = causes[0]
    for cause in causes[1:]:
        total = total + cause
    return total
