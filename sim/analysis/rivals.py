"""Naive forecasts of a daily count, from nothing but the days known before: what the model has to beat.

All see the logarithm of the count, with gaps where no day is published, and give draws of each day ahead. Exponential
smoothing and ARIMA are those of statsmodels in state-space form, which bear gaps; ARIMA also takes the dates on which
something changed, as steps, as far as these lie far enough back for their size to be learned.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.points import AnalysisError

__all__ = ["RIVALS", "forecast"]

Floats = NDArray[np.float64]

_N_DRAWS: Final = 1000
_LEAST_SD: Final = 0.15
"""Spread of logarithms below which no rival is believed: days of the open series scatter by 15 % and more."""
_LEAST_DAYS: Final = 6
"""Known days below which a fitted rival falls back on persistence."""
_DAYS_TO_LEARN_A_STEP: Final = 5


def forecast(
    name: str, known: Mapping[date, float], origin: date, days_ahead: int, steps: Sequence[date] = (), seed: int = 1
) -> Floats:
    """Return draws of the counts of the days after `origin`, float64[n_draws, days_ahead].

    Parameters
    ----------
    name : one of :data:`RIVALS`
    known : published counts by day; those after the origin are not looked at
    origin : day from which days ahead are counted; the last known day is it, or lies before it
    days_ahead : how many days to foretell
    steps : dates on which something changed
    seed : of the draws

    Raises
    ------
    AnalysisError
        If fewer than two days are known, or a rival needs a package that is not there.
    """
    past = {day: float(np.log1p(value)) for day, value in sorted(known.items()) if day <= origin}
    if len(past) < 2:
        raise AnalysisError(f"rivals: found {len(past)} known days up to {origin}; at least 2 are needed")
    mean, sd = RIVALS[name](past, origin, days_ahead, tuple(day for day in steps if day <= origin))
    rng = np.random.default_rng([seed, sum(name.encode()), origin.toordinal()])
    noise = rng.standard_normal((_N_DRAWS, days_ahead)) * np.maximum(sd, _LEAST_SD)
    draws: Floats = np.maximum(np.expm1(mean + noise), 0.0)
    return draws


Result = tuple[Floats, Floats]


def _change_sd(past: Mapping[date, float], origin: date, days_ahead: int) -> Floats:
    """Return how far logarithms lay apart after so many days, by the gaps that the past offers.

    A naive forecast is as old as the last day that it knows: where the counts stop before the origin, its spread has
    grown by then, as that of a random walk does (Hyndman and Athanasopoulos 2021, section 5.5).
    """
    days = list(past)
    gaps = np.array([(b - a).days for i, a in enumerate(days) for b in days[i + 1 :]], dtype=np.float64)
    apart = np.array([past[b] - past[a] for i, a in enumerate(days) for b in days[i + 1 :]])
    near = gaps <= 28
    gaps, apart = gaps[near], apart[near]
    if gaps.size < 3:
        return np.full(days_ahead, 0.4)
    # variance grows with the gap: a least-squares line through squared differences, with no fall
    slope, level = np.polyfit(gaps, apart**2, 1)
    slope = max(slope, 0.0)
    level = max(float((apart**2).mean() - slope * gaps.mean()), _LEAST_SD**2)
    lead = (origin - days[-1]).days + np.arange(1, days_ahead + 1)
    return np.asarray(np.sqrt(level + slope * lead), dtype=np.float64)


def _persistence(past: Mapping[date, float], origin: date, days_ahead: int, steps: tuple[date, ...]) -> Result:
    """The last known day goes on."""
    return np.full(days_ahead, list(past.values())[-1]), _change_sd(past, origin, days_ahead)


def _week_values(past: Mapping[date, float], origin: date) -> list[float]:
    week = [value for day, value in past.items() if day > origin - timedelta(days=7)]
    return week or [list(past.values())[-1]]


def _last_week(past: Mapping[date, float], origin: date, days_ahead: int, steps: tuple[date, ...]) -> Result:
    """The mean of last week's known days goes on."""
    return np.full(days_ahead, float(np.mean(_week_values(past, origin)))), _change_sd(past, origin, days_ahead)


def _trend(past: Mapping[date, float], origin: date, days_ahead: int, steps: tuple[date, ...]) -> Result:
    """A straight line through the logarithms of the last four weeks goes on."""
    recent = {day: value for day, value in past.items() if day > origin - timedelta(days=28)}
    if len(recent) < 3:
        return _persistence(past, origin, days_ahead, steps)
    x = np.array([(day - origin).days for day in recent], dtype=np.float64)
    y = np.array(list(recent.values()))
    slope, level = np.polyfit(x, y, 1)
    left = float((y - slope * x - level).std(ddof=2)) if len(x) > 2 else _LEAST_SD
    ahead = np.arange(1, days_ahead + 1, dtype=np.float64)
    far = np.sqrt(1.0 + 1.0 / len(x) + (ahead - x.mean()) ** 2 / max(float(((x - x.mean()) ** 2).sum()), 1.0))
    return level + slope * ahead, max(left, _LEAST_SD) * far


def _seasonal_ratio(past: Mapping[date, float], origin: date, days_ahead: int, steps: tuple[date, ...]) -> Result:
    """Last week's mean, times what that day of the week usually is of its week (halfway to 1 while little is known)."""
    level = float(np.mean(_week_values(past, origin)))
    ratio = np.zeros(7)
    for weekday in range(7):
        about = [
            value - float(np.mean([v for d, v in past.items() if abs((d - day).days) <= 3]))
            for day, value in past.items()
            if day.weekday() == weekday
        ]
        ratio[weekday] = float(np.sum(about)) / (len(about) + 2.0)
    ahead = [(origin + timedelta(days=number)).weekday() for number in range(1, days_ahead + 1)]
    return level + ratio[ahead], _change_sd(past, origin, days_ahead)


def _statsmodels() -> Any:
    try:
        from statsmodels.tsa.statespace import api
    except ImportError:
        raise AnalysisError(
            "rivals: ETS and ARIMA need the package statsmodels: pip install 'border-standoff[analysis]'"
        ) from None
    return api


def _with_gaps(past: Mapping[date, float], origin: date) -> Floats:
    first = next(iter(past))
    days = [first + timedelta(days=number) for number in range((origin - first).days + 1)]
    return np.array([past.get(day, np.nan) for day in days])


def _fitted(model: Any, days_ahead: int, **ahead: Any) -> Result | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence: what comes out is checked below
        try:
            foretold = model.fit(disp=False, maxiter=200).get_forecast(days_ahead, **ahead)
            mean, variance = np.asarray(foretold.predicted_mean), np.asarray(foretold.var_pred_mean)
        except (ValueError, np.linalg.LinAlgError):
            return None
    if not (np.isfinite(mean).all() and np.isfinite(variance).all() and (np.abs(mean) < 15).all()):
        return None
    return mean, np.minimum(np.sqrt(np.maximum(variance, 0.0)), 2.0)


def _ets(past: Mapping[date, float], origin: date, days_ahead: int, steps: tuple[date, ...]) -> Result:
    """Exponential smoothing with a damped trend (ETS A,Ad,N)."""
    if len(past) < _LEAST_DAYS:
        return _persistence(past, origin, days_ahead, steps)
    api = _statsmodels()
    model = api.ExponentialSmoothing(_with_gaps(past, origin), trend=True, damped_trend=True)
    return _fitted(model, days_ahead) or _persistence(past, origin, days_ahead, steps)


def _arima(past: Mapping[date, float], origin: date, days_ahead: int, steps: tuple[date, ...]) -> Result:
    """ARIMA(1,0,1) about a level that steps on the dated changes."""
    if len(past) < _LEAST_DAYS:
        return _persistence(past, origin, days_ahead, steps)
    api = _statsmodels()
    series, first = _with_gaps(past, origin), next(iter(past))
    learned = [step for step in steps if sum(day >= step for day in past) >= _DAYS_TO_LEARN_A_STEP and step > first]
    dummies = np.array(
        [[(first + timedelta(days=i)) >= step for step in learned] for i in range(len(series))], dtype=float
    )
    more = {"exog": dummies} if learned else {}
    ahead = {"exog": np.ones((days_ahead, len(learned)))} if learned else {}
    model = api.SARIMAX(series, order=(1, 0, 1), trend="c", enforce_stationarity=True, **more)
    return _fitted(model, days_ahead, **ahead) or _persistence(past, origin, days_ahead, steps)


RIVALS: Final[Mapping[str, Callable[[Mapping[date, float], date, int, tuple[date, ...]], Result]]] = {
    "persistence": _persistence,
    "last week's mean": _last_week,
    "trend": _trend,
    "seasonal ratio": _seasonal_ratio,
    "ETS": _ets,
    "ARIMA with dated steps": _arima,
}
"""Rivals by name, the plainest first."""
