"""Drivers who fetch people inside the EU: how strong they are in each country, day by day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.world.border import COUNTRIES

__all__ = ["courier_strength"]


def courier_strength(scene: Scene) -> NDArray[np.float64]:
    """Return how strong couriers are, float64[n_days, n_countries], even between dated rows; 1 without rows."""
    calendar = scene.world.calendar
    ordinals = [calendar.date_of_day(day).toordinal() for day in range(calendar.n_days)]
    strength = np.ones((calendar.n_days, len(COUNTRIES)))
    for number, country in enumerate(COUNTRIES):
        rows = sorted((row for row in scene.scenario.couriers if row.country == country), key=lambda row: row.day)
        if rows:
            days, values = [row.day.toordinal() for row in rows], [row.strength for row in rows]
            strength[:, number] = np.interp(ordinals, days, values)
    return strength
