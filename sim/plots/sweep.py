"""Figures of a sweep: each lever against four sides, suffering against the other three. Nothing is summed or ranked.

What is drawn are differences to the first setting under the same seeds: of the means, most of the scatter is luck that
all settings share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from matplotlib.ticker import MaxNLocator

from .labels import key_rows, point_labels
from .style import (
    BLUE,
    CONTINGENT_COLOURS,
    DOTS_PER_INCH,
    GREEN,
    GREY,
    INK,
    MARGIN_IN,
    PAPER,
    VERMILION,
    WIDTH_IN,
    Frame,
    frame,
    house,
    save,
    say_instead,
    text_width,
    wrap,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from xarray import Dataset

__all__ = ["Swept", "draw_sweep", "frontier_figure", "lever_figure"]

_COLOURS: Final = {"suffering": VERMILION, "security": BLUE, "cost": INK, "escalation": GREEN}
_BETWEEN: Final = " · "
_LINE_IN: Final = 0.15
_KEY_LINE_IN: Final = 0.19
_ROW_IN: Final = 0.3
_SIZE: Final = 8.0
_DOTS: Final = (
    "Dot: mean difference to the first setting, run by run under the same seed; hollow: the first setting itself. Bar: "
    "its 95 % interval (Student t); one that crosses zero: no detectable difference."
)
_DOTS_OF_ONE: Final = (
    "Dot: difference of the one run of a setting to that of the first setting under the same seed; hollow: the first "
    "setting itself. One run has no interval, and what of a difference is luck is not told: take --members 2 or more."
)
_NEVER_WEIGHED: Final = "The sides are shown beside each other and never weighed."

Key = Sequence[tuple[str, str]]
"""Entries of a key: colour and text."""


@dataclass(frozen=True)
class Swept:
    """A sweep as its figures show it.

    Attributes
    ----------
    table : one row a setting and outcome, with ``n``, ``mean``, ``difference_to_first`` and its interval
    levers : columns of `table` that were varied, with the unit of each, empty for a switch
    sides : outcome of each side of the frontier, suffering first
    units : of these outcomes
    heading : what the header asks for: names, seeds, days
    """

    table: pd.DataFrame
    levers: Mapping[str, str]
    sides: Mapping[str, str]
    units: Mapping[str, str]
    heading: Dataset

    def of(self, outcome: str) -> pd.DataFrame:
        """Return the rows of an outcome, one a setting."""
        return self.table[self.table["outcome"] == outcome]


def draw_sweep(swept: Swept, folder: Path) -> list[Path]:
    """Draw a figure for each lever and one of frontiers into `folder`; return the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with house():
        for number, lever in enumerate(swept.levers):
            name = f"lever-{number + 1}-{lever.replace('.', '-')}"
            written += save(lever_figure(swept, lever), folder, name)
        written += save(frontier_figure(swept), folder, "frontier")
    return written


def lever_figure(swept: Swept, lever: str) -> Frame:
    """Return a panel a side: a row for each value of a lever, and in it a dot for each combination of the others."""
    values = list(dict.fromkeys(swept.table[lever]))
    others = {other: unit for other, unit in swept.levers.items() if other != lever}
    combinations = list(dict.fromkeys(_named(row, others) for row in swept.table.to_dict("records")))
    coloured = 1 < len(combinations) <= len(CONTINGENT_COLOURS)
    note = ""
    if len(combinations) > 1:
        note = "Colour: " if coloured else f"In each row, from above, {len(combinations)} dots: all combinations of "
        note += " and ".join(others)
    labels = [_value(value, swept.levers[lever]) for value in values]
    framed, panels = _panels(
        swept, f"{lever}: four sides, none weighed against another", swept.sides,
        list(zip(CONTINGENT_COLOURS, combinations, strict=False)) if coloured else [], note,
        body=len(values) * max(_ROW_IN, 0.13 * len(combinations) + 0.1) + 0.1,
        left=MARGIN_IN + 0.15 + max(text_width(label, 8.5) for label in labels), gap=0.4,
    )  # fmt: skip
    for place, (axes, (side, outcome)) in enumerate(zip(panels, swept.sides.items(), strict=True)):
        rows = swept.of(outcome)
        axes.set_ylim(len(values) - 0.5, -0.5)
        axes.set_yticks(range(len(values)), labels if place == 0 else [""] * len(labels))
        if _never_moves(rows):
            _say(axes, "The same at every setting.", keep_rows=place == 0)
            continue
        for index, row in enumerate(rows.to_dict("records")):
            number = combinations.index(_named(row, others))
            y = values.index(row[lever]) + 0.8 * ((number + 0.5) / len(combinations) - 0.5)
            colour = CONTINGENT_COLOURS[number] if coloured else _COLOURS[side]
            axes.plot(_interval(row), [y, y], color=colour, lw=1.2)
            _dot(axes, row["difference_to_first"], y, colour, hollow=index == 0)
        axes.axvline(0.0, color=GREY, lw=0.8, zorder=1)
        axes.grid(axis="y", visible=False)
        axes.margins(x=0.08)
        _differences(axes, "x", swept.units[outcome])
    return framed


def frontier_figure(swept: Swept) -> Frame:
    """Return a panel for each side but the first: suffering across, the side up, a numbered dot for each setting."""
    (_, suffering), *others = swept.sides.items()
    across = swept.of(suffering)
    coloured = len(across) <= len(CONTINGENT_COLOURS)
    names = [f"{number}  {_named(row, swept.levers)}" for number, row in enumerate(across.to_dict("records"), start=1)]
    framed, panels = _panels(
        swept, "Suffering beside security, cost and escalation", dict(others),
        list(zip(CONTINGENT_COLOURS if coloured else [""] * len(names), names, strict=False)),
        body=2.6, left=1.25, gap=1.15,
    )  # fmt: skip
    for axes, (side, outcome) in zip(panels, others, strict=True):
        up = swept.of(outcome)
        if _never_moves(up):
            _say(axes, "The same at every setting.")
            continue
        if _never_moves(across):
            _say(axes, f"{suffering.capitalize()} are the same at every setting: see the figure of the lever.")
            continue
        points, bars = [], []
        for number, (here, there) in enumerate(zip(across.to_dict("records"), up.to_dict("records"), strict=True)):
            x, y = here["difference_to_first"], there["difference_to_first"]
            for xs, ys in ((_interval(here), [y, y]), ([x, x], _interval(there))):
                axes.plot(xs, ys, color=GREY, lw=0.9)
                bars.append(((xs[0], ys[0]), (xs[1], ys[1])))
            _dot(axes, x, y, CONTINGENT_COLOURS[number] if coloured else _COLOURS[side], hollow=number == 0)
            points.append((x, y))
        axes.axhline(0.0, color=GREY, lw=0.8, zorder=1)
        axes.axvline(0.0, color=GREY, lw=0.8, zorder=1)
        axes.margins(0.18)
        _differences(axes, "x", f"{suffering}: {swept.units[suffering]}")
        _differences(axes, "y", swept.units[outcome])
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        point_labels(axes, points, [*bars, ((left, 0.0), (right, 0.0)), ((0.0, low), (0.0, high))])
    return framed


def _panels(
    swept: Swept, title: str, sides: Mapping[str, str], key: Key, note: str = "", *, body: float, left: float,
    gap: float,
) -> tuple[Frame, list[Axes]]:  # fmt: skip
    """Return a figure with a key and a panel for each of `sides`, `body` inches high, under whose it is and of what."""
    table, units = swept.table, swept.units
    first = f"Differences to the first setting, {table['setting'].iloc[0]}"
    below = f"{_DOTS_OF_ONE if int(table['n'].max()) < 2 else _DOTS} {_NEVER_WEIGHED}"
    width = (WIDTH_IN - left - MARGIN_IN - gap * (len(sides) - 1)) / len(sides)
    heads = [
        [
            side,
            *wrap(outcome, width, _SIZE),
            *wrap(f"{_of_first(swept.of(outcome))} {units[outcome]} there", width, _SIZE),
        ]
        for side, outcome in sides.items()
    ]
    key_lines = _in_columns([text for _, text in key])
    head = _LINE_IN * max(map(len, heads)) + 0.12
    height = 4.0
    for _ in range(2):  # once more with what header and foot leave
        framed = frame(
            swept.heading, title, note=". ".join(filter(None, [first, note])), height=height, notes_below=below
        )
        top = framed.top - 0.1 - _KEY_LINE_IN * len(key_lines)
        foot = framed.bottom + 0.5
        height += body - (top - head - foot)
    _write_key(framed, key, key_lines)
    panels = []
    for number, lines in enumerate(heads):
        axes = framed.axes(left + number * (width + gap), foot, width, top - head - foot)
        for place, line in enumerate(lines):
            y = 1.0 + (head - 0.12 - _LINE_IN * place) / body
            axes.text(
                0.0, y, line, transform=axes.transAxes, size=_SIZE + (place == 0), color=INK if place < 2 else GREY,
                weight="bold" if place == 0 else "normal", va="baseline", ha="left",
            )  # fmt: skip
        panels.append(axes)
    return framed, panels


def _in_columns(texts: Sequence[str]) -> list[list[tuple[float, int]]]:
    """Return the rows of a key, in columns if there are several rows."""
    free = WIDTH_IN - 2 * MARGIN_IN
    lines = key_rows(texts, free, _SIZE)
    if len(lines) < 2:
        return lines
    column = max(text_width(text, _SIZE) for text in texts) + 0.36
    across = max(int(free / column), 1)
    return [
        [(place * column, number) for place, number in enumerate(range(first, min(first + across, len(texts))))]
        for first in range(0, len(texts), across)
    ]


def _of_first(rows: pd.DataFrame) -> str:
    """Return the mean of an outcome at the first setting, rounded as its size asks."""
    value = float(rows["mean"].iloc[0])
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _write_key(framed: Frame, key: Key, lines: Sequence[Sequence[tuple[float, int]]]) -> None:
    for line, entries in enumerate(lines):
        y = (framed.top - 0.1 - _KEY_LINE_IN * line) / framed.height
        for start, number in entries:
            colour, text = key[number]
            x = (MARGIN_IN + start) / framed.width
            if colour:
                framed.figure.text(x, y, "●", size=_SIZE, color=colour, va="center", ha="left")
            framed.figure.text(x + 0.15 / framed.width, y, text, size=_SIZE, color=INK, va="center", ha="left")


def _interval(row: Any) -> list[float]:
    """Return the ends of an interval; nothing of one that has no ends, as that of a single run."""
    ends = [float(row["difference_low_95"]), float(row["difference_high_95"])]
    return ends if np.isfinite(ends).all() else [np.nan, np.nan]


def _differences(axes: Axes, which: Literal["x", "y"], unit: str) -> None:
    """Name an axis of differences and write few numbers along it, with signs."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(unit, size=_SIZE)
    extent = axes.get_window_extent().width / DOTS_PER_INCH if which == "x" else 1.6
    ends = axes.get_xlim() if which == "x" else axes.get_ylim()
    widest = max(text_width(_signed(float(f"{end:.2g}")), 8.5) for end in ends) + 0.2
    n_steps = max(min(int(extent / (widest if which == "x" else 0.35)) + 1, 5), 1)
    axis.set_major_locator(MaxNLocator(nbins=n_steps, steps=[1, 2, 2.5, 4, 5, 10]))
    axis.set_major_formatter(lambda value, _: _signed(value))


def _dot(axes: Axes, x: float, y: float, colour: str, *, hollow: bool) -> None:
    axes.plot([x], [y], marker="o", ms=5, mec=colour, mfc=PAPER if hollow else colour, zorder=3 + hollow)


def _say(axes: Axes, sentence: str, *, keep_rows: bool = False) -> None:
    """Write a sentence where there is nothing to draw; a panel that names the rows of all keeps these names."""
    ticks = axes.get_yticks(), [label.get_text() for label in axes.get_yticklabels()]
    say_instead(axes, sentence)
    axes.set_xlim(0.0, 1.0)
    if keep_rows:
        axes.set_yticks(*ticks)
        axes.tick_params(axis="y", length=0)


def _never_moves(rows: pd.DataFrame) -> bool:
    """Return whether no run of any setting differs from that of the first under its seed."""
    apart = rows[["difference_to_first", "difference_low_95", "difference_high_95"]].to_numpy(dtype=np.float64)
    return not apart[np.isfinite(apart)].any()


def _named(row: Any, levers: Mapping[str, str]) -> str:
    """Return the values of a setting with their units, without their keys."""
    return _BETWEEN.join(_value(row[lever], unit) for lever, unit in levers.items())


def _value(value: object, unit: str) -> str:
    """Return a value as it was given, with its unit if it is a bare number."""
    text = str(value)
    bare = text.replace(".", "", 1).lstrip("+-").replace("_", "").isdigit()
    return f"{text} {unit}" if bare and unit else text


def _signed(value: float) -> str:
    return f"{value:+,.10g}".replace("-", "−") if value else "0"
