"""Figure `tension`: readiness of both ends of each pair of sides, the rung it stands for, and the dated acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator

from .events import flags_of, left_out_note
from .flags import ROW_IN, arrange_flags, draw_flags
from .labels import key_row
from .style import BLUE, GREY, INK, VERMILION, WIDTH_IN, Frame, frame, number_axis, say_instead
from .timeline import Floats, day_axis, day_numbers, hour_numbers
from .words import count, named

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset

__all__ = ["draw_tension", "rung_names"]

_STEP = "#e3e3e3"
_MOST_ROWS = 11
_EAST = ("Minsk", "Moscow")


def draw_tension(record: Dataset, chronicle: DataFrame) -> Frame:
    """Return one panel for each pair of sides, under one row of flags for all."""
    days, hours = day_numbers(record), hour_numbers(record)
    pairs = [str(name) for name in record["pair"].values]
    names = rung_names(record)
    rung = record["rung"].transpose("hour", "pair").values.astype(np.float64)
    ready = record["readiness"].transpose("hour", "pair", "end").values.astype(np.float64)
    n_rows = max((len(pairs) + 1) // 2, 1)
    wide = WIDTH_IN - 1.4
    flags = flags_of(chronicle)
    placed = arrange_flags(flags, days[0], days[-1] + 1, wide, _MOST_ROWS)
    flags_in = ROW_IN * (1 + max((item.row for item in placed), default=0)) + 0.15
    height = 3.15 + flags_in + 1.75 * n_rows
    framed = frame(
        record,
        _title(pairs, rung, names),
        note=_note(record),
        height=height,
        notes_below=(
            "Readiness is an index without data or unit (Richardson’s action and reaction); it is raised by acts, "
            "answers the other end a day later and fades. Grey steps: the rung of the ladder, read on the right."
        ),
    )
    strip = framed.axes(0.95, framed.top - 0.1 - flags_in, wide, 0.02)
    day_axis(strip, days, hourly=True)
    strip.set_yticks([])
    strip.grid(False)
    strip.spines["left"].set_visible(False)
    draw_flags(strip, placed)
    n_inside = sum(days[0] <= flag.at <= days[-1] + 1 for flag in flags)
    framed.figure.text(
        0.95 / framed.width,
        (framed.top - 0.1 - flags_in - 0.5) / framed.height,
        left_out_note(n_inside, n_inside - len(placed)),
        size=7.5,
        color=GREY,
        va="center",
    )
    free = framed.top - 0.1 - flags_in - 0.95 - framed.bottom - 0.32
    each = (free - 0.62 * (n_rows - 1)) / n_rows
    low, high = (float(rung.min()), float(rung.max())) if rung.size else (0.0, 1.0)
    for number, pair in enumerate(pairs):
        row, column = divmod(number, 2)
        bottom = framed.bottom + 0.32 + (n_rows - 1 - row) * (each + 0.62)
        axes = framed.axes(0.95 + column * 5.1, bottom, 3.35, each)
        day_axis(axes, days, hourly=True)
        _draw_pair(
            axes, pair, hours, ready[:, number], rung[:, number], names, (low, high), float(ready.max(initial=0.0))
        )
    return framed


def rung_names(record: Dataset) -> dict[int, str]:
    """Return the names of the rungs by number, from the CF attributes `flag_values` and `flag_meanings` of `rung`."""
    attrs = record["rung"].attrs
    meanings = str(attrs.get("flag_meanings", "")).split()
    values = np.atleast_1d(np.asarray(attrs.get("flag_values", np.arange(1, len(meanings) + 1))))
    return {int(value): named(word) for value, word in zip(values, meanings, strict=False)}


def _rung(number: float, names: dict[int, str]) -> str:
    name = names.get(int(number))
    return f"{int(number)}  {name}" if name else f"rung {int(number)}"


def _in_words(number: float, names: dict[int, str]) -> str:
    name = names.get(int(number))
    return f"rung {int(number)}" + (f", “{name}”" if name else "")


def _title(pairs: list[str], rung: Floats, names: dict[int, str]) -> str:
    if rung.size == 0:
        return "No pair of sides is followed in this run"
    top = float(rung.max())
    first = int(np.argmax(rung.max(axis=0)))
    if float(rung.min()) == top:
        return f"Tension stays on {_in_words(top, names)} between all sides"
    return f"Tension is highest between {pairs[first].replace('–', ' and ')}, on {_in_words(top, names)}"


def _note(record: Dataset) -> str:
    incidents = record["incidents"].values.sum()
    n = count(float(incidents), "incident") if incidents else "no incident"
    return f"Besides the dated ones the model adds {n} between armed services: shots, intrusions, dazzling and the like"


def _draw_pair(
    axes: Axes,
    pair: str,
    hours: Floats,
    ready: Floats,
    rung: Floats,
    names: dict[int, str],
    span: tuple[float, float],
    top: float,
) -> None:
    ends = [part.strip() for part in pair.split("–")] if "–" in pair else [pair, "other end"]
    if ready.size == 0 or not np.isfinite(ready).any():
        say_instead(axes, f"{pair}: nothing recorded in these days.")
        return
    steps = axes.twinx()
    steps.grid(False)
    low, high = span[0] - 1, span[1] + 0.6
    edges = np.append(hours, hours[-1] + 1 / 24)
    steps.stairs(rung, edges, baseline=low, fill=True, color=_STEP, lw=0)
    steps.set_ylim(low, high)
    visited = sorted({int(value) for value in rung})
    shown = visited if len(visited) <= 6 else visited[:: len(visited) // 5]
    steps.yaxis.set_major_locator(FixedLocator([float(value) for value in shown]))
    steps.yaxis.set_major_formatter(FixedFormatter([_rung(value, names) for value in shown]))
    steps.tick_params(axis="y", length=0, labelsize=7.5, labelcolor=INK)
    for spine in steps.spines.values():
        spine.set_visible(False)
    axes.set_zorder(steps.get_zorder() + 1)
    axes.patch.set_visible(False)
    colours = (VERMILION, BLUE) if ends[0] in _EAST or ends[-1] not in _EAST else (BLUE, VERMILION)
    for end, colour in enumerate(colours):
        axes.plot(hours, ready[:, end], color=colour, lw=1.6 if len(hours) < 2000 else 1.1)
    axes.set_ylim(0, max(top * 1.1, 0.1))
    number_axis(axes, "readiness (index)")
    axes.yaxis.label.set_fontsize(8)
    key_row(axes, [*zip(colours, (ends[0], ends[-1]), strict=True), (_STEP, "rung")], size=9)
