"""Names on a map: each beside its place, clear of other names and of the line; the least important give way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from .style import GREY, INK, PAPER, text_width

__all__ = ["Spot", "write_places"]

Floats = npt.NDArray[np.float64]
AREA_KM: Final = 5.0
"""Radius with which a place known only roughly is drawn."""


@dataclass(frozen=True)
class Spot:
    """A place with a name: km east and north on its map, size of type, rank (high ones are placed first), sign."""

    x: float
    y: float
    name: str
    size: float
    rank: float
    colour: str
    sign: str


def write_places(axes: Axes, spots: Sequence[Spot], line: Floats) -> list[Spot]:
    """Write names and signs on a map in km; return the spots whose names found no room.

    `line` is float64[n, 2], points of the line in km, which names of towns and posts keep clear of.
    """
    box = axes.get_position()
    per_km = box.width * axes.figure.get_figwidth() / axes.get_xlim()[1]  # type: ignore[union-attr]
    wide, high = axes.get_xlim()[1] * per_km, axes.get_ylim()[1] * per_km
    on_line = line * per_km
    signs = np.array([(spot.x * per_km, spot.y * per_km) for spot in spots if spot.sign in ("town", "square", "cross")])
    taken: list[tuple[float, float, float, float]] = [(wide - 1.6, 0.0, wide, 0.42)]
    unnamed = []
    for spot in sorted(spots, key=lambda item: (-item.rank, item.name)):
        x, y = spot.x * per_km, spot.y * per_km
        lines = spot.name.split("\n")
        bold = "bold" if spot.rank > 25 and spot.sign == "town" else "normal"
        width = max(text_width(part, spot.size, bold) for part in lines) + 0.02
        height = len(lines) * spot.size / 72 * 1.15
        placed = None
        for dx, dy, ha, va in _sides(spot, width, height, AREA_KM * per_km):
            left, bottom = x + dx, y + dy
            area = (left, bottom, left + width, bottom + height)
            if left < 0.04 or bottom < 0.04 or area[2] > wide - 0.04 or area[3] > high - 0.04:
                continue
            if any(_meet(area, other) for other in taken):
                continue
            if spot.sign != "name" and (_covers(area, on_line, 0.03) or _covers(area, signs, 0.0)):
                continue
            placed = (left, bottom, area, ha, va)
            break
        if placed is None and spot.sign in ("post", "town"):
            unnamed.append(spot)
            continue
        _draw_sign(axes, spot)
        if placed is None:
            unnamed.append(spot)
            continue
        taken.append(placed[2])
        axes.text(
            placed[0] / per_km,
            (placed[1] + height * 0.16) / per_km,
            spot.name,
            size=spot.size,
            color=GREY if spot.sign in ("name", "post", "area") else INK,
            style="italic" if spot.sign == "post" else "normal",
            weight=bold,
            va="bottom",
            ha="left",
            zorder=9,
            linespacing=1.05,
        )
    return unnamed


def _sides(spot: Spot, width: float, height: float, radius: float) -> list[tuple[float, float, str, str]]:
    """Return offsets of the lower left corner of a name from its place, best first, in inches."""
    if spot.sign == "name":
        return [(-width / 2, -height / 2, "center", "center")]
    gap = radius + 0.05 if spot.sign == "area" else 0.06
    near = [
        (gap, -height / 2, "left", "center"),
        (-gap - width, -height / 2, "right", "center"),
        (-width / 2, gap, "center", "bottom"),
        (-width / 2, -gap - height, "center", "top"),
        (gap, gap, "left", "bottom"),
        (gap, -gap - height, "left", "top"),
        (-gap - width, gap, "right", "bottom"),
        (-gap - width, -gap - height, "right", "top"),
    ]
    far = [
        (1.0 * dx + np.sign(dx + width / 2) * 0.09, dy + np.sign(dy + height / 2) * 0.05, ha, va)
        for dx, dy, ha, va in near
    ]
    return near + far


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covers(area: tuple[float, float, float, float], points: Floats, slack: float) -> bool:
    if len(points) == 0:
        return False
    x, y = points[:, 0], points[:, 1]
    inside = (x > area[0] - slack) & (x < area[2] + slack) & (y > area[1] - slack) & (y < area[3] + slack)
    return bool(inside.any())


def _draw_sign(axes: Axes, spot: Spot) -> None:
    if spot.sign == "area":
        axes.add_patch(
            Circle((spot.x, spot.y), AREA_KM, facecolor="none", edgecolor=GREY, hatch="////", lw=0.8, zorder=5)
        )
        return
    look = {
        "town": ("o", INK, 2.6),
        "square": ("s", spot.colour, 5.0),
        "post": ("D", PAPER, 2.6),
        "cross": ("X", PAPER, 6.0),
    }
    if spot.sign in look:
        marker, colour, size = look[spot.sign]
        axes.plot([spot.x], [spot.y], marker=marker, mfc=colour, mec=INK, mew=0.6, ms=size, zorder=7, ls="")
