"""What people and guards acted under, measured: tension and incidents, weather and light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.record.variables import Variables
from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["of_politics", "of_sky"]


def of_politics(model: StandoffModel, days: slice, hours: slice) -> Variables:
    """Return tension, rungs and incidents."""
    return {
        "readiness": (
            ("hour", "pair", "end"),
            model.readiness[hours],
            "1",
            "Richardson readiness, an index without data",
        ),
        "rung": (("hour", "pair"), model.rung[hours], "rung", "rung of the ladder"),
        "incidents": (("day", "pair"), model.incidents[days], "incidents", "simulated incidents"),
    }


def of_sky(model: StandoffModel, hours: slice) -> Variables:
    """Return weather and light."""
    weather = model.world.weather
    country = model.world.border.posts.country
    dark = model.world.darkness[hours]
    darkness = np.stack([dark[:, country == number].mean(axis=1) for number in range(len(COUNTRIES))], axis=1)
    dims = ("hour", "country")
    return {
        "temperature_c": (dims, weather.temperature_c[hours], "degC", "air temperature"),
        "effective_temperature_c": (
            dims,
            weather.effective_temperature_c[hours],
            "degC",
            "temperature felt in the wind",
        ),
        "wind_kmh": (dims, weather.wind_kmh[hours], "km/h", "wind"),
        "wet": (dims, weather.wet[hours], "1", "wetness"),
        "darkness": (dims, darkness, "1", "darkness, 0 by day to 1 at night"),
    }
