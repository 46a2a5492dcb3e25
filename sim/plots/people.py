"""Figure `people`: where people are at the end of each day, and how many have left the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from .labels import edge_labels
from .style import PAPER, STATE_COLOURS, Frame, colour_of, frame, number_axis, panel_title, say_instead
from .timeline import Floats, day_axis, day_numbers
from .words import STATE_NAMES, count, day_name, named, thousands

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["draw_people"]

_GONE = ("west", "home")


def draw_people(record: Dataset) -> Frame:
    """Return the people in the region as a stack of states, and those who left it as lines."""
    days = day_numbers(record)
    states = [str(name) for name in record["state"].values]
    people = record["people"].transpose("day", "state").values.astype(np.float64)
    here = [number for number, name in enumerate(states) if name not in (*_GONE, "dead")]
    dead = int(people[-1, states.index("dead")]) if "dead" in states and len(days) else 0
    framed = frame(
        record,
        _title(record, people[:, here]),
        note=_deaths(record, dead),
        height=8.2,
        notes_below=(
            "Persons at the end of each day of Warsaw. Deaths are the model’s own count for one history; they are "
            "given as an interval only over many histories, and the model is never fitted to them."
        ),
    )
    above, below = framed.rows((2.6, 1.0), right=2.75, gap=0.75, head=0.3)
    _draw_stack(above, days, people[:, here], [states[number] for number in here])
    gone = [number for number, name in enumerate(states) if name in _GONE]
    _draw_gone(below, days, people[:, gone], [states[number] for number in gone])
    return framed


def _title(record: Dataset, here: Floats) -> str:
    total = here.sum(axis=1)
    if total.sum() == 0:
        return "Nobody is on the way in these days"
    last = day_name(record["day"].values[-1])
    if len(total) == 1:
        return f"{count(total[-1], 'person is', 'people are')} under way, held or waiting on {last}"
    peak = int(np.argmax(total))
    if peak == len(total) - 1:
        return f"The number of people under way, held or waiting grows to {thousands(total[-1])} on {last}"
    when = day_name(record["day"].values[peak])
    most = count(total[peak], "person is", "people are")
    return f"{most} under way, held or waiting on {when}, {thousands(total[-1])} on {last}"


def _deaths(record: Dataset, dead: int) -> str:
    found = int(record["deaths_found"].values.sum())
    in_period = int(record["deaths"].values.sum())
    if dead == 0 and in_period == 0:
        return "Nobody dies in this history in these days"
    text = f"{count(in_period, 'person')} {'dies' if in_period == 1 else 'die'} in these days of this history"
    text += f", {thousands(found)} found"
    return text + (f"; {thousands(dead)} dead since the run began" if dead > in_period else "")


def _draw_stack(axes: Axes, days: Floats, people: Floats, states: list[str]) -> None:
    day_axis(axes, days)
    panel_title(axes, "People under way, held or waiting", "persons at the end of the day")
    total = people.sum(axis=1)
    if total.sum() == 0:
        say_instead(axes, "There is nobody in the region in these days.")
        return
    seen = [number for number in range(len(states)) if people[:, number].sum() > 0]
    # A day is a step: with a single day the area would otherwise have no width.
    edges = np.append(days, days[-1] + 1)
    base = np.zeros(len(days))
    labels = []
    for number in seen:
        top = base + people[:, number]
        colour = colour_of(states[number], STATE_COLOURS, number)
        axes.stairs(top, edges, baseline=base, fill=True, facecolor=colour, edgecolor=PAPER, lw=0.5)
        text = f"{named(states[number], STATE_NAMES)} {thousands(people[-1, number])}"
        labels.append((float(base[-1] + top[-1]) / 2, text, colour))
        base = top
    axes.set_ylim(0, float(total.max()) * 1.05)
    number_axis(axes, "persons")
    edge_labels(axes, labels)


def _draw_gone(axes: Axes, days: Floats, people: Floats, states: list[str]) -> None:
    day_axis(axes, days)
    panel_title(axes, "People who have left the region", "persons so far")
    if people.sum() == 0:
        say_instead(axes, "Nobody has left the region yet, neither to Germany nor home.")
        return
    edges = np.append(days, days[-1] + 1)
    labels = []
    for number, state in enumerate(states):
        colour = colour_of(state, STATE_COLOURS, number)
        axes.stairs(people[:, number], edges, baseline=None, color=colour, lw=2.2)
        labels.append(
            (float(people[-1, number]), f"{named(state, STATE_NAMES)} {thousands(people[-1, number])}", colour)
        )
    axes.set_ylim(0, float(people.max()) * 1.12)
    number_axis(axes, "persons")
    edge_labels(axes, labels)
