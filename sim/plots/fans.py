"""Figures of an ensemble: medians over time inside bands that hold the middle 50, 80 and 95 % of the members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes

from .attempts import PublishedCount
from .labels import key_row
from .style import BLUE, INK, PAPER, VERMILION, Frame, frame, house, number_axis, panel_title, save, tint
from .timeline import Floats, day_axis, day_numbers
from .words import count, thousands

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["BAND_SHARES", "draw_fans", "draw_people_fans", "fan_key", "fan_panel"]

Observed = Mapping[date, PublishedCount]
BAND_SHARES: Final = (0.25, 0.45, 0.7)
"""How much of its colour each band keeps, the widest first."""
_PEOPLE: Final = (
    ("person_nights_outdoors", "Nights outdoors", "person-nights per day"),
    ("harm_events", "Illness that needs care", "episodes per day"),
    ("hospital_admissions", "Admitted to hospital", "persons per day"),
    ("deaths_so_far", "Deaths", "persons since the first day shown; an interval, never a target"),
)
_LINE: Final = (
    ("recorded_attempts_pl", "Recorded attempts, Poland", "per day"),
    ("returned_pl", "Returned without procedure, Poland", "persons per day"),
    ("people_in_belarus", "People in Belarus", "persons at the end of the day"),
    ("germany_registered", "Registered in Germany", "persons per day"),
)


def draw_fans(fans: Dataset, folder: Path, *, observed: Observed) -> list[Path]:
    """Draw the figures of an ensemble into `folder`; return the paths written.

    `fans` holds ``fan[series, quantile, day]``: the median, then the ends of the 50, 80 and 95 % intervals.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with house():
        written = save(draw_people_fans(fans), folder, "people")
        return written + save(draw_line_fans(fans, observed), folder, "line")


def draw_people_fans(fans: Dataset) -> Frame:
    """Return what befell people over time."""
    deaths = fans["fan"].sel(series="deaths_so_far").isel(day=-1).values
    title = (
        f"In half of {count(float(fans.attrs['n_members']), 'run')} {thousands(deaths[1])} to {thousands(deaths[2])} "
        f"people die in {count(fans.sizes['day'], 'day')}, in 95 % of them {thousands(deaths[5])} to "
        f"{thousands(deaths[6])}"
    )
    return _figure(fans, title, _PEOPLE, VERMILION, {})


def draw_line_fans(fans: Dataset, observed: Observed) -> Frame:
    """Return what happened at the line over time, beside the published counts."""
    days = day_numbers(fans)
    numbers = {float(np.datetime64(day, "D").astype(np.int64)): item for day, item in observed.items()}
    shown = {day: numbers[day] for day in days if day in numbers}
    median = fans["fan"].sel(series="recorded_attempts_pl").isel(quantile=0).values
    title = f"Recorded attempts on the Polish line: a median of {thousands(float(np.median(median)))} on the median day"
    if shown:
        low, high = fans["fan"].sel(series="recorded_attempts_pl").isel(quantile=[3, 4]).values
        inside = sum(low[int(day - days[0])] <= item.value <= high[int(day - days[0])] for day, item in shown.items())
        title = (
            f"Of {count(len(shown), 'published daily count')} of the Polish Border Guard, {inside} lie inside the 80 % "
            "interval of the runs"
        )
    return _figure(fans, title, _LINE, BLUE, shown)


def _figure(
    fans: Dataset,
    title: str,
    panels: tuple[tuple[str, str, str], ...],
    colour: str,
    published: Mapping[float, PublishedCount],
) -> Frame:
    framed = frame(
        fans,
        title,
        height=2.2 * len(panels) + 1.9,
        credit="Published counts: Polish Border Guard, each as printed." if published else "",
        notes_below="Bands hold the middle 50, 80 and 95 % of the runs on each day by itself: no run follows them.",
    )
    rows = framed.rows((1.0,) * len(panels), gap=0.62, head=0.5)
    for number, (axes, (series, text, unit)) in enumerate(zip(rows, panels, strict=True)):
        fan_panel(axes, day_numbers(fans), fans["fan"].sel(series=series).values, colour)
        panel_title(axes, text, unit)
        number_axis(axes, unit.split(" ", maxsplit=1)[0] if unit != "per day" else "attempts")
        if not number:
            fan_key(axes, colour, "published by the Polish Border Guard" if published else "")
            _published(axes, published)
    return framed


def fan_key(axes: Axes, colour: str, published: str = "", of: str = "of runs") -> None:
    """Write above a panel what its line and bands are, and its hollow dots, `published`, if it has any."""
    shares = [
        (tint(colour, share), f"{inside} % {of}") for share, inside in zip(BAND_SHARES, (95, 80, 50), strict=True)
    ]
    own = [("", f"○  {published}")] if published else []
    key_row(axes, [("", "━  median of the runs"), *shares, *own], above_in=0.3)


def fan_panel(axes: Axes, days: Floats, fan: Floats, colour: str, *, from_zero: bool = True) -> None:
    """Draw a median inside its bands; `fan` is float64[7, n_days]: median, then the ends of 50, 80 and 95 %."""
    day_axis(axes, days)
    edges = np.append(days, days[-1] + 1)
    for share, low in zip(BAND_SHARES, (5, 3, 1), strict=True):
        axes.stairs(fan[low + 1], edges, baseline=fan[low], fill=True, color=tint(colour, share), lw=0, zorder=2)
    axes.stairs(fan[0], edges, baseline=None, color=colour, lw=1.8, zorder=3)
    if from_zero:
        axes.set_ylim(0, max(float(fan.max()) * 1.1, 1.0))


def _published(axes: Axes, published: Mapping[float, PublishedCount]) -> None:
    for day, item in published.items():
        if item.low is not None and item.high is not None and item.high > item.low:
            axes.plot([day + 0.5] * 2, [item.low, item.high], color=INK, lw=1.2, zorder=4)
        axes.plot([day + 0.5], [item.value], ls="", marker="o", ms=5.0, mfc=PAPER, mec=INK, mew=1.2, zorder=5)
    if published:
        highest = max(item.high or item.value for item in published.values())
        axes.set_ylim(0, max(axes.get_ylim()[1], highest * 1.1))
