"""Figure `attempts`: what the border guards record beside what was published, and how every attempt ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.axes import Axes

from .labels import edge_labels, key_row
from .style import (
    COUNTRY_COLOURS,
    INK,
    OUTCOME_COLOURS,
    PAPER,
    Frame,
    colour_of,
    frame,
    number_axis,
    panel_title,
    say_instead,
)
from .timeline import Floats, day_axis, day_numbers
from .words import COUNTRY_NAMES, OUTCOME_NAMES, count, day_name, named, thousands

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["PublishedCount", "draw_attempts", "stack_days"]


class PublishedCount(Protocol):
    """A published count with the interval that its rounding leaves open; both ends None when it is exact."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def draw_attempts(record: Dataset, observed: Mapping[date, PublishedCount]) -> Frame:
    """Return recorded attempts a day beside the published ones, and true attempts a day by outcome."""
    days = day_numbers(record)
    recorded = record["recorded_attempts"].transpose("day", "country").values.astype(np.float64)
    countries = [str(name) for name in record["country"].values]
    first_country = recorded[:, 0] if recorded.size else np.zeros(len(days))
    shown = _within(observed, days)
    framed = frame(
        record,
        _title(record, first_country, countries),
        note=_comparison(first_country, days, shown),
        height=8.2,
        credit="Published counts: Polish Border Guard, each as printed." if shown else "",
        notes_below=(
            "Recorded attempts are what a border guard counts, repeats included; true attempts are all that people "
            "in the model made. Days are days of Warsaw."
        ),
    )
    above, below = framed.rows((1.0, 1.05), right=1.35, gap=1.05, head=0.3)
    _draw_recorded(above, days, recorded, countries, shown)
    _draw_outcomes(below, record, days)
    return framed


def _within(observed: Mapping[date, PublishedCount], days: Floats) -> list[tuple[float, PublishedCount]]:
    numbers = [(float(np.datetime64(day, "D").astype(np.int64)), item) for day, item in observed.items()]
    return [(day, item) for day, item in sorted(numbers, key=lambda pair: pair[0]) if day in days]


def _title(record: Dataset, recorded: Floats, countries: list[str]) -> str:
    country = named(countries[0], COUNTRY_NAMES) if countries else "the border"
    n_days = count(len(recorded), "day")
    if recorded.sum() == 0:
        return f"No attempt to cross is recorded on the line of {country} in {n_days}"
    peak = int(np.argmax(recorded))
    text = f"{count(recorded.sum(), 'attempt')} to cross recorded on the line of {country} in {n_days}"
    if len(recorded) > 1:
        text += f"; most on {day_name(record['day'].values[peak])}, {thousands(recorded[peak])}"
    return text


def _comparison(recorded: Floats, days: Floats, shown: list[tuple[float, PublishedCount]]) -> str:
    """Return the one comparison that is fair: the same days, the sum of both."""
    if not shown:
        return "No daily count was published, or none is used, for these days"
    ours = sum(float(recorded[int(day - days[0])]) for day, _ in shown)
    theirs = sum(item.value for _, item in shown)
    return (
        f"On the {count(len(shown), 'day')} with a published count the Polish Border Guard printed {thousands(theirs)} "
        f"and the model records {thousands(ours)}"
    )


def _draw_recorded(
    axes: Axes, days: Floats, recorded: Floats, countries: list[str], shown: list[tuple[float, PublishedCount]]
) -> None:
    day_axis(axes, days)
    panel_title(axes, "Recorded attempts", "per day")
    if recorded.sum() == 0 and not shown:
        say_instead(axes, "Nobody tried to cross in these days.")
        return
    labels = []
    for number, country in enumerate(countries):
        line = recorded[:, number]
        if line.sum() == 0:
            continue
        colour = colour_of(country, COUNTRY_COLOURS)
        marker = "o" if len(days) <= 40 else ""
        axes.plot(days + 0.5, line, color=colour, marker=marker, ms=3.5, lw=2.0 if number == 0 else 1.4, zorder=3)
        labels.append((float(line[-1]), f"{named(country, COUNTRY_NAMES)}\n(simulated)", colour))
    for day, item in shown:
        if item.low is not None and item.high is not None and item.high > item.low:
            axes.plot([day + 0.5] * 2, [item.low, item.high], color=INK, lw=1.2, zorder=4)
    if shown:
        axes.plot(
            [day + 0.5 for day, _ in shown],
            [item.value for _, item in shown],
            ls="",
            marker="o",
            ms=5.5,
            mfc=PAPER,
            mec=INK,
            mew=1.3,
            zorder=5,
        )
        axes.text(
            1.0,
            1.0,
            "○  published by the Polish Border Guard",
            transform=axes.transAxes,
            ha="right",
            va="bottom",
            size=8.5,
        )
    top = max([float(recorded.max(initial=0.0)), *(item.high or item.value for _, item in shown)])
    axes.set_ylim(0, max(top * 1.08, 1))
    number_axis(axes, "attempts per day")
    edge_labels(axes, labels, gap_in=0.34)


def _draw_outcomes(axes: Axes, record: Dataset, days: Floats) -> None:
    day_axis(axes, days)
    outcomes = [str(name) for name in record["outcome"].values]
    daily = record["attempts_by_outcome"].sum("post").transpose("day", "outcome").values.astype(np.float64)
    if daily.sum() == 0:
        panel_title(axes, "True attempts by outcome", "persons per day")
        say_instead(axes, "Nobody tried to cross in these days, so there is no outcome to show.")
        return
    totals = daily.sum(axis=0)
    entries = [
        (colour_of(name, OUTCOME_COLOURS, number), f"{named(name, OUTCOME_NAMES)} {thousands(totals[number])}")
        for number, name in enumerate(outcomes)
    ]
    stack_days(axes, days, daily, [colour for colour, _ in entries])
    groups = record["group_attempts"].sum("segment").values.astype(np.float64)
    height = daily.sum(axis=1)
    axes.set_ylim(0, float(height.max()) * 1.16)
    number_axis(axes, "person-attempts per day")
    if groups.sum() > 0:
        entries.append(("", f"▼ day with group crossings ({thousands(groups.sum())} person-attempts in them)"))
        on = np.flatnonzero(groups > 0)
        axes.plot(days[on] + 0.5, height[on] + height.max() * 0.04, ls="", marker="v", color=INK, ms=4.5)
    rows = key_row(axes, entries)
    axes.set_title("True attempts by outcome, persons per day", loc="left", size=9.5, weight="bold", pad=9 + 13 * rows)


def stack_days(axes: Axes, days: Floats, values: Floats, colours: list[str], **options: Any) -> None:
    """Draw one band a column of `values` (float64[n_days, n_bands]) as bars that fill their day."""
    edges = np.append(days, days[-1] + 1)
    base = np.zeros(len(days))
    for band, colour in zip(values.T, colours, strict=True):
        top = base + band
        axes.stairs(top, edges, baseline=base, fill=True, color=colour, lw=0, **options)
        base = top
    if len(days) <= 60:
        axes.vlines(edges, 0, np.r_[0, np.maximum(base[:-1], base[1:]), 0], color=PAPER, lw=1.2, zorder=2)
