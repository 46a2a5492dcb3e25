"""Figure `line`: every attempt by kilometre and day, the barrier growing over it, and group crossings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.ticker import FixedLocator, FuncFormatter

from ..limits import MAP_ATTRIBUTION
from .events import flags_of, left_out_note
from .flags import ROW_IN, arrange_flags, draw_flags
from .ground import Ground, barrier_minutes, stretches
from .labels import spread
from .style import GREY, INK, PAPER, VERMILION, Frame, frame
from .timeline import Floats, day_axis, day_numbers
from .words import COUNTRY_NAMES, day_name, named, thousands

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset

__all__ = ["COLOURS", "attempt_colours", "draw_line", "draw_ramp"]

_BIN_KM = 3
from_map = colormaps["YlGnBu"]
_SHARES = {"PL": 1.0, "LT": 0.62, "LV": 0.3}
_EMPTY = "#f2f2f2"
_MOST_ROWS = 6
_LEFT_IN, _RIGHT_IN = 1.25, 1.75
_GROWN_MINUTES = 1.0
COLOURS = ListedColormap([from_map(0.18 + 0.82 * step / 255) for step in range(256)], name="attempts")


def attempt_colours(most: float) -> LogNorm:
    """Return the scale of colours for attempts per km: logarithmic, from 0.3, at least one decade."""
    return LogNorm(0.3, max(float(most), 3.0), clip=True)


def draw_line(record: Dataset, chronicle: DataFrame, ground: Ground) -> Frame:
    """Return attempts per km and day on each country's line, south at the bottom, on one scale of colours."""
    days = day_numbers(record)
    attempts = record["attempts"].transpose("day", "segment").values.astype(np.float64)
    groups = record["group_attempts"].transpose("day", "segment").values.astype(np.float64)
    delay = barrier_minutes(
        record["barrier_delay_minutes"].transpose("day", "segment").values.astype(np.float64), ground.border
    )
    framed = frame(
        record,
        _title(record, attempts, ground),
        height=11.2,
        credit=MAP_ATTRIBUTION,
        notes_below=(
            "Kilometres of each country’s line from its southern end; the three lines have different scales of height. "
            f"Attempts in stretches of {_BIN_KM} km. Dark bar at the left edge: a barrier "
            "stands on the first day shown. Hatching: barriers built since delay people by a minute or more. Circles: "
            "group crossings in the model, started by Minsk’s services; other entries of the chronicle as flags."
        ),
    )
    found = stretches(ground.border)
    shares = [_SHARES.get(country, 0.5) for country, _, _ in found]
    wide = framed.width - _LEFT_IN - _RIGHT_IN
    flags = [flag for flag in flags_of(chronicle, without=("group_crossing",)) if days[0] <= flag.at <= days[-1] + 1]
    placed = arrange_flags(flags, days[0], days[-1] + 1, wide, _MOST_ROWS)
    head = ROW_IN * (1 + max((item.row for item in placed), default=0)) + 0.3
    free = framed.top - head - framed.bottom - 0.95 - 0.2 * (len(found) - 1)
    most = max([_binned(attempts[:, first:end]).max(initial=0.0) for _, first, end in found], default=0.0)
    scale = attempt_colours(most)
    y = framed.top - head
    panels: list[Axes] = []
    for (country, first, end), share in sorted(zip(found, shares, strict=True), key=lambda item: -item[0][1]):
        height = free * share / sum(shares)
        axes = framed.axes(_LEFT_IN, y - height, wide, height)
        panels.append(axes)
        y -= height + 0.2
        day_axis(axes, days, labels=first == 0)
        _draw_stretch(axes, days, attempts[:, first:end], delay[:, first:end], scale)
        _draw_groups(axes, days, groups[:, first:end])
        _name_posts(axes, ground, first, end)
        axes.set_ylabel(f"{named(country, COUNTRY_NAMES)}\nkm from the south", labelpad=4)
    draw_flags(panels[0], placed)
    _draw_scale(framed, scale, left_out_note(len(flags), len(flags) - len(placed)))
    return framed


def draw_ramp(axes: Axes, scale: LogNorm) -> None:
    """Draw the scale of colours along `axes`, with round numbers of attempts per km."""
    low, high = scale.vmin or 0.3, scale.vmax or 3.0
    ramp = np.geomspace(low, high, 129)
    axes.pcolormesh(ramp, [0, 1], [ramp[:-1]], norm=scale, cmap=COLOURS, rasterized=True)
    axes.set_xscale("log")
    axes.set_yticks([])
    axes.grid(False)
    ticks = [value for value in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0) if low <= value <= high]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.tick_params(axis="x", labelsize=7.5, length=2)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _title(record: Dataset, attempts: Floats, ground: Ground) -> str:
    if attempts.sum() == 0:
        return "Nobody tries to cross the line in these days"
    posts = ground.border.posts
    by_post = np.add.reduceat(attempts.sum(axis=0), np.asarray(posts.first_segment))
    order = np.argsort(-by_post, kind="stable")[:2]
    share = 100 * by_post[order].sum() / by_post.sum()
    names = " and ".join(posts.name[number] for number in order)
    when = record["day"].values[int(np.argmax(attempts.sum(axis=1)))]
    return (
        f"{thousands(share)} % of all attempts are made at two of {len(posts.name)} guard posts, {names}; "
        f"most on {day_name(when)}"
    )


def _binned(values: Floats) -> Floats:
    """Return the mean over stretches of `_BIN_KM` segments (the last may be shorter), float64[n_days, n_bins]."""
    starts = np.arange(0, values.shape[1], _BIN_KM)
    widths = np.diff(np.append(starts, values.shape[1]))
    means: Floats = np.add.reduceat(values, starts, axis=1) / widths
    return means


def _draw_stretch(axes: Axes, days: Floats, attempts: Floats, delay: Floats, scale: LogNorm) -> None:
    n_km = attempts.shape[1]
    per_km = _binned(attempts)
    edges = np.append(days, days[-1] + 1)
    heights = np.append(np.arange(0, n_km, _BIN_KM), n_km).astype(np.float64)
    axes.set_facecolor(_EMPTY)
    axes.grid(False)
    axes.pcolormesh(
        edges, heights, np.ma.masked_less_equal(per_km.T, 0.0), norm=scale, cmap=COLOURS, rasterized=True, zorder=1
    )
    standing = _binned(delay)[0] >= _GROWN_MINUTES
    width_in = axes.get_position().width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    bar = (days[-1] + 1 - days[0]) * 0.07 / width_in
    for low, high, _ in _blocks(standing[None, :]):
        axes.fill_between([days[0], days[0] + bar], heights[low], heights[high], color="#777777", lw=0, zorder=3)
    grown = _binned(delay) - _binned(delay)[:1] >= _GROWN_MINUTES
    for low, high, start in _blocks(grown):
        bottom, top = heights[low], heights[high]
        axes.fill_between(
            [days[start], days[-1] + 1],
            bottom,
            top,
            facecolor="none",
            edgecolor="#777777",
            hatch="//////",
            lw=0.0,
            zorder=2,
        )
        axes.plot([days[start]] * 2, [bottom, top], color=INK, lw=0.8, zorder=3)
    axes.set_ylim(0, n_km)
    step = 50 if n_km < 500 else 100
    axes.yaxis.set_major_locator(FixedLocator([float(km) for km in range(0, n_km, step)]))


def _blocks(grown: npt.NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Return (first bin, one past the last, first day) of neighbouring bins grown since the same day and to the end."""
    n_days, n_bins = grown.shape
    since = np.full(n_bins, n_days)
    for day in range(n_days - 1, -1, -1):
        since[grown[day] & (since == day + 1)] = day
    blocks = []
    start = 0
    for at in range(1, n_bins + 1):
        if at == n_bins or since[at] != since[start]:
            if since[start] < n_days:
                blocks.append((start, at, int(since[start])))
            start = at
    return blocks


def _draw_groups(axes: Axes, days: Floats, groups: Floats) -> None:
    day, km = np.nonzero(groups > 0)
    if len(day) == 0:
        return
    size = groups[day, km]
    axes.scatter(
        days[day] + 0.5,
        km + 0.5,
        s=12 + size * 0.35,
        facecolor="none",
        edgecolor=VERMILION,
        lw=1.4,
        zorder=4,
        clip_on=False,
    )
    axes.scatter(days[day] + 0.5, km + 0.5, s=2, color=PAPER, zorder=5)


def _name_posts(axes: Axes, ground: Ground, first: int, end: int) -> None:
    posts = ground.border.posts
    own = [n for n in range(len(posts.name)) if first <= int(posts.first_segment[n]) < end]
    box = axes.get_position()
    height_in = box.height * axes.figure.get_figheight()  # type: ignore[union-attr]
    width_in = box.width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    per_km = height_in / (end - first)
    middles = [(int(posts.first_segment[n]) + int(posts.end_segment[n])) / 2 - first for n in own]
    size = 7.0
    placed = spread([km * per_km for km in middles], 0.128, 0.04, height_in - 0.04)
    for number, middle, at in zip(own, middles, placed, strict=True):
        axes.axhline(int(posts.first_segment[number]) - first, color=PAPER, lw=0.5, zorder=2)
        xs = np.array([0.0, 0.06, 0.16, 0.2]) / width_in + 1
        ys = np.array([middle / (end - first)] * 2 + [at / height_in] * 2)
        axes.plot(xs, ys, color=GREY, lw=0.6, transform=axes.transAxes, clip_on=False)
        axes.text(
            1 + 0.24 / width_in,
            at / height_in,
            posts.name[number],
            transform=axes.transAxes,
            size=size,
            va="center_baseline",
        )


def _draw_scale(framed: Frame, scale: LogNorm, note: str) -> None:
    axes = framed.axes(1.25, framed.bottom + 0.34, 3.2, 0.12)
    draw_ramp(axes, scale)
    framed.figure.text(
        4.65 / framed.width,
        (framed.bottom + 0.4) / framed.height,
        f"attempts per km and day (pale grey: none).  {note}.",
        size=7.5,
        color=INK,
        va="center",
    )
