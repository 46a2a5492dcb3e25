"""What people and guards acted under, measured: tension and incidents, weather and light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.record.variables import Counts, Variable, Variables
from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["of_politics", "of_sky"]


def of_politics(model: StandoffModel, days: slice, hours: slice) -> Variables:
    """Return tension, rungs and incidents."""
    return {
        "readiness": Variable(
            ("hour", "pair", "end"),
            model.readiness[hours],
            "1",
            "Richardson readiness, an index without data",
            Counts.WORLD,
        ),
        "rung": Variable(("hour", "pair"), model.rung[hours], "rung", "rung of the ladder", Counts.WORLD),
        "incidents": Variable(("day", "pair"), model.incidents[days], "incidents", "simulated incidents", Counts.WORLD),
    }


def of_sky(model: StandoffModel, hours: slice) -> Variables:
    """Return weather and light."""
    weather = model.world.weather
    country = model.world.border.posts.country
    dark = model.world.darkness[hours]
    darkness = np.stack([dark[:, country == number].mean(axis=1) for number in range(len(COUNTRIES))], axis=1)
    dims = ("hour", "country")
    return {
        "temperature_c": Variable(dims, weather.temperature_c[hours], "degC", "air temperature", Counts.WORLD),
        "effective_temperature_c": Variable(
            dims, weather.effective_temperature_c[hours], "degC", "temperature felt in the wind", Counts.WORLD
        ),
        "wind_kmh": Variable(dims, weather.wind_kmh[hours], "km/h", "wind", Counts.WORLD),
        "wet": Variable(dims, weather.wet[hours], "1", "wetness", Counts.WORLD),
        "darkness": Variable(dims, darkness, "1", "darkness, 0 by day to 1 at night", Counts.WORLD),
    }
