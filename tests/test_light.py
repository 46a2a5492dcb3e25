"""The sun, against the almanac in our evidence and against the astral library."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from astral import Observer
from astral.sun import dusk as astral_dusk
from astral.sun import elevation as astral_elevation
from astral.sun import noon as astral_noon
from astral.sun import sunrise as astral_sunrise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.world.calendar import EPOCH, LAST_DATE, WARSAW, Calendar
from sim.world.light import CIVIL_DEG, SUNRISE_DEG, darkness, sun_elevation, sunrise_and_noon

BIALYSTOK = (23.15, 53.13)  # lon, lat

# Evidence A069 to A083: date; sunrise, sunset, civil dawn, civil dusk in local legal time.
ALMANAC = [
    ("2021-08-15", "05:07", "19:56", "04:28", "20:36"),
    ("2021-09-01", "05:36", "19:18", "05:00", "19:55"),
    ("2021-09-15", "06:00", "18:44", "05:25", "19:19"),
    ("2021-10-01", "06:27", "18:05", "05:53", "18:40"),
    ("2021-10-15", "06:52", "17:33", "06:17", "18:08"),
    ("2021-10-30", "07:20", "17:01", "06:44", "17:37"),
    ("2021-11-01", "06:24", "15:57", "05:48", "16:33"),
    ("2021-11-08", "06:38", "15:44", "06:00", "16:22"),
    ("2021-11-12", "06:45", "15:37", "06:07", "16:16"),
    ("2021-11-16", "06:53", "15:31", "06:14", "16:10"),
    ("2021-11-18", "06:56", "15:29", "06:17", "16:08"),
    ("2021-12-01", "07:18", "15:15", "06:37", "15:56"),
    ("2021-12-07", "07:26", "15:11", "06:45", "15:53"),
    ("2021-12-21", "07:39", "15:11", "06:56", "15:54"),
    ("2021-12-31", "07:41", "15:18", "06:59", "16:00"),
]


def _crossings(elevation: NDArray[np.float64], level: float) -> tuple[float, float]:
    """Return the hours of the run at which the mid-hour heights of one day pass `level`, up and down.

    A cubic through the four nearest hours: a straight line would miss a winter sunrise by more than a minute.
    """
    above = elevation > level
    up, down = np.flatnonzero(above[1:] & ~above[:-1])[0], np.flatnonzero(above[:-1] & ~above[1:])[-1]
    found = []
    for left in (up, down):
        around = np.arange(left - 1, left + 3)
        fine = np.linspace(left, left + 1, 3601)
        cubic = np.polynomial.Polynomial.fit(around, elevation[around] - level, 3)
        found.append(float(fine[np.argmin(np.abs(cubic(fine)))]) + 0.5)
    return found[0], found[1]


@pytest.mark.parametrize(("day", "sunrise", "sunset", "dawn", "dusk"), ALMANAC)
def test_sun_and_twilight_keep_the_almanac_to_two_minutes(
    day: str, sunrise: str, sunset: str, dawn: str, dusk: str
) -> None:
    calendar = Calendar(date.fromisoformat(day), date.fromisoformat(day))
    elevation = sun_elevation(calendar, *BIALYSTOK)[:, 0]
    (up, down), (first_light, last_light) = (_crossings(elevation, level) for level in (SUNRISE_DEG, CIVIL_DEG))
    for hour, expected, minutes in (
        (up, sunrise, 2),
        (down, sunset, 2),
        (first_light, dawn, 2),
        (last_light, dusk, 3),  # the almanac's dusk lags by two minutes in August: it keeps the morning's sun
    ):
        found = (calendar.utc(0) + timedelta(hours=hour)).astimezone(WARSAW)
        wanted = datetime.combine(calendar.first_day, time.fromisoformat(expected), tzinfo=WARSAW)
        assert abs(found - wanted) < timedelta(minutes=minutes), (day, expected, found)


@pytest.mark.parametrize("day", [date.fromisoformat(row[0]) for row in ALMANAC])
def test_civil_dusk_agrees_with_astral_to_a_minute(day: date) -> None:
    calendar = Calendar(day, day)
    _, dusk = _crossings(sun_elevation(calendar, *BIALYSTOK)[:, 0], CIVIL_DEG)
    expected = astral_dusk(Observer(BIALYSTOK[1], BIALYSTOK[0]), day)
    assert abs(calendar.utc(0) + timedelta(hours=dusk) - expected) < timedelta(minutes=1)


@settings(max_examples=60, deadline=None)
@given(st.dates(EPOCH, LAST_DATE), st.floats(20.0, 30.0), st.floats(50.0, 58.0), st.integers(0, 22))
def test_elevation_agrees_with_astral(day: date, lon: float, lat: float, hour: int) -> None:
    calendar = Calendar(day, day)
    moment = calendar.utc(hour) + timedelta(minutes=30)
    expected = astral_elevation(Observer(lat, lon), moment, with_refraction=False)
    assert sun_elevation(calendar, lon, lat)[hour, 0] == pytest.approx(expected, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(st.dates(EPOCH, LAST_DATE), st.floats(20.0, 30.0), st.floats(50.0, 58.0))
def test_sunrise_and_noon_agree_with_astral(day: date, lon: float, lat: float) -> None:
    sunrise, noon = sunrise_and_noon((day - EPOCH).days, lon, lat)
    midnight = datetime(2021, 1, 1, tzinfo=UTC)
    for found, expected in (
        (sunrise, astral_sunrise(Observer(lat, lon), day)),
        (noon, astral_noon(Observer(lat, lon), day)),
    ):
        assert abs(midnight + timedelta(hours=found[0, 0]) - expected) < timedelta(minutes=2)


def test_the_sun_stands_highest_about_solar_noon() -> None:
    calendar = Calendar(date(2021, 11, 8), date(2021, 11, 30))
    elevation = sun_elevation(calendar, *BIALYSTOK)[:, 0]
    _, noon = sunrise_and_noon(np.arange(calendar.n_days) + calendar.epoch_day, *BIALYSTOK)
    highest = elevation.reshape(-1, 24).argmax(axis=1) + np.arange(calendar.n_days) * 24 + 0.5
    assert np.all(np.abs(highest + calendar.epoch_hour - noon[:, 0]) <= 0.5)


def test_places_are_worked_out_alone_and_together_alike() -> None:
    calendar = Calendar(date(2021, 10, 30), date(2021, 11, 2))
    lon, lat = np.linspace(23.0, 28.0, 35), np.linspace(52.0, 56.0, 35)
    together = sun_elevation(calendar, lon, lat)
    assert together.shape == (calendar.n_hours, 35)
    assert together.dtype == np.float64
    assert np.array_equal(together[:, [7]], sun_elevation(calendar, lon[7], lat[7]))


def test_the_same_hour_has_the_same_sun_whatever_the_first_day() -> None:
    early, late = (
        Calendar(date(2021, 8, 1), date(2021, 11, 30)),
        Calendar(date(2021, 11, 8), date(2021, 11, 30)),
    )
    skip = late.epoch_hour - early.epoch_hour
    assert np.array_equal(sun_elevation(early, *BIALYSTOK)[skip:], sun_elevation(late, *BIALYSTOK))


def test_it_is_light_by_day_dark_after_civil_twilight_and_half_way_between() -> None:
    assert darkness([40.0, 0.0, -3.0, -6.0, -50.0]).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


@given(st.lists(st.floats(-90.0, 90.0), min_size=2, max_size=20))
def test_a_lower_sun_is_never_lighter(heights: list[float]) -> None:
    dark = darkness(sorted(heights))
    assert np.all((dark >= 0.0) & (dark <= 1.0))
    assert np.all(np.diff(dark) <= 0.0)


def test_above_the_arctic_circle_sunrise_falls_on_noon_or_midnight() -> None:
    midsummer, midwinter = (date(2021, 6, 21) - EPOCH).days, (date(2021, 12, 21) - EPOCH).days
    sunrise, noon = sunrise_and_noon([midsummer, midwinter], 25.0, 75.0)
    assert (noon - sunrise)[:, 0].tolist() == [12.0, 0.0]


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found shapes \(2,\) and \(1,\); equal lists are needed"):
        sun_elevation(Calendar(EPOCH, EPOCH), [23.0, 24.0], [53.0])


@pytest.mark.parametrize(("lon", "lat"), [(181.0, 53.0), (23.0, 91.0), (float("nan"), 53.0)])
def test_a_place_off_the_globe_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match="off the globe"):
        sun_elevation(Calendar(EPOCH, EPOCH), lon, lat)
