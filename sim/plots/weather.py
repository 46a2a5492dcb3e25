"""Figure `weather`: air and felt temperature on the line, nights, wind and wet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from .labels import edge_labels, key_row
from .style import BLUE, INK, SKY, VERMILION, Frame, frame, number_axis, panel_title
from .timeline import Floats, day_axis, day_numbers, hour_numbers
from .words import COUNTRY_NAMES, count, named, thousands

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["draw_weather"]

_NIGHT = "#e9ebf2"


def draw_weather(record: Dataset) -> Frame:
    """Return the weather on the first country's line, hour by hour."""
    days, hours = day_numbers(record), hour_numbers(record)
    country = str(record["country"].values[0])
    own = {
        name: record[name].transpose("hour", "country").values[:, 0].astype(np.float64)
        for name in ("temperature_c", "effective_temperature_c", "wind_kmh", "wet", "darkness")
    }
    framed = frame(
        record,
        _title(own["temperature_c"], own["effective_temperature_c"], named(country, COUNTRY_NAMES)),
        note=f"Darkness covers {thousands(100 * own['darkness'].mean())} % of the hours",
        height=7.4,
        notes_below="Effective temperature: what the air feels like in the wind. Hours on the Warsaw clock.",
    )
    above, middle, below = framed.rows((2.0, 0.8, 0.55), right=1.25, gap=0.6, head=0.45)
    for axes in (above, middle, below):
        day_axis(axes, days, hourly=True)
        if len(days) <= 45:
            _shade_nights(axes, hours, own["darkness"])
    panel_title(above, "Temperature", "°C")
    labels = []
    for name, words, colour, width in (
        ("temperature_c", "air", VERMILION, 1.4),
        ("effective_temperature_c", "effective", BLUE, 1.1),
    ):
        above.plot(hours, own[name], color=colour, lw=width if len(days) <= 60 else 0.6)
        labels.append((float(own[name][-1]), words, colour))
    above.axhline(0, color=INK, lw=0.8)
    number_axis(above, "°C")
    edge_labels(above, labels)
    panel_title(middle, "Wind", "km/h")
    middle.plot(hours, own["wind_kmh"], color=INK, lw=1.1 if len(days) <= 60 else 0.5)
    middle.set_ylim(0, max(float(own["wind_kmh"].max()) * 1.1, 1))
    number_axis(middle, "km/h")
    panel_title(below, "Wet", "from dry (0) to soaked (1)")
    below.stairs(own["wet"], np.append(hours, hours[-1] + 1 / 24), fill=True, color=SKY, lw=0)
    below.set_ylim(0, 1)
    below.set_yticks([0, 1])
    below.set_ylabel("wet")
    if len(days) <= 45:
        key_row(above, [(_NIGHT, "dark hours")], left_in=2.2, above_in=0.09)
    return framed


def _title(air: Floats, felt: Floats, where: str) -> str:
    frost = int((felt < 0).sum())
    return (
        f"On the line of {where} the air is between {thousands(air.min())} and "
        f"{thousands(air.max())}\N{NO-BREAK SPACE}°C; {count(frost, 'hour')} of {thousands(len(air))} feel below "
        f"freezing"
    )


def _shade_nights(axes: Axes, hours: Floats, darkness: Floats) -> None:
    dark = np.r_[False, darkness > 0.5, False]
    turns = np.flatnonzero(dark[1:] != dark[:-1])
    ends = np.append(hours, hours[-1] + 1 / 24 if len(hours) else 0.0)
    for start, end in zip(turns[::2], turns[1::2], strict=True):
        axes.axvspan(ends[start], ends[end], color=_NIGHT, lw=0, zorder=0)
