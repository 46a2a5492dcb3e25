"""The weather over the three borders: what a night in the woods costs, and whom a gust grounds.

A day has three numbers first: the maximum of its afternoon, the minimum of the night that follows, and wind,
gusts and wetness of the day. They come from monthly normals and day-to-day noise, and from prescribed spells
where a source tells what the days were like. Hours are then drawn through them. Noise belongs to *absolute*
days, so that a day has the same weather in every scenario, whatever the first day of the run.

Not modelled: fronts that cross the line, sun and shelter, snow on the ground, wind in the trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.world.calendar import EPOCH, Calendar
from sim.world.climate import MIN_GUST_FACTOR, WEATHER_COUNTRIES, MonthlyNormal, Spell, WeatherSettings
from sim.world.light import sunrise_and_noon

__all__ = [
    "MEMORY_DAYS",
    "N_LANES",
    "SHOCK_OFFSET_DAYS",
    "Noise",
    "Weather",
    "make_weather",
    "wind_chill",
]

Noise = Callable[[NDArray[np.int64]], NDArray[np.float64]]
"""From shock numbers int64[n], consecutive and >= 0 (see `SHOCK_OFFSET_DAYS`), to uniforms in (0, 1),
float64[n, 4]."""

N_LANES: Final = 4
"""Uniforms wanted from the caller for each day: one draw has as many lanes."""

_PAD_DAYS: Final = 3  # days worked out before and after the run, so that its edges are like its middle

MEMORY_DAYS: Final = 20
"""Days of the past that noise remembers."""

SHOCK_OFFSET_DAYS: Final = MEMORY_DAYS + _PAD_DAYS
"""Shock number n belongs to absolute day n - 23: no number is negative, though the past of 1 January 2021
lies before the epoch, and draws count from 0."""

_MIDDLES: Final = ((23.7, 53.3), (25.4, 54.7), (27.6, 56.0))  # lon, lat of the middle of each border
_WARMEST_AFTER_NOON: Final = 2.5  # hours after solar noon
_WIND_SWING: Final = 0.2  # the afternoon's wind is this share above the day's mean
_CHILL_MAX_C: Final = 10.0
_CHILL_MIN_KMH: Final = 4.8


@dataclass(frozen=True, eq=False)
class Weather:
    """The weather of every hour along the borders with PL, LT and LV: read-only float64[n_hours, 3] each.

    Attributes:
        temperature_c: air temperature, degrees C.
        wind_kmh: mean wind at 10 m in the open, km/h, >= 0.
        gust_kmh: gusts, km/h, >= `wind_kmh`.
        wet: wetness of clothing and ground, [0, 1].
        effective_temperature_c: what bare skin feels, degrees C (see `wind_chill`), <= `temperature_c`.
    """

    temperature_c: NDArray[np.float64]
    wind_kmh: NDArray[np.float64]
    gust_kmh: NDArray[np.float64]
    wet: NDArray[np.float64]
    effective_temperature_c: NDArray[np.float64]

    def __post_init__(self) -> None:
        for column in fields(self):
            getattr(self, column.name).flags.writeable = False


def wind_chill(temperature_c: ArrayLike, wind_kmh: ArrayLike) -> NDArray[np.float64]:
    """Return the wind chill temperature in degrees C, shaped as the arguments broadcast.

    The formula of 2001, shared by Environment Canada and the US National Weather Service (Osczevski &
    Bluestein 2005, Bull. Amer. Meteor. Soc. 86: 1453-1458), for at most 10 degrees C and more than 4.8 km/h
    at 10 m; elsewhere the air temperature. At the threshold of 4.8 km/h it is -2.8 degrees at -10 degrees C:
    a jump in the formula itself.
    """
    air, wind = np.broadcast_arrays(np.asarray(temperature_c, dtype=np.float64), np.asarray(wind_kmh, dtype=np.float64))
    power = np.power(np.maximum(wind, _CHILL_MIN_KMH), 0.16)
    chill = 13.12 + 0.6215 * air - 11.37 * power + 0.3965 * air * power
    return np.where((air <= _CHILL_MAX_C) & (wind > _CHILL_MIN_KMH), chill, air)


def _persistent_noise(days: NDArray[np.int64], persistence: float, noise: Noise) -> NDArray[np.float64]:
    """Return four standard normals for each of the consecutive absolute `days`, float64[n_days, 4].

    An AR(1) process cut off after `MEMORY_DAYS`: a moving average with weights persistence^k over the shocks
    of the day and of the days before it, scaled to unit variance. It has no start, and so cannot depend on
    one.
    """
    first = int(days[0]) + SHOCK_OFFSET_DAYS - MEMORY_DAYS
    numbers = np.arange(first, first + MEMORY_DAYS + days.size, dtype=np.int64)
    uniforms = np.asarray(noise(numbers), dtype=np.float64)
    if uniforms.shape != (numbers.size, N_LANES):
        raise ValueError(f"noise: found shape {uniforms.shape}; ({numbers.size}, {N_LANES}) is needed")
    if not bool(np.all((uniforms > 0.0) & (uniforms < 1.0))):
        raise ValueError("noise: found a value outside (0, 1)")
    radius = np.sqrt(-2.0 * np.log(uniforms[:, 0::2]))  # Box and Muller (1958): two uniforms, two normals
    angle = 2.0 * np.pi * uniforms[:, 1::2]
    shocks = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    weights = np.power(np.float64(persistence), np.arange(MEMORY_DAYS + 1, dtype=np.float64))
    weights = weights / np.sqrt(np.cumsum(weights * weights)[-1])
    total = np.zeros((days.size, N_LANES))
    for k, weight in enumerate(weights):  # term by term: the same order of sums for any number of days
        total += weight * shocks[MEMORY_DAYS - k : MEMORY_DAYS - k + days.size]
    return total


def _normals_of(days: NDArray[np.int64], normals: Iterable[MonthlyNormal]) -> NDArray[np.float64]:
    """Return usual maximum, following minimum, wind and wetness of `days`, float64[n_days, 4].

    Linear between mid-months; days are taken at noon, the nights that follow them at six in the morning.
    """
    rows = {normal.month: normal for normal in normals}
    first_year, last_year = EPOCH.year - 1, EPOCH.year + 3
    years = range(first_year, last_year)
    starts = [date(year, month, 1) for year in years for month in range(1, 13)]
    edges = np.array([(start - EPOCH).days for start in [*starts, date(last_year, 1, 1)]], dtype=np.float64)
    middles = (edges[:-1] + edges[1:]) / 2.0
    values = [rows[start.month] for start in starts]
    table = np.array([(row.mean_max_c, row.mean_min_c, row.wind_kmh, row.wet_share) for row in values])
    moments = days[:, None] + np.array([0.5, 1.25, 0.5, 0.5])
    return np.stack([np.interp(moments[:, j], middles, table[:, j]) for j in range(table.shape[1])], axis=1)


def _in_spell(days: NDArray[np.int64], spell: Spell) -> NDArray[np.bool_]:
    return (days >= (spell.first - EPOCH).days) & (days <= (spell.last - EPOCH).days)


def _turning_points(
    days: NDArray[np.int64],
    usual: NDArray[np.float64],
    shocks: NDArray[np.float64],
    settings: WeatherSettings,
) -> NDArray[np.float64]:
    """Return day maximum, night minimum, next day's maximum ... in degrees C for Poland, float64[2 * n_days].

    A night shares the noise of the days on its two sides. A spell pulls its neighbours half of the way along
    with it, so that the frost does not fall from a clear sky.
    """
    following = np.append(shocks[1:], shocks[-1])
    points = np.empty((days.size, 2))
    points[:, 0] = usual[:, 0] + settings.temperature_sd_c * shocks
    points[:, 1] = usual[:, 1] + settings.temperature_sd_c * (shocks + following) / 2.0
    departure = np.zeros_like(points)
    prescribed = np.zeros(days.size, dtype=np.bool_)
    for spell in settings.spells:
        inside = _in_spell(days, spell)
        departure[inside] = np.array([spell.max_c, spell.min_c]) - points[inside]
        prescribed |= inside
    pull, fixed = departure.reshape(-1), np.repeat(prescribed, 2)
    from_before = np.concatenate([[0.0], np.where(fixed, pull, 0.0)[:-1]])
    from_after = np.concatenate([np.where(fixed, pull, 0.0)[1:], [0.0]])
    joined: NDArray[np.float64] = points.reshape(-1) + np.where(fixed, pull, (from_before + from_after) / 2.0)
    return joined


def _through_turning_points(
    hours: NDArray[np.float64], times: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `values` (at `times`) drawn through `hours` by half cosines: flat at each, none overshot."""
    after = np.clip(np.searchsorted(times, hours, side="right"), 1, times.size - 1)
    share = (hours - times[after - 1]) / (times[after] - times[after - 1])
    rise = (1.0 - np.cos(np.pi * np.clip(share, 0.0, 1.0))) / 2.0
    return values[after - 1] + (values[after] - values[after - 1]) * rise


def _wetness(normal: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return daily wetness in [0, 1] with the given `mean`, from standard normals: dry, wet, some between.

    A logistic curve stands for the normal distribution function (at most 0.01 off; numpy has none). A ramp
    about 1 - mean then turns the uniform into wetness; being symmetric within [0, 1], it keeps the mean.
    """
    uniform = 1.0 / (1.0 + np.exp(-1.702 * normal))
    half_width = np.maximum(np.minimum(np.minimum(mean, 1.0 - mean), 0.25), 1e-9)
    wet: NDArray[np.float64] = np.clip((uniform - (1.0 - mean)) / (2.0 * half_width) + 0.5, 0.0, 1.0)
    return wet


def make_weather(settings: WeatherSettings, calendar: Calendar, noise: Noise) -> Weather:
    """Return the weather of every hour of `calendar`, at mid-hour, along the three borders.

    `noise` is called once. The borders share their noise, as weather systems are wider than the line is long;
    they differ by the offsets of the settings and by when the sun rises.

    Raises:
        ValueError: noise of the wrong shape or outside (0, 1).
    """
    days = np.arange(calendar.epoch_day - _PAD_DAYS, calendar.epoch_day + calendar.n_days + _PAD_DAYS, dtype=np.int64)
    shocks = _persistent_noise(days, settings.persistence, noise)
    usual = _normals_of(days, settings.normals)
    points = _turning_points(days, usual, shocks[:, 0], settings)

    spread = settings.wind_spread
    peak_wind = usual[:, 2] * np.exp(spread * shocks[:, 1] - spread * spread / 2.0) * (1.0 + _WIND_SWING)
    ratio = np.maximum(settings.gust_factor + 0.2 * shocks[:, 3], MIN_GUST_FACTOR)
    wet = _wetness(shocks[:, 2], usual[:, 3])
    peak_gust = np.full(days.size, np.nan)
    for spell in settings.spells:
        inside = _in_spell(days, spell)
        for series, value in ((peak_wind, spell.wind_kmh), (peak_gust, spell.gust_kmh), (wet, spell.wet)):
            if value is not None:
                series[inside] = value
    peak_gust = np.where(np.isnan(peak_gust), peak_wind * ratio, peak_gust)

    hours = calendar.epoch_hour + 0.5 + np.arange(calendar.n_hours, dtype=np.float64)
    lon, lat = (np.array(column) for column in zip(*_MIDDLES, strict=True))
    sunrise, noon = sunrise_and_noon(np.append(days, days[-1] + 1), lon, lat)
    warmest = noon + _WARMEST_AFTER_NOON
    shape = (calendar.n_hours, len(WEATHER_COUNTRIES))
    temperature, mean_wind, gust, wetness = (np.empty(shape) for _ in range(4))
    for country, offset in enumerate(settings.country_offset_c):
        times = np.stack([warmest[:-1, country], sunrise[1:, country]], axis=1).reshape(-1)
        temperature[:, country] = _through_turning_points(hours, times, points) + offset
        peaks = warmest[:-1, country]
        day_phase = np.interp(hours, peaks, days.astype(np.float64))  # whole at the afternoons
        swing = (1.0 + _WIND_SWING * np.cos(2.0 * np.pi * day_phase)) / (1.0 + _WIND_SWING)
        mean_wind[:, country] = np.interp(hours, peaks, peak_wind) * swing
        gust[:, country] = np.interp(hours, peaks, peak_gust) * swing
        wetness[:, country] = np.interp(hours, peaks, wet)
    return Weather(
        temperature_c=temperature,
        wind_kmh=mean_wind,
        gust_kmh=np.maximum(gust, mean_wind),
        wet=wetness,
        effective_temperature_c=wind_chill(temperature, mean_wind),
    )
