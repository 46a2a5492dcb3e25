"""Figure `harm`: nights outdoors, illness and injury, hospital, injuries by each side's hands, and deaths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from .attempts import stack_days
from .labels import edge_labels
from .style import (
    GREY,
    INK,
    SIDE_COLOURS,
    STATE_COLOURS,
    Frame,
    colour_of,
    frame,
    number_axis,
    panel_title,
    say_instead,
)
from .timeline import Floats, day_axis, day_numbers
from .words import STATE_NAMES, count, day_name, named, thousands

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["PublishedDeaths", "draw_harm", "published_deaths"]


@dataclass(frozen=True)
class PublishedDeaths:
    """A published number of deaths: how many, of which ground, by when, who says so."""

    value: float
    ground: str
    by: str
    claimant: str


def published_deaths() -> tuple[PublishedDeaths, ...]:
    """Return the two published numbers that span the interval, from the evidence (B212 and B209)."""
    from ..scenario.evidence import load_facts

    facts = {fact.id: fact for fact in load_facts()}
    own, whole = facts["B212"], facts["B209"]
    return (
        PublishedDeaths(own.value or 0.0, "Polish side", f"by {day_name(own.date)} 2021", "Polish Border Guard"),
        PublishedDeaths(whole.value or 0.0, "all borders with Belarus", "in 2021", "IOM"),
    )


def draw_harm(record: Dataset) -> Frame:
    """Return what the stand-off does to people, one panel a quantity, the same quantity for every side."""
    days = day_numbers(record)
    states = [str(name) for name in record["state"].values]
    nights = record["person_nights_outdoors"].transpose("day", "state").values.astype(np.float64)
    framed = frame(
        record,
        _title(record, float(nights.sum())),
        note=_sums(record),
        height=10.4,
        credit="Published deaths: Polish Border Guard, IOM.",
        notes_below=(
            "All are simulated but the published deaths. A side is the ground on which harm happens; a handler is the "
            "service at whose hands. The same quantity is recorded for every service."
        ),
    )
    rows = framed.rows((1.15, 0.85, 0.7, 0.85, 1.25), right=2.55, gap=0.62, head=0.28)
    _draw_nights(rows[0], days, nights, states)
    for axes, variable, title, unit, dim in (
        (rows[1], "harm_events", "Illness that needs care", "episodes per day", "side"),
        (rows[2], "hospital_admissions", "Admitted to hospital", "persons per day", "side"),
        (rows[3], "handling_injuries", "Injured when handled by a service", "persons per day", "handler"),
    ):
        _draw_by_side(axes, record, days, variable, title, unit, dim)
    _draw_deaths(rows[4], record, days)
    return framed


def _title(record: Dataset, nights: float) -> str:
    dead = float(record["deaths"].values.sum())
    if nights == 0 and dead == 0:
        return "Nobody spends a night outdoors and nobody dies in these days of this history"
    deaths = "nobody dies" if dead == 0 else f"{count(dead, 'person dies', 'people die')}"
    return f"People spend {thousands(nights)} nights outdoors, and {deaths}, in {count(record.sizes['day'], 'day')}"


def _sums(record: Dataset) -> str:
    ill = float(record["harm_events"].values.sum())
    hospital = float(record["hospital_admissions"].values.sum())
    hands = float(record["handling_injuries"].values.sum())
    return (
        f"{count(ill, 'episode')} of illness, {count(hospital, 'admission')} to hospital, "
        f"{count(hands, 'injury', 'injuries')} when handled by a service"
    )


def _draw_nights(axes: Axes, days: Floats, nights: Floats, states: list[str]) -> None:
    day_axis(axes, days)
    panel_title(axes, "Nights outdoors", "person-nights per day")
    seen = [number for number in range(len(states)) if nights[:, number].sum() > 0]
    if not seen:
        say_instead(axes, "Nobody spends a night outdoors in these days.")
        return
    colours = [colour_of(states[number], STATE_COLOURS, number) for number in seen]
    stack_days(axes, days, nights[:, seen], colours)
    tops = np.cumsum(nights[-1, seen])
    labels = [
        (float(top - nights[-1, number] / 2), f"{named(states[number], STATE_NAMES)}", colour)
        for top, number, colour in zip(tops, seen, colours, strict=True)
    ]
    axes.set_ylim(0, float(nights.sum(axis=1).max()) * 1.08)
    number_axis(axes, "person-nights")
    edge_labels(axes, labels)


def _draw_by_side(axes: Axes, record: Dataset, days: Floats, variable: str, title: str, unit: str, dim: str) -> None:
    day_axis(axes, days)
    panel_title(axes, title, unit)
    names = [str(name) for name in record[dim].values]
    values = record[variable].transpose("day", dim).values.astype(np.float64)
    if values.sum() == 0:
        say_instead(axes, f"None in these days ({title.lower()}).")
        return
    edges = np.append(days, days[-1] + 1)
    labels = []
    for number, name in enumerate(names):
        colour = colour_of(name, SIDE_COLOURS, number)
        if values[:, number].sum() > 0:
            axes.stairs(values[:, number], edges, baseline=None, color=colour, lw=1.8)
        who = f"{name} services" if dim == "handler" else ("in the EU" if name == "EU" else f"in {name}")
        labels.append((float(values[-1, number]), f"{who} {thousands(values[:, number].sum())} in all", colour))
    axes.set_ylim(0, max(float(values.max()) * 1.15, 1))
    number_axis(axes, unit.split(" per ", maxsplit=1)[0])
    edge_labels(axes, labels)


def _draw_deaths(axes: Axes, record: Dataset, days: Floats) -> None:
    day_axis(axes, days)
    panel_title(axes, "Deaths", "persons since the first day shown, and what was published")
    sides = [str(name) for name in record["side"].values]
    deaths = record["deaths"].transpose("day", "side").values.astype(np.float64)
    whole = float(record.attrs.get("people_scale", 1.0)) == 1.0  # published counts are of a whole population
    published = sorted(published_deaths(), key=lambda item: item.value) if whole else []
    high = published[-1].value if published else 0.0
    if published:
        axes.axhspan(published[0].value, high, facecolor="#efefef", edgecolor=PALE_EDGE, hatch="////", lw=0, zorder=0)
        between = (
            f"Published: {thousands(published[0].value)} to {thousands(high)}, an interval between different counts "
        )
        between += "over longer times\n"
    else:
        between = ""
    labels = []
    for item in published:
        axes.axhline(item.value, color=GREY, lw=0.9, ls=(0, (4, 2)), zorder=1)
        labels.append((item.value, f"{thousands(item.value)} {item.ground}\n{item.by}: {item.claimant}", GREY))
    edges = np.append(days, days[-1] + 1)
    total = np.cumsum(deaths, axis=0)
    for number, side in enumerate(sides):
        colour = colour_of(side, SIDE_COLOURS, number)
        where = "in the EU" if side == "EU" else f"in {side}"
        labels.append((float(total[-1, number]), f"{where} {thousands(total[-1, number])} (simulated)", colour))
        axes.stairs(total[:, number], edges, baseline=None, color=colour, lw=2.0)
        when = days[np.flatnonzero(deaths[:, number] > 0)] + 0.5
        axes.plot(
            when, total[np.flatnonzero(deaths[:, number] > 0), number], ls="", marker="|", ms=9, mew=2, color=colour
        )
    top = max(high, float(total.max(initial=0.0)))
    axes.set_ylim(0, max(high * 1.5, top * 1.12) or 1.0)
    number_axis(axes, "persons, cumulative")
    dates = [day_name(day) for day, n in zip(record["day"].values, deaths.sum(axis=1), strict=True) if n > 0]
    if not dates:
        text = "no death in these days of this history"
    elif len(dates) <= 8:
        text = "simulated deaths on " + ", ".join(dates)
    else:
        text = f"simulated deaths on {len(dates)} days, the first on {dates[0]}, the last on {dates[-1]}"
    axes.text(
        0.008,
        0.97,
        f"{between}{text}",
        transform=axes.transAxes,
        size=8,
        color=INK,
        va="top",
    )
    edge_labels(axes, labels, gap_in=0.28)


PALE_EDGE = "#dcdcdc"
