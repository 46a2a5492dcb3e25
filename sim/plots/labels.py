"""Labels that keep out of each other's way: spread along an edge, or set in rows as a key; and a check that they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from .style import GREY, INK, text_width

__all__ = ["edge_labels", "key_row", "key_rows", "overlapping_texts", "point_labels", "spread"]

_ONE_PLACE_IN = 0.08
"""Points nearer than this are seen as one."""
_WORST = 100
"""How bad it is that a label meets another or leaves the axes, where meeting a bar is 1."""
_FAR_IN = 0.15
"""A label farther than this from its point is tied to it by a line."""
_MOST_RUNS = 3
"""Runs of numbers that one label holds."""


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places near the wanted ones, at least `gap` apart and inside `low` to `high`, in the given order.

    Neighbours that would meet are pooled and set around their mean (pool adjacent violators; Barlow and others
    1972). Where there is not room for all, the gap shrinks so that they just fit.
    """
    n = len(wanted)
    if n == 0:
        return []
    gap = min(gap, (high - low) / max(n - 1, 1))
    order = sorted(range(n), key=lambda index: (wanted[index], index))
    pools: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        # Distance from the packed position: pooling these to be non-decreasing keeps every gap.
        pools.append((min(max(wanted[index], low), high) - rank * gap, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean_b, n_b), (mean_a, n_a) = pools.pop(), pools.pop()
            pools.append(((mean_a * n_a + mean_b * n_b) / (n_a + n_b), n_a + n_b))
    offsets = [mean for mean, size in pools for _ in range(size)]
    placed = [0.0] * n
    for rank, (index, offset) in enumerate(zip(order, offsets, strict=True)):
        placed[index] = min(max(offset, low), high - (n - 1) * gap) + rank * gap
    return placed


def edge_labels(
    axes: Axes,
    labels: Sequence[tuple[float, str, str]],
    *,
    size: float = 8.5,
    pad_in: float = 0.16,
    x: float = 1.0,
    swatch: bool = True,
    gap_in: float | None = None,
) -> None:
    """Write labels (height in data units, text, colour) along the right edge, nudged apart.

    Each text is dark and keeps a short line in its own colour that leads to where it belongs.
    """
    if not labels:
        return
    figure = axes.figure
    low, high = axes.get_ylim()
    box = axes.get_position()
    width_in, height_in = box.width * figure.get_figwidth(), box.height * figure.get_figheight()  # type: ignore[union-attr]
    to_y = axes.transData.transform
    bottom_px, top_px = to_y((0, low))[1], to_y((0, high))[1]
    wanted = [(to_y((0, value))[1] - bottom_px) / (top_px - bottom_px) * height_in for value, _, _ in labels]
    half = size / 72 * 0.6
    placed = spread(wanted, gap_in or size / 72 * 1.32, min(half, height_in / 2), max(height_in - half, height_in / 2))
    for (_, text, colour), start, end in zip(labels, wanted, placed, strict=True):
        if swatch:
            xs = np.array([0.02, pad_in * 0.45, pad_in * 0.85]) / width_in + x
            ys = np.array([start, end, end]) / height_in
            axes.plot(xs, ys, color=colour, lw=1.6, transform=axes.transAxes, clip_on=False, zorder=5)
        axes.text(
            x + (pad_in + 0.03) / width_in,
            end / height_in,
            text,
            transform=axes.transAxes,
            size=size,
            color=INK,
            va="center_baseline",
            ha="left",
            zorder=6,
        )


def key_rows(
    texts: Sequence[str], width_in: float, size: float = 8.5, left_in: float = 0.0
) -> list[list[tuple[float, int]]]:
    """Return the rows of a key: of each entry where it begins, in inches, and its number; no row without entries."""
    rows: list[list[tuple[float, int]]] = [[]]
    at = left_in
    for number, text in enumerate(texts):
        needed = 0.2 + text_width(text, size) + 0.16
        if rows[-1] and at + needed > width_in:
            rows.append([])
            at = left_in
        rows[-1].append((at, number))
        at += needed
    return rows if texts else []


def key_row(
    axes: Axes,
    entries: Sequence[tuple[str, str]],
    *,
    above_in: float = 0.08,
    size: float = 8.5,
    left_in: float = 0.0,
    hatches: Sequence[str] | None = None,
) -> int:
    """Write a key (colour, text) in rows above `axes`, first row on top; return the number of rows.

    An entry with an empty colour has no square: its text brings its own sign.
    """
    figure = axes.figure
    box = axes.get_position()
    width_in, height_in = box.width * figure.get_figwidth(), box.height * figure.get_figheight()  # type: ignore[union-attr]
    rows = key_rows([text for _, text in entries], width_in, size, left_in)
    for line, row in enumerate(rows):
        y = height_in + above_in + (len(rows) - 1 - line) * 0.18
        for start, number in row:
            colour, text = entries[number]
            axes.text(
                (start + (0.19 if colour else 0.0)) / width_in,
                y / height_in,
                text,
                transform=axes.transAxes,
                size=size,
                color=INK,
                va="baseline",
                ha="left",
            )
            if not colour:
                continue
            square = Rectangle(
                (start / width_in, (y - 0.005) / height_in),
                0.13 / width_in,
                0.1 / height_in,
                facecolor=colour,
                edgecolor=GREY,
                lw=0.4,
                transform=axes.transAxes,
                clip_on=False,
                hatch=hatches[number] if hatches else None,
            )
            axes.add_patch(square)
    return len(rows)


def point_labels(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    bars: Sequence[tuple[tuple[float, float], tuple[float, float]]] = (),
    *,
    size: float = 7.5,
) -> None:
    """Write the number of each point, from 1, beside it; points in one place share a label, and labels keep apart.

    They also keep off the points and, where they can, off bars, given by their ends. The limits of the axes must be
    what they will be.
    """
    figure: Any = axes.figure
    axes.get_xlim(), axes.get_ylim()  # works out limits that are due
    places = axes.transData.transform(np.array(points, dtype=np.float64)) / figure.dpi
    clusters: list[list[int]] = []
    for number, place in enumerate(places):
        near = (one for one in clusters if np.hypot(*(places[one[0]] - place)) < _ONE_PLACE_IN)
        cluster = next(near, None)
        if cluster is None:
            clusters.append([number])
        else:
            cluster.append(number)
    # what a label had better not meet, and how bad that is
    taken = [(3, (x - 0.04, y - 0.04, x + 0.04, y + 0.04)) for x, y in places]
    for ends in bars:
        (x0, y0), (x1, y1) = axes.transData.transform(np.array(ends, dtype=np.float64)) / figure.dpi
        taken.append((1, (x0 - 0.01, y0 - 0.01, x1 + 0.01, y1 + 0.01)))
    frame_in = axes.get_window_extent().extents / figure.dpi
    high = size / 72
    for cluster in clusters:
        text, (x, y) = _runs([number + 1 for number in cluster]), places[cluster[0]]
        wide = text_width(text, size)
        corners = [
            (x + side * gap - wide * (side < 0), y + up * gap - high * (up < 0))
            for gap in (0.07, 0.16, 0.28, 0.42, 0.56, 0.7, 0.9)
            for side, up in ((1, 1), (1, -1), (-1, 1), (-1, -1))
        ]
        boxes = [(left, low, left + wide, low + high) for left, low in corners]
        costs = [
            sum(cost * _meet(box, other) for cost, other in taken) + _WORST * _outside(box, frame_in) for box in boxes
        ]
        box = boxes[int(np.argmin(costs))]
        taken.append((_WORST, box))
        end = float(np.clip(x, box[0], box[2])), float(np.clip(y, box[1], box[3]))
        inches = figure.dpi_scale_trans
        if np.hypot(x - end[0], y - end[1]) > _FAR_IN:
            axes.add_artist(Line2D([x, end[0]], [y, end[1]], lw=0.5, color=GREY, transform=inches, zorder=2))
        axes.text(box[0], box[1], text, size=size, color=INK, va="bottom", ha="left", zorder=6, transform=inches)


def _meet(box: Sequence[float], other: Sequence[float]) -> bool:
    wide, high = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
    return wide > 0.0 and high > 0.0


def _outside(box: Sequence[float], bounds: Sequence[float]) -> bool:
    return box[0] < bounds[0] or box[1] < bounds[1] or box[2] > bounds[2] or box[3] > bounds[3]


def _runs(numbers: Sequence[int]) -> str:
    """Return rising numbers with three or more in a row as first and last, and no more than a few: ``1, 3–5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = runs if len(runs) <= _MOST_RUNS else runs[:2]
    parts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in shown]
    left_out = len(numbers) - sum(map(len, shown))
    return ", ".join(parts) + (f" and {left_out} more" if left_out else "")


def overlapping_texts(figure: Figure, *, slack_px: float = 1.0) -> list[tuple[str, str]]:
    """Return every pair of visible texts of a figure whose boxes overlap by more than `slack_px` both ways.

    Also returned, paired with ``the edge of the paper``, are texts that leave the figure.
    """
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    idle = _idle_labels(figure)
    boxes = [
        (text.get_text(), text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip() and id(text) not in idle
    ]
    paper = figure.bbox
    pairs = [
        (name, "the edge of the paper")
        for name, box in boxes
        if box.x0 < paper.x0 - 1 or box.y0 < paper.y0 - 1 or box.x1 > paper.x1 + 1 or box.y1 > paper.y1 + 1
    ]
    for number, (name, box) in enumerate(boxes):
        for other_name, other in boxes[number + 1 :]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            high = min(box.y1, other.y1) - max(box.y0, other.y0)
            if wide > slack_px and high > slack_px:
                pairs.append((name, other_name))
    return pairs


def _idle_labels(figure: Figure) -> set[int]:
    """Return the ids of tick labels that are not drawn: spare ones, and those outside the limits of their axis."""
    idle: set[int] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            shown = axes.axison and axes.get_visible() and axis.get_visible()
            any_axis: Any = axis  # matplotlib keeps the only list of ticks that are drawn to itself
            drawn = any_axis._update_ticks() if shown else []
            ticks = [*axis.majorTicks, *axis.minorTicks]
            idle |= {id(label) for tick in ticks if tick not in drawn for label in (tick.label1, tick.label2)}
    return idle
