"""Dated labels on poles over an axis of time: as many as fit, the weightiest first, no text on a text or a pole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from .style import GREY, INK, text_width

__all__ = ["ROW_IN", "Flag", "PlacedFlag", "arrange_flags", "draw_flags"]

ROW_IN: Final = 0.165
"""Height of a row of flags, in inches."""

_SIZE: Final = 7.5
_GAP_IN: Final = 0.07
_PATIENCE: Final = 60
"""After so many flags in a row that found no room the lighter ones are not tried: a year has hundreds."""


@dataclass(frozen=True)
class Flag:
    """A dated label: when (days since 1970-01-01), what, how much it matters, in which colour."""

    at: float
    text: str
    weight: float
    colour: str = GREY


@dataclass(frozen=True)
class PlacedFlag:
    """A flag that found room: its row (0 is next to the axis) and whether its text stands left of its pole."""

    flag: Flag
    row: int
    leftward: bool


def arrange_flags(flags: Sequence[Flag], first: float, last: float, width_in: float, n_rows: int) -> list[PlacedFlag]:
    """Return the flags within `first` to `last` for which there is room in `n_rows` rows over `width_in` inches.

    A text may stand neither on another nor in the way of another's pole, so a text over the foot of a pole needs a
    higher row than the flag of that pole. Flags are tried by weight; one that cannot be fitted in leaves the others as
    they are.
    """
    inside = [flag for flag in flags if first <= flag.at <= last]
    kept: list[tuple[Flag, float, float, float]] = []
    above: list[set[int]] = []
    rows: list[int] = []
    n_in_vain = 0
    for flag in sorted(inside, key=lambda f: (-f.weight, f.at, f.text)):
        n_in_vain += 1
        if n_in_vain > _PATIENCE:
            break
        foot = (flag.at - first) / (last - first) * width_in
        width = text_width(flag.text, _SIZE) + _GAP_IN
        for start in (foot, foot - width):
            if start < -0.35 or start + width > width_in + 0.35:
                continue
            new = (flag, foot, start - _GAP_IN, start + width)
            tried = _with(kept, above, new)
            found = _rows(tried, n_rows)
            if found is not None:
                kept, above, rows = [*kept, new], tried, found
                n_in_vain = 0
                break
    return [
        PlacedFlag(flag, row, leftward=start < foot - 2 * _GAP_IN)
        for (flag, foot, start, _), row in zip(kept, rows, strict=True)
    ]


def _with(
    kept: list[tuple[Flag, float, float, float]], above: list[set[int]], new: tuple[Flag, float, float, float]
) -> list[set[int]]:
    """Return, for each kept flag and the new one, the numbers of the flags over which it must stand."""
    _, foot, start, end = new
    grown, own = [set(lower) for lower in above], set()
    for number, (_, other_foot, other_start, other_end) in enumerate(kept):
        if start >= other_end or other_start >= end:
            continue
        if other_start < foot < other_end:
            grown[number].add(len(kept))
        if start < other_foot < end or not other_start < foot < other_end:
            own.add(number)
    return [*grown, own]


def _rows(above: list[set[int]], n_rows: int) -> list[int] | None:
    """Return the lowest row for each flag, or None when they need more than `n_rows` or stand over each other."""
    rows = [0] * len(above)
    for _ in range(n_rows + 1):
        raised = [max((rows[number] + 1 for number in lower), default=0) for lower in above]
        if max(raised, default=0) >= n_rows:
            return None
        if raised == rows:
            return rows
        rows = raised
    return None


def draw_flags(axes: Axes, placed: Sequence[PlacedFlag]) -> None:
    """Draw flags that were arranged for the width of `axes` over its upper edge."""
    box = axes.get_position()
    width_in = box.width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    height_in = box.height * axes.figure.get_figheight()  # type: ignore[union-attr]
    first, last = axes.get_xlim()
    blend = blended_transform_factory(axes.transData, axes.transAxes)
    aside = 0.035 / width_in * (last - first)
    for item in placed:
        at, y = item.flag.at, 1 + (item.row * ROW_IN + 0.05) / height_in
        axes.plot(
            [at, at],
            [1.0, y + 0.11 / height_in],
            transform=blend,
            clip_on=False,
            color=item.flag.colour,
            lw=0.8,
            zorder=1,
        )
        axes.text(
            at + (-aside if item.leftward else aside),
            y,
            item.flag.text,
            transform=blend,
            size=_SIZE,
            color=INK,
            ha="right" if item.leftward else "left",
            va="bottom",
            clip_on=False,
        )
