"""Naive rivals: each foretells what it is meant to, from nothing but the past."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sim.analysis.points import AnalysisError
from sim.analysis.rivals import RIVALS, forecast

FIRST = date(2021, 9, 1)
ORIGIN = date(2021, 10, 10)


def series(value: object) -> dict[date, float]:
    """Return forty days of a function of the day's number."""
    return {FIRST + timedelta(days=i): float(value(i)) for i in range(40)}  # type: ignore[operator]


def median(name: str, known: dict[date, float], ahead: int = 14, steps: tuple[date, ...] = ()) -> np.ndarray:
    return np.median(forecast(name, known, ORIGIN, ahead, steps), axis=0)


@pytest.mark.parametrize("name", RIVALS)
def test_a_level_series_goes_on_level(name: str) -> None:
    assert median(name, series(lambda i: 200 + 3 * (i % 2))) == pytest.approx(201.5, rel=0.08)


@pytest.mark.parametrize("name", RIVALS)
def test_nothing_after_the_origin_is_looked_at(name: str) -> None:
    known = series(lambda i: 100 + i)
    later = known | {ORIGIN + timedelta(days=i): 9999.0 for i in range(1, 20)}
    assert np.array_equal(forecast(name, known, ORIGIN, 7), forecast(name, later, ORIGIN, 7))


@pytest.mark.parametrize("name", RIVALS)
def test_gaps_are_borne(name: str) -> None:
    known = {day: value for day, value in series(lambda i: 300).items() if day.day % 3}
    assert np.isfinite(forecast(name, known, ORIGIN, 28)).all()


def test_a_trend_goes_on() -> None:
    assert median("trend", series(lambda i: 100 * np.exp(0.03 * i)))[13] == pytest.approx(
        100 * np.exp(0.03 * 53), rel=0.1
    )


def test_persistence_is_the_last_known_day_and_the_week_its_mean() -> None:
    known = series(lambda i: 100 if i < 39 else 200)
    assert median("persistence", known)[6] == pytest.approx(200, rel=0.05)
    assert 100 < median("last week's mean", known)[6] < 125


def test_the_week_has_its_shape() -> None:
    known = series(lambda i: 300 if (FIRST + timedelta(days=i)).weekday() >= 5 else 100)
    ahead = median("seasonal ratio", known, 7)
    weekend = np.array([(ORIGIN + timedelta(days=i)).weekday() >= 5 for i in range(1, 8)])
    assert ahead[weekend].min() > 1.5 * ahead[~weekend].max()


def test_a_dated_step_is_learned() -> None:
    step = FIRST + timedelta(days=25)
    known = series(lambda i: 400 + i % 3 if i < 25 else 100 + i % 3)
    assert median("ARIMA with dated steps", known, 14, (step,))[13] == pytest.approx(100, rel=0.15)


def test_two_days_are_needed() -> None:
    with pytest.raises(AnalysisError, match=r"found 1 known days up to 2021-10-10; at least 2"):
        forecast("persistence", {ORIGIN: 5.0}, ORIGIN, 7)


def test_the_spread_of_a_naive_forecast_grows_from_the_last_known_day() -> None:
    """Six days on from counts that stop six days before the origin is as uncertain as twelve days on from it."""
    steps = np.random.default_rng(4).normal(0.0, 0.15, 40)
    known = series(lambda i: 1000.0 * np.exp(steps[: i + 1].sum()))
    until = max(known)
    later = until + timedelta(days=6)
    sharp = [np.log1p(forecast("persistence", known, day, 12)).std(axis=0) for day in (until, later)]
    assert sharp[1][:6] == pytest.approx(sharp[0][6:], rel=0.08)
    assert sharp[0][6:].mean() > 1.15 * sharp[0][:6].mean()
