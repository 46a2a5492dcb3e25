"""Trees that gales throw on the barrier: after a night of gusts some kilometres of it in forest are broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.actions import hour_of_run
from sim.agents.host import Host
from sim.core.chance import Kind, Purpose, draw
from sim.world.border import COUNTRIES, TERRAINS

__all__ = ["CALM_KMH", "FallenTrees"]

CALM_KMH: Final = 62.0
"""No tree falls in gusts below a gale, Beaufort 8, km/h."""

_REFERENCE_KMH: Final = 90.0
_FOUND_CLOCK: Final = "06:00"
_LOOK_BACK_HOURS: Final = 24


class FallenTrees:
    """Wakes every morning and, after gusts, breaks barriers in forest, each kilometre by its own lot.

    Attributes:
        chance: chance a kilometre of barrier in forest and day with gusts of 90 km/h.
        fallen: int32[n_days, n_countries], trees found on the barrier.
    """

    def __init__(self, host: Host) -> None:
        """Book the first morning."""
        self.host = host
        calendar, world, section = host.world.calendar, host.world, host.scenario.barriers
        self.fallen: NDArray[np.int32] = np.zeros((calendar.n_days, len(COUNTRIES)), dtype=np.int32)
        self.chance = float(section.tree_fall_chance)
        self._scale = float(section.tree_gust_scale_kmh)
        self._damage = float(section.tree_damage)
        segments = world.border.segments
        self._forest = np.flatnonzero(segments.terrain == TERRAINS.index("forest"))
        self._country = segments.country[self._forest].astype(np.int64)
        if self.chance > 0.0:
            self._book(0)

    def _book(self, day: int) -> None:
        """Book the morning of the run day `day`, or of the next that is not over."""
        calendar = self.host.world.calendar
        morning = hour_of_run(calendar, calendar.first_day + timedelta(days=day), _FOUND_CLOCK)
        if morning < self.host.hour:
            self._book(day + 1)
        else:
            self.host.diary.book(morning, self)

    def _gusts(self, hour: int) -> NDArray[np.float64]:
        """Return the strongest gust of the day before an hour in each country, float64[3], km/h."""
        gusts: NDArray[np.float64] = self.host.world.weather.gust_kmh[max(0, hour - _LOOK_BACK_HOURS) : hour].max(
            axis=0
        )
        return gusts

    def wake(self) -> None:
        """Let trees fall where a barrier stands, and book the next morning."""
        host, barriers, calendar = self.host, self.host.world.barriers, self.host.world.calendar
        day = int(calendar.day_of_hour[host.hour])
        self._book(day + 1)
        gusts = self._gusts(host.hour)
        if not (gusts >= CALM_KMH).any():
            return
        grown = self.chance * np.exp((gusts - _REFERENCE_KMH) / self._scale)
        chance = np.where(gusts >= CALM_KMH, np.minimum(grown, 1.0), 0.0)
        lot, *_ = draw(host.seed, Kind.WEATHER, self._forest + 1, Purpose.TREES, calendar.epoch_day + day)
        hit = (lot < chance[self._country]) & (barriers.built_m[:, self._forest] > 0.0).any(axis=0)
        broken = self._forest[hit]
        barriers.wear(broken, self._damage)
        by_country = np.bincount(self._country[hit], minlength=len(COUNTRIES))
        self.fallen[day] += by_country.astype(np.int32)
        for country in np.flatnonzero(by_country).tolist():
            text = "trees fell on the barrier in the gale"
            host.log("weather", "gale", COUNTRIES[country], text, float(by_country[country]), "the model")
