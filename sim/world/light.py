"""The sun over the border: its height, how dark it is, and when it rises.

The equations are those of NOAA's solar calculator, which follow J. Meeus, *Astronomical Algorithms* (2nd ed.
1998, chapter 25): good to about 0.01 degrees in our years, a few seconds of sunrise. They are written here
for whole arrays and not taken from a library, since the one that fits, ``astral``, works one instant and one
place at a time: 128,000 calls for a run of five months. It is the oracle of our tests instead.

Heights are geometric, without refraction. By convention the sun rises at -0.833 degrees (refraction and half
the disc) and civil twilight ends at -6.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.world.calendar import Calendar

__all__ = ["CIVIL_DEG", "SUNRISE_DEG", "darkness", "sun_elevation", "sunrise_and_noon"]

SUNRISE_DEG: Final = -0.833
"""Height of the sun's centre at sunrise and sunset, degrees."""

CIVIL_DEG: Final = -6.0
"""Height of the sun's centre at the ends of civil twilight, degrees."""

_J2000_DAYS: Final = 7670.5  # from 2000-01-01 12:00 to 2021-01-01 00:00 UTC


def _declination_and_equation_of_time(
    absolute_hours: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sun's declination (radians) and the equation of time (minutes), shaped as the argument."""
    century = (absolute_hours / 24.0 + _J2000_DAYS) / 36525.0
    mean_longitude = np.radians((280.46646 + century * (36000.76983 + century * 0.0003032)) % 360.0)
    mean_anomaly = np.radians(357.52911 + century * (35999.05029 - century * 0.0001537))
    eccentricity = 0.016708634 - century * (0.000042037 + century * 0.0000001267)
    centre = np.radians(
        np.sin(mean_anomaly) * (1.914602 - century * (0.004817 + century * 0.000014))
        + np.sin(2.0 * mean_anomaly) * (0.019993 - century * 0.000101)
        + np.sin(3.0 * mean_anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * century)
    apparent_longitude = mean_longitude + centre - np.radians(0.00569 + 0.00478 * np.sin(node))
    mean_obliquity = 23.439291 - century * (0.0130042 + century * (0.00000016 - century * 0.000000504))
    obliquity = np.radians(mean_obliquity + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(obliquity) * np.sin(apparent_longitude))

    y = np.tan(obliquity / 2.0) ** 2
    equation = (
        y * np.sin(2.0 * mean_longitude)
        - 2.0 * eccentricity * np.sin(mean_anomaly)
        + 4.0 * eccentricity * y * np.sin(mean_anomaly) * np.cos(2.0 * mean_longitude)
        - 0.5 * y * y * np.sin(4.0 * mean_longitude)
        - 1.25 * eccentricity * eccentricity * np.sin(2.0 * mean_anomaly)
    )
    return declination, 4.0 * np.degrees(equation)


def _checked_places(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes as two float64[n_places], or say which is wrong."""
    longitude = np.atleast_1d(np.asarray(lon, dtype=np.float64))
    latitude = np.atleast_1d(np.asarray(lat, dtype=np.float64))
    if longitude.ndim != 1 or longitude.shape != latitude.shape:
        raise ValueError(f"lon, lat: found shapes {longitude.shape} and {latitude.shape}; equal lists are needed")
    if not bool(np.all((np.abs(longitude) <= 180.0) & (np.abs(latitude) <= 90.0))):
        raise ValueError("lon, lat: found a place off the globe; allowed are [-180, 180] and [-90, 90] degrees")
    return longitude, latitude


def sun_elevation(calendar: Calendar, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Return the height of the sun's centre in the middle of each hour, float64[n_hours, n_places], degrees.

    `lon` and `lat` are places in degrees east and north, float[n_places] or one number each. Values lie in
    [-90, 90] and leave refraction out. Declination and equation of time are worked out once an hour for all
    places.

    Raises:
        ValueError: lists of different length, or a place off the globe.
    """
    longitude, latitude = _checked_places(lon, lat)
    absolute = calendar.epoch_hour + 0.5 + np.arange(calendar.n_hours, dtype=np.float64)
    declination, equation = _declination_and_equation_of_time(absolute)
    noon_angle = np.radians((absolute % 24.0) * 15.0 + equation / 4.0 - 180.0)  # hour angle at Greenwich
    hour_angle = noon_angle[:, None] + np.radians(longitude)[None, :]
    phi = np.radians(latitude)[None, :]
    height = np.sin(phi) * np.sin(declination)[:, None]
    height = height + np.cos(phi) * np.cos(declination)[:, None] * np.cos(hour_angle)
    elevation: NDArray[np.float64] = np.degrees(np.arcsin(np.clip(height, -1.0, 1.0)))
    return elevation


def darkness(elevation: ArrayLike) -> NDArray[np.float64]:
    """Return how dark it is, in [0, 1] and shaped as `elevation` (degrees).

    0 while the sun is up (at or above the horizon, 0 degrees), 1 from the end of civil twilight (-6 degrees)
    down, and a straight line between: an assumption, since nobody has measured eyesight along the line.
    """
    return np.clip(np.asarray(elevation, dtype=np.float64) / CIVIL_DEG, 0.0, 1.0)


def sunrise_and_noon(
    absolute_days: ArrayLike, lon: ArrayLike, lat: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sunrise and solar noon as absolute hours, two float64[n_days, n_places].

    `absolute_days` are days since 2021-01-01, negative ones too. The sun's declination is that of noon, which
    puts sunrise wrong by less than a minute at 56 degrees north. Where the sun stays up, sunrise is midnight;
    where it stays down, noon.

    Raises:
        ValueError: lists of places of different length, or a place off the globe.
    """
    longitude, latitude = _checked_places(lon, lat)
    clock_noon = np.atleast_1d(np.asarray(absolute_days, dtype=np.float64))[:, None] * 24.0 + 12.0
    mean_noon = clock_noon - longitude[None, :] / 15.0
    declination, equation = _declination_and_equation_of_time(mean_noon)
    noon = mean_noon - equation / 60.0
    phi = np.radians(latitude)[None, :]
    cosine = np.sin(np.radians(SUNRISE_DEG)) - np.sin(phi) * np.sin(declination)
    cosine = cosine / np.maximum(np.cos(phi) * np.cos(declination), 1e-12)
    half_day = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))) / 15.0
    return noon - half_day, noon
