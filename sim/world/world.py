"""The world of a run: its calendar, border, weather, light and barriers, built from a scenario.

Geometry, weather and light are read-only; barriers change as engineers build and people cross.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.core.chance import Kind, Purpose, draw
from sim.errors import Problem, ScenarioError
from sim.scenario.schema import Scenario
from sim.world.barriers import Barriers, Roads
from sim.world.border import Border, load_border
from sim.world.calendar import Calendar
from sim.world.climate import MonthlyNormal, Spell, WeatherSettings
from sim.world.light import darkness, sun_elevation
from sim.world.weather import Weather, make_weather

__all__ = ["World", "build_world"]


@dataclass
class World:
    """Where and when the model happens.

    Attributes
    ----------
    calendar : hours and days of the run
    border : 1,270 segments and their guard posts
    weather : hourly weather by country
    darkness : float64[n_hours, n_posts], 0 by day to 1 in full night
    barriers : layers of barrier on each segment
    roads : access roads and surveyed stretches
    country_of_place : int64[n_posts + 1], country of each post and, last, of people who are at none: Poland's
    """

    calendar: Calendar
    border: Border
    weather: Weather
    darkness: NDArray[np.float64]
    barriers: Barriers
    roads: Roads
    country_of_place: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.country_of_place = np.append(self.border.posts.country.astype(np.int64), 0)

    @property
    def n_posts(self) -> int:
        """Number of guard posts."""
        return len(self.border.posts.name)


def _weather_settings(scenario: Scenario) -> WeatherSettings:
    """Return the scenario's weather as the weather room takes it."""
    section = scenario.weather
    offset = float(section.offset_c)
    return WeatherSettings(
        normals=tuple(
            MonthlyNormal(row.month, row.max_c + offset, row.min_c + offset, row.wind_kmh, row.wet_share)
            for row in scenario.normal
        ),
        spells=tuple(
            Spell(row.first, row.last, row.max_c + offset, row.min_c + offset, row.wind_kmh, row.gust_kmh, row.wet)
            for row in scenario.spell
        ),
        temperature_sd_c=float(section.temperature_sd_c),
        persistence=float(section.persistence),
    )


def build_world(scenario: Scenario, seed: int) -> World:
    """Return the world of a scenario; the seed decides the weather's day-to-day noise and nothing else."""
    calendar = Calendar(scenario.first_day, scenario.until)
    border = load_border()

    def noise(days: NDArray[np.int64]) -> NDArray[np.float64]:
        return draw(seed, Kind.WEATHER, np.zeros(len(days), dtype=np.int64), Purpose.WEATHER, days).T

    try:
        settings = _weather_settings(scenario)
    except ValueError as error:
        raise ScenarioError(
            [Problem(scenario.name, "normal, spell, weather", "weather that cannot be", str(error))]
        ) from error
    barriers = Barriers(scenario.barriers, border)
    barriers.place_existing([row for row in scenario.existing if row.since is None or row.since <= scenario.first_day])
    posts = border.posts
    return World(
        calendar=calendar,
        border=border,
        weather=make_weather(settings, calendar, noise),
        darkness=darkness(sun_elevation(calendar, posts.lon, posts.lat)),
        barriers=barriers,
        roads=Roads(border),
    )
