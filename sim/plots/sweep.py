"""Figures of a sweep: each lever against four sides, suffering against the other three. Nothing is summed or ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..limits import LIMITS
from .style import BLUE, GREEN, GREY, INK, VERMILION, house

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_sweep"]

_COLOURS = {"suffering": VERMILION, "security": BLUE, "cost": GREY, "escalation": GREEN}


def draw_sweep(
    table: pd.DataFrame, levers: Sequence[str], sides: Mapping[str, str], folder: Path, *, scenario: str
) -> list[Path]:
    """Draw a figure for each lever and one of frontiers into `folder`; return the paths written.

    Parameters
    ----------
    table : one row a setting and outcome, with ``mean``, ``low_95``, ``high_95``
    levers : columns of `table` that were varied
    sides : outcome of each side of the frontier, suffering first
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with house():
        for number, lever in enumerate(levers):
            written += _save(
                _lever(table, lever, sides, scenario), folder, f"lever-{number + 1}-{lever.replace('.', '-')}"
            )
        written += _save(_frontier(table, sides, scenario), folder, "frontier")
    return written


def _figure(title: str, scenario: str, width: float) -> Figure:
    figure = Figure(figsize=(width, 4.4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{title}\nScenario {scenario}; means with 95 % intervals, the same seeds at each setting", x=0.01,
                    ha="left", size=11, color=INK)  # fmt: skip
    figure.supxlabel("\n".join(LIMITS), x=0.01, ha="left", size=6.5, color=GREY)
    return figure


def _lever(table: pd.DataFrame, lever: str, sides: Mapping[str, str], scenario: str) -> Figure:
    figure = _figure(f"{lever}: four sides, none weighed against another", scenario, 12.5)
    for axes, (side, outcome) in zip(figure.subplots(1, len(sides)), sides.items(), strict=True):
        rows = table[table["outcome"] == outcome]
        names = list(dict.fromkeys(rows[lever]))
        for _, row in rows.iterrows():
            x = names.index(row[lever])
            axes.plot([x, x], [row["low_95"], row["high_95"]], color=_COLOURS[side], lw=1.2)
            axes.plot([x], [row["mean"]], marker="o", ms=4, color=_COLOURS[side])
        axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
        axes.set_title(f"{side}: {outcome}", loc="left", size=8.5)
        axes.margins(x=0.2)
    return figure


def _frontier(table: pd.DataFrame, sides: Mapping[str, str], scenario: str) -> Figure:
    figure = _figure("Suffering beside security, cost and escalation", scenario, 12.5)
    suffering, *others = sides.items()
    wide = table.pivot_table(index="setting", columns="outcome", values=["mean", "low_95", "high_95"], sort=False)
    for axes, (side, outcome) in zip(figure.subplots(1, len(others)), others, strict=True):
        _cloud(axes, wide, suffering[1], outcome)
        axes.set_title(f"{side}: {outcome}", loc="left", size=8.5)
        axes.set_xlabel(f"suffering: {suffering[1]}")
        axes.margins(0.15)
    return figure


def _cloud(axes: Axes, wide: pd.DataFrame, across: str, up: str) -> None:
    for setting in wide.index:
        x, y = wide.loc[setting, ("mean", across)], wide.loc[setting, ("mean", up)]
        axes.plot(
            [wide.loc[setting, ("low_95", across)], wide.loc[setting, ("high_95", across)]], [y, y], color=GREY, lw=0.8
        )
        axes.plot([x, x], [wide.loc[setting, ("low_95", up)], wide.loc[setting, ("high_95", up)]], color=GREY, lw=0.8)
        axes.plot([x], [y], marker="o", ms=4, color=VERMILION)
        axes.annotate(str(setting), (x, y), xytext=(4, 4), textcoords="offset points", size=6)


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    figure.savefig(png, dpi=150, metadata={"Software": None})
    figure.savefig(svg, metadata={"Date": None, "Creator": None})
    return [png, svg]
