"""Figure `effort`: what engineers build and what is cut, how many guard the line, and what draws them away from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from .attempts import stack_days
from .labels import edge_labels
from .style import (
    CONTINGENT_COLOURS,
    COUNTRY_COLOURS,
    GREY,
    INK,
    Frame,
    colour_of,
    frame,
    number_axis,
    panel_title,
    say_instead,
    tint,
    wrap,
)
from .timeline import Floats, day_axis, day_numbers
from .words import LAYER_NAMES, count, named, short_text, thousands

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["draw_effort"]

_LAYER_DASHES = {
    "low_coil": (0, (1, 1.2)),
    "wire_fence": "-",
    "steel_wall": (0, (6, 1.5)),
    "electronics": (0, (3, 1, 1, 1)),
}
_LABEL_IN = 1.5
_N_ROWS = 4
_HEADROOM = 1.1
"""Height of a panel as a multiple of the highest value in it."""
_UNIT_HOURS = "unit-hours per day"
_TIED_UP = (
    ("unit_hours_busy", "busy with a stop", CONTINGENT_COLOURS[1]),
    ("unit_hours_pinned", "pinned by a drill", GREY),
    ("unit_hours_covering", "covering a crew", CONTINGENT_COLOURS[2]),
)
_SERVICE_SHADES = {"border_guard": 1.0, "army": 0.65, "police": 0.35, "territorial": 0.2}


def draw_effort(record: Dataset) -> Frame:
    """Return barriers, building, cut wire, guards, units and what ties them up, eight panels on the same days."""
    days = day_numbers(record)
    framed = frame(
        record,
        _title(record),
        note=_note(record),
        height=12.2,
        notes_below=(
            "A unit is a patrol of a few persons. Tied up: stopping people, watching a drill instead of the line "
            "(by drill, what each alone would draw), or covering a crew that mends. Strengths are shown by country and "
            "day only. Wire that Minsk’s services cut, as Warsaw and Vilnius allege."
        ),
    )
    left, wide, gap = 0.95, 3.0, 2.25
    height = (framed.top - framed.bottom - 0.32 - 0.3 - (_N_ROWS - 1) * 0.95) / _N_ROWS
    grid = [
        framed.axes(
            left + column * (wide + gap), framed.bottom + 0.32 + (_N_ROWS - 1 - row) * (height + 0.95), wide, height
        )
        for row in range(_N_ROWS)
        for column in range(2)
    ]
    for axes in grid:
        day_axis(axes, days)
    _draw_standing(grid[0], record, days)
    _draw_built(grid[1], record, days)
    _draw_daily(grid[2], record, days)
    _draw_cut(grid[3], record, days)
    _draw_guards(grid[4], record, days)
    _draw_on_duty(grid[5], record, days)
    _draw_tied_up(grid[6], record, days)
    _draw_pinned(grid[7], record, days)
    return framed


def _title(record: Dataset) -> str:
    km = float(record["metres_built"].values.sum()) / 1000
    guards = record["guards"].transpose("day", "country", "service").values.astype(np.float64).sum(axis=(1, 2))
    built = "Engineers build nothing" if km == 0 else f"Engineers build {thousands(km, 1)} km of barrier"
    where = f"{count(record.sizes['day'], 'day')}"
    if guards.size == 0 or guards.max() == 0:
        return f"{built} in {where}; nobody guards the line"
    return (
        f"{built} in {where}; {count(guards[-1], 'person guards', 'persons guard')} the EU side of the line at the end"
    )


def _note(record: Dataset) -> str:
    mended = float(record["metres_mended"].values.sum()) / 1000
    surveyed = float(record["km_surveyed"].values.sum())
    road = float(record["road_metres"].values.sum()) / 1000
    pinned = float(record["drill_pinned"].values.sum())
    return (
        f"{thousands(mended, 1)} km mended, {thousands(surveyed)} km surveyed, {thousands(road, 1)} km of access road; "
        f"drills draw {count(pinned, 'unit-hour')} of watchers"
    )


def _draw_standing(axes: Axes, record: Dataset, days: Floats) -> None:
    panel_title(axes, "Barriers standing", "km of line")
    km = record["barrier_km"].transpose("day", "country", "layer").values.astype(np.float64)
    if km.sum() == 0:
        say_instead(axes, "No barrier stands on the line in these days.")
        return
    edges = np.append(days, days[-1] + 1)
    labels = []
    for place, country in enumerate(record["country"].values):
        for depth, layer in enumerate(record["layer"].values):
            line = km[:, place, depth]
            if line.sum() == 0 or str(layer) == "river":
                continue
            colour = colour_of(str(country), COUNTRY_COLOURS)
            axes.stairs(line, edges, baseline=None, color=colour, lw=1.8, ls=_LAYER_DASHES.get(str(layer), "-"))
            labels.append(
                (float(line[-1]), f"{country} {named(str(layer), LAYER_NAMES)} {thousands(line[-1])}", colour)
            )
    _finish(axes, "km", float(km.max()), labels)


def _draw_built(axes: Axes, record: Dataset, days: Floats) -> None:
    panel_title(axes, "Built by contingent", "km since the first day")
    total = np.cumsum(_by_contingent(record, "metres_built"), axis=0) / 1000
    surveyed = np.cumsum(_by_contingent(record, "km_surveyed"), axis=0)
    if total.size == 0 or total.max() == 0:
        say_instead(axes, "No contingent builds anything in these days.")
        return
    edges = np.append(days, days[-1] + 1)
    labels = []
    for number, name in enumerate(record["contingent"].values):
        colour = CONTINGENT_COLOURS[number % len(CONTINGENT_COLOURS)]
        if total[-1, number] > 0:
            axes.stairs(total[:, number], edges, baseline=None, color=colour, lw=2.0)
            labels.append((float(total[-1, number]), str(name), thousands(total[-1, number], 1), colour))
        elif surveyed[-1, number] > 0:
            labels.append((0.0, str(name), f"{thousands(surveyed[-1, number])} surveyed", colour))
    _finish(axes, "km", float(total.max()), [])
    _named_lines(axes, labels)


def _named_lines(axes: Axes, labels: list[tuple[float, str, str, str]]) -> None:
    """Write names with numbers at the right edge: in two lines each while there is room, else the name cut short."""
    height = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    if len(labels) * 0.27 <= height:
        folded = [
            (y, "\n".join(wrap(f"{name} {number}", _LABEL_IN, 7.5)), colour) for y, name, number, colour in labels
        ]
        edge_labels(axes, folded, size=7.5, gap_in=0.27)
        return
    cut = [(y, f"{short_text(name, 30 - len(number))} {number}", colour) for y, name, number, colour in labels]
    edge_labels(axes, cut, size=7.0)


def _draw_daily(axes: Axes, record: Dataset, days: Floats) -> None:
    panel_title(axes, "Built and mended", "m per day")
    built = _by_contingent(record, "metres_built").sum(axis=1)
    mended = _by_contingent(record, "metres_mended").sum(axis=1)
    if built.sum() + mended.sum() == 0:
        say_instead(axes, "Nothing is built or mended in these days.")
        return
    stack_days(axes, days, np.stack([built, mended], axis=1), [CONTINGENT_COLOURS[0], CONTINGENT_COLOURS[3]])
    labels = [
        (float(built[-1] / 2), f"built {thousands(built.sum() / 1000, 1)} km", CONTINGENT_COLOURS[0]),
        (float(built[-1] + mended[-1] / 2), f"mended {thousands(mended.sum() / 1000, 1)} km", CONTINGENT_COLOURS[3]),
    ]
    _finish(axes, "m per day", float((built + mended).max()), labels)


def _draw_cut(axes: Axes, record: Dataset, days: Floats) -> None:
    panel_title(axes, "Wire cut outside group crossings", "m per day")
    cut = record["wire_cut"].transpose("day", "country").values.astype(np.float64)
    if cut.sum() == 0:
        say_instead(axes, "No wire is cut outside group crossings in these days.")
        return
    countries = [str(name) for name in record["country"].values]
    where = [number for number in range(len(countries)) if cut[:, number].sum() > 0]
    colours = [colour_of(countries[number], COUNTRY_COLOURS) for number in where]
    stack_days(axes, days, cut[:, where], colours)
    highest = float(cut.sum(axis=1).max())
    middle = np.linspace(0.5, 0.5 + 0.15 * (len(where) - 1), len(where)) * highest * _HEADROOM
    labels = [
        (float(y), f"{countries[number]} {thousands(cut[:, number].sum())} m in all", colour)
        for y, number, colour in zip(middle, where, colours, strict=True)
    ]
    _finish(axes, "m per day", highest, labels)


def _draw_guards(axes: Axes, record: Dataset, days: Floats) -> None:
    panel_title(axes, "Guards on the EU side", "persons")
    guards = record["guards"].transpose("day", "country", "service").values.astype(np.float64)
    if guards.sum() == 0:
        say_instead(axes, "Nobody guards the EU side of the line in these days.")
        return
    edges = np.append(days, days[-1] + 1)
    base = np.zeros(len(days))
    labels = []
    for place, country in enumerate(record["country"].values):
        for rank, service in enumerate(record["service"].values):
            line = guards[:, place, rank]
            if line.sum() == 0:
                continue
            colour = tint(colour_of(str(country), COUNTRY_COLOURS), _SERVICE_SHADES.get(str(service), 0.5))
            axes.stairs(base + line, edges, baseline=base, fill=True, color=colour, lw=0)
            labels.append(
                (float(base[-1] + line[-1] / 2), f"{country} {named(str(service))} {thousands(line[-1])}", colour)
            )
            base = base + line
    _finish(axes, "persons", float(base.max()), labels)


def _draw_on_duty(axes: Axes, record: Dataset, days: Floats) -> None:
    panel_title(axes, "Patrol units on duty", _UNIT_HOURS)
    duty = record["unit_hours_on_duty"].sum("post").values.astype(np.float64)
    if duty.sum() == 0:
        say_instead(axes, "No patrol unit is on duty in these days.")
        return
    axes.stairs(duty, np.append(days, days[-1] + 1), baseline=None, color=INK, lw=1.8)
    _finish(axes, _UNIT_HOURS, float(duty.max()), [(float(duty[-1]), f"on duty {thousands(duty[-1])}", INK)])


def _draw_tied_up(axes: Axes, record: Dataset, days: Floats) -> None:
    """Draw what keeps units from being sent, on an axis of its own: it is a few hundredths of what is on duty."""
    panel_title(axes, "Patrol units tied up", _UNIT_HOURS)
    edges = np.append(days, days[-1] + 1)
    labels, highest = [], 0.0
    for name, words, colour in _TIED_UP:
        line = record[name].sum("post").values.astype(np.float64)
        if line.sum() == 0:
            continue
        axes.stairs(line, edges, baseline=None, color=colour, lw=1.8)
        labels.append((float(line[-1]), f"{words} {thousands(line[-1])}", colour))
        highest = max(highest, float(line.max()))
    if not labels:
        say_instead(axes, "No patrol unit is tied up in these days.")
        return
    _finish(axes, _UNIT_HOURS, highest, labels)


def _draw_pinned(axes: Axes, record: Dataset, days: Floats) -> None:
    panel_title(axes, "Watchers drawn by drills", _UNIT_HOURS)
    pinned = record["drill_pinned"].transpose("day", "drill").values.astype(np.float64)
    if pinned.sum() == 0:
        say_instead(axes, "No drill draws watchers from the line in these days.")
        return
    names = [str(name) for name in record["drill"].values]
    order = np.argsort(-pinned.sum(axis=0), kind="stable")
    shown, rest = order[:7], order[7:]
    bands = [pinned[:, number] for number in shown]
    words = [f"{short_text(names[number], 26)} {thousands(pinned[:, number].sum())}" for number in shown]
    if len(rest) and pinned[:, rest].sum() > 0:
        bands.append(pinned[:, rest].sum(axis=1))
        words.append(f"{count(len(rest), 'other drill')} {thousands(pinned[:, rest].sum())}")
    kept = [number for number, band in enumerate(bands) if band.sum() > 0]
    colours = [CONTINGENT_COLOURS[number] for number in kept]
    stack_days(axes, days, np.stack([bands[number] for number in kept], axis=1), colours)
    highest = float(pinned.sum(axis=1).max())
    middle = np.linspace(0.9, 0.9 - 0.13 * (len(kept) - 1), len(kept)) * highest * _HEADROOM
    labels = [(float(y), words[n], c) for y, n, c in zip(middle, kept, colours, strict=True)]
    _finish(axes, _UNIT_HOURS, highest, labels)


def _finish(axes: Axes, unit: str, highest: float, labels: list[tuple[float, str, str]]) -> None:
    """End a panel: from zero to a little above the highest value, an axis with its unit, labels at the right edge."""
    axes.set_ylim(0, highest * _HEADROOM)
    number_axis(axes, unit)
    edge_labels(axes, labels, size=7.5)


def _by_contingent(record: Dataset, variable: str) -> Floats:
    """Return a quantity as float64[n_days, n_contingents], summed over layers where it is kept by layer."""
    kept = record[variable]
    values: Floats = kept.transpose("day", "contingent", ...).values.astype(np.float64)
    return values if values.ndim == 2 else values.sum(axis=2)
