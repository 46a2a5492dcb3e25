"""The climate: the numbers that weather is made from, with their bounds.

Monthly normals say what is usual, spells what a source tells of certain days, the rest how much days differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

__all__ = ["MIN_GUST_FACTOR", "WEATHER_COUNTRIES", "MonthlyNormal", "Spell", "WeatherSettings"]

WEATHER_COUNTRIES: Final = ("PL", "LT", "LV")
"""The columns of every array of `Weather`, in the order of the border from south to north."""

MIN_GUST_FACTOR: Final = 1.15
"""Least ratio of a day's gusts to its wind, where no spell says how strong they were."""

_MOST_C: Final = 60


@dataclass(frozen=True)
class MonthlyNormal:
    """What a month is usually like around Bialystok and Grodno.

    Attributes:
        month: 1..12.
        mean_max_c: mean of daily maxima, degrees C.
        mean_min_c: mean of nightly minima, degrees C, not above `mean_max_c`.
        wind_kmh: mean wind at 10 m, km/h, > 0.
        wet_share: mean wetness, [0, 1].
    """

    month: int
    mean_max_c: float
    mean_min_c: float
    wind_kmh: float
    wet_share: float


@dataclass(frozen=True)
class Spell:
    """Days whose weather a source tells: it takes the place of normals and noise.

    Attributes:
        first: first day, in Warsaw.
        last: last day, included.
        max_c: maximum of each day, reached in the afternoon, degrees C in Poland.
        min_c: minimum of the night that *follows* each day, reached at the next sunrise, degrees C: forecasts
            and reports that name a day and a night mean that one. Not above `max_c`.
        wind_kmh: wind of the afternoon, the strongest of the day, km/h, or None for normals and noise.
        gust_kmh: strongest gust of the day, km/h, or None for the usual ratio to the wind.
        wet: wetness in [0, 1], or None for normals and noise.
    """

    first: date
    last: date
    max_c: float
    min_c: float
    wind_kmh: float | None = None
    gust_kmh: float | None = None
    wet: float | None = None


@dataclass(frozen=True)
class WeatherSettings:
    """All numbers the weather is made from, checked when built.

    Attributes:
        normals: one `MonthlyNormal` for each of the twelve months, in any order.
        spells: prescribed days, which must not overlap.
        temperature_sd_c: standard deviation of a day about its normal, degrees C, >= 0.
        persistence: correlation of one day's noise with the next day's, [0, 0.9].
        country_offset_c: degrees C added in PL, LT and LV: colder to the north.
        wind_spread: standard deviation of the logarithm of daily wind, >= 0.
        gust_factor: usual ratio of gusts to mean wind, > 1.

    Raises:
        ValueError: everything that is wrong, at once.
    """

    normals: tuple[MonthlyNormal, ...]
    spells: tuple[Spell, ...] = ()
    temperature_sd_c: float = 4.0
    persistence: float = 0.75
    country_offset_c: tuple[float, float, float] = (0.0, -0.3, -0.5)
    wind_spread: float = 0.35
    gust_factor: float = 1.8

    def __post_init__(self) -> None:
        wrong = [*self._wrong_in_normals(), *self._wrong_in_spells(), *self._wrong_in_noise()]
        if wrong:
            raise ValueError("weather: " + "; ".join(wrong))

    def _wrong_in_normals(self) -> Iterator[str]:
        months = sorted(normal.month for normal in self.normals)
        if months != list(range(1, 13)):
            yield f"normals: found months {months}; each of 1 to 12 is needed once"
        for normal in self.normals:
            name = f"normals: month {normal.month}"
            if not -_MOST_C <= normal.mean_min_c <= normal.mean_max_c <= _MOST_C:
                yield f"{name}: needs -{_MOST_C} <= mean_min_c <= mean_max_c <= {_MOST_C}"
            yield from _outside(f"{name}: wind_kmh", normal.wind_kmh, 0.1, 100.0)
            yield from _outside(f"{name}: wet_share", normal.wet_share, 0.0, 1.0)

    def _wrong_in_spells(self) -> Iterator[str]:
        spells = sorted(self.spells, key=lambda spell: spell.first)
        for spell in spells:
            name = f"spells: {spell.first}"
            if spell.last < spell.first:
                yield f"{name}: last {spell.last} is before first"
            if not -_MOST_C <= spell.min_c <= spell.max_c <= _MOST_C:
                yield f"{name}: needs -{_MOST_C} <= min_c <= max_c <= {_MOST_C}"
            yield from _outside(f"{name}: wind_kmh", spell.wind_kmh, 0.0, 150.0)
            yield from _outside(f"{name}: gust_kmh", spell.gust_kmh, spell.wind_kmh or 0.0, 250.0)
            yield from _outside(f"{name}: wet", spell.wet, 0.0, 1.0)
        for before, after in itertools.pairwise(spells):
            if after.first <= before.last:
                yield f"spells: {before.first} to {before.last} and {after.first} to {after.last} overlap"

    def _wrong_in_noise(self) -> Iterator[str]:
        yield from _outside("temperature_sd_c", self.temperature_sd_c, 0.0, 15.0)
        yield from _outside("persistence", self.persistence, 0.0, 0.9)
        yield from _outside("wind_spread", self.wind_spread, 0.0, 1.5)
        yield from _outside("gust_factor", self.gust_factor, MIN_GUST_FACTOR, 5.0)
        if len(self.country_offset_c) != len(WEATHER_COUNTRIES):
            yield f"country_offset_c: found {len(self.country_offset_c)} values; PL, LT and LV need one each"
        for offset in self.country_offset_c:
            yield from _outside("country_offset_c", offset, -10.0, 10.0)


def _outside(name: str, value: float | None, low: float, high: float) -> Iterator[str]:
    if value is not None and not low <= value <= high:  # so worded that NaN is outside
        yield f"{name}: found {value}; allowed is [{low:g}, {high:g}]"
