"""Figure `map`: the line coloured by attempts per km, with towns, posts, barriers, camp, centre and drill areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Polygon, Rectangle

from ..limits import MAP_ATTRIBUTION
from .ground import Ground, barrier_minutes
from .line import COLOURS, attempt_colours, draw_ramp
from .places import Spot, write_places
from .style import GREEN, GREY, INK, PAPER, VERMILION, Frame, frame, say_instead
from .words import COUNTRY_NAMES, count, named, thousands

if TYPE_CHECKING:
    from matplotlib.colors import LogNorm
    from xarray import Dataset

    from .timeline import Floats

__all__ = ["draw_map"]

_LAND: Final = {"PL": "#f6f3ec", "LT": "#f6f3ec", "LV": "#f6f3ec", "BY": "#e9edf1", "UA": "#f3f3f3", "RU": "#f3f3f3"}
_WATER: Final = "#ffffff"
_NAMES_AT: Final = {
    "PL": (22.95, 52.93),
    "LT": (24.35, 55.25),
    "LV": (26.25, 56.13),
    "BY": (26.9, 53.2),
    "UA": (25.0, 51.62),
}
_BARRIER_KM: Final = 2.4
"""How far from the line the barrier is drawn, so that both are seen; no distance on the ground."""


@dataclass(frozen=True)
class Window:
    """Part of the ground shown: west, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float

    def km(self, lon: Floats | float, lat: Floats | float) -> tuple[Floats, Floats]:
        """Return km east and north of the south-western corner; a flat map, true to scale in its middle."""
        middle = np.radians((self.south + self.north) / 2)
        x = (np.asarray(lon, dtype=np.float64) - self.west) * 111.32 * np.cos(middle)
        y = (np.asarray(lat, dtype=np.float64) - self.south) * 110.57
        return x, y

    @property
    def size_km(self) -> tuple[float, float]:
        """Width and height, km."""
        x, y = self.km(self.east, self.north)
        return float(x), float(y)


WHOLE: Final = Window(22.55, 51.38, 28.45, 56.32)
NEAR: Final = Window(23.36, 53.36, 24.16, 53.96)
"""Kuźnica, Bruzgi and Grodno, with the range at Gozha."""


def draw_map(record: Dataset, ground: Ground) -> Frame:
    """Return the map of the line, a nearer view of Kuźnica and Bruzgi, and the busiest posts in figures."""
    attempts = record["attempts"].sum("day").values.astype(np.float64)
    delay = record["barrier_delay_minutes"].transpose("day", "segment").values.astype(np.float64)
    barrier = barrier_minutes(delay, ground.border)[-1] >= 1.0
    by_post = np.add.reduceat(attempts, np.asarray(ground.border.posts.first_segment))
    framed = frame(
        record,
        _title(record, attempts, ground),
        height=10.6,
        credit=MAP_ATTRIBUTION,
        notes_below=(
            "Colours: simulated attempts per km of line over all days shown, in running means of 5 km. The barrier is "
            "drawn beside the line, not where it stands. Place of a drill area: as reported, to about 5 km. North is "
            "up; scales are true in the middle of each map."
        ),
    )
    smooth = np.convolve(np.pad(attempts, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    scale = attempt_colours(float(smooth.max(initial=0.0)))
    height = framed.top - framed.bottom - 0.1
    wide, high = WHOLE.size_km
    width = height * wide / high
    main = framed.axes(0.45, framed.bottom + 0.05, width, height)
    left = 0.45 + width + 0.35
    room = framed.width - 0.45 - left
    near_wide, near_high = NEAR.size_km
    near_height = room * near_high / near_wide
    near = framed.axes(left, framed.top - 0.27 - near_height, room, near_height)
    _draw_ground(main, WHOLE, ground, smooth, barrier, scale)
    _draw_ground(near, NEAR, ground, smooth, barrier, scale)
    corner = WHOLE.km(np.array([NEAR.west, NEAR.east]), np.array([NEAR.south, NEAR.north]))
    main.add_patch(
        Rectangle(
            (corner[0][0], corner[1][0]),
            np.ptp(corner[0]),
            np.ptp(corner[1]),
            fill=False,
            edgecolor=GREY,
            lw=0.7,
            ls=(0, (4, 3)),  # names stand across it
            zorder=6,
        )
    )
    near.set_title("Kuźnica, Bruzgi and Grodno", loc="left", size=9.5, weight="bold", pad=5)
    write_places(main, _country_spots(WHOLE) + _spots(WHOLE, ground, by_post, near=False), _line_km(WHOLE, ground))
    write_places(near, _spots(NEAR, ground, by_post, near=True), _line_km(NEAR, ground))
    _scale_bar(main, WHOLE, 100)
    _scale_bar(near, NEAR, 10)
    y = framed.top - 0.27 - near_height - 0.62
    _draw_key(framed, left, y, room, scale)
    framed.figure.text(
        left / framed.width,
        (y - 1.22) / framed.height,
        "Attempts at the busiest guard posts, persons",
        size=9.5,
        weight="bold",
        va="center",
    )
    bars = framed.axes(left + 1.25, framed.bottom + 0.1, room - 1.25 - 0.5, y - 1.4 - framed.bottom - 0.1)
    _draw_posts(bars, ground, by_post)
    return framed


def _title(record: Dataset, attempts: Floats, ground: Ground) -> str:
    if attempts.sum() == 0:
        return "Nobody tries to cross the line in these days"
    order = np.sort(attempts)[::-1]
    n_half = int(np.searchsorted(np.cumsum(order), order.sum() / 2)) + 1
    return (
        f"Half of {count(attempts.sum(), 'attempt')} in {count(record.sizes['day'], 'day')} are made on "
        f"{count(n_half, 'kilometre')} of a line of {thousands(len(ground.border.segments.km))}"
    )


def _line_km(window: Window, ground: Ground) -> Floats:
    x, y = window.km(ground.border.segments.lon, ground.border.segments.lat)
    return np.column_stack([x, y])


def _draw_ground(axes: Axes, window: Window, ground: Ground, smooth: Floats, barrier: Floats, scale: LogNorm) -> None:
    wide, high = window.size_km
    axes.set_xlim(0, wide)
    axes.set_ylim(0, high)
    axes.set_facecolor(_WATER)
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
    for country, rings in ground.basemap.items():
        for ring in rings:
            x, y = window.km(ring[:, 0], ring[:, 1])
            axes.add_patch(
                Polygon(
                    np.column_stack([x, y]),
                    facecolor=_LAND.get(country, "#f3f3f3"),
                    edgecolor="#bdbdbd",
                    lw=0.6,
                    zorder=0,
                )
            )
    near = wide < 120
    for country, code in (("PL", 0), ("LT", 1), ("LV", 2)):
        own = np.flatnonzero(np.asarray(ground.border.segments.country) == code)
        if len(own) == 0:
            continue
        line = np.column_stack(window.km(ground.lines[country][:, 0], ground.lines[country][:, 1]))
        parts, shares = _cut(line, len(own))
        values = smooth[own][shares]
        axes.plot(line[:, 0], line[:, 1], color=GREY, lw=1.2, zorder=2)
        reach = np.array([(part.min(axis=0), part.max(axis=0)) for part in parts])
        seen = (reach[:, 1] >= 0).all(axis=1) & (reach[:, 0] <= window.size_km).all(axis=1)
        busy = (values > 0) & seen
        axes.add_collection(
            LineCollection(
                [part for part, shown in zip(parts, busy, strict=True) if shown],
                array=values[busy],
                cmap=COLOURS,
                norm=scale,
                linewidths=5.0 if near else 4.0,
                capstyle="butt",
                zorder=3,
            )
        )
        _draw_barrier(axes, window, ground, own, barrier[own], near=near)


def _cut(line: Floats, n_parts: int) -> tuple[list[Floats], np.ndarray]:
    """Return a line (float64[n, 2], km) cut into `n_parts` of equal length, and the number of each part."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    cuts = np.linspace(0.0, along[-1], n_parts + 1)
    at = np.column_stack([np.interp(cuts, along, line[:, column]) for column in (0, 1)])
    first = np.searchsorted(along, cuts[:-1], side="right")
    last = np.searchsorted(along, cuts[1:], side="left")
    parts = [
        np.concatenate([at[number : number + 1], line[first[number] : last[number]], at[number + 1 : number + 2]])
        for number in range(n_parts)
    ]
    return parts, np.arange(n_parts)


def _draw_barrier(axes: Axes, window: Window, ground: Ground, own: np.ndarray, stands: Floats, *, near: bool) -> None:
    """Draw the barrier as a thin dark line to the left of the way north, the EU side."""
    if len(own) < 15 or not stands.any():
        return
    x, y = window.km(ground.border.segments.lon[own], ground.border.segments.lat[own])
    reach = 3 if near else 7
    kernel = np.full(2 * reach + 1, 1 / (2 * reach + 1))
    x, y = (np.convolve(np.pad(v, reach, mode="edge"), kernel, mode="valid") for v in (x, y))
    dx, dy = np.gradient(x), np.gradient(y)
    length = np.hypot(dx, dy) + 1e-9
    away = _BARRIER_KM * (0.3 if near else 1.6)
    beside = np.column_stack([x - dy / length * away, y + dx / length * away])
    edges = np.flatnonzero(np.diff(np.r_[False, stands, False].astype(np.int8)))
    runs = [beside[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
    axes.add_collection(LineCollection(runs, colors=INK, linewidths=1.3, zorder=4))


def _country_spots(window: Window) -> list[Spot]:
    spots = []
    for code, where in _NAMES_AT.items():
        x, y = (float(value) for value in window.km(*where))
        spots.append(Spot(x, y, named(code, COUNTRY_NAMES).upper(), 10.0, 100.0, GREY, "name"))
    return spots


def _spots(window: Window, ground: Ground, by_post: Floats, *, near: bool) -> list[Spot]:
    """Return what is named in a window: special places first, then towns by size, then posts by attempts."""
    spots: list[Spot] = []
    size = 8.0 if near else 7.5
    for place in ground.border.places:
        x, y = (float(v) for v in window.km(place.lon, place.lat))
        if place.kind == "camp":
            spots.append(Spot(x, y, "camp" if near else "Bruzgi camp and centre", size, 95.0, VERMILION, "square"))
        elif place.kind == "logistics":
            spots.append(Spot(x, y, "logistics centre" if near else "", size, 94.0 if near else -1.0, GREEN, "square"))
        elif place.kind == "military":
            spots.append(Spot(x, y, "drill area\nat Gozha", size, 93.0, GREY, "area"))
        elif near and place.kind == "road":
            spots.append(Spot(x, y, f"crossing {place.name}", size, 90.0, INK, "cross"))
    for town in ground.border.towns:
        x, y = (float(v) for v in window.km(town.lon, town.lat))
        if town.population >= (600 if near else 14_000):
            spots.append(
                Spot(
                    x,
                    y,
                    town.name,
                    size + (1.0 if town.population > 100_000 else 0.0),
                    20 + np.log10(town.population),
                    INK,
                    "town",
                )
            )
    posts = ground.border.posts
    busiest = float(by_post.max(initial=0.0)) or 1.0
    for number, name in enumerate(posts.name):
        x, y = (float(v) for v in window.km(posts.lon[number], posts.lat[number]))
        spots.append(Spot(x, y, name, 6.8, float(by_post[number]) / busiest, GREY, "post"))
    wide, high = window.size_km
    return [spot for spot in spots if 0.01 < spot.x / wide < 0.99 and 0.01 < spot.y / high < 0.985 and spot.rank >= 0]


def _scale_bar(axes: Axes, window: Window, km: int) -> None:
    wide, high = window.size_km
    x, y = wide * 0.96 - km, high * 0.025
    axes.plot([x, x + km], [y, y], color=INK, lw=2.0, solid_capstyle="butt", zorder=8)
    axes.text(x + km / 2, y + high * 0.008, f"{km} km", size=7.5, ha="center", va="bottom", zorder=8)


def _draw_key(framed: Frame, left: float, y: float, room: float, scale: LogNorm) -> None:
    axes = framed.axes(left, y + 0.18, room, 0.12)
    draw_ramp(axes, scale)
    axes.set_title("Attempts per km over all days", loc="left", size=8.5, pad=4)
    key = framed.axes(left, y - 0.82, room, 0.62)
    key.set_axis_off()
    key.set_xlim(0, room)
    key.set_ylim(0, 0.62)
    entries = (
        ("line", GREY, "line without attempts"),
        ("line", INK, "barrier stands on the last day"),
        ("dot", INK, "town"),
        ("diamond", PAPER, "guard post, middle of its stretch"),
        ("square", VERMILION, "camp at the line"),
        ("square", GREEN, "logistics centre"),
    )
    for number, (kind, colour, text) in enumerate(entries):
        column, row = number % 2, number // 2
        x, level = column * room * 0.46, 0.5 - 0.2 * row
        if kind == "line":
            key.plot([x, x + 0.16], [level, level], color=colour, lw=1.3)
        else:
            marker = {"dot": "o", "diamond": "D", "square": "s"}[kind]
            key.plot(
                [x + 0.08], [level], marker=marker, color=colour, mec=INK, mew=0.7, ms=4.5 if kind != "dot" else 3.5
            )
        key.text(x + 0.24, level, text, size=7.5, va="center_baseline")


def _draw_posts(axes: Axes, ground: Ground, by_post: Floats) -> None:
    if by_post.sum() == 0:
        say_instead(axes, "No attempt at any post.")
        return
    order = np.argsort(-by_post, kind="stable")[:10]
    order = order[by_post[order] > 0][::-1]
    rows = np.arange(len(order), dtype=np.float64)
    axes.barh(rows, by_post[order], height=0.66, color="#2c7fb8")
    axes.set_yticks(rows, [ground.border.posts.name[number] for number in order], size=7.5)
    axes.tick_params(axis="y", length=0)
    for row, number in zip(rows, order, strict=True):
        axes.text(float(by_post[number]), row, f" {thousands(by_post[number])}", size=7.5, va="center")
    axes.set_ylim(-0.6, max(len(order), 4) - 0.4)
    axes.grid(False)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
