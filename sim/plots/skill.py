"""Figure of a validation: published days inside the bands of the model, and its score beside each rival's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .fans import fan_key, fan_panel
from .style import (
    BLUE,
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
    number_axis,
    panel_title,
    save,
    say_instead,
)
from .timeline import day_numbers
from .words import count

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from xarray import Dataset

__all__ = ["draw_skill", "skill_figure"]

_DAYS_IN, _LEAST_RIVALS_IN, _ROW_IN = 2.2, 2.75, 0.17
"""Heights in inches: of the panel of days, of the rivals' at least, and of each rival's row."""
_TOLD = {"loses": VERMILION, "wins": GREEN}
"""Colours of verdicts that are told from noise."""
_GROUP_GAP = 0.6
"""Rows left free above the rivals of a part and horizon."""


def draw_skill(fan: Dataset, known: Mapping[date, float], scores: pd.DataFrame, folder: Path) -> list[Path]:
    """Draw ``skill.png`` and ``skill.svg`` into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with house():
        return save(skill_figure(fan, known, scores), folder, "skill")


def skill_figure(fan: Dataset, known: Mapping[date, float], scores: pd.DataFrame) -> Frame:
    """Return the figure of ``fan[quantile, day]``: the median, then the ends of 50, 80 and 95 % intervals.

    The attribute ``credit`` of `fan` names who counted, where it was not the Polish Border Guard.
    """
    days, values = day_numbers(fan), fan["fan"].values
    place = {day: int(np.datetime64(day, "D").astype(np.int64) - days[0]) for day in known}
    shown = {day: number for day, number in place.items() if 0 <= number < len(days)}
    inside = sum(values[3, number] <= known[day] <= values[4, number] for day, number in shown.items())
    title = "No day has a published count of recorded attempts in Poland"
    if shown:
        title = f"{inside} of {count(len(shown), 'published day')} lie inside the 80 % interval; "
        lost = int((scores["verdict"] == "loses").sum()) if len(scores) else 0
        title += (
            f"the model loses by more than the noise to {lost} of {len(scores)} rivals and horizons"
            if len(scores)
            else "too few of them to hold rivals against"
        )
    groups = list(scores.groupby(["part", "horizon_days"], sort=False)) if len(scores) else []
    rivals_in = max(_LEAST_RIVALS_IN, _ROW_IN * (len(scores) + _GROUP_GAP * len(groups)))
    framed = frame(
        fan, title, height=7.75 - _LEAST_RIVALS_IN + rivals_in,
        credit=fan.attrs.get("credit", "Published counts: Polish Border Guard, each as printed."),
        notes_below="Bands hold the middle 50, 80 and 95 % of what the runs tell of a published day. Up to 31 "
        "October 2021 counts may have been used to fit; later days are a conditional hindcast, whose dated actions are "
        "known. Bars: mean CRPS of the model minus that of a rival, with 95 % bootstrap intervals; right of zero the "
        "model loses. Red and green: by more than the noise; hollow: within it, or of too few origins to tell.",
    )  # fmt: skip
    upper, lower = framed.rows((_DAYS_IN, rivals_in), gap=0.75, left=2.6, head=0.55)
    fan_panel(upper, days, values, BLUE)
    for day, number in shown.items():
        upper.plot([days[number] + 0.5], [known[day]], ls="", marker="o", ms=4.5, mfc=PAPER, mec=INK, mew=1.1, zorder=5)
    fan_key(upper, BLUE, "published count" if shown else "", of="band")
    panel_title(upper, "Recorded attempts, Poland", "per day")
    number_axis(upper, "attempts")
    if groups:
        _bars(lower, groups)
    else:
        panel_title(lower, "Beside naive rivals")
        say_instead(
            lower, "Too few published days to hold rivals against: they need some before an origin and some after."
        )
    return framed


def _bars(axes: Axes, groups: list[tuple[Any, pd.DataFrame]]) -> None:
    """Draw one row a rival, under each part and horizon its own, named at the left edge of the paper."""
    at, names, y = [], [], 0.0
    edge = (MARGIN_IN - axes.get_position().x0 * WIDTH_IN) / (axes.get_position().width * WIDTH_IN)
    for (part, days), group in groups:
        y -= _GROUP_GAP
        title = f"{str(part).split()[-1]}, {days} days ahead"
        axes.text(edge, y, title, transform=axes.get_yaxis_transform(), size=7.0, weight="bold", va="center")
        for row in group.to_dict("records"):
            colour = _TOLD.get(row["verdict"], GREY)
            inside = colour if row["verdict"] in _TOLD else PAPER
            axes.plot([row["crps_low"], row["crps_high"]], [y, y], color=GREY, lw=1.0, zorder=2)
            axes.plot([row["crps_difference"]], [y], marker="o", ms=4, color=colour, mfc=inside, zorder=3)
            at.append(y)
            names.append(row["rival"])
            y -= 1.0
    axes.set_yticks(at, names, fontsize=7.0)
    axes.set_ylim(y + 0.4, -_GROUP_GAP + 0.6)
    axes.grid(axis="y", visible=False)
    axes.axvline(0.0, color=INK, lw=0.8)
    panel_title(axes, "Beside naive rivals: mean CRPS, model minus rival", "attempts a day")
