"""Figures of a sweep: each lever against four sides, suffering against the other three. Nothing is summed or ranked.

What is drawn are differences to the first setting under the same seeds: of the means, most of the scatter is luck that
all settings share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .style import BLUE, GREEN, GREY, INK, VERMILION, Frame, frame, house, save, say_instead, wrap

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from xarray import Dataset

__all__ = ["draw_sweep"]

_COLOURS: Final = {"suffering": VERMILION, "security": BLUE, "cost": INK, "escalation": GREEN}
_BELOW: Final = (
    "Dots: mean difference to the first setting, run by run under the same seed; bars: its 95 % interval (Student t). "
    "A bar that crosses zero: no detectable difference. The sides are shown beside each other and never weighed."
)


def draw_sweep(
    table: pd.DataFrame, levers: Sequence[str], sides: Mapping[str, str], folder: Path, *, heading: Dataset
) -> list[Path]:
    """Draw a figure for each lever and one of frontiers into `folder`; return the paths written.

    Parameters
    ----------
    table : one row a setting and outcome, with ``mean``, ``difference_to_first`` and its interval
    levers : columns of `table` that were varied
    sides : outcome of each side of the frontier, suffering first
    heading : what the header asks for: names, seeds, days
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with house():
        for number, lever in enumerate(levers):
            name = f"lever-{number + 1}-{lever.replace('.', '-')}"
            written += save(_lever(table, lever, sides, heading), folder, name)
        written += save(_frontier(table, sides, heading), folder, "frontier")
    return written


def _lever(table: pd.DataFrame, lever: str, sides: Mapping[str, str], heading: Dataset) -> Frame:
    several = table["setting"].nunique() > table[lever].nunique()
    note = "One dot for each combination with the other levers, left to right as they were given." if several else ""
    framed = frame(heading, f"{lever}: four sides, none weighed against another", note=note, height=5.0,
                   notes_below=_BELOW)  # fmt: skip
    for axes, (side, outcome) in zip(_side_by_side(framed, len(sides)), sides.items(), strict=True):
        rows = table[table["outcome"] == outcome]
        _titles(axes, side, outcome, rows.iloc[0])
        if _never_moves(rows):
            say_instead(axes, "The same at every setting.")
            continue
        values = list(dict.fromkeys(rows[lever]))
        for value, same in rows.groupby(lever, sort=False):
            for number, row in enumerate(same.to_dict("records")):
                x = values.index(value) + 0.08 * (number - (len(same) - 1) / 2)
                ends = [row["difference_low_95"], row["difference_high_95"]]
                axes.plot([x, x], ends, color=_COLOURS[side], lw=1.2)
                axes.plot([x], [row["difference_to_first"]], marker="o", ms=4.5, color=_COLOURS[side])
        axes.axhline(0.0, color=GREY, lw=0.8, zorder=1)
        axes.set_xticks(range(len(values)), values)
        axes.set_xlim(-0.5, len(values) - 0.5)
        axes.grid(axis="x", visible=False)
    return framed


def _never_moves(rows: pd.DataFrame) -> bool:
    """Return whether no run of any setting differs from that of the first under its seed."""
    return not rows[["difference_low_95", "difference_high_95"]].fillna(0.0).to_numpy().any()


def _titles(axes: Axes, side: str, outcome: str, first: Any) -> None:
    """Write whose side a panel shows, of which outcome, and how large it is at the first setting."""
    width = axes.get_position().width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    lines = wrap(f"{outcome}; {_number(first['mean'])} at the first setting", width, 8.0)
    axes.set_title("\n".join([side, *lines]), loc="left", size=8.0, color=INK, pad=6)
    axes.yaxis.set_major_formatter(lambda value, _: _signed(value))


def _frontier(table: pd.DataFrame, sides: Mapping[str, str], heading: Dataset) -> Frame:
    framed = frame(heading, "Suffering beside security, cost and escalation", height=5.4,
                   notes_below=_BELOW)  # fmt: skip
    suffering, *others = sides.items()
    across = table[table["outcome"] == suffering[1]].set_index("setting")
    panels = _side_by_side(framed, len(others), foot=0.55)
    for axes, (side, outcome) in zip(panels, others, strict=True):
        up = table[table["outcome"] == outcome].set_index("setting")
        _titles(axes, side, outcome, up.iloc[0])
        if _never_moves(up):
            say_instead(axes, "The same at every setting.")
            continue
        for setting in across.index:
            _cross(axes, across.loc[setting], up.loc[setting], _COLOURS[side])
            axes.annotate(
                _short(setting), (across.loc[setting, "difference_to_first"], up.loc[setting, "difference_to_first"]),
                xytext=(5, 5), textcoords="offset points", size=7.5, color=INK,
            )  # fmt: skip
        axes.axhline(0.0, color=GREY, lw=0.8, zorder=1)
        axes.axvline(0.0, color=GREY, lw=0.8, zorder=1)
        axes.margins(0.18)
        axes.set_xlabel(f"suffering: {suffering[1]}")
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: _signed(value))
    return framed


def _cross(axes: Axes, across: Any, up: Any, colour: str) -> None:
    x, y = across["difference_to_first"], up["difference_to_first"]
    axes.plot([across["difference_low_95"], across["difference_high_95"]], [y, y], color=GREY, lw=0.9)
    axes.plot([x, x], [up["difference_low_95"], up["difference_high_95"]], color=GREY, lw=0.9)
    axes.plot([x], [y], marker="o", ms=4.5, color=colour)


def _side_by_side(framed: Frame, n: int, foot: float = 0.35) -> list[Axes]:
    left, gap, right = 0.85, 0.8, 0.3
    width = (framed.width - left - right - gap * (n - 1)) / n
    height = framed.top - framed.bottom - foot - 0.7
    return [framed.axes(left + number * (width + gap), framed.bottom + foot, width, height) for number in range(n)]


def _short(setting: object) -> str:
    """Return the values of a setting without their keys."""
    return ", ".join(part.partition("=")[2] for part in str(setting).split(", "))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _signed(value: float) -> str:
    return f"{value:+,.10g}".replace("-", "−") if value else "0"
