"""Figure `flow`: everybody's moves from arrival to fate in one picture, as wide as there are people, with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from .flow_layout import BOX_IN, FATES, HUMANE, Box, Layout, Ribbon, lay_out, streams
from .style import GREY, INK, PALE, PAPER, STATE_COLOURS, Frame, colour_of, frame, say_instead, text_width, wrap
from .words import STATE_NAMES, count, day_name, named, thousands

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["draw_flow"]

_THINNEST_POINTS: Final = 0.9
_SIZE: Final = 7.5
_ROUND_IN: Final = 0.12
_PAPER_BEHIND: Final = {"facecolor": PAPER, "alpha": 0.78, "linewidth": 0.0, "pad": 0.7}
_ROUND_LETTERS: Final = withStroke(linewidth=2.4, foreground=PAPER)
"""Paper round each letter of a name: a sheet behind the whole of it would cover ribbons that pass there."""

Area = tuple[float, float, float, float]


def draw_flow(record: Dataset) -> Frame:
    """Return the picture of all moves between states over the days shown."""
    states = [str(name) for name in record["from_state"].values]
    flow = record["flow"].transpose("from_state", "to_state").values.astype(np.float64)
    people = record["people"].transpose("day", "state").values.astype(np.float64)
    by_name = dict(zip((str(name) for name in record["state"].values), people[-1], strict=True))
    final = np.array([by_name.get(name, 0.0) for name in states])
    arrivals = float(record["arrivals"].values.sum())
    into = {name: float(flow[:, number].sum() - flow[number, number]) for number, name in enumerate(states)}
    small = streams(states, flow, arrivals)[1]
    moved = sum(size for _, _, size in small)
    framed = frame(
        record,
        _title(record, by_name, into, arrivals),
        note=_humane(record, into),
        height=8.6,
        notes_below=(
            "Widths are persons, the party that goes along to a hospital included; a person who makes a move again is "
            "counted again, so what flows back below was drawn on its way out too. Grey stubs: on the left of a box "
            "who was there on the first day, on the right who is there on the last. "
            + f"Left to the table: {count(len(small), 'small stream')} of {count(moved, 'move')} in all. " * bool(small)
            + "Every death and every way to a hospital is drawn; black lines below the names are deaths."
        ),
    )
    width, height = framed.width - 0.9, framed.top - framed.bottom - 0.1
    axes = framed.axes(0.45, framed.bottom + 0.05, width, height)
    layout = lay_out(states, flow, final, arrivals, width=width, height=height)
    if not layout.boxes:
        say_instead(axes, "Nobody is on the way in these days, so nobody moves.")
        return framed
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    for ribbon in sorted(layout.ribbons, key=lambda r: -r.size):
        _draw_ribbon(axes, layout, ribbon)
    taken: list[Area] = []
    for box in layout.boxes.values():
        taken += _draw_box(axes, layout, box, str(record["day"].values[-1]), record.sizes["day"])
    for ribbon in sorted(layout.ribbons, key=lambda r: (r.target not in HUMANE, -r.size)):
        _write_number(axes, layout, ribbon, taken)
    return framed


def _title(record: Dataset, final: dict[str, float], into: dict[str, float], arrivals: float) -> str:
    if sum(final.values()) == 0:
        return "Nobody arrives and nobody is on the way in these days"
    last = day_name(record["day"].values[-1])
    west, home, dead = (into.get(name, 0.0) for name in ("west", "home", "dead"))
    return (
        f"{count(arrivals, 'person arrives', 'people arrive')} by {last}; {count(west, 'reaches', 'reach')} Germany, "
        f"{count(home, 'flies', 'fly')} home, {count(dead, 'dies', 'die')}"
    )


def _humane(record: Dataset, into: dict[str, float]) -> str:
    hospital = float(record["hospital_admissions"].values.sum())
    nights = float(record["person_nights_outdoors"].values.sum())
    return (
        f"In these days {count(into.get('dead', 0.0), 'person dies', 'people die')}, "
        f"{count(hospital, 'admission')} to hospital, {count(nights, 'night')} spent outdoors"
    )


def _draw_ribbon(axes: Axes, layout: Layout, ribbon: Ribbon) -> None:
    colour = colour_of(ribbon.target, STATE_COLOURS)
    source, target = layout.boxes[ribbon.source], layout.boxes[ribbon.target]
    strong = 0.85 if ribbon.target in HUMANE else 0.42
    x0, x1 = source.x + BOX_IN, target.x
    if ribbon.backward or ribbon.way:
        points = max(ribbon.width * 72, _THINNEST_POINTS)
        axes.add_patch(
            PathPatch(
                _rounded(ribbon.way) if ribbon.way else _way_back(ribbon, x0, x1),
                fill=False,
                edgecolor=colour,
                lw=points,
                alpha=strong if ribbon.way else strong * 0.75,
                zorder=1,
                capstyle="butt",
                joinstyle="round",
            )
        )
        return
    half = (x1 - x0) / 2
    thin = ribbon.width * 72 < _THINNEST_POINTS
    top0, top1 = ribbon.source_top, ribbon.target_top
    low0, low1 = top0 - ribbon.width, top1 - ribbon.width
    upper = [(x0, top0), (x0 + half, top0), (x1 - half, top1), (x1, top1)]
    lower = [(x1, low1), (x1 - half, low1), (x0 + half, low0), (x0, low0)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(
            Path([*upper, *lower, upper[0]], codes),
            facecolor=colour,
            alpha=strong,
            zorder=1,
            edgecolor=colour if thin else "none",
            lw=_THINNEST_POINTS if thin else 0.0,
        )
    )


def _way_back(ribbon: Ribbon, x0: float, x1: float) -> Path:
    """Return the middle line of a backward ribbon: out to the right, under the boxes, into the target from the left."""
    y0, y1 = ribbon.source_top - ribbon.width / 2, ribbon.target_top - ribbon.width / 2
    out, back = x0 + 0.42, x1 - 0.42
    points = [
        (x0, y0),
        (out, y0),
        (out, ribbon.lane),
        ((x0 * 3 + x1) / 4, ribbon.lane),
        ((x0 + x1 * 3) / 4, ribbon.lane),
        (back, ribbon.lane),
        (back, y1),
        (x1, y1),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    return Path(points, codes)


def _rounded(corners: Sequence[tuple[float, float]]) -> Path:
    """Return a line through corners that are rounded, as far as the way between two of them allows."""
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        for other in (before, after):
            far = float(np.hypot(other[0] - corner[0], other[1] - corner[1]))
            share = min(_ROUND_IN, far / 2) / far if far > 0 else 0.0
            near = (corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share)
            points += [near, corner] if other is before else [near]
    points.append(corners[-1])
    inner = [Path.LINETO, Path.CURVE3, Path.CURVE3] * (len(corners) - 2)
    return Path(points, [Path.MOVETO, *inner, Path.LINETO])


def _draw_box(axes: Axes, layout: Layout, box: Box, last_day: str, n_days: int) -> list[Area]:
    """Draw a state with the stubs of its start and end, and its name above; return the areas that are taken."""
    colour = GREY if box.name == "arrivals" else colour_of(box.name, STATE_COLOURS)
    fate = box.name in FATES
    start, end = (0.0 if fate else number * layout.per_person for number in (box.start, box.end))
    if box.name != "arrivals":
        axes.add_patch(Rectangle((box.x - 0.16, box.top - start), 0.16, start, facecolor=PALE, lw=0, zorder=2))
    axes.add_patch(Rectangle((box.x + BOX_IN, box.top - end), 0.16, end, facecolor=PALE, lw=0, zorder=2))
    axes.add_patch(
        Rectangle((box.x, box.top - box.height), BOX_IN, box.height, facecolor=colour, edgecolor=INK, lw=0.4, zorder=3)
    )
    if box.name == "arrivals":
        name, lines = "arrive", [f"{thousands(box.out)} in {count(n_days, 'day')}"]
    else:
        name = named(box.name, STATE_NAMES)
        if fate:
            lines = [f"{thousands(box.into)} in these days", f"{thousands(box.end)} since the run began"]
        else:
            lines = [f"{thousands(box.start)} at the start"] if round(box.start) > 0 else []
            lines.append(f"{thousands(box.end)} on {day_name(last_day)}")
    taken: list[Area] = [(box.x - 0.16, box.top - box.height, box.x + BOX_IN + 0.16, box.top)]
    y = box.top + 0.05
    left = box.x - 0.1
    rows = [(text, "normal") for text in lines[::-1]] + [
        (text, "bold") for text in wrap(name, 1.2, _SIZE, "bold")[::-1]
    ]
    for text, weight in rows:
        wide = text_width(text, _SIZE, weight)
        axes.text(
            left,
            y,
            text,
            size=_SIZE,
            weight=weight,
            color=INK if weight == "bold" else GREY,
            va="bottom",
            ha="left",
            zorder=6,
            path_effects=[_ROUND_LETTERS],
        )
        taken.append((left, y, left + wide, y + 0.12))
        y += 0.125
    return taken


def _write_number(axes: Axes, layout: Layout, ribbon: Ribbon, taken: list[Area]) -> None:
    """Write how many people a ribbon stands for, where no other text is; humane ones are tried at more places."""
    source, target = layout.boxes[ribbon.source], layout.boxes[ribbon.target]
    text = thousands(ribbon.size)
    wide, high = text_width(text, _SIZE, "bold") + 0.03, 0.115
    x0, x1 = source.x + BOX_IN, target.x
    places: list[tuple[float, float]] = []
    if ribbon.backward:
        places = [(x0 + (x1 - x0) * share, ribbon.lane) for share in (0.5, 0.35, 0.65, 0.2, 0.8)]
    elif ribbon.way:  # where it leaves its box and goes down: below, many run side by side
        (_, y0), (down, _), (_, low) = ribbon.way[:3]
        places = [(x0 + (down - x0) * share, y0) for share in (0.5, 0.35, 0.65, 0.25, 0.75)]
        places += [(down, y0 + (low - y0) * share) for share in (0.5, 0.35, 0.65, 0.2, 0.8)]
    else:
        for share in (0.5, 0.35, 0.65, 0.22, 0.78, 0.42, 0.58, 0.12, 0.88):
            bend = 3 * share**2 - 2 * share**3
            # The curve has its two inner points at half way: x is a cubic of its own.
            along = x0 + (x1 - x0) * (1.5 * share * (1 - share) ** 2 + 1.5 * share**2 * (1 - share) + share**3)
            places.append((along, (1 - bend) * ribbon.source_top + bend * ribbon.target_top - ribbon.width / 2))
    for x, y in places:
        for dy in (0.0, 0.09, -0.09) if ribbon.width < high else (0.0,):
            area = (x - wide / 2, y + dy - high / 2, x + wide / 2, y + dy + high / 2)
            if any(
                area[0] < b[2] + 0.07 and b[0] < area[2] + 0.07 and area[1] < b[3] and b[1] - 0.03 < area[3]
                for b in taken
            ):
                continue
            taken.append(area)
            axes.text(
                x,
                y + dy,
                text,
                size=_SIZE,
                weight="bold" if ribbon.target in HUMANE else "normal",
                color=INK,
                ha="center",
                va="center_baseline",
                zorder=7,
                bbox=_PAPER_BEHIND,
            )
            return
