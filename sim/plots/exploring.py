"""Figures of a sensitivity analysis and of a discovery: what numbers matter beside luck, and the box that was found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .style import (
    BLUE,
    GREY,
    INK,
    PALE,
    PAPER,
    VERMILION,
    Frame,
    frame,
    house,
    panel_title,
    save,
    say_instead,
    text_width,
    wrap,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from xarray import Dataset

__all__ = ["discovery_figure", "draw_discovery", "draw_sensitivity", "sensitivity_figure"]

_MOST_ROWS: Final = 10
_ROW_IN: Final = 0.21
_BESIDE_NAMES_IN: Final = 0.75


def draw_sensitivity(table: pd.DataFrame, remark: str, heading: Dataset, folder: Path) -> list[Path]:
    """Draw ``sensitivity.png`` and ``.svg`` into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with house():
        return save(sensitivity_figure(table, remark, heading), folder, "sensitivity")


def sensitivity_figure(table: pd.DataFrame, remark: str, heading: Dataset) -> Frame:
    """Return a panel an outcome: its strongest numbers, the effect of each with its interval, and what luck shows.

    `remark` is what the reader must know of all of them, at the foot.
    """
    morris = "mu_star" in table
    outcomes = list(dict.fromkeys(table["outcome"]))
    each = [table[table["outcome"] == outcome].head(_MOST_ROWS) for outcome in outcomes]
    heights = tuple(_ROW_IN * max(len(rows), 3) for rows in each)
    if morris:
        found = int(table["detectable"].sum())
        title = f"{found} of {len(table)} effects exceed what luck alone would show"
        below = (
            "Dot: mean size of the effect of a number on the outcome over its whole range (Morris), with the 95 % "
            "interval over trajectories; + or − where more of it always moved the outcome one way. Grey: what luck "
            "alone makes any of them exceed in one analysis of twenty; hollow dots lie inside."
        )
    else:
        title = "Which numbers carry the variance of the outcome"
        below = (
            "Dot: share of the variance that a number has a part in (Sobol, total), with its 95 % interval; hollow if "
            "that holds zero. Diamond: what it has alone, dashed its interval. Shares of several may add up to more "
            "than one. Grey: the share that is luck."
        )
        if (table["doubt"] != "").all():
            title = "Which numbers carry the variance of the outcome cannot be told"
    height = sum(heights) + 0.85 * len(each) + 1.9
    framed = frame(heading, title, height=height, notes_below=f"{below} {remark}".strip())
    left = _BESIDE_NAMES_IN + max(text_width(f"{key}  +", 8.5) for rows in each for key in rows["key"])
    panels = framed.rows(heights, left=left, gap=0.85, foot=0.45)
    for axes, rows, outcome in zip(panels, each, outcomes, strict=True):
        doubt = rows["doubt"].iloc[0]
        if doubt:
            say_instead(axes, doubt)
        else:
            (_effects if morris else _shares)(axes, rows)
        left_out = 0 if doubt else int((table["outcome"] == outcome).sum()) - len(rows)
        weaker = f"; {left_out} weaker ones left out" if left_out else ""
        panel_title(axes, f"{outcome}, mean of all runs {_figure(rows['mean'].iloc[0])}{weaker}")
    return framed


def _figure(value: float) -> str:
    """Return a count, rounded as its size asks, without powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _effects(axes: Axes, rows: pd.DataFrame) -> None:
    noise = float(rows["noise"].iloc[0])
    if not np.isnan(noise):
        axes.axvspan(0.0, noise, color=PALE, lw=0, zorder=1)
    names = []
    for place, row in enumerate(rows.to_dict("records")):
        _dot(axes, place, row["mu_star"], row["mu_star_95"], hollow=not row["detectable"])
        names.append(f"{row['key']}{_sign(row)}")
    _name_rows(axes, names)
    axes.set_xlabel("effect on the outcome over the whole range, in its unit")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")


def _sign(row: Mapping[Any, Any]) -> str:
    if np.isnan(row["sigma"]) or not row["detectable"] or not np.isclose(abs(row["mu"]), row["mu_star"]):
        return ""
    return "  +" if row["mu"] > 0.0 else "  −"


def _shares(axes: Axes, rows: pd.DataFrame) -> None:
    luck = float(rows["luck"].iloc[0])
    if not np.isnan(luck):
        axes.axvspan(0.0, luck, color=PALE, lw=0, zorder=1)
    for place, row in enumerate(rows.to_dict("records")):
        _dot(axes, place - 0.16, row["total"], row["total_95"], hollow=row["total"] - row["total_95"] <= 0.0)
        ends = [max(row["first"] - row["first_95"], 0.0), max(row["first"] + row["first_95"], 0.0)]
        axes.plot(ends, [place + 0.2] * 2, color=GREY, lw=0.9, ls=(0, (2, 1.5)), zorder=2)
        axes.plot([max(row["first"], 0.0)], [place + 0.2], marker="D", ms=3.5, color=INK, zorder=4)
    _name_rows(axes, list(rows["key"]))
    axes.set_xlabel("share of the variance of the outcome")


def _dot(axes: Axes, place: float, value: float, half: float, *, hollow: bool) -> None:
    axes.plot([max(value - half, 0.0), value + half], [place, place], color=GREY, lw=1.2, zorder=2)
    axes.plot([value], [place], marker="o", ms=5, mec=BLUE, mfc=PAPER if hollow else BLUE, zorder=3)


def _name_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(left=0.0)
    axes.grid(axis="y", visible=False)


def draw_discovery(
    box: pd.DataFrame, runs: pd.DataFrame, outcome: str, sentence: str, note: str, heading: Dataset, folder: Path
) -> list[Path]:
    """Draw ``discovery.png`` and ``.svg`` into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with house():
        return save(discovery_figure(box, runs, outcome, sentence, note, heading), folder, "discovery")


def discovery_figure(
    box: pd.DataFrame, runs: pd.DataFrame, outcome: str, sentence: str, note: str, heading: Dataset
) -> Frame:
    """Return, for each number of the box, the range in it within the whole range, and the outcome against the number.

    Parameters
    ----------
    box : one row a number, with ``key``, ``unit``, ``low``, ``high``, ``range_low``, ``range_high``
    runs : one row a run: a column a number, ``outcome`` and ``wanted``
    outcome : what it is, for the upright axis
    sentence : the finding, as title
    note : how sure it is
    """
    shown = box.head(4).to_dict("records")
    framed = frame(
        heading, sentence, note=note, height=5.4,
        notes_below="Each dot is a run, filled where the outcome came about; all other numbers vary as well. Shaded: "
        "the range of the number inside the box. A box of several numbers holds only runs that lie in all of them.",
    )  # fmt: skip
    if not shown:
        say_instead(framed.rows((1.0,))[0], "No number is restricted: the outcome comes about as often everywhere.")
        return framed
    free = framed.width - 0.95 - 0.3
    width = min(free / len(shown), 4.5)
    for place, row in enumerate(shown):
        axes = framed.axes(0.95 + place * width, framed.bottom + 0.5, width - 0.35, framed.top - framed.bottom - 0.7)
        axes.axvspan(row["low"], row["high"], color=PALE, lw=0, zorder=1)
        for wanted, face in ((False, PAPER), (True, VERMILION)):
            some = runs[runs["wanted"] == wanted]
            axes.plot(
                some[row["key"]],
                some["outcome"],
                ls="",
                marker="o",
                ms=3.5,
                mec=VERMILION,
                mfc=face,
                mew=0.7,
                clip_on=False,
            )
        axes.set_xlim(row["range_low"], row["range_high"])
        unit = [] if row["unit"] in ("", "1") else [row["unit"]]
        axes.set_xlabel("\n".join([*wrap(row["key"], width - 0.4, 9.0), *unit]))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        if place:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel(outcome)
    return framed
