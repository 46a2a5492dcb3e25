"""The weather: shared by absolute days, bounded, obedient to its spells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.world.border import COUNTRIES
from sim.world.calendar import EPOCH, LAST_DATE, Calendar
from sim.world.climate import WEATHER_COUNTRIES, MonthlyNormal, Spell, WeatherSettings
from sim.world.light import sunrise_and_noon
from sim.world.weather import (
    MEMORY_DAYS,
    SHOCK_OFFSET_DAYS,
    Noise,
    Weather,
    make_weather,
    wind_chill,
)

COLUMNS = ("temperature_c", "wind_kmh", "gust_kmh", "wet", "effective_temperature_c")
MAXIMA = (-0.5, 0.8, 5.7, 13.3, 19.0, 22.2, 24.2, 23.6, 17.8, 11.0, 4.9, 0.4)
MINIMA = (-5.5, -5.0, -2.2, 2.0, 6.8, 10.2, 12.4, 11.4, 7.2, 3.3, 0.0, -4.0)
NORMALS = tuple(
    MonthlyNormal(month, mean_max_c=high, mean_min_c=low, wind_kmh=10.0, wet_share=0.4)
    for month, (high, low) in enumerate(zip(MAXIMA, MINIMA, strict=True), start=1)
)
FROST = Spell(date(2021, 11, 8), date(2021, 11, 9), 8.0, -3.0, wind_kmh=29.0, gust_kmh=50.0, wet=0.2)
SETTINGS = WeatherSettings(NORMALS, (FROST,))
NOVEMBER = Calendar(date(2021, 11, 1), date(2021, 11, 30))


def noise_of(seed: int) -> Noise:
    table = np.random.default_rng(seed).uniform(1e-9, 1.0 - 1e-9, (800, 4))
    return lambda numbers: table[numbers]


def calm(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return uniforms whose normals are all (nearly) zero."""
    return np.tile([1.0 - 1e-15, 0.125, 1.0 - 1e-15, 0.125], (numbers.size, 1))


def on(calendar: Calendar, day: date) -> slice:
    number = calendar.day_of(day)
    return slice(int(calendar.first_hour_of_day[number]), int(calendar.first_hour_of_day[number + 1]))


def test_weather_of_an_absolute_day_does_not_depend_on_the_first_day_of_the_run() -> None:
    long = Calendar(date(2021, 8, 1), date(2021, 12, 31))
    whole = make_weather(SETTINGS, long, noise_of(1))
    for first, last in (
        (date(2021, 11, 8), date(2021, 11, 30)),  # begins with the spell
        (date(2021, 11, 9), date(2021, 11, 9)),  # within it, one day
        (date(2021, 11, 10), date(2021, 11, 14)),  # just after it
        (date(2021, 10, 31), date(2021, 11, 7)),  # just before it, over the long day
    ):
        short = Calendar(first, last)
        part = make_weather(SETTINGS, short, noise_of(1))
        skip = short.epoch_hour - long.epoch_hour
        for column in COLUMNS:
            expected = getattr(whole, column)[skip : skip + short.n_hours]
            assert np.array_equal(getattr(part, column), expected), (first, column)


@settings(max_examples=40, deadline=None)
@given(st.dates(EPOCH, LAST_DATE), st.integers(0, 60), st.integers(0, 2**32 - 1), st.data())
def test_weather_is_bounded_finite_and_shared(day: date, length: int, seed: int, data: st.DataObject) -> None:
    calendar = Calendar(day, min(day + timedelta(days=length), LAST_DATE))
    weather = make_weather(SETTINGS, calendar, noise_of(seed))
    for column in COLUMNS:
        values = getattr(weather, column)
        assert values.shape == (calendar.n_hours, 3)
        assert values.dtype == np.float64
        assert np.all(np.isfinite(values))
    assert np.all(np.abs(weather.temperature_c) < 60.0)
    assert np.all(weather.wind_kmh > 0.0)
    assert np.all(weather.gust_kmh >= weather.wind_kmh)
    assert np.all((weather.wet >= 0.0) & (weather.wet <= 1.0))
    assert np.all(weather.effective_temperature_c <= weather.temperature_c)
    late = Calendar(data.draw(st.dates(calendar.first_day, calendar.last_day)), calendar.last_day)
    again = make_weather(SETTINGS, late, noise_of(seed))
    skip = late.epoch_hour - calendar.epoch_hour
    assert np.array_equal(again.effective_temperature_c, weather.effective_temperature_c[skip:])


@pytest.mark.parametrize("seed", range(5))
def test_a_spell_has_its_maximum_its_following_night_its_wind_and_its_wetness(seed: int) -> None:
    weather = make_weather(SETTINGS, NOVEMBER, noise_of(seed))
    for day in (FROST.first, FROST.last):
        hours = on(NOVEMBER, day)
        assert weather.temperature_c[hours, 0].max() == pytest.approx(8.0, abs=0.1)
        night = slice(hours.stop - 6, hours.stop + 9)
        assert weather.temperature_c[night, 0].min() == pytest.approx(-3.0, abs=0.1)
        afternoon = hours.start + 13  # solar noon is at 11:10 in November
        assert weather.wind_kmh[afternoon, 0] == pytest.approx(29.0, abs=0.5)
        assert weather.gust_kmh[afternoon, 0] == pytest.approx(50.0, abs=1.0)
        assert weather.wet[afternoon, 0] == pytest.approx(0.2, abs=0.02)


def test_a_spell_leaves_days_two_away_as_they_were() -> None:
    without = make_weather(replace(SETTINGS, spells=()), NOVEMBER, noise_of(3))
    within = make_weather(SETTINGS, NOVEMBER, noise_of(3))
    changed = np.flatnonzero(np.any(without.temperature_c != within.temperature_c, axis=1))
    days = NOVEMBER.day_of_hour[changed]
    assert days.min() == NOVEMBER.day_of(date(2021, 11, 7))
    assert days.max() == NOVEMBER.day_of(date(2021, 11, 11))


def test_a_spell_without_wind_and_wetness_changes_neither() -> None:
    bare = replace(FROST, wind_kmh=None, gust_kmh=None, wet=None)
    with_spell = make_weather(replace(SETTINGS, spells=(bare,)), NOVEMBER, noise_of(3))
    without = make_weather(replace(SETTINGS, spells=()), NOVEMBER, noise_of(3))
    for column in ("wind_kmh", "gust_kmh", "wet"):
        assert np.array_equal(getattr(with_spell, column), getattr(without, column))
    assert not np.array_equal(with_spell.temperature_c, without.temperature_c)


@pytest.mark.parametrize("seed", range(5))
def test_temperature_never_jumps_even_into_a_hard_frost(seed: int) -> None:
    hard = Spell(date(2021, 11, 10), date(2021, 11, 12), -8.0, -16.0)
    weather = make_weather(replace(SETTINGS, spells=(hard,)), NOVEMBER, noise_of(seed))
    assert np.abs(np.diff(weather.temperature_c, axis=0)).max() < 5.0


def test_a_calm_day_is_coldest_about_sunrise_and_warmest_in_the_afternoon() -> None:
    calendar = Calendar(date(2021, 8, 1), date(2021, 12, 31))
    weather = make_weather(WeatherSettings(NORMALS), calendar, calm)
    days = np.arange(calendar.n_days) + calendar.epoch_day
    sunrise, noon = sunrise_and_noon(days, 23.7, 53.3)
    for day in range(calendar.n_days):
        hours = np.arange(calendar.first_hour_of_day[day], calendar.first_hour_of_day[day + 1])
        of_day = weather.temperature_c[hours, 0]
        coldest = hours[of_day[:15].argmin()] + calendar.epoch_hour + 0.5
        warmest = hours[of_day.argmax()] + calendar.epoch_hour + 0.5
        assert coldest < warmest
        assert abs(coldest - sunrise[day, 0]) <= 1.0
        assert abs(warmest - noon[day, 0] - 2.5) <= 1.0


def test_mid_month_without_noise_has_the_normals_of_the_month() -> None:
    weather = make_weather(WeatherSettings(NORMALS), NOVEMBER, calm)
    hours = on(NOVEMBER, date(2021, 11, 15))
    assert weather.temperature_c[hours, 0].max() == pytest.approx(4.9, abs=0.15)
    assert weather.temperature_c[hours, 0].min() == pytest.approx(0.0, abs=0.15)


def test_long_run_means_are_the_normals() -> None:
    whole = Calendar(EPOCH, LAST_DATE)
    runs = [make_weather(WeatherSettings(NORMALS), whole, noise_of(seed)) for seed in range(20)]
    usual = make_weather(WeatherSettings(NORMALS), whole, calm)

    def mean(column: str) -> float:
        return float(np.mean([getattr(run, column)[:, 0].mean() for run in runs]))

    assert mean("temperature_c") == pytest.approx(float(usual.temperature_c[:, 0].mean()), abs=0.3)
    assert mean("wind_kmh") == pytest.approx(10.0, rel=0.03)
    assert mean("wet") == pytest.approx(0.4, abs=0.02)


def test_noise_has_the_spread_and_persistence_of_the_settings() -> None:
    whole = Calendar(EPOCH, LAST_DATE)
    flat = WeatherSettings(tuple(MonthlyNormal(m, 10.0, 10.0, 10.0, 0.4) for m in range(1, 13)))
    products, squares = [], []
    for seed in range(20):
        weather = make_weather(flat, whole, noise_of(seed))
        departure = weather.temperature_c[whole.first_hour_of_day[:-1] + 14, 0] - 10.0
        squares.append(np.mean(departure**2))
        products.append(np.mean(departure[1:] * departure[:-1]))
    assert np.sqrt(np.mean(squares)) == pytest.approx(4.0, rel=0.05)
    assert np.mean(products) / np.mean(squares) == pytest.approx(0.75, abs=0.03)


def test_temperature_wind_and_wetness_have_luck_of_their_own() -> None:
    whole = Calendar(EPOCH, LAST_DATE)
    flat = WeatherSettings(tuple(MonthlyNormal(m, 10.0, 10.0, 10.0, 0.5) for m in range(1, 13)))
    afternoons = whole.first_hour_of_day[:-1] + 14
    series: list[list[NDArray[np.float64]]] = [[], [], [], []]
    for seed in range(20):
        weather = make_weather(flat, whole, noise_of(seed))
        series[0].append(weather.temperature_c[afternoons, 0])
        series[1].append(np.log(weather.wind_kmh[afternoons, 0]))
        series[2].append(weather.wet[afternoons, 0])
        series[3].append(weather.gust_kmh[afternoons, 0] / weather.wind_kmh[afternoons, 0])
    correlation = np.corrcoef([np.concatenate(one) for one in series])
    assert np.all(np.abs(correlation - np.eye(4)) < 0.1)


def test_gusts_are_never_below_the_wind_whatever_a_spell_says() -> None:
    lull = replace(FROST, wind_kmh=None, gust_kmh=1.0)
    weather = make_weather(replace(SETTINGS, spells=(lull,)), NOVEMBER, noise_of(1))
    assert np.all(weather.gust_kmh >= weather.wind_kmh)


def test_the_north_is_colder_by_the_offsets() -> None:
    weather = make_weather(WeatherSettings(NORMALS, country_offset_c=(0.0, -1.0, -2.0)), NOVEMBER, calm)
    means = weather.temperature_c.mean(axis=0)
    assert means[1] - means[0] == pytest.approx(-1.0, abs=0.3)
    assert means[2] - means[0] == pytest.approx(-2.0, abs=0.3)


def test_noise_is_asked_once_for_consecutive_numbers_never_negative() -> None:
    asked: list[NDArray[np.int64]] = []

    def remembering(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        asked.append(numbers)
        return calm(numbers)

    make_weather(SETTINGS, Calendar(EPOCH, date(2021, 1, 10)), remembering)
    assert len(asked) == 1
    assert asked[0].min() == 0
    assert np.all(np.diff(asked[0]) == 1)


def test_a_shock_is_felt_from_the_day_before_it_to_the_end_of_its_memory() -> None:
    day = (date(2021, 11, 5) - EPOCH).days

    def shocked(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        uniforms = calm(numbers)
        uniforms[numbers == day + SHOCK_OFFSET_DAYS] = 0.01
        return uniforms

    flat = WeatherSettings(NORMALS)
    changed = make_weather(flat, NOVEMBER, shocked).temperature_c != make_weather(flat, NOVEMBER, calm).temperature_c
    days = NOVEMBER.day_of_hour[np.flatnonzero(changed[:, 0])] + NOVEMBER.epoch_day
    assert days.min() == day - 1  # the night before leans towards the day to come
    assert days.max() == day + MEMORY_DAYS + 1


@pytest.mark.parametrize(
    ("air", "wind", "expected"),
    [(5, 40, -1), (0, 20, -5), (-5, 30, -13), (-10, 20, -18), (-15, 10, -21), (-20, 50, -35), (-40, 60, -64)],
)
def test_wind_chill_rounds_to_the_published_table(air: int, wind: int, expected: int) -> None:
    assert round(float(wind_chill(air, wind))) == expected


def test_wind_chill_at_minus_5_and_30_kmh_is_minus_13() -> None:
    assert float(wind_chill(-5.0, 30.0)) == pytest.approx(-12.997, abs=0.001)


@pytest.mark.parametrize(("air", "wind"), [(10.01, 40.0), (25.0, 60.0), (-5.0, 4.8), (-20.0, 0.0)])
def test_wind_chill_is_the_air_temperature_outside_its_validity(air: float, wind: float) -> None:
    assert float(wind_chill(air, wind)) == air


@given(st.floats(-40.0, 10.0), st.floats(4.81, 120.0), st.floats(0.0, 30.0))
def test_more_wind_never_feels_warmer(air: float, wind: float, more: float) -> None:
    assert wind_chill(air, wind + more) <= wind_chill(air, wind) + 1e-12


def test_the_columns_are_the_countries_of_the_border_in_its_order() -> None:
    assert WEATHER_COUNTRIES == COUNTRIES


def test_weather_is_read_only() -> None:
    weather: Weather = make_weather(SETTINGS, NOVEMBER, calm)
    for column in COLUMNS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(weather, column)[0, 0] = 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normals": NORMALS[1:]}, r"normals: found months \[2, .*; each of 1 to 12 is needed once"),
        (
            {"normals": (replace(NORMALS[0], mean_min_c=3.0), *NORMALS[1:])},
            "month 1: needs -60 <= mean_min_c",
        ),
        ({"normals": (replace(NORMALS[0], wind_kmh=0.0), *NORMALS[1:])}, r"month 1: wind_kmh: found 0\.0"),
        ({"normals": (replace(NORMALS[0], wet_share=1.5), *NORMALS[1:])}, r"wet_share: found 1\.5"),
        ({"spells": (FROST, replace(FROST, first=FROST.last))}, "2021-11-09 to 2021-11-09 overlap"),
        ({"spells": (replace(FROST, last=date(2021, 11, 1)),)}, "last 2021-11-01 is before first"),
        ({"spells": (replace(FROST, min_c=9.0),)}, "2021-11-08: needs -60 <= min_c <= max_c <= 60"),
        ({"spells": (replace(FROST, gust_kmh=20.0),)}, r"gust_kmh: found 20\.0; allowed is \[29, 250\]"),
        ({"spells": (replace(FROST, wet=float("nan")),)}, r"wet: found nan; allowed is \[0, 1\]"),
        ({"persistence": 1.0}, r"persistence: found 1\.0; allowed is \[0, 0\.9\]"),
        ({"temperature_sd_c": -1.0}, r"temperature_sd_c: found -1\.0"),
        ({"country_offset_c": (0.0, 0.0)}, "country_offset_c: found 2 values; PL, LT and LV need one each"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SETTINGS, **changes)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"persistence: found 2; .*gust_factor: found 9"):
        WeatherSettings(NORMALS, persistence=2, gust_factor=9)


def test_noise_of_the_wrong_shape_or_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"noise: found shape \(\d+, 2\); \(\d+, 4\) is needed"):
        make_weather(SETTINGS, NOVEMBER, lambda numbers: np.full((numbers.size, 2), 0.5))
    with pytest.raises(ValueError, match=r"noise: found a value outside \(0, 1\)"):
        make_weather(SETTINGS, NOVEMBER, lambda numbers: np.zeros((numbers.size, 4)))
