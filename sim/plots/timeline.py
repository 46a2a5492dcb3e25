"""The axis of time: days of Europe/Warsaw as plain numbers, with ticks that fit a day as well as a year.

A day is a whole number (days since 1970-01-01) and takes the space up to the next; its label stands in its middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from .words import as_date, day_name

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset

__all__ = ["day_axis", "day_numbers", "entry_times", "hour_numbers"]

Floats = npt.NDArray[np.float64]
_STEPS: Final = (1, 2, 3, 4, 5, 7, 10, 14)


def day_numbers(record: Dataset) -> Floats:
    """Return the days of a record as float64[n_days], days since 1970-01-01."""
    return record["day"].values.astype("datetime64[D]").astype(np.float64)


def hour_numbers(record: Dataset) -> Floats:
    """Return the hours of a record on the Warsaw clock as float64[n_hours], days since 1970-01-01.

    At the change of the clock one hour of 31 October is drawn over the other.
    """
    return _on_warsaw_clock(record["hour"].values)


def entry_times(chronicle: DataFrame) -> Floats:
    """Return when the entries of a chronicle happened, on the Warsaw clock, float64[n], days since 1970-01-01."""
    import pandas as pd

    if len(chronicle) == 0:
        return np.zeros(0)
    times = pd.to_datetime(chronicle["hour_utc"], utc=True).dt.tz_localize(None)
    return _on_warsaw_clock(times.to_numpy())


def _on_warsaw_clock(utc: npt.NDArray[np.datetime64]) -> Floats:
    import pandas as pd

    if len(utc) == 0:
        return np.zeros(0)
    local = pd.DatetimeIndex(utc.astype("datetime64[ns]")).tz_localize("UTC").tz_convert("Europe/Warsaw")
    numbers = local.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.float64)
    return np.asarray(numbers / 86400.0, dtype=np.float64)


def day_axis(axes: Axes, days: Floats, *, labels: bool = True, hourly: bool = False) -> None:
    """Span `axes` over the given days and label them in the form ``8 Nov``, as many as there is room for.

    An `hourly` axis of one or two days is labelled by the clock as well.
    """
    if len(days) == 0:
        return
    first, last = float(days[0]), float(days[-1])
    axes.set_xlim(first, last + 1)
    axes.tick_params(axis="x", length=3)
    if hourly and len(days) <= 2:
        clock = [first + hour / 24 for hour in range(0, 24 * len(days) + 1, 6)]
        axes.xaxis.set_major_locator(FixedLocator(clock))
        axes.xaxis.set_major_formatter(FixedFormatter([_clock_name(at) for at in clock]))
        return
    ticks = _ticks(int(first), int(last), axes.get_position().width * axes.figure.get_figwidth())  # type: ignore[union-attr]
    axes.xaxis.set_major_locator(FixedLocator([day + 0.5 for day in ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    names, year = [], None
    for day in ticks:
        when = as_date(np.datetime64(day, "D"))
        names.append(day_name(when) + (f"\n{when.year}" if year is not None and when.year != year else ""))
        year = when.year
    axes.xaxis.set_major_formatter(FixedFormatter(names if labels else [""] * len(names)))


def _clock_name(at: float) -> str:
    """Return ``8 Nov`` at midnight, else ``06:00``."""
    day, share = divmod(round(at * 24), 24)
    return f"{share:02d}:00" if share else day_name(np.datetime64(int(day), "D"))


def _ticks(first: int, last: int, width_in: float) -> list[int]:
    """Return the days that get a label: every one, every few, the 1st and 15th, or the 1st of each month."""
    room = max(int(width_in / 0.56), 2)
    n_days = last - first + 1
    for step in _STEPS[:5]:
        if (n_days + step - 1) // step <= room:
            return list(range(first, last + 1, step))
    dates = [as_date(np.datetime64(day, "D")) for day in range(first, last + 1)]
    for wanted, step in (((1, 8, 15, 22), 1), ((1, 15), 1), ((1,), 1), ((1,), 2), ((1,), 3)):
        chosen = [first + number for number, day in enumerate(dates) if day.day in wanted][::step]
        if 1 < len(chosen) <= room:
            return chosen
    return list(range(first, last + 1, max(n_days // room, 1)))
