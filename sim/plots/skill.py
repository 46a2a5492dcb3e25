"""Figure of a validation: published days inside the bands of the model, and its score beside each rival's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .fans import fan_panel
from .style import BLUE, GREEN, GREY, INK, PAPER, VERMILION, Frame, frame, house, number_axis, panel_title, save
from .timeline import day_numbers
from .words import count

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from xarray import Dataset

__all__ = ["draw_skill", "skill_figure"]

_DAYS_IN, _LEAST_RIVALS_IN, _ROW_IN = 2.2, 2.75, 0.17
"""Heights in inches: of the panel of days, of the rivals' at least, and of each rival's row."""


def draw_skill(fan: Dataset, known: Mapping[date, float], scores: pd.DataFrame, folder: Path) -> list[Path]:
    """Draw ``skill.png`` and ``skill.svg`` into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with house():
        return save(skill_figure(fan, known, scores), folder, "skill")


def skill_figure(fan: Dataset, known: Mapping[date, float], scores: pd.DataFrame) -> Frame:
    """Return the figure; `fan` holds ``fan[quantile, day]``: the median, then the ends of 50, 80 and 95 % intervals."""
    days, values = day_numbers(fan), fan["fan"].values
    place = {day: int(np.datetime64(day, "D").astype(np.int64) - days[0]) for day in known}
    shown = {day: number for day, number in place.items() if 0 <= number < len(days)}
    inside = sum(values[3, number] <= known[day] <= values[4, number] for day, number in shown.items())
    lost = int((scores["crps_difference"] > 0).sum()) if len(scores) else 0
    title = (
        f"{inside} of {count(len(shown), 'published day')} lie inside the 80 % interval; "
        f"the model loses to {lost} of {len(scores)} rivals and horizons"
    )
    rivals_in = max(_LEAST_RIVALS_IN, _ROW_IN * len(scores))
    framed = frame(
        fan, title, height=7.6 - _LEAST_RIVALS_IN + rivals_in,
        credit="Published counts: Polish Border Guard, each as printed.",
        notes_below="Bands hold the middle 50, 80 and 95 % of what the runs foretell of a published day. Up to 31 "
        "October 2021 counts may have been used to fit; later days are a conditional hindcast, whose dated actions are "
        "known. Bars: mean CRPS of the model minus that of a rival, with 95 % bootstrap intervals; right of zero, in "
        "red, the model loses.",
    )  # fmt: skip
    upper, lower = framed.rows((_DAYS_IN, rivals_in), gap=0.75, left=2.6, head=0.4)
    fan_panel(upper, days, values, BLUE)
    for day, number in shown.items():
        upper.plot([days[number] + 0.5], [known[day]], ls="", marker="o", ms=4.5, mfc=PAPER, mec=INK, mew=1.1, zorder=5)
    panel_title(upper, "Recorded attempts, Poland", "per day")
    number_axis(upper, "attempts")
    _bars(lower, scores)
    return framed


def _bars(axes: Axes, scores: pd.DataFrame) -> None:
    rows = scores.to_dict("records")
    for number, row in enumerate(reversed(rows)):
        loses = row["crps_difference"] > 0
        axes.plot([row["crps_low"], row["crps_high"]], [number, number], color=GREY, lw=1.0, zorder=2)
        axes.plot([row["crps_difference"]], [number], marker="o", ms=4, color=VERMILION if loses else GREEN, zorder=3)
    names = [f"{row['part'].split()[-1]}, {row['horizon_days']} days: {row['rival']}" for row in reversed(rows)]
    axes.set_yticks(range(len(rows)), names, fontsize=7.0)
    axes.axvline(0.0, color=INK, lw=0.8)
    axes.set_xlabel("mean CRPS, model minus rival (attempts a day)")
    panel_title(axes, "Beside naive rivals")
